"""A newcomer at the command line: own cloud, browser, providers, connection test, sign out.

Every command is a process of its own; the browser is a program that the system opens.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_der_x509_certificate

from helpers.issuing import certificate, rsa_key
from helpers.newcomer import Program, items
from helpers.served_sandbox import ServedSandbox, served_sandbox
from helpers.sign_in_browser import operate
from helpers.softhsm import PIN, SoftHsm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the browser is a script")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("cloud")
    with served_sandbox(home, "--operator", "--provider", "plain:AAD") as running:
        yield running


def to_the_lab(program: Program, served: ServedSandbox) -> None:
    """Trust the served sandbox's CA, and make it known as a cloud."""
    ready = served.ready
    program("network", "set", "--ca-file", served.ca_file)
    program(
        *("cloud", "add", "Lab", "--authority", ready["authority"]),
        *("--arm-endpoint", ready["armEndpoint"], "--suffix", "127.0.0.1"),
    )


def names(program: Program) -> list[object]:
    return [one["name"] for one in items(program("provider", "list", "--refresh"))]


def summary(found: dict[str, object]) -> str:
    error = found["error"]
    assert isinstance(error, dict)
    return f"{error['code']}: {error['message']} {error['hint']}"


def test_from_nothing_to_a_proven_policy_and_out_again(
    served: ServedSandbox, tmp_path: Path
) -> None:
    program, ready = Program(tmp_path, served.ca_file), served.ready
    to_the_lab(program, served)

    account = program("account", "add", "--cloud", "Lab")
    assert account["name"] == "owner@sandbox.invalid"
    assert account["tenant"] == ready["tenant"]

    found = {one["name"]: one for one in items(program("provider", "list", "--refresh"))}
    assert found["plain"]["cloud"] == "Lab"
    checks = program("provider", "check", "plain")["checks"]
    assert isinstance(checks, list)
    assert {one["id"]: one["status"] for one in checks} == {
        **dict.fromkeys(("dns", "tcp", "tls", "metadata", "token", "policy"), "pass"),
        "proxy": "skip",
    }
    # No token is in a file in plain text; three letters alone stand in sealed text by chance.
    assert re.search(rb"eyJ[\w-]+\.eyJ", program.files()) is None

    program("account", "remove", "owner@sandbox.invalid", "--yes")
    assert items(program("account", "list")) == []
    refused = program("policy", "show", "plain", "--type", "SgxEnclave", code=3)["error"]
    assert isinstance(refused, dict)
    assert refused["code"] == "Refused"


def test_an_application_by_its_pkcs12_file(served: ServedSandbox, tmp_path: Path) -> None:
    program, ready = Program(tmp_path, served.ca_file), served.ready
    key = rsa_key("pipeline", 3072)
    read = load_der_x509_certificate(certificate(key, "pipeline"))
    operate(served, "proofs", {"certificate": read.public_bytes(Encoding.PEM).decode()})
    to_the_lab(program, served)
    file, words = tmp_path / "pipeline.pfx", tmp_path / "words"
    locked = BestAvailableEncryption(b"open sesame")
    file.write_bytes(serialize_key_and_certificates(b"pipeline", key, read, None, locked))
    words.write_text("open sesame\n", encoding="utf-8")
    by = [
        *("account", "add", "--cloud=Lab", "--method=certificate", f"--tenant={ready['tenant']}"),
        *(f"--client-id={ready['clientId']}", f"--pfx={file}"),
    ]

    words.write_text("wrong\n", encoding="utf-8")
    assert "passphrase" in summary(program(*by, f"--passphrase-file={words}", code=2))
    words.write_text("open sesame\n", encoding="utf-8")
    account = program(*by, f"--passphrase-file={words}")

    assert account["method"] == "certificate"
    assert "plain" in names(program)
    assert b"open sesame" not in program.files()


def test_an_application_by_a_key_that_stays_on_its_token(
    served: ServedSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hsm = SoftHsm(tmp_path / "hsm", monkeypatch)
    key = rsa_key("on a token")
    der = certificate(key, "on a token")
    hsm.add_token("ops")
    hsm.add_key("ops", "automation", key, der)
    pem = load_der_x509_certificate(der).public_bytes(Encoding.PEM)
    operate(served, "proofs", {"certificate": pem.decode()})
    program, ready = Program(tmp_path, served.ca_file), served.ready
    to_the_lab(program, served)
    pin = tmp_path / "pin"
    by = [
        *("account", "add", "--cloud=Lab", "--method=pkcs11", f"--tenant={ready['tenant']}"),
        *(f"--client-id={ready['clientId']}", f"--pin-file={pin}"),
    ]

    pin.write_text("000000\n", encoding="utf-8")
    wrong = summary(program(*by, f"--module={hsm.module}", code=3))
    assert wrong.startswith("Pin: The PIN of the token `ops` is wrong.")
    pin.write_text(f"{PIN}\n", encoding="utf-8")
    assert "cannot be used" in summary(program(*by, "--module=/nothing.so", code=3))
    account = program(*by, f"--module={hsm.module}", "--token=ops", "--key=automation")

    assert "plain" in names(program)
    assert PIN.encode() not in program.files()
    renewed = program("account", "renew", str(account["id"]), f"--pin-file={pin}")
    assert renewed["id"] == account["id"]
