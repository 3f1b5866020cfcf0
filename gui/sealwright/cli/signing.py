"""Which key signs: one of the vault by name, or a key file with its certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sealwright.cli.inputs import read_input
from sealwright.cli.passphrases import ask_passphrase, read_passphrase
from sealwright.errors import KeyMaterialError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Coroutine

    from sealwright.cli.context import Context
    from sealwright.secret import Secret
    from sealwright.services.ports import Signer

T = TypeVar("T")


def add_signer_options(parser: ArgumentParser) -> None:
    """Options that name the signer."""
    parser.add_argument("--key", metavar="NAME", help="sign with this key of the vault")
    parser.add_argument("--key-file", metavar="FILE", help="sign with the key in FILE")
    parser.add_argument("--cert-file", metavar="FILE", help="its certificate and chain")
    parser.add_argument(
        "--passphrase-file", metavar="FILE", help="first line opens the key file; - is stdin"
    )


def check_signer_options(arguments: Namespace, *, required: bool) -> None:
    """Refuse contradicting options.

    Raises:
        UsageError: both kinds of key, or none where one is required.
    """
    if arguments.key and arguments.key_file:
        raise UsageError("A policy is signed by one key.", hint="Use --key or --key-file.")
    if required and not (arguments.key or arguments.key_file):
        raise UsageError("No key is named.", hint="Use --key NAME, or --key-file and --cert-file.")
    if (arguments.cert_file or arguments.passphrase_file) and not arguments.key_file:
        raise UsageError("--cert-file and --passphrase-file go with --key-file.")


def file_signer(arguments: Namespace, context: Context) -> Signer:
    """The signer of the key file that the options name."""
    key = read_input(arguments.key_file)
    certificates = read_input(arguments.cert_file) if arguments.cert_file else b""
    passphrase = passphrase_of(arguments.passphrase_file)
    try:
        return context.world.key_file_signer(key, certificates, passphrase)
    except KeyMaterialError as error:
        if passphrase or error.details.get("check") != "passphrase-missing":
            raise
    asked = ask_passphrase(f"of `{arguments.key_file}`")
    return context.world.key_file_signer(key, certificates, asked)


def passphrase_of(name: str | None) -> Secret[str] | None:
    """The passphrase in a file, when one is named."""
    return read_passphrase(name) if name else None


def run_at_once(work: Coroutine[object, object, T]) -> T:
    """The result of a coroutine that never waits, without an event loop (48 ms to import)."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("it waited")
