"""`policy sign|wrap|unwrap|hash|diff` on files, pipes and bad input."""

from __future__ import annotations

import hashlib
import io
import sys
from typing import TYPE_CHECKING

import pytest

from helpers.key_files import PASSPHRASE, certificate, key_bytes, pem, rsa_key
from sealwright.policy.digest import policy_hash
from sealwright.tokens.jose import split
from sealwright.tokens.policy_jws import token_hash
from sealwright.tokens.verification.signature import check_request

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine

TEXT = "version=1.0;\r\nauthorizationrules{=>permit();};\nissuancerules{}; // ä\n"


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "p.policy"
    path.write_bytes(TEXT.encode("utf-8"))
    return str(path)


@pytest.fixture
def key_files(tmp_path: Path) -> list[str]:
    key, chain = tmp_path / "key.pem", tmp_path / "cert.pem"
    key.write_bytes(key_bytes(rsa_key()))
    chain.write_bytes(pem(certificate(rsa_key())))
    return ["--key-file", str(key), "--cert-file", str(chain)]


def test_signs_with_a_key_file_and_opens_no_home(
    sw: CommandLine, policy: str, key_files: list[str]
) -> None:
    ran = sw("policy", "sign", policy, *key_files, "--format", "json")
    assert ran.code == 0
    assert list(ran.json) == ["jws", "tokenHash", "policyHash", "signer"]
    check_request(split(str(ran.json["jws"])))
    assert ran.json["policyHash"] == policy_hash(TEXT)
    assert ran.json["signer"] == {
        "subject": "CN=Contoso policy signing",
        "thumbprint": ran.json["signer"]["thumbprint"],  # type: ignore[index]  # an object
    }
    assert sw.outside.homes == []


def test_signs_with_a_key_of_the_vault(sw: CommandLine, policy: str) -> None:
    sw.world.vault.hold("mine")
    ran = sw("policy", "sign", policy, "--key", "mine")
    assert ran.code == 0
    check_request(split(ran.text.strip()))


def test_what_is_wrapped_unwraps_to_the_same_bytes(
    sw: CommandLine, policy: str, tmp_path: Path
) -> None:
    jws = sw("policy", "wrap", policy).text.strip()
    assert sw("policy", "unwrap", jws).out == TEXT.encode("utf-8")
    target = tmp_path / "out.jws"
    assert sw("policy", "wrap", policy, "--output", str(target)).out == b""
    assert target.read_text("ascii") == jws
    told = sw("policy", "unwrap", str(target), "--format", "json").json
    assert told == {
        "text": TEXT,
        "form": "jws",
        "signed": False,
        "policyHash": policy_hash(TEXT),
    }


def test_a_byte_order_mark_is_part_of_the_policy(sw: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "bom.policy"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode("utf-8"))
    jws = sw("policy", "wrap", str(path)).text.strip()
    assert sw("policy", "unwrap", jws).out == path.read_bytes()


