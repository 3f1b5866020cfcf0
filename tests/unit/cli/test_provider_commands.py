"""Commands that talk to providers, over simulated ones: proof, refusals, exit codes and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.key_files import certificate, der, key_bytes, pem, rsa_key
from helpers.memory_vault import policy_certificate
from sealwright.errors import RejectedError, StorageError, UnreachableError
from sealwright.policy.digest import policy_hash

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine

TEXT = "version=1.0;authorizationrules{=>permit();};issuancerules{};"
HASH = policy_hash(TEXT)


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "p.policy"
    path.write_text(TEXT, "utf-8")
    return str(path)


def upload(sw: CommandLine, policy: str, *more: str) -> tuple[str, ...]:
    del sw
    return ("policy", "set", "isolated", "--type", "sgx", policy, "--key", "root", *more)


def test_an_upload_is_proven_and_shown(sw: CommandLine, policy: str) -> None:
    ran = sw(*upload(sw, policy, "--format", "json"))
    assert ran.code == 0
    told = ran.json
    assert list(told) == ["result", "proven", "steps", "policyHash", "tokenHash", "requestId"]
    assert (told["result"], told["proven"], told["policyHash"]) == ("Updated", True, HASH)
    steps = told["steps"]
    assert isinstance(steps, list)
    assert [step["id"] for step in steps] == [
        "sign",
        "send",
        "result",
        "hash",
        "read-back",
        "equal",
    ]
    shown = sw("policy", "show", "isolated", "--type", "SGX", "--format", "json").json
    assert (shown["text"], shown["state"], shown["policyHash"]) == (TEXT, "custom", HASH)
    assert sw("policy", "show", "isolated", "--type", "sgxenclave").text == TEXT
    assert sw("policy", "diff", policy, "isolated:sgx").code == 0


def test_steps_are_told_beside_the_result(sw: CommandLine, policy: str) -> None:
    ran = sw(*upload(sw, policy))
    assert ran.text == "Updated. Proven.\n"
    assert ran.err.count(": done") == 6


def test_going_back_is_proven(sw: CommandLine, policy: str, tmp_path: Path) -> None:
    other = tmp_path / "other.policy"
    other.write_text(TEXT.replace("permit", "deny"), "utf-8")
    assert sw(*upload(sw, policy)).code == 0
    assert sw(*upload(sw, str(other))).code == 0
    items = sw("policy", "history", "isolated", "--type", "sgx", "--format", "json").json["items"]
    assert isinstance(items, list)
    assert HASH in [item["policyHash"] for item in items]
    back = ("policy", "set", "isolated", "--type", "sgx", "--key", "root", "--from-history", HASH)
    assert sw(*back).code == 0
    assert sw("policy", "show", "isolated", "--type", "sgx").text == TEXT
    reset = sw("policy", "reset", "isolated", "--type", "sgx", "--key", "root", "--format", "json")
    assert (reset.code, reset.json["result"], reset.json["proven"]) == (0, "Removed", True)


def test_a_wrong_hash_is_not_called_proven(sw: CommandLine, policy: str) -> None:
    sw.world.isolated.faults.wrong_hash = True
    ran = sw(*upload(sw, policy, "--format", "json"))
    assert ran.code == 3
    assert ran.json["proven"] is False
    told = sw(*upload(sw, policy))
    assert "Proven." not in told.text
    assert "FAILED" in told.err


def test_a_refused_upload_is_an_error_with_its_steps(sw: CommandLine, policy: str) -> None:
    refusal = RejectedError("No.", status=400, service_code="PolicyParsingError", request_id="00-7")
    sw.world.isolated.faults.fail_before("set_policy", refusal)
    ran = sw(*upload(sw, policy, "--format", "json"))
    assert ran.code == 3
    assert list(ran.error) == ["code", "message", "hint", "details"]
    details = ran.error["details"]
    assert isinstance(details, dict)
    assert (details["serviceCode"], details["requestId"]) == ("PolicyParsingError", "00-7")
    assert (ran.json["proven"], ran.json["requestId"]) == (False, "00-7")


def test_the_hash_step_tells_the_hashes(sw: CommandLine, policy: str) -> None:
    told = sw(*upload(sw, policy, "--format", "json")).json
    steps = told["steps"]
    assert isinstance(steps, list)
    compared = next(step for step in steps if step["id"] == "hash")
    assert compared["expected"] == compared["actual"] == told["tokenHash"]


def test_an_unreachable_provider_is_exit_3(sw: CommandLine) -> None:
    sw.world.isolated.faults.fail_before("get_policy", *[UnreachableError("Cut off.")] * 9)
    ran = sw("policy", "show", "isolated", "--type", "sgx", "--format", "json")
    assert (ran.code, ran.error["code"]) == (3, "Unreachable")


def test_an_isolated_provider_takes_nothing_unsigned(sw: CommandLine, policy: str) -> None:
    ran = sw("policy", "set", "isolated", "--type", "sgx", policy)
    assert ran.code == 2
    assert "signed" in ran.err


def test_a_shared_provider_takes_nothing(sw: CommandLine, policy: str) -> None:
    ran = sw("policy", "set", "shared", "--type", "sgx", policy)
    assert ran.code == 2
    assert "shared" in ran.err


def test_a_key_file_signs_an_upload(sw: CommandLine, policy: str, tmp_path: Path) -> None:
    key, chain = tmp_path / "key.pem", tmp_path / "cert.pem"
    key.write_bytes(key_bytes(rsa_key()))
    chain.write_bytes(pem(certificate(rsa_key())))
    files = ["--key-file", str(key), "--cert-file", str(chain)]
    assert sw("policy", "set", "open", "--type", "sgx", policy, *files).code == 0
    signer = sw("policy", "show", "open", "--type", "sgx", "--format", "json").json["signer"]
    assert isinstance(signer, dict)
    assert signer["subject"] == "CN=Contoso policy signing"


def test_warnings_of_the_review_are_told(sw: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "smart.policy"
    path.write_text(TEXT.replace("{=>", "{[type==\u201ca\u201d]=>"), "utf-8")
    ran = sw("policy", "set", "open", "--type", "sgx", str(path))
    assert "Warning: " in ran.err


def test_an_unknown_provider_names_the_known_ones(sw: CommandLine) -> None:
    ran = sw("policy", "show", "nowhere", "--type", "sgx")
    assert ran.code == 2
    assert "`isolated`" in ran.err


def test_signers_are_added_and_removed_with_proof(sw: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "new.pem"
    new = certificate(rsa_key(number=5), "New signer")
    path.write_bytes(pem(new))
    add = sw("signer", "add", "isolated", "--certificate", str(path), "--key", "root")
    assert (add.code, add.text) == (0, "IsPresent. Proven.\n")
    items = sw("signer", "list", "isolated", "--format", "json").json["items"]
    assert isinstance(items, list)
    assert [(item["subject"], item["keyHere"]) for item in items] == [
        ("CN=root", "root"),
        ("CN=New signer", None),
    ]
    assert list(items[0]) == [
        "subject",
        "issuer",
        "sha256",
        "thumbprint",
        "notBefore",
        "notAfter",
        "keyHere",
    ]
    remove = sw("signer", "remove", "isolated", "CN=New signer", "--key", "root")
    assert (remove.code, remove.text) == (0, "IsAbsent. Proven.\n")


def test_removing_the_wrong_signer_is_refused(sw: CommandLine) -> None:
    assert "names no certificate" in sw("signer", "remove", "isolated", "x", "--key", "root").err
    last = sw("signer", "remove", "isolated", "root", "--key", "root")
    assert last.code == 2
    assert "last signer" in last.err


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"garbage", "no certificate"),
        (pem(certificate(rsa_key())) + b"-----BEGIN CERTIFICATE-----\nAA", "cut off"),
        (pem(certificate(rsa_key()), certificate(rsa_key(), "Two")), "2 certificates"),
        (key_bytes(rsa_key()), "no certificate"),
        (der(certificate(rsa_key(), ca=False)), "CA"),
    ],
    ids=["garbage", "cut", "two", "key", "no-ca"],
)
def test_bad_certificates_are_exit_2(
    sw: CommandLine, tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / "bad.pem"
    path.write_bytes(data)
    ran = sw("signer", "add", "isolated", "--certificate", str(path), "--key", "root")
    assert ran.code == 2
    assert words in ran.err


def test_keys_are_listed_in_their_shape(sw: CommandLine) -> None:
    items = sw("key", "list", "--format", "json").json["items"]
    assert isinstance(items, list)
    assert list(items[0]) == ["name", "algorithm", "bits", "certificate", "signsFor"]


def test_deleting_a_key_asks_first(sw: CommandLine) -> None:
    sw("signer", "list", "isolated")
    ran = sw("key", "delete", "root")
    assert ran.code == 2
    assert "signs for `isolated`" in ran.err
    assert "--yes --in-use" in ran.err
    refused = sw("key", "delete", "root", "--yes")
    assert refused.code == 2
    assert "signs for `isolated`" in refused.err
    assert sw("key", "list", "--format", "json").json != {"items": []}
    assert sw("key", "delete", "root", "--yes", "--in-use").code == 0
    assert sw("key", "list", "--format", "json").json == {"items": []}


def test_a_locked_keyring_is_exit_3(sw: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    async def locked(_: str) -> None:
        raise StorageError("The OS keyring is locked.", hint="Unlock it and try again.")

    monkeypatch.setattr(sw.world.vault, "signer", locked)
    ran = sw("policy", "reset", "isolated", "--type", "sgx", "--key", "root", "--format", "json")
    assert (ran.code, ran.error["code"]) == (3, "Storage")
    assert ran.error["hint"] == "Unlock it and try again."


def test_providers_are_listed_in_their_shape(sw: CommandLine) -> None:
    items = sw("provider", "list", "--refresh", "--format", "json").json["items"]
    assert isinstance(items, list)
    assert {item["name"] for item in items} >= {"open", "isolated"}
    assert list(items[0]) == [
        "name",
        "cloud",
        "location",
        "trustModel",
        "status",
        "attestUri",
        "resourceId",
    ]


def test_deleting_a_provider_needs_its_name(sw: CommandLine) -> None:
    ran = sw("provider", "delete", "open")
    assert ran.code == 2
    assert "--confirm open" in ran.err
    assert sw("provider", "delete", "open", "--confirm", "other").code == 2
    assert sw("provider", "delete", "open", "--confirm", "open").code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("update", "open", "--tag", "a=b"),
        ("delete", "open", "--confirm", "open"),
        ("create", "late", "--cloud", "Simulated", "--location", "TST"),
        ("clone", "open", "late"),
        ("endpoints", "open"),
    ],
)
def test_in_a_failed_region_it_says_what_works_and_what_to_do(
    sw: CommandLine, command: tuple[str, ...]
) -> None:
    sw("provider", "list", "--refresh")
    sw.world.cloud.failed_over = True
    ran = sw("provider", *command, "--format", "json")
    assert (ran.code, ran.error["code"]) == (3, "Unreachable")
    message = str(ran.error["message"])
    assert "tst has failed over: attestation, policies and signers are answered" in message
    assert "Nothing is queued: repeat it then." in message
    details = ran.error["details"]
    assert isinstance(details, dict)
    assert details["status"] == 503


CREATE = ("provider", "create", "fresh", "--cloud", "Simulated", "--location", "tst")


def test_a_provider_begins_with_the_policies_that_are_named(sw: CommandLine, policy: str) -> None:
    named = ("--policy", f"sgx={policy}", "--policy", "tdx=provider:open")
    ran = sw(*CREATE, *named, "--format", "json")
    assert ran.code == 0
    told = ran.json["policies"]
    assert isinstance(told, list)
    first, second = told
    assert (first["type"], first["proven"], first["policyHash"]) == ("SgxEnclave", True, HASH)
    assert first["from"] == f"file {policy}"
    assert (second["status"], second["proven"]) == ("skipped", False)
    assert sw("policy", "show", "fresh", "--type", "sgx").text == TEXT


def test_first_policies_are_signed_where_signers_are_named(sw: CommandLine, policy: str) -> None:
    ran = sw(*CREATE, "--signer-key", "root", "--policy", f"sgx={policy}")
    assert ran.code == 0
    assert f"SgxEnclave: proven, policy hash {HASH}" in ran.text
    shown = sw("policy", "show", "fresh", "--type", "sgx", "--format", "json").json
    assert shown["signer"]


def test_what_a_provider_cannot_begin_with_is_refused_before_it_is_made(
    sw: CommandLine, policy: str, tmp_path: Path
) -> None:
    certificate_file, bad = tmp_path / "signer.pem", tmp_path / "bad.policy"
    certificate_file.write_bytes(policy_certificate("x"))
    bad.write_text("version= 1.0;oops", "utf-8")
    for more, words in (
        (("--policy", "sgx"), "names no policy"),
        (("--policy", f"sgx={policy}", "--policy", f"SgxEnclave={policy}"), "two policies"),
        (("--policy", "sgx=template:none"), "no template `none`"),
        (("--policy", f"sgx={bad}"), "cannot be sent"),
        (("--signer-file", str(certificate_file), "--policy", f"sgx={policy}"), "no key is named"),
    ):
        ran = sw(*CREATE, *more)
        assert ran.code != 0
        assert words in ran.err
        assert "fresh" not in sw.world.cloud.known


def test_a_policy_that_fails_leaves_the_provider_and_says_how_to_go_on(
    sw: CommandLine, policy: str
) -> None:
    sw.world.cloud.first_fault = ("set_policy", RejectedError("It said no.", status=400))
    ran = sw(*CREATE, "--policy", f"sgx={policy}")
    assert ran.code == 3
    assert "Made fresh (AAD)" in ran.text
    assert "SgxEnclave: FAILED, It said no." in ran.text
    assert "sealwright policy set fresh" in ran.err


def test_another_failure_is_not_blamed_on_the_region(sw: CommandLine) -> None:
    sw("provider", "list", "--refresh")
    sw.world.cloud.failed_over = True
    ran = sw("provider", "create", "late", "--cloud", "Simulated", "--location", "elsewhere")
    assert ran.code == 3
    assert "failed over" not in ran.err, "nothing known there could tell"


def test_an_update_without_a_change_is_refused(sw: CommandLine) -> None:
    assert "Nothing" in sw("provider", "update", "open").err
    assert "no tag" in sw("provider", "update", "open", "--tag", "broken").err


def test_the_log_is_listed_and_verified(sw: CommandLine, policy: str, tmp_path: Path) -> None:
    sw(*upload(sw, policy))
    items = sw("activity", "list", "--format", "json").json["items"]
    assert isinstance(items, list)
    assert items[0]["result"] == "proven"
    assert (
        sw("activity", "list", "--text", "nothing like it", "--format", "json").json["items"] == []
    )
    assert sw("activity", "verify", "--format", "json").json == {
        "valid": True,
        "rows": 2,  # Before it was sent, and after it was proven.
        "firstBroken": None,
    }
    target = tmp_path / "log.csv"
    assert sw("activity", "export", "--output", str(target)).code == 0
    assert b"proven" in target.read_bytes()


def test_a_changed_log_is_exit_1(sw: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    async def third() -> int:
        return 3

    monkeypatch.setattr(sw.world.log, "verify", third)
    ran = sw("activity", "verify")
    assert ran.code == 1
    assert "row 3" in ran.text


def test_the_example_is_made_without_a_window(sw: CommandLine) -> None:
    made = sw("sandbox", "example", "--format", "json")
    shown = sw("policy", "show", "contoso-prod", "--type", "SgxEnclave", "--format", "json")
    again = sw("sandbox", "example")

    assert made.code == 0
    assert made.json["providers"] == ["contoso-dev", "contoso-prod"]
    assert made.json["key"] == "contoso-policy-signer"
    assert (shown.code, shown.json["state"]) == (0, "custom")
    assert "there already" in again.text
