"""`-` for a file to write is standard output, which then holds nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from sealwright.tokens.jose import split

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine

POLICY = "version=1.0;\nauthorizationrules { => permit(); };\nissuancerules {};\n"
CASES = """policy: p.policy
cases:
  - name: anything passes
    claims: {}
    expect: {decision: permit}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.policy").write_text(POLICY, "utf-8")
    (tmp_path / "p.policytest.yaml").write_text(CASES, "utf-8")
    return tmp_path


@pytest.fixture(params=["text", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return f"--format={request.param}"


def test_a_wrapped_policy_goes_to_a_pipe(sw: CommandLine, folder: Path, form: str) -> None:
    ran = sw("policy", "wrap", "p.policy", "--output", "-", form)
    assert ran.code == 0
    assert split(ran.text).signature == b""
    assert not (folder / "-").exists()


def test_a_junit_report_goes_to_a_pipe_and_the_lines_beside_it(
    sw: CommandLine, folder: Path, form: str
) -> None:
    ran = sw("policy", "test", "p.policytest.yaml", "--junit", "-", form)
    assert ran.code == 0
    names = [case.get("name") for case in ET.fromstring(ran.out).iter("testcase")]  # noqa: S314 - our own
    assert names == ["anything passes"]
    assert "anything passes" in ran.err
    assert not (folder / "-").exists()


def test_evidence_goes_to_a_pipe_and_what_belongs_to_it_beside(
    sw: CommandLine, folder: Path, form: str
) -> None:
    made = ("evidence", "synthesize", "--kind", "sgx-quote", "--at", "2026-11-28T00:00:00Z")
    ran = sw(*made, "--output", "-", form)
    assert ran.code == 0
    assert ran.out.startswith(b"\x03\x00\x02\x00")
    assert json.loads((folder / "sgx-quote.collateral.json").read_bytes())
    assert "sgx-quote.collateral.json" in ran.err
    assert not list(folder.glob("-*"))