def test_reads_standard_input(sw: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.TextIOWrapper(io.BytesIO(TEXT.encode("utf-8")), "utf-8")
    monkeypatch.setattr(sys, "stdin", pipe)
    told = sw("policy", "hash", "-", "--format", "json").json
    assert told["text"]["x-ms-policy-hash"] == policy_hash(TEXT)  # type: ignore[index]  # an object


def test_a_token_is_hashed_by_the_policy_in_it(sw: CommandLine, tmp_path: Path) -> None:
    plain, wrapped = tmp_path / "p.policy", tmp_path / "p.jws"
    plain.write_text(TEXT)
    jws = sw("policy", "wrap", str(plain)).text
    wrapped.write_text(jws)
    told = sw("policy", "hash", str(wrapped), "--format", "json").json
    assert isinstance(told, dict)
    of_token = told.pop("jws")
    assert told == sw("policy", "hash", str(plain), "--format", "json").json
    assert of_token == {"tokenHash": token_hash(jws.strip()), "signed": False}


def test_hashes_are_those_of_the_references(sw: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "minimal.policy"
    data = b"version=1.0;authorizationrules{=>permit();};issuancerules{};"
    path.write_bytes(data)
    told = sw("policy", "hash", str(path), "--format", "json").json
    assert told == {
        "text": {
            "sha256Hex": hashlib.sha256(data).hexdigest(),
            "x-ms-policy-hash": "F57fq4XosI6GIyzj_4Aobj2YmRNdhC8-sh4movtD1x8",
        },
        "unsecuredJws": {"tokenHash": "8uqLhOreLTUOL2OnCnX4uEJjG2z4tNBWzCgFydCywu4"},
    }


BROKEN = "version=1.0;\nauthorizationrules {\n    => permit()\n};\n=> deny();\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_text_with_errors_is_signed_and_wrapped_with_a_warning(
    sw: CommandLine, tmp_path: Path, key_files: list[str], form: str
) -> None:
    path = tmp_path / "broken.policy"
    path.write_text(BROKEN, "utf-8")
    for command in (["wrap"], ["sign", *key_files]):
        ran = sw("policy", *command, str(path), "--format", form)
        assert ran.code == 0
        jws = str(ran.json["jws"]) if form == "json" else ran.text.strip()
        assert sw("policy", "unwrap", jws).text == BROKEN
        assert ran.err.startswith("Warning: The policy has 2 errors; a provider refuses it. Line 3")
        assert "`;` is missing" in ran.err
        assert f"policy lint {path}" in ran.err
        assert len(ran.err.splitlines()) == 1


def test_a_sound_text_and_one_with_mere_warnings_are_signed_in_silence(
    sw: CommandLine, policy: str, tmp_path: Path, key_files: list[str]
) -> None:
    assert sw("policy", "sign", policy, *key_files).err == ""
    untidy = tmp_path / "untidy.policy"
    untidy.write_text("version=1.0;authorizationrules{[]=>Permit();};", "utf-8")
    assert sw("policy", "wrap", str(untidy)).err == ""


def test_the_vaults_key_warns_as_well(sw: CommandLine, tmp_path: Path) -> None:
    sw.world.vault.hold("mine")
    path = tmp_path / "broken.policy"
    path.write_text('version=1.1;authorizationrules{![type=="a"]=>permit();};', "utf-8")
    ran = sw("policy", "sign", str(path), "--key", "mine")
    assert ran.code == 0
    assert "has an error; a provider refuses it. Line 1, column 32: SW106" in ran.err


@pytest.mark.parametrize("command", ["wrap", "hash"])
def test_bad_files_are_exit_2_with_the_reason(
    sw: CommandLine, tmp_path: Path, command: str
) -> None:
    latin = tmp_path / "latin.policy"
    latin.write_bytes(b"version=1.0;\n// \xe4\n")
    ran = sw("policy", command, str(latin))
    assert (ran.code, ran.out) == (2, b"")
    assert "not UTF-8" in ran.err
    assert "line 2" in ran.err
    assert "0xe4" in ran.err
    assert "no file" in sw("policy", command, str(tmp_path / "none")).err
    assert "a folder" in sw("policy", command, str(tmp_path)).err


def test_refused_keys_are_exit_2_with_the_reason(
    sw: CommandLine, policy: str, tmp_path: Path
) -> None:
    key, chain = tmp_path / "key.pem", tmp_path / "cert.pem"
    chain.write_bytes(pem(certificate(rsa_key(number=1))))
    key.write_bytes(key_bytes(rsa_key()))
    files = ["--key-file", str(key), "--cert-file", str(chain)]
    ran = sw("policy", "sign", policy, *files, "--format", "json")
    assert ran.code == 2
    assert ran.error["code"] == "KeyMaterial"
    assert ran.error["details"] == {"check": "mismatch"}


def test_the_passphrase_of_a_key_file_comes_from_a_file(
    sw: CommandLine, policy: str, key_files: list[str], tmp_path: Path
) -> None:
    key, secret = tmp_path / "key.pem", tmp_path / "secret"
    key.write_bytes(key_bytes(rsa_key(), passphrase=PASSPHRASE))
    without = sw("policy", "sign", policy, *key_files)
    assert without.code == 2
    assert "--passphrase-file" in without.err
    secret.write_text(PASSPHRASE + "\n", "utf-8")
    assert sw("policy", "sign", policy, *key_files, "--passphrase-file", str(secret)).code == 0
    secret.write_text("wrong\n", "utf-8")
    wrong = sw("policy", "sign", policy, *key_files, "--passphrase-file", str(secret))
    assert wrong.code == 2
    assert "does not open" in wrong.err


@pytest.mark.parametrize("options", [[], ["--key", "a", "--key-file", "b"], ["--cert-file", "c"]])
def test_one_key_signs(sw: CommandLine, policy: str, options: list[str]) -> None:
    assert sw("policy", "sign", policy, *options).code == 2


def test_a_file_that_cannot_be_written_is_told(sw: CommandLine, policy: str) -> None:
    ran = sw("policy", "wrap", policy, "--output", "/nowhere/x.jws")
    assert ran.code == 2
    assert "cannot be written" in ran.err


@pytest.mark.parametrize("token", ["eyJhbGciOiJub25lIn0.e%.", "eyJhbGciOiJub25lIn0", "{}"])
def test_a_broken_token_is_exit_2(sw: CommandLine, token: str) -> None:
    ran = sw("policy", "unwrap", token)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.startswith("sealwright: ")


def test_diff_tells_equal_from_different(sw: CommandLine, policy: str, tmp_path: Path) -> None:
    other = tmp_path / "other.policy"
    other.write_bytes(TEXT.replace("permit", "deny").encode("utf-8"))
    jws = sw("policy", "wrap", policy).text.strip()
    same = sw("policy", "diff", policy, jws, "--format", "json")
    assert (same.code, same.json) == (0, {"equal": True, "hunks": []})
    ran = sw("policy", "diff", policy, str(other))
    assert ran.code == 1
    assert "-authorizationrules{=>permit();};" in ran.text
    assert "+authorizationrules{=>deny();};" in ran.text


def test_diff_shows_line_ends_that_alone_differ(
    sw: CommandLine, policy: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.policy"
    other.write_bytes(TEXT.replace("\r\n", "\n").encode("utf-8"))
    ran = sw("policy", "diff", policy, str(other))
    assert ran.code == 1
    assert "CRLF" in ran.text


def test_a_bare_text_unwraps_to_itself_to_the_last_byte(sw: CommandLine, policy: str) -> None:
    told = sw("policy", "unwrap", policy, "--format", "json").json
    assert told["text"] == TEXT
    assert told["policyHash"] == policy_hash(TEXT)
