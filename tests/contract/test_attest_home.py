"""Evidence synthesized and attested on one home, as a pipeline does it, without any window."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sealwright.cli.dispatch import run
from sealwright.composition.commands import CommandWorld

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROVIDER = "https://sharedlocal.sandbox.invalid"
KINDS = (
    ("sgx-quote", "sgx", ()),
    ("tdx-quote", "tdx", ("--collateral", "{stem}.collateral.json")),
    ("azure-guest", "azurevm", ()),
)


@pytest.fixture
def sealwright(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., tuple[int, dict[str, Any]]]:
    def command(*words: str) -> tuple[int, dict[str, Any]]:
        home = ("--home", str(tmp_path / "home"), "--format", "json")
        code = run([*words, *home], CommandWorld())
        out, _ = capfdbinary.readouterr()
        return code, json.loads(out) if out.strip() else {}

    return command


def test_evidence_is_attested_and_verified(
    sealwright: Callable[..., tuple[int, dict[str, Any]]], tmp_path: Path
) -> None:
    for kind, operation, more in KINDS:
        stem = tmp_path / kind
        made, _ = sealwright("evidence", "synthesize", "--kind", kind, "--output", f"{stem}.bin")
        assert made == 0
        options = [part.format(stem=stem) for part in more]
        code, told = sealwright(
            "attest", PROVIDER, "--type", operation, "--evidence", f"{stem}.bin", *options
        )
        assert code == 0, told
        assert told["exchange"]["status"] == 200
        assert told["secured"] is True
        # Only the guest's TPM could open its token.
        assert ("x-ms-ver" in told["claims"]) is (kind != "azure-guest")


def test_a_denied_guest_is_exit_3_and_names_the_claim(
    sealwright: Callable[..., tuple[int, dict[str, Any]]], tmp_path: Path
) -> None:
    path = str(tmp_path / "guest.json")
    options = ("--set", "secure_boot=false", "--output", path)
    sealwright("evidence", "synthesize", "--kind", "azure-guest", *options)

    code, told = sealwright("attest", PROVIDER, "--type", "azurevm", "--evidence", path)

    assert code == 3
    assert told["error"]["details"]["serviceCode"] == "PolicyEvaluationError"
    answer = told["exchange"]["response_body"]["error"]["innererror"]
    assert answer["details"][0]["target"] == "secureboot"
