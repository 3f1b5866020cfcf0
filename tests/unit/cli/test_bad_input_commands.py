"""Bad input on the command line: every command says what is wrong and what to do, changes nothing.

Each case is a file or token as people really bring them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from helpers.key_files import certificate, der, key_bytes, pem, rsa_key
from sealwright.errors import StorageError
from sealwright.policy.digest import policy_hash

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine, Ran

TEXT = "version=1.0;\nauthorizationrules{=>permit();};\nissuancerules{};\n"
PLACE = ("isolated", "--type", "sgx")
_ANSWER = "_answer"
DISK_FULL = StorageError("The local database cannot be written: the disk is full.", hint="Free it.")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bad input"


def send(sw: CommandLine, file: Path, *more: str) -> Ran:
    return sw("policy", "set", *PLACE, str(file), "--key", "root", *more)


def told(ran: Ran) -> None:
    """The three parts of a message: nothing on stdout, a sentence, and what to do."""
    assert ran.out == b"", ran
    head, *rest = [line for line in ran.err.splitlines() if not line.startswith("Warning")]
    assert head.startswith("sealwright: "), ran
    assert head.endswith("."), ran
    assert any(line.startswith("  ") and ": " not in line for line in rest), ran


READERS = (
    ("policy", "lint"),
    ("policy", "format", "--check"),
    ("policy", "hash"),
    ("policy", "wrap"),
    ("policy", "sign", "--key", "root"),
)


@pytest.mark.parametrize("command", READERS, ids=" ".join)
@pytest.mark.parametrize("data", [b"version=1.0;\nx\xff", TEXT.encode("utf-16")])
def test_no_command_takes_what_is_not_utf_8(
    command: tuple[str, ...], data: bytes, sw: CommandLine, file: Path
) -> None:
    file.write_bytes(data)
    ran = sw(*command, str(file))
    assert ran.code == 2
    told(ran)
    assert "UTF-8" in ran.err
    assert "0xff" in ran.err
    line = 2 if data.startswith(b"version") else 1
    assert f"line {line}" in ran.err


def test_what_is_not_utf_8_is_not_sent_and_said_once(sw: CommandLine, file: Path) -> None:
    file.write_bytes(b"version=1.0;\nx\xff")
    ran = send(sw, file)
    assert ran.code == 2
    told(ran)
    assert "line 2 holds the byte 0xff" in ran.err
    assert "Warning" not in ran.err
    assert "set_policy" not in sw.world.isolated.calls


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_every_byte_is_sent_and_comes_back(
    start: bytes, end: bytes, sw: CommandLine, file: Path, tmp_path: Path
) -> None:
    data = start + TEXT.encode().replace(b"\n", end)
    file.write_bytes(data)
    ran = send(sw, file)
    assert ran.code == 0
    assert ("byte order mark" in ran.err) == bool(start)
    back = tmp_path / "back"
    assert sw("policy", "show", *PLACE, "--output", str(back)).code == 0
    assert back.read_bytes() == data
    hashed = sw("policy", "hash", str(file))
    assert policy_hash(data.decode()) in hashed.text
    assert ("byte order mark" in hashed.err) == bool(start)


def test_smart_quotes_are_named_with_their_fix(sw: CommandLine, file: Path) -> None:
    bad = TEXT.replace("permit()", "issue(type=“a”, value=1)")
    file.write_text(bad, "utf-8")
    ran = sw("policy", "lint", str(file))
    assert ran.code == 1
    assert "typographic quote" in ran.text
    assert "Replace with straight quotes" in ran.text
    assert file.read_text("utf-8") == bad
    ran = send(sw, file)
    assert "straight quote" in ran.err


def test_a_policy_of_10_mb_is_refused_by_lint_and_said_before_an_upload(
    sw: CommandLine, file: Path
) -> None:
    file.write_bytes(TEXT.encode() + b"// filler\n" * 2**20)
    ran = sw("policy", "lint", str(file))
    assert ran.code == 1
    assert "1,048,576 bytes" in ran.text
    assert "1,048,576 bytes" in send(sw, file).err
    assert sw("policy", "hash", str(file)).code == 0


def test_a_file_without_end_is_not_read_for_ever(sw: CommandLine) -> None:
    ran = sw("policy", "lint", "/dev/zero")
    assert ran.code == 2
    told(ran)
    assert "64 MB" in ran.err


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n"])
def test_an_empty_policy_is_not_sent(data: bytes, sw: CommandLine, file: Path) -> None:
    file.write_bytes(data)
    ran = send(sw, file)
    assert ran.code == 2
    told(ran)
    assert "empty" in ran.err
    assert "reset" in ran.err
    assert "set_policy" not in sw.world.isolated.calls
    assert "empty" in sw("policy", "wrap", str(file)).err
    assert sw("policy", "lint", str(file)).code == 1


@pytest.mark.parametrize("command", [("policy", "unwrap"), ("token", "inspect")], ids=" ".join)
@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("eyJhbGciOiJub25lIn0.e!!.", "The payload of the token is not base64url: character 2"),
        ("eyJhbGciOiJub25lIn0.e30=.", "character 4 is `=`"),
        ("eyJhbGciOiJub25lIn0.e30.a\nb", "The signature of the token"),
        ("eyJhbGciOiJub25lIn0.e30.a", "The signature of the token is not base64url"),
        ("eyJ*.e30.", "The header of the token is not base64url: character 4"),
        ("eyJhbGciOiJub25lIn0.e30", "three parts"),
    ],
)
def test_a_token_with_bad_base64_says_where(
    command: tuple[str, ...], token: str, words: str, sw: CommandLine, file: Path
) -> None:
    for given in (token, str(file)):
        file.write_text(token, "utf-8")
        ran = sw(*command, given)
        assert ran.code == 2, ran
        told(ran)
        assert words in ran.err
        assert "from `eyJ` to its last character" in ran.err


def test_no_name_at_all_is_said_so(sw: CommandLine) -> None:
    ran = sw("policy", "unwrap", "")
    assert ran.code == 2
    told(ran)
    assert "empty" in ran.err


BUNDLES = {
    "garbage": (b"\x00\x01garbage", "holds no certificate"),
    "empty": (b"", "holds no certificate"),
    "policy": (TEXT.encode(), "holds no certificate"),
    "key": (key_bytes(rsa_key()), "certificate"),
    "bad block": (
        pem(certificate(rsa_key()))
        + b"-----BEGIN CERTIFICATE-----\nAA!!\n-----END CERTIFICATE-----\n",
        "Block 2",
    ),
    "cut off": (pem(certificate(rsa_key()))[:-40], "cut off"),
    "cut DER": (der(certificate(rsa_key()))[:-40], "certificate"),
}


@pytest.mark.parametrize(("data", "words"), BUNDLES.values(), ids=BUNDLES)
def test_garbage_in_a_bundle_of_certificates_adds_nothing(
    data: bytes, words: str, sw: CommandLine, file: Path
) -> None:
    file.write_bytes(data)
    before = list(sw.world.isolated.certificates)
    for command in (
        ("signer", "add", "isolated", "--certificate", str(file), "--key", "root"),
        ("provider", "create", "new", "--signer-file", str(file)),
    ):
        ran = sw(*command)
        assert ran.code == 2, ran
        told(ran)
        assert words in ran.err
    assert sw.world.isolated.certificates == before


def test_words_around_a_certificate_do_no_harm(sw: CommandLine, file: Path) -> None:
    file.write_bytes(b"Bag Attributes\r\n  name: x\r\n" + pem(certificate(rsa_key())) + b"\nend")
    ran = sw("signer", "add", "isolated", "--certificate", str(file), "--key", "root")
    assert ran.code == 0, ran


@pytest.mark.parametrize(
    ("days", "words"), [((-30, -1), "expired on"), ((10, 30), "is not valid before")]
)
def test_a_certificate_out_of_its_time_is_said_wherever_it_is_used(
    days: tuple[int, int], words: str, sw: CommandLine, file: Path, tmp_path: Path
) -> None:
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    made = certificate(rsa_key(), days=days)
    chain.write_bytes(pem(made))
    key.write_bytes(key_bytes(rsa_key()))
    file.write_text(TEXT, "utf-8")
    added = sw("signer", "add", "isolated", "--certificate", str(chain), "--key", "root")
    assert added.code == 0
    assert words in added.err
    files = ("--key-file", str(key), "--cert-file", str(chain))
    ran = sw("policy", "set", *PLACE, str(file), *files)
    assert ran.code == 0, ran
    assert words in ran.err
    sw.world.vault.hold("late", chain=(der(made),))
    assert words in sw("policy", "set", *PLACE, str(file), "--key", "late").err
    # What is in order gets no warning.
    assert "Warning" not in send(sw, file).err


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_a_day_off_is_named(
    days: int, sw: CommandLine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(TEXT, "utf-8")
    world = sw.world
    # The provider's answers keep its own time while ours moves.
    answer = getattr(world.isolated, _ANSWER)
    real = world.clock.time

    def at_its_time(*arguments: object, **named: object) -> object:
        ours, world.clock.time = world.clock.time, real
        try:
            return answer(*arguments, **named)
        finally:
            world.clock.time = ours

    monkeypatch.setattr(world.isolated, _ANSWER, at_its_time)
    world.clock.time = real + timedelta(days=days)
    for ran in (sw("policy", "show", *PLACE), sw("signer", "list", "isolated"), send(sw, file)):
        assert ran.code == 3, ran
        told(ran)
        assert "1 day" in ran.err
        assert "clock" in ran.err
    assert not world.isolated.policies


@pytest.mark.parametrize(
    ("summary", "hint"),
    [
        ("The OS keyring is locked.", "Unlock it and try again."),
        ("Access to the OS keyring was denied.", "Allow Sealwright when you are asked."),
    ],
)
def test_a_keyring_that_is_locked_or_denied_stops_before_anything_is_sent(
    summary: str, hint: str, sw: CommandLine, file: Path
) -> None:
    file.write_text(TEXT, "utf-8")
    sw.world.vault.broken = StorageError(summary, hint=hint)
    for ran in (
        send(sw, file),
        sw("policy", "sign", str(file), "--key", "root"),
        sw("key", "generate", "new", "--bits", "2048"),
    ):
        assert ran.code == 3
        told(ran)
        assert summary in ran.err
        assert hint in ran.err
    assert "set_policy" not in sw.world.isolated.calls
    assert sw("key", "list").code == 0


def test_a_full_disk_after_the_upload_does_not_hide_that_it_was_made(
    sw: CommandLine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(TEXT, "utf-8")

    async def full(_: object) -> None:
        raise DISK_FULL

    monkeypatch.setattr(sw.world.log, "append", full)
    ran = send(sw, file)
    assert ran.code == 0
    assert ran.text == "Updated. Proven.\n"
    assert "not in the activity log" in ran.err
    assert "disk is full" in ran.err


def test_a_full_disk_before_the_upload_sends_nothing(
    sw: CommandLine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(TEXT, "utf-8")

    async def full(*_: object, **__: object) -> None:
        raise DISK_FULL

    monkeypatch.setattr(sw.world.history, "record", full)
    ran = send(sw, file)
    assert ran.code == 3
    told(ran)
    assert "disk is full" in ran.err
    assert "set_policy" not in sw.world.isolated.calls


@pytest.mark.parametrize("named", [(), ("--key", "nobody")])
def test_an_upload_without_a_signer_names_the_keys_that_sign(
    sw: CommandLine, tmp_path: Path, named: tuple[str, ...]
) -> None:
    file = tmp_path / "p.policy"
    file.write_text("version=1.0;authorizationrules{=>permit();};issuancerules{};", "utf-8")
    ran = sw("policy", "set", *PLACE, str(file), *named)
    assert ran.code == 2
    assert "Choose a key that signs for it, as `root`." in ran.err


def test_an_exported_key_is_not_written_over_another_file(sw: CommandLine, file: Path) -> None:
    file.write_bytes(b"the only copy of another key")

    secret = file.with_name("passphrase")
    secret.write_text("correct horse battery\n", "utf-8")

    ran = sw("key", "export", "root", "--output", str(file), "--passphrase-file", str(secret))

    assert ran.code == 2
    told(ran)
    assert file.read_bytes() == b"the only copy of another key"


@pytest.mark.parametrize(
    ("name", "more", "form"),
    [
        ("root.pem", (), "pkcs8"),
        ("root.PEM", ("--form", "pkcs12"), "pkcs12"),
        ("root.p12", (), "pkcs12"),
        ("root", (), "pkcs12"),
    ],
)
def test_an_exported_key_is_what_the_name_of_its_file_promises(
    sw: CommandLine, tmp_path: Path, name: str, more: tuple[str, ...], form: str
) -> None:
    made, secret = tmp_path / name, tmp_path / "passphrase"
    secret.write_text("correct horse battery\n", "utf-8")

    ran = sw(
        "key", "export", "root", "--output", str(made), "--passphrase-file", str(secret), *more
    )

    assert ran.code == 0, ran
    assert made.read_bytes() == f"{form}:root".encode()
    assert ("(PEM)" if form == "pkcs8" else "PKCS#12") in ran.err
