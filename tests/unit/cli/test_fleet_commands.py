"""`fleet …` for pipelines: exit codes, JSON, and that nothing changes without --yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import UnreachableError
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine

TEXT = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"
FILE = b"""\
version: 1
assignments:
- providers: [open, isolated]
  policies: {sgx: p.policy}
"""
SGX = AttestationType.SGX_ENCLAVE


def workspace(sw: CommandLine, file: bytes = FILE) -> str:
    sw.world.files.kept |= {"/w/sealwright.yaml": file, "/w/p.policy": TEXT.encode()}
    return "/w"


def states(document: dict[str, object]) -> list[tuple[str, str]]:
    items = document["items"]
    assert isinstance(items, list)
    return [(each["provider"], each["state"]) for each in items]


def test_drift_is_found_applied_and_gone(sw: CommandLine) -> None:
    place = workspace(sw)
    ran = sw("fleet", "drift", place, "--format", "json")
    assert ran.code == 1
    assert states(ran.json) == [("isolated", "drifted"), ("open", "drifted")]
    assert ran.json["alike"] is False

    shown = sw("fleet", "apply", place)
    assert shown.code == 1
    assert "isolated SgxEnclave -> p.policy (signed with root" in shown.text
    assert "--yes" in shown.err
    assert SGX not in sw.world.open.policies

    made = sw("fleet", "apply", place, "--yes", "--format", "json")
    assert made.code == 0
    assert made.json["proven"] is True
    assert states(made.json) == [("isolated", "proven"), ("open", "proven")]
    items = made.json["items"]
    assert isinstance(items, list)
    assert [step["status"] for step in items[0]["steps"]] == ["done"] * 6
    assert sw("fleet", "drift", place).code == 0
    assert sw("fleet", "plan", place).text == "Every target is as the workspace wants it.\n"


def test_a_provider_that_does_not_answer_is_exit_code_3(sw: CommandLine) -> None:
    place = workspace(sw)
    sw.world.open.faults.fail_before("signing_keys", UnreachableError("No answer."))
    ran = sw("fleet", "drift", place)
    assert ran.code == 3
    assert "No answer." in ran.text


def test_a_workspace_that_cannot_be_read_is_wrong_input(sw: CommandLine) -> None:
    missing = sw("fleet", "plan", "/nowhere")
    assert missing.code == 2
    assert "fleet init" in missing.err
    place = workspace(sw)
    del sw.world.files.kept["/w/p.policy"]
    unnamed = sw("fleet", "drift", place)
    assert unnamed.code == 2
    assert "names a policy that cannot be read" in unnamed.err
    workspace(sw, b"version: 1\nassignments: [\n")
    broken = sw("fleet", "plan", place)
    assert broken.code == 2
    assert "line 3, column 1: " in broken.err
    assert "<" not in broken.err


def test_an_apply_with_something_impossible_changes_nothing(sw: CommandLine) -> None:
    place = workspace(sw, FILE + b"  key: nobody\n")
    ran = sw("fleet", "apply", place, "--yes")
    assert ran.code == 3
    assert "Nothing was changed" in ran.err
    assert "CANNOT" in ran.text
    assert "set_policy" not in sw.world.open.calls


def test_a_name_that_means_no_provider_is_said(sw: CommandLine) -> None:
    place = workspace(sw, FILE.replace(b"[open, isolated]", b"[opne]"))
    ran = sw("fleet", "drift", place, "--format", "json")
    assert ran.code == 1
    assert ran.json["unknown"] == ["opne"]
    assert "`opne`" in ran.err


def test_a_bad_workspace_is_wrong_usage(sw: CommandLine) -> None:
    place = workspace(sw, b"version: 1\nassignments: 3\n")
    ran = sw("fleet", "plan", place, "--format", "json")
    assert ran.code == 2
    assert "assignments" in str(ran.error["message"])


def test_init_describes_what_is_deployed(sw: CommandLine) -> None:
    ran = sw("fleet", "init", "/new", "open", "isolated", "--format", "json")
    assert ran.code == 0
    assert "/new/sealwright.yaml" in sw.world.files.kept
    assert sw("fleet", "drift", "/new").code == 0
    again = sw("fleet", "init", "/new")
    assert again.code == 2
    assert "already" in again.err


def test_a_provider_is_exported_and_its_policy_imported(sw: CommandLine, tmp_path: Path) -> None:
    sw.world.open.policies[SGX] = unsecured_policy(TEXT)
    file, folder = str(tmp_path / "main.tf"), str(tmp_path / "policies")
    assert sw("provider", "export", "open", "--form", "terraform", "--output", file).code == 0
    ran = sw("policy", "import", file, "--output", folder, "--format", "json")
    assert ran.code == 0
    items = ran.json["items"]
    assert isinstance(items, list)
    assert [(each["type"], each["text"]) for each in items] == [("SgxEnclave", TEXT)]
    assert (tmp_path / "policies" / "1-SgxEnclave.policy").read_text("utf-8") == TEXT


def test_a_clone_is_made_and_proven(sw: CommandLine) -> None:
    sw.world.open.policies[SGX] = unsecured_policy(TEXT)
    ran = sw("provider", "clone", "open", "second", "--format", "json")
    assert ran.code == 0, ran.err
    assert ran.json["proven"] is True
    again = sw("provider", "clone", "open", "second")
    assert again.code != 0
