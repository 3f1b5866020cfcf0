"""The main job through the command line: the real program, a real keyring, the sandbox's wire.

Every command is a process of its own on one throw-away home.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from helpers.key_files import PASSPHRASE, certificate, key_bytes, pem, rsa_key
from helpers.private_session import PrivateSession

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST = "version=1.0;\nauthorizationrules{=>permit();};\nissuancerules{};\n"
PLACE = ("cliprovider", "--type", "SgxEnclave")
SECOND = FIRST.replace("permit()", "deny()")


@dataclass(frozen=True)
class Ran:
    """How a process ended."""

    code: int
    out: bytes
    err: str

    @property
    def json(self) -> dict[str, object]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    def items(self) -> list[dict[str, object]]:
        found = self.json["items"]
        assert isinstance(found, list)
        return found


class Program:
    """`sealwright …` in a session of its own."""

    def __init__(self, session: PrivateSession, home: Path) -> None:
        self.session = session
        self.home = home

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "sealwright", "--home", str(self.home), *arguments],
            env=self.session.env,
            input=stdin,
            capture_output=True,
            timeout=300,
            check=False,
        )
        err = done.stderr.decode("utf-8")
        assert "Traceback" not in err
        return Ran(done.returncode, done.stdout, err)

    def works(self, *arguments: str, stdin: bytes = b"") -> Ran:
        ran = self(*arguments, "--format", "json", stdin=stdin)
        assert ran.code == 0, (arguments, ran)
        return ran


@pytest.fixture
def sw(session: PrivateSession, tmp_path: Path) -> Program:
    """The program on a fresh home."""
    return Program(session, tmp_path / "home")


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Program]:
    """The program where no keyring is."""
    with PrivateSession(keyring=False) as session:
        yield Program(session, tmp_path / "home")


def text_of(sw: Program) -> bytes:
    return sw("policy", "show", "cliprovider", "--type", "sgx").out


@pytest.mark.keyring
def test_the_main_job(sw: Program, tmp_path: Path) -> None:
    first, second = tmp_path / "first.policy", tmp_path / "second.policy"
    first.write_bytes(FIRST.encode())
    second.write_bytes(SECOND.encode())
    make_provider_with_two_signers(sw)
    default = text_of(sw)

    # Upload, signed by the new signer, proven; what stands there is what was sent.
    sent = sw.works("policy", "set", *PLACE, str(first), "--key", "second").json
    assert (sent["result"], sent["proven"]) == ("Updated", True)
    shown = sw.works("policy", "show", *PLACE).json
    assert (shown["text"], shown["policyHash"]) == (FIRST, sent["policyHash"])
    assert sw("policy", "diff", str(first), "cliprovider:sgx").code == 0
    assert sw("policy", "diff", str(second), "cliprovider:sgx").code == 1

    # Another one, back again by its hash, and back to the default.
    sw.works("policy", "set", *PLACE, str(second), "--key", "first")
    assert text_of(sw) == SECOND.encode()
    back = ("--from-history", str(sent["policyHash"]), "--key", "second")
    assert sw.works("policy", "set", *PLACE, *back).json["proven"] is True
    assert text_of(sw) == FIRST.encode()
    removed = sw.works("policy", "reset", *PLACE, "--key", "second").json
    assert (removed["result"], removed["proven"]) == ("Removed", True)
    assert text_of(sw) == default

    # The first signer goes; its key signs nothing any more.
    sw.works("signer", "remove", "cliprovider", "first", "--key", "second")
    assert sw("policy", "set", *PLACE, str(first), "--key", "first").code in (2, 3)
    assert text_of(sw) == default

    # Every change is in the log, and the log holds.
    rows = sw.works("activity", "list").items()
    assert [row["result"] for row in rows].count("proven") >= 6
    assert sw.works("activity", "verify").json["valid"] is True


def make_provider_with_two_signers(sw: Program) -> None:
    assert sw.works("key", "generate", "first", "--bits", "2048").json["bits"] == 2048
    provider = sw.works("provider", "create", "cliprovider", "--signer-key", "first").json
    assert provider["trustModel"] == "Isolated"
    sw.works("key", "generate", "second", "--bits", "3072")
    added = sw.works("signer", "add", "cliprovider", "--certificate-of", "second", "--key", "first")
    assert (added.json["result"], added.json["proven"]) == ("IsPresent", True)
    signers = sw.works("signer", "list", "cliprovider").items()
    assert [signer["keyHere"] for signer in signers] == ["first", "second"]


@pytest.mark.keyring
def test_an_imported_key_signs_and_is_exported(sw: Program, tmp_path: Path) -> None:
    key, chain, secret, policy = (tmp_path / name for name in ("k.pem", "c.pem", "pw", "p.policy"))
    key.write_bytes(key_bytes(rsa_key(), passphrase=PASSPHRASE))
    chain.write_bytes(pem(certificate(rsa_key(), days=(-30, -1))))
    secret.write_text(PASSPHRASE, "utf-8")
    policy.write_text(FIRST, "utf-8")
    files = (str(key), "--cert-file", str(chain))
    assert sw("key", "import", "old", *files).code == 2
    ran = sw("key", "import", "old", *files, "--passphrase-file", str(secret))
    assert ran.code == 0
    assert "expired" in ran.err
    sealed = sw.works("policy", "sign", str(policy), "--key", "old").json
    assert sw.works("policy", "unwrap", "-", stdin=str(sealed["jws"]).encode()).json["signed"]
    target = tmp_path / "out.p12"
    sw.works("key", "export", "old", "--output", str(target), "--passphrase-file", str(secret))
    if os.name == "posix":
        assert target.stat().st_mode & 0o077 == 0
    sw.works("key", "delete", "old", "--yes")
    again = sw.works("key", "import", "new", str(target), "--passphrase-file", str(secret)).json
    assert again["bits"] == 2048


@pytest.mark.keyring
def test_bad_input_changes_nothing(sw: Program, tmp_path: Path) -> None:
    sw.works("key", "generate", "mine", "--bits", "2048")
    sw.works("provider", "create", "cliprovider", "--signer-key", "mine")
    before = text_of(sw)
    bad = tmp_path / "bad.policy"
    place = ("policy", "set", "cliprovider", "--type", "sgx", str(bad), "--key", "mine")
    for data, words in (
        (b"version=1.0;\xff", "UTF-8"),
        (b"", "empty"),
        (FIRST.encode().replace(b"permit()", "permit(“)".encode()), "quote"),
        (b"version=1.0; authorizationrules { nonsense", "policy"),
    ):
        bad.write_bytes(data)
        ran = sw(*place)
        assert ran.code in (2, 3), (data, ran)
        assert words in ran.err.lower() or words in ran.err, (data, ran)
        assert text_of(sw) == before


def test_without_a_keyring_the_vault_file_is_an_explicit_choice(
    bare: Program, tmp_path: Path
) -> None:
    refused = bare("key", "generate", "mine", "--bits", "2048", "--format", "json")
    assert refused.code == 3
    error = refused.json["error"]
    assert isinstance(error, dict)
    assert "keyring" in error["message"]
    assert "vault file" in error["hint"]
    assert bare.works("key", "list").items() == []

    secret = tmp_path / "secret"
    secret.write_text("correct horse battery staple\n", "utf-8")
    unlock = ("--vault-passphrase-file", str(secret))
    assert bare.works("key", "vault", "--use", "file", *unlock).json["backend"] == "vault file"
    bare.works("key", "generate", "mine", "--bits", "2048", *unlock)
    policy = tmp_path / "p.policy"
    policy.write_text(FIRST, "utf-8")
    bare.works("policy", "sign", str(policy), "--key", "mine", *unlock)
    locked = bare("policy", "sign", str(policy), "--key", "mine")
    assert locked.code == 3
    assert "locked" in locked.err
    secret.write_text("another passphrase\n", "utf-8")
    wrong = bare("policy", "sign", str(policy), "--key", "mine", *unlock)
    assert wrong.code == 3
    assert "does not open" in wrong.err


def test_a_home_that_cannot_be_used_is_told(bare: Program, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", "utf-8")
    ran = Program(bare.session, blocked)("key", "list")
    assert ran.code == 3
    assert "--home" in ran.err


def test_many_pieces_of_evidence_are_judged_in_their_order(bare: Program, tmp_path: Path) -> None:
    made = tmp_path / "made.bin"
    bare.works("evidence", "synthesize", "--kind", "sgx-quote", "--output", str(made))
    quote = made.read_bytes()
    names = []
    for number in range(140):
        path = tmp_path / f"{number:03}.bin"
        # Every seventh has a flipped bit in its report data.
        path.write_bytes(quote if number % 7 else quote[:400] + b"\xff" + quote[401:])
        names.append(str(path))
    ran = bare("evidence", "verify", *names, "--format", "json")
    assert ran.code == 1
    assert [one["valid"] for one in ran.items()] == [bool(number % 7) for number in range(140)]
