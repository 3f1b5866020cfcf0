"""`token inspect|verify`: what a token says, and whether it holds."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from helpers.key_files import certificate, key_bytes, pem, rsa_key
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine


@pytest.fixture
def answer(sw: CommandLine) -> str:
    """The signed answer of a provider to `GET /policies/SgxEnclave`."""
    import anyio  # noqa: PLC0415 - only here

    from sealwright.claims.attestation_type import AttestationType  # noqa: PLC0415 - only here

    return anyio.run(sw.world.isolated.get_policy, AttestationType.SGX_ENCLAVE).token


def test_inspect_has_the_shape_of_the_contract(sw: CommandLine, answer: str) -> None:
    ran = sw("token", "inspect", answer, "--format", "json")
    assert ran.code == 0
    assert list(ran.json) == ["header", "claims", "signature", "kind", "explained", "warnings"]
    assert ran.json["kind"] == "maa-policy-get"
    assert ran.json["signature"] == {"algorithm": "RS256", "present": True, "bytes": 256}


def test_several_tokens_are_a_list(sw: CommandLine, answer: str, tmp_path: Path) -> None:
    path = tmp_path / "token.jwt"
    path.write_text(f"Bearer {answer}\n", "ascii")
    told = sw("token", "inspect", answer, str(path), "--format", "json").json
    items = told["items"]
    assert isinstance(items, list)
    files = [item.pop("file") for item in items]
    assert files == [None, str(path)]
    assert items[0] == items[1]


def test_what_an_answer_says_is_explained(sw: CommandLine, answer: str) -> None:
    told = sw("token", "inspect", answer).text
    line = next(line for line in told.splitlines() if line.startswith("/x-ms-policy "))
    assert "The stored policy as it was uploaded" in line


def test_inspect_says_that_nothing_was_checked(sw: CommandLine, answer: str) -> None:
    assert "not checked" in sw("token", "inspect", answer).text


def test_inspect_shows_the_claims_that_a_policy_issued(sw: CommandLine) -> None:
    head, claims = (
        b64url_encode(json.dumps(part).encode())
        for part in (
            {"alg": "RS256"},
            {"x-ms-attestation-type": "sgx", "tier": "gold", "x-ms-runtime": {"mine": 7}},
        )
    )
    lines = sw("token", "inspect", f"{head}.{claims}.AAAA").text.splitlines()
    (tier,) = (line.split(maxsplit=2) for line in lines if line.startswith("/tier"))
    assert tier == ["/tier", "gold", "Not a claim of the service: the policy issued it."]
    assert [line for line in lines if '{"mine": 7}' in line]


@pytest.mark.parametrize("command", [["inspect"], ["verify", "--provider", "isolated"]])
def test_what_is_no_token_is_exit_2(sw: CommandLine, tmp_path: Path, command: list[str]) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(b"\x89PNG\xff")
    assert sw("token", *command, str(path)).code == 2
    path.write_text("hello", "ascii")
    assert sw("token", *command, str(path)).code == 2


def test_a_broken_token_is_reported_by_the_check_that_it_fails(
    sw: CommandLine, answer: str
) -> None:
    head, claims, _ = answer.split(".")
    ran = sw("token", "verify", f"{head}.{claims}", "--provider", "isolated", "--format", "json")
    assert (ran.code, ran.json["valid"]) == (1, False)
    checks = ran.json["checks"]
    assert isinstance(checks, list)
    assert "shape.segments" in [one["id"] for one in checks if one["status"] == "fail"]


def test_verify_with_the_providers_keys(sw: CommandLine, answer: str) -> None:
    ran = sw("token", "verify", answer, "--provider", "isolated", "--format", "json")
    assert list(ran.json) == ["valid", "checks", "signedBy", "chain"]
    assert (ran.code, ran.json["valid"]) == (0, True)
    checks = ran.json["checks"]
    assert isinstance(checks, list)
    assert list(checks[0]) == ["id", "title", "status", "detail", "expected", "actual"]


def test_verify_fails_for_a_changed_token(sw: CommandLine, answer: str) -> None:
    head, claims, signature = answer.split(".")
    changed = f"{head}.{claims[:-4]}AAAA.{signature}"
    ran = sw("token", "verify", changed, "--provider", "isolated", "--format", "json")
    assert ran.code in (1, 2)
    assert ran.code == 2 or ran.json["valid"] is False


def test_verify_knows_the_time(sw: CommandLine, answer: str) -> None:
    base = ("token", "verify", answer, "--provider", "isolated", "--at")
    assert sw(*base, "2040-01-01T00:00:00Z").code == 1
    assert sw(*base, "yesterday").code == 2
    assert "time zone" in sw(*base, "2026-11-24T12:00:00").err


def test_the_first_line_says_why_and_the_links_follow(sw: CommandLine, answer: str) -> None:
    ran = sw("token", "verify", answer, "--provider", "isolated")
    first, _, _, *lines = ran.text.splitlines()
    assert first == "valid"
    links = [line.split()[1] for line in lines[: lines.index("")]]
    assert links[:4] == ["token", "key", "certificate", "evidence"]
    late = ("token", "verify", answer, "--provider", "isolated", "--at", "2040-01-01T00:00:00Z")
    assert sw(*late).text.splitlines()[0].startswith("valid but expired: The token expired")


def test_what_was_compared_stands_beside_a_failure(sw: CommandLine, answer: str) -> None:
    ran = sw("token", "verify", answer, "--provider", "isolated", "--nonce", "42")
    assert ran.code == 1
    line = next(line for line in ran.text.splitlines() if line.startswith("FAIL      Nonce"))
    assert line.endswith("(expected 42, actual missing)")
    other = sw("token", "verify", answer, "--provider", "open")
    hosts = (sw.world.isolated.attest_uri, sw.world.open.attest_uri)
    mine, wanted = (uri.removeprefix("https://") for uri in hosts)
    first = other.text.splitlines()[0]
    assert first == f"invalid: The token was issued by {mine}, not by {wanted}."


def test_a_sealed_answer_is_opened_with_the_machines_key_wherever_a_token_is_taken(
    sw: CommandLine, answer: str, tmp_path: Path
) -> None:
    secret, iv = bytes(range(32)), bytes(12)
    whole = AESGCM(secret).encrypt(iv, answer.encode(), b"Transport Key")
    parts = {"Jwt": whole[:-16], "AuthenticationData": whole[-16:], "EncryptedInnerKey": b"x" * 256}
    body: dict[str, object] = {
        name: base64.b64encode(part).decode() for name, part in parts.items()
    }
    body["EncryptionParams"] = {"Iv": base64.b64encode(iv).decode()}
    sealed, key = tmp_path / "sealed.json", tmp_path / "key.hex"
    token = b64url_encode(json.dumps(body).encode())
    sealed.write_text(json.dumps({"token": token}), "ascii")
    key.write_text(secret.hex(), "ascii")
    policy = tmp_path / "release.json"
    condition = {"claim": "iss", "equals": sw.world.isolated.attest_uri}
    policy.write_text(json.dumps({"version": "1.0.0", "anyOf": [{"allOf": [condition]}]}), "ascii")
    verify = ("token", "verify", str(sealed), "--provider", "isolated")
    release = ("token", "release-check", str(sealed), "--release-policy", str(policy))
    for command in (verify, release):
        closed = sw(*command)
        assert closed.code == 2
        assert "sealed answer" in closed.err
        assert "--unseal-key" in closed.err
        assert sw(*command, "--unseal-key", str(key)).code == 0


def test_an_encrypted_token_is_called_what_it_is(sw: CommandLine, tmp_path: Path) -> None:
    path, key = tmp_path / "jwe.txt", tmp_path / "key.hex"
    path.write_text("eyJhbGciOiJSU0EtT0FFUCJ9.AAAA.AAAA.AAAA.AAAA", "ascii")
    key.write_text(bytes(32).hex(), "ascii")
    policy = tmp_path / "release.json"
    policy.write_text('{"version": "1.0.0", "anyOf": []}', "ascii")
    for command in (
        ("inspect", str(path)),
        ("inspect", str(path), "--unseal-key", str(key)),
        ("verify", str(path), "--provider", "isolated"),
        ("release-check", str(path), "--release-policy", str(policy)),
    ):
        refused = sw("token", *command)
        assert refused.code == 2
        assert "encrypted token (JWE)" in refused.err
        assert "AzureGuest" in refused.err
        assert "three parts" not in refused.err


def test_one_failure_of_several_is_exit_1(sw: CommandLine, answer: str) -> None:
    unsigned = "eyJhbGciOiJub25lIn0.e30."
    ran = sw("token", "verify", answer, unsigned, "--provider", "isolated", "--format", "json")
    assert ran.code == 1
    items = ran.json["items"]
    assert isinstance(items, list)
    assert [item["valid"] for item in items] == [True, False]


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
@pytest.mark.parametrize("command", [["inspect"], ["verify", "--provider", "isolated"]])
def test_what_cannot_be_read_in_a_folder_is_one_failure_among_others(
    sw: CommandLine, answer: str, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "a.jwt").write_text(answer, "ascii")
    (tmp_path / "b.jwt").symlink_to("b.jwt")
    (tmp_path / "c.jwt").symlink_to("gone")
    (tmp_path / "d.jwt").write_bytes(b"\xff")
    os.mkfifo(tmp_path / "e.jwt")
    ran = sw("token", *command, str(tmp_path), "--format", "json")
    assert ran.code == 1
    items = ran.json["items"]
    assert isinstance(items, list)
    files = [str(item["file"]).rpartition("/")[2] for item in items]
    assert files == ["a.jwt", "b.jwt", "c.jwt", "d.jwt"]
    assert ["error" in item for item in items] == [False, True, True, True]
    assert "no file" in items[2]["error"]["message"]
    words = sw("token", *command, str(tmp_path)).text
    assert "c.jwt" in words
    assert "There is no file" in words


def test_rules_that_are_neither_saved_nor_a_file_are_said_to_be_neither(
    sw: CommandLine, answer: str
) -> None:
    ran = sw("token", "verify", answer, "--provider", "isolated", "--rules", "payments")
    assert ran.code == 2
    assert "no rules and no file `payments`" in ran.err


def test_keys_out_of_the_token_prove_nothing(sw: CommandLine, tmp_path: Path) -> None:
    key, chain, policy = tmp_path / "k.pem", tmp_path / "c.pem", tmp_path / "p.policy"
    key.write_bytes(key_bytes(rsa_key()))
    chain.write_bytes(pem(certificate(rsa_key())))
    policy.write_text("version=1.0;", "ascii")
    files = ["--key-file", str(key), "--cert-file", str(chain)]
    jws = sw("policy", "sign", str(policy), *files).text.strip()
    ran = sw("token", "verify", jws, "--embedded-keys", "--format", "json")
    assert (ran.code, ran.json["valid"]) == (1, False)


def test_a_batch_says_what_leaves_a_token_unproven(sw: CommandLine, answer: str) -> None:
    told = sw("token", "verify", answer, answer, "--embedded-keys").text
    assert told.count("untrusted  signature: no key to check it with") == 2


def test_a_folder_and_a_list_are_batches_and_what_is_no_token_is_one_failure(
    sw: CommandLine, answer: str, tmp_path: Path
) -> None:
    folder = tmp_path / "tokens"
    folder.mkdir()
    (folder / "a.jwt").write_text(f"{answer}\nBearer {answer}\n", "ascii")
    (folder / "b.txt").write_text("hello", "ascii")
    base = ("token", "verify", str(folder), "--provider", "isolated")
    ran = sw(*base, "--format", "json")
    assert ran.code == 1
    items = ran.json["items"]
    assert isinstance(items, list)
    assert [item.get("valid") for item in items] == [True, True, None]
    assert items[2]["error"]["code"]
    listed = [str(folder / name) for name in ("a.jwt:1", "a.jwt:2", "b.txt")]
    assert [item["file"] for item in items] == listed
    told = sw(*base).text
    assert "a.jwt:2" in told
    assert "2 of 3 valid" in told


def test_rules_come_from_a_file(sw: CommandLine, answer: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    base = ("token", "verify", answer, "--provider", "isolated", "--format", "json", "--rules")
    rules.write_text('{"claims": [{"claim": "x-ms-policy", "present": true}]}', "ascii")
    assert sw(*base, str(rules)).code == 0
    rules.write_text('{"requireEvidence": true}', "ascii")
    ran = sw(*base, str(rules))
    assert ran.code == 1
    checks = ran.json["checks"]
    assert isinstance(checks, list)
    assert "key-attestation.evidence" in [one["id"] for one in checks if one["status"] == "fail"]
    rules.write_text('{"color": "blue"}', "ascii")
    assert sw(*base, str(rules)).code == 2
    assert sw(*base, str(tmp_path / "none.json")).code == 2


def test_release_check_gives_a_reason_for_each_condition(
    sw: CommandLine, answer: str, tmp_path: Path
) -> None:
    policy = tmp_path / "release.json"
    authority = sw.world.isolated.attest_uri

    def write(claim: str, value: object) -> None:
        condition = {"claim": claim, "equals": value}
        group = {"authority": f"{authority}/", "allOf": [condition]}
        policy.write_text(json.dumps({"version": "1.0.0", "anyOf": [group]}), "ascii")

    write("x-ms-policy.nothing", value=True)
    base = ("token", "release-check", answer, "--release-policy", str(policy))
    ran = sw(*base, "--format", "json")
    assert (ran.code, ran.json["holds"], ran.json["valid"]) == (1, False, None)
    condition = ran.json["condition"]
    assert isinstance(condition, dict)
    leaf = condition["parts"][0]["parts"][0]
    assert leaf["claim"] == "x-ms-policy.nothing"
    assert "no such claim" in leaf["reason"]
    assert "was not verified" in sw(*base).text
    write("iss", authority)
    assert sw(*base).code == 0
    assert sw(*base, "--provider", "isolated").code == 0
    assert sw(*base, "--provider", "open").code == 1
    policy.write_text("{}", "ascii")
    assert sw(*base).code == 2


def test_one_source_of_keys_is_named(sw: CommandLine, answer: str) -> None:
    assert sw("token", "verify", answer).code == 2
    assert sw("token", "verify", answer, "--embedded-keys", "--provider", "isolated").code == 2


def test_a_key_document_that_is_none_is_exit_2(
    sw: CommandLine, answer: str, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    path.write_text("[]", "ascii")
    assert sw("token", "verify", answer, "--jwks", str(path)).code == 2
    assert sw("token", "verify", answer, "--jwks", str(tmp_path / "none")).code == 2
