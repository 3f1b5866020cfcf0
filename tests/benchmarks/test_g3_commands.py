"""G3: commands from start to end, beside a bare Python and other linters and signers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.policy_corpus import policy_of, yaml_of
from benchmarks.rounds import measure, report, say
from helpers.key_files import certificate, key_bytes, pem, rsa_key

if TYPE_CHECKING:
    from collections.abc import Callable

_PEER = Path(__file__).parent / "peers" / "load_and_sign.py"
_ROUNDS = 15
_ENVIRONMENT = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
"""Whatever is installed has its bytecode; a checkout writes its own in the first round."""


def command(*line: object, codes: tuple[int, ...] = (0,)) -> Callable[[], None]:
    """What runs a command line once; it fails when the command does."""
    words = [str(word) for word in line]

    def run() -> None:
        done = subprocess.run(words, capture_output=True, check=False, env=_ENVIRONMENT)
        assert done.returncode in codes, done.stderr

    return run


python = partial(command, sys.executable)
sealwright = partial(python, "-m", "sealwright")


def test_g3_version() -> None:
    found = measure({"--version": sealwright("--version"), "pass": python("-c", "pass")}, _ROUNDS)
    report(found, "--version", "pass", 2.5)


def test_g3_lint(tmp_path: Path) -> None:
    if find_spec("yamllint") is None:
        pytest.skip("yamllint is not installed")
    policy, document = tmp_path / "p.txt", tmp_path / "d.yaml"
    policy.write_text(policy_of(2_900), "utf-8")
    document.write_text(yaml_of(2_900), "utf-8")
    cases = {
        "policy lint": sealwright("policy", "lint", policy, codes=(0, 1)),
        "yamllint": python("-m", "yamllint", document, codes=(0, 1)),
    }
    azure = shutil.which("az")
    if azure:
        cases["az account list"] = command(azure, "account", "list", codes=(0, 1))
    found = measure(cases, _ROUNDS)
    report(found, "policy lint", "yamllint", 0.85)
    if azure:
        report(found, "policy lint", "az account list", 0.25)
    else:
        say("policy lint / az account list: not measured, there is no az here")


def test_g3_sign(tmp_path: Path) -> None:
    key, chain, policy = (tmp_path / name for name in ("key.pem", "cert.pem", "p.txt"))
    key.write_bytes(key_bytes(rsa_key()))
    chain.write_bytes(pem(certificate(rsa_key())))
    policy.write_text("version=1.0;authorizationrules{=>permit();};", "utf-8")
    files = ("--key-file", key, "--cert-file", chain, policy)
    found = measure(
        {
            "policy sign": sealwright("policy", "sign", *files),
            "load and sign": python(_PEER, policy, key, chain),
        },
        _ROUNDS,
    )
    report(found, "policy sign", "load and sign", 1.3)
