"""Tokens, keys and terms that `token` commands are given."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sealwright.cli.inputs import (
    STANDARD_INPUT,
    is_text_itself,
    policy_text,
    read_input,
    read_time,
    token_text,
)
from sealwright.errors import TokenError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from sealwright.services.bundle import Services
    from sealwright.services.tokens.key_source import KeySource
    from sealwright.services.tokens.tokens import Terms
    from sealwright.tokens.expectations import Expectations


@dataclass(frozen=True, slots=True)
class NamedToken:
    """A token and the argument that it came with."""

    name: str
    text: str
    file: str | None = None
    """The file, with the line where it holds several; None for a token given as it is."""
    problem: TokenError | None = None
    """Why a file of a folder cannot be read: one failure among others."""


def token_arguments(parser: ArgumentParser) -> None:
    """One token or many."""
    parser.add_argument(
        "tokens",
        metavar="TOKEN",
        nargs="+",
        help="token, file, folder of files, or - for stdin; a file may hold one token a line",
    )


def key_arguments(parser: ArgumentParser, *, required: bool) -> None:
    """Whose keys check it, and when it must hold."""
    keys = parser.add_mutually_exclusive_group(required=required)
    keys.add_argument(
        "--provider", metavar="URL", help="the provider's published keys, by name or URL"
    )
    keys.add_argument("--jwks", metavar="FILE", help="a key document")
    keys.add_argument(
        "--embedded-keys", action="store_true", help="the token's own keys: proves no origin"
    )
    parser.add_argument("--issuer", metavar="URL", default="", help="who must have issued it")
    parser.add_argument(
        "--at",
        metavar="TIME",
        help="check as of this time (RFC 3339), with the provider's keys that were saved then",
    )
    parser.add_argument(
        "--collateral", metavar="FILE", help="Intel's documents about the service's own platform"
    )


def unseal_argument(parser: ArgumentParser) -> None:
    """The key of a machine that an answer was sealed for."""
    parser.add_argument(
        "--unseal-key", metavar="FILE", help="key that opens a sealed answer of AzureGuest"
    )


def unseal_key(arguments: Namespace) -> bytes:
    """The key that the arguments name; empty when they name none."""
    return read_input(arguments.unseal_key) if arguments.unseal_key else b""


def opened(token: NamedToken, key: bytes) -> str:
    """The token of a sealed answer; any other text as it is.

    Raises:
        TokenError: it is sealed, and the key is missing or another; or sealed by somebody else;
            or its file cannot be read.
    """
    from sealwright.tokens.sealed import sealed_answer, unseal  # noqa: PLC0415 - only here

    if token.problem is not None:
        raise token.problem
    text = token.text
    sealed = sealed_answer(text)
    if sealed is None:
        refuse_encrypted(text)
        return text
    if not key:
        raise TokenError(
            "This is a sealed answer of the AzureGuest endpoint.",
            hint="Give the key of the machine that asked with `--unseal-key`.",
        )
    return unseal(sealed, key)


def refuse_encrypted(text: str) -> None:
    """Say what a token is that is encrypted as the service encrypts none.

    Raises:
        TokenError: it is a JWE.
    """
    from sealwright.tokens.pasted import Pasted, guess  # noqa: PLC0415 - only here

    if guess(text) is Pasted.ENCRYPTED:
        raise TokenError(
            "This is a sealed answer, but none of the service: an encrypted token (JWE).",
            hint=(
                "Have it decrypted by whoever it is for, and give the token inside."
                " `--unseal-key` opens the sealed answers of AzureGuest, which are JSON."
            ),
            details={"check": "shape.segments"},
        )


def tokens_of(names: Sequence[str]) -> tuple[NamedToken, ...]:
    """Every token that the arguments name.

    Raises:
        UsageError: an argument cannot be read; a folder without files.
    """
    found: list[NamedToken] = []
    for name in names:
        if name != STANDARD_INPUT and os.path.isdir(name):  # noqa: PTH112 - pathlib costs 12 ms
            found += _in_folder(name)
        else:
            found += _in_text(name, token_text(name))
    return tuple(found)


def _in_folder(folder: str) -> Iterator[NamedToken]:
    with os.scandir(folder) as entries:
        paths = sorted(entry.path for entry in entries if _may_be_read(entry))
    if not paths:
        raise UsageError(f"The folder `{folder}` holds no files.", hint="Name another.")
    for path in paths:
        try:
            text = token_text(path)
        except UsageError as error:
            problem = TokenError(error.summary, hint=error.hint)
            yield NamedToken(path, "", path, problem)
        else:
            yield from _in_text(path, text)


def _may_be_read(entry: os.DirEntry[str]) -> bool:
    """A file, or a link that leads to none, which is told; pipes and devices have no end."""
    try:
        return entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path))  # noqa: PTH110 - pathlib costs 12 ms
    except OSError:
        return True


def _in_text(name: str, text: str) -> Iterator[NamedToken]:
    from sealwright.tokens.listing import tokens_in  # noqa: PLC0415 - only here

    listed = tokens_in(text)
    for number, token in enumerate(listed, 1):
        place = f"{name}:{number}" if len(listed) > 1 else name
        yield NamedToken(place, token, None if is_text_itself(name) else place)


def source_of(arguments: Namespace) -> KeySource:
    """Whose keys the arguments ask for."""
    from sealwright.services.tokens.key_source import KeyOrigin, KeySource  # noqa: PLC0415 - only here

    if arguments.embedded_keys:
        return KeySource(KeyOrigin.TOKEN)
    if arguments.jwks:
        document = read_input(arguments.jwks)
        return KeySource(KeyOrigin.DOCUMENT, arguments.issuer, document, arguments.jwks)
    return KeySource(KeyOrigin.PROVIDER, arguments.provider)


async def terms_of(arguments: Namespace, services: Services) -> Terms:
    """What the token is checked by besides its keys.

    Raises:
        UsageError: rules, policy or time cannot be read.
        EvidenceError: the collateral is none.
    """
    from sealwright.evidence.intel.collateral import parse_collateral  # noqa: PLC0415 - only here
    from sealwright.services.tokens.tokens import Terms  # noqa: PLC0415 - only here

    collateral = (
        parse_collateral(read_input(arguments.collateral)) if arguments.collateral else None
    )
    return Terms(read_time(arguments.at), await _expectations(arguments, services), collateral)


async def _expectations(arguments: Namespace, services: Services) -> Expectations:
    from sealwright.policy.digest import policy_hash  # noqa: PLC0415 - only here

    found = await _rules(getattr(arguments, "rules", None), services)
    if getattr(arguments, "nonce", None) is not None:
        found = replace(found, nonce=arguments.nonce)
    if arguments.issuer:
        found = replace(found, issuer=arguments.issuer)
    if getattr(arguments, "policy", None):
        named = policy_hash(policy_text(arguments.policy))
        found = replace(found, policy_hashes=frozenset({named}))
    return found


async def _rules(name: str | None, services: Services) -> Expectations:
    from sealwright.tokens.expectations import (  # noqa: PLC0415 - only here
        Expectations,
        parse_expectations,
    )

    if not name:
        return Expectations()
    try:
        return parse_expectations(read_input(name))
    except UsageError as error:
        saved = {each.name: each.expect for each in await services.tokens.rules.all()}
        if name in saved:
            return saved[name]
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        known = f"Saved are: {', '.join(sorted(saved))}." if saved else error.hint
        raise UsageError(f"There are no rules and no file `{name}`.", hint=known) from None
