"""Which command is meant, and how every way to fail ends."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from helpers.key_files import certificate, key_bytes, pem, rsa_key
from sealwright import __version__
from sealwright.__main__ import main
from sealwright.cli.command import Command
from sealwright.cli.table import TABLE

if TYPE_CHECKING:
    from helpers.command_line import CommandLine

ALL = [(group, name) for group, commands in TABLE.items() for name in commands]
HEAVY = ("argparse", "dataclasses", "json", "logging", "re", "asyncio", "cryptography", "PySide6")


def test_options_of_every_command_may_stand_before_the_selftest_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--home", "elsewhere", "--format", "json", "selftest", "--screenshots", "pictures"]
    assert main(words) == 2
    assert json.loads(capsys.readouterr().out)["error"]["hint"] == "Add --window."


def test_says_its_version(sw: CommandLine) -> None:
    ran = sw("--version")
    assert (ran.code, ran.text) == (0, f"sealwright {__version__}\n")
    assert sw("--debug", "--version").text == ran.text


def test_the_version_costs_no_imports() -> None:
    code = (
        "import sys; before = set(sys.modules); from sealwright.cli.dispatch import run;"
        "run(['--version'], None); print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    loaded = done.stdout.decode().split()
    assert "sealwright.cli.dispatch" in loaded
    assert not set(loaded) & set(HEAVY)


@pytest.mark.parametrize(("group", "name"), ALL)
def test_every_command_is_there_and_explains_itself(sw: CommandLine, group: str, name: str) -> None:
    module = import_module(f"sealwright.cli.{TABLE[group][name][0]}")
    assert isinstance(module.COMMANDS[name], Command)
    ran = sw(group, *([name] if name else []), "--help")
    assert ran.code == 0
    assert f"sealwright {group} {name}".rstrip() in ran.text


def test_help_lists_every_command(sw: CommandLine) -> None:
    whole = sw("--help").text
    assert whole == sw().text
    for group, name in ALL:
        assert (name or group) in whole
        if name:
            assert name in sw(group).text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["polcy", "sign"], "no command `polcy`"),
        (["policy", "sing"], "no command `policy sing`"),
        (["policy", "sign", "--key", "k"], "FILE"),
        (["policy", "wrap", "a", "b"], "Unrecognized"),
        (["policy", "wrap", "a", "--frobnicate"], "Unrecognized"),
        (["--format", "xml", "key", "list"], "`xml`"),
        (["key", "list", "--home"], "--home needs a value"),
        (["key", "generate", "k", "--bits", "many"], "--bits"),
        (["policy", "show", "isolated"], "--type"),
        (["policy", "show", "isolated", "--type", "quantum"], "`quantum`"),
    ],
)
def test_wrong_usage_is_exit_2_and_a_sentence(
    sw: CommandLine, arguments: list[str], words: str
) -> None:
    ran = sw(*arguments)
    assert (ran.code, ran.out) == (2, b"")
    assert words in ran.err
    assert "Traceback" not in ran.err
    told = sw(*arguments, "--format", "json") if "xml" not in arguments else None
    if told is not None and "--home" not in arguments:
        assert told.code == 2
        assert list(told.error) == ["code", "message", "hint", "details"]
        assert told.err == ""


def test_common_options_stand_anywhere(sw: CommandLine) -> None:
    for arguments in (
        ["--home", "h", "--format", "json", "key", "list"],
        ["key", "list", "--format=json", "--home=h"],
        ["key", "--home", "h", "list", "--format", "json"],
    ):
        assert list(sw(*arguments).json) == ["items"]
        assert sw.outside.homes[-1] == "h"


def test_options_stand_between_the_words(sw: CommandLine) -> None:
    ran = sw("policy", "set", "open", "--type", "sgx", "/nowhere/p.policy")
    assert ran.code == 2
    assert "`/nowhere/p.policy`" in ran.err


def test_a_cancelled_command_is_exit_4(sw: CommandLine) -> None:
    ran = sw("sandbox", "serve", "--format", "json")
    assert ran.code == 4
    assert ran.error["code"] == "Cancelled"


def test_a_bug_is_words_and_a_traceback_only_when_asked(
    sw: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(sw.world, "services", broken)
    ran = sw("key", "list")
    assert ran.code == 3
    assert "secret inside" not in ran.err
    assert "--debug" in ran.err
    assert "ZeroDivisionError: secret inside" in sw("--debug", "key", "list").err


def test_what_could_rule_a_terminal_is_made_visible(sw: CommandLine) -> None:
    ran = sw("policy", "\x1b]0;owned\x07")
    assert "\x1b" not in ran.err
    assert "\\u001b" in ran.err


NETWORK = ("httpx", "asyncio", "anyio", "keyring", "msal", "starlette", "sqlite3", "PySide6")


@pytest.mark.parametrize(
    "arguments",
    [
        ["policy", "hash", "FILE"],
        ["policy", "wrap", "FILE"],
        ["policy", "sign", "FILE", "--key-file", "KEY", "--cert-file", "CHAIN"],
        ["policy", "diff", "FILE", "FILE"],
        ["policy", "show", "--help"],
        ["token", "inspect", "eyJhbGciOiJub25lIn0.e30."],
    ],
)
def test_commands_without_a_network_load_nothing_for_one(
    tmp_path: Path, arguments: list[str]
) -> None:
    files = {
        "FILE": b"version=1.0;",
        "KEY": key_bytes(rsa_key()),
        "CHAIN": pem(certificate(rsa_key())),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    words = [str(tmp_path / word) if word in files else word for word in arguments]
    code = (
        "import sys; from sealwright.__main__ import main; code = main(sys.argv[1:]);"
        "sys.stderr.write(' '.join(sys.modules)); sys.exit(code)"
    )
    command = [sys.executable, "-I", "-c", code, *words]
    done = subprocess.run(command, capture_output=True, check=True)
    assert not set(done.stderr.decode().split()) & set(NETWORK)


def test_the_providers_of_the_read_me_are_names_that_the_sandbox_takes() -> None:
    from sealwright.sandbox.serving.seeding import wanted  # noqa: PLC0415 - only here

    text = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    named = re.findall(r"sandbox serve .*?--provider (\S+)", text)
    assert named
    assert [wanted(each).name for each in named] == [each.split(":")[0] for each in named]


def test_a_vault_file_without_its_passphrase_names_the_option(sw: CommandLine) -> None:
    ran = sw("key", "vault", "--use", "file")
    assert ran.code == 2
    assert "--vault-passphrase-file FILE" in ran.err


class FullDisk(io.BytesIO):
    """A place that takes no byte more."""

    def write(self, _: object, /) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_result_that_cannot_be_written_is_no_bug(
    sw: CommandLine, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(FullDisk(), write_through=True))

    ran = sw("key", "list", "--format", form)

    assert ran.code == 3
    assert f"The result cannot be written: {os.strerror(errno.ENOSPC)}." in ran.err


@pytest.mark.parametrize(
    ("place", "code"), [("nowhere/out.jws", 2), ("file/out.jws", 2), ("long", 3)]
)
def test_a_file_that_cannot_be_written_is_wrong_usage_or_the_systems_fault(
    sw: CommandLine, tmp_path: Path, place: str, code: int
) -> None:
    (tmp_path / "file").write_bytes(b"version=1.0;authorizationrules{};")
    name = "x" * 300 if place == "long" else place

    ran = sw("policy", "wrap", str(tmp_path / "file"), "--output", str(tmp_path / name))

    assert ran.code == code
    assert "cannot be written" in ran.err
