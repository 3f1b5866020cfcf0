"""Takes any token apart for reading, without keys and without a verdict (spec cli)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.tokens.answer_meanings import ANSWER_MEANINGS
from sealwright.tokens.answers import certificate_words
from sealwright.tokens.jose import Jws, split
from sealwright.tokens.sections import debug_claims
from sealwright.tokens.unwrap import CERTIFICATE_CLAIMS, compact_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sealwright.claims.catalogue import Catalogue
    from sealwright.tokens.jose import JsonValue

_KINDS: Final = (
    ("maa-policy-result", ("x-ms-policy-result",)),
    ("maa-policy-get", ("x-ms-policy",)),
    (
        "maa-certificates",
        (
            "x-ms-policy-certificates",
            "maa-policyCertificates",
            "aas-policyCertificates",
            "x-ms-policycertificates-result",
            "x-ms-certificate-result",
        ),
    ),
    ("policy", ("AttestationPolicy",)),
    ("policy-certificate", CERTIFICATE_CLAIMS),
)
_SCHEME: Final = re.compile(r"\s*(?:authorization:\s*)?bearer\s+", re.IGNORECASE)
_ATTESTATION: Final = ("x-ms-attestation-type", "maa-policyHash", "x-ms-policy-hash")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the claims catalogue knows about a claim."""

    meaning: str
    deprecated: bool = False
    preferred: str = ""
    """The name to use instead of a deprecated one."""


def meanings(catalogue: Catalogue) -> Callable[[str], Meaning | None]:
    """How `inspect` asks the claims catalogue."""

    def meaning_of(name: str) -> Meaning | None:
        entry = catalogue.find(name)
        if entry is None:
            return None
        return Meaning(entry.description, entry.deprecated, entry.replacement)

    return meaning_of


@dataclass(frozen=True, slots=True)
class Explained:
    """A claim with its path (`/x-ms-runtime/keys/0`), its JSON value and what it means."""

    path: str
    value: JsonValue
    meaning: str
    deprecated: bool
    preferred: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a reader should know at once."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """A token taken apart."""

    jws: Jws
    header: Mapping[str, JsonValue]
    claims: Mapping[str, JsonValue]
    algorithm: str
    signature_bytes: int
    kind: str
    explained: tuple[Explained, ...]
    warnings: tuple[Remark, ...]


def inspect(
    text: str,
    meaning_of: Callable[[str], Meaning | None] = lambda _: None,
    *,
    canonical: bool = True,
) -> Inspection:
    """Take the token in `text` apart; quotes, `Bearer` and `{"token": …}` around it are shed.

    With `canonical` off, one is read too whose segments are encoded as they must not be.

    Raises:
        TokenError: there is no token in it.
    """
    compact, _ = compact_of(without_scheme(text))
    jws = split(compact, canonical=canonical)
    claims = jws.claims() if jws.payload else {}
    return Inspection(
        jws=jws,
        header=jws.header,
        claims=claims,
        algorithm=jws.algorithm,
        signature_bytes=len(jws.signature),
        kind=kind_of(jws, claims),
        explained=tuple(_explain(claims, meaning_of)),
        warnings=tuple(_warnings(jws, claims)),
    )


def without_scheme(text: str) -> str:
    """The text without the name of an authorization scheme before it."""
    scheme = _SCHEME.match(text)
    return text if scheme is None else text[scheme.end() :]


def kind_of(jws: Jws, claims: Mapping[str, JsonValue]) -> str:
    """The kind of token, in the words of the command line contract."""
    if any(name in claims for name in _ATTESTATION):
        return "maa-attestation"
    for kind, names in _KINDS:
        if any(name in claims for name in names):
            return kind
    return "other" if jws.payload else "policy"


def _explain(
    claims: Mapping[str, JsonValue], meaning_of: Callable[[str], Meaning | None]
) -> Iterator[Explained]:
    for path, name, value in walk(claims):
        known = meaning_of(name)
        if known is None and path == f"/{name}" and name in ANSWER_MEANINGS:
            known = Meaning(ANSWER_MEANINGS[name])
        if known is None and name == "x5c" and (words := certificate_words(value)):
            known = Meaning(words)
        if known is not None:
            yield Explained(path, value, known.meaning, known.deprecated, known.preferred)


def walk(members: Mapping[str, JsonValue]) -> Iterator[tuple[str, str, JsonValue]]:
    """Every member at any depth as (path, name, value); paths are JSON Pointers (RFC 6901)."""
    stack: list[tuple[str, Mapping[str, JsonValue]]] = [("", members)]
    while stack:
        base, current = stack.pop()
        for name, value in current.items():
            path = f"{base}/{name.replace('~', '~0').replace('/', '~1')}"
            yield path, name, value
            stack.extend(_objects(path, value))


def _objects(path: str, value: JsonValue) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    if isinstance(value, dict):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _objects(f"{path}/{index}", item)


def _warnings(jws: Jws, claims: Mapping[str, JsonValue]) -> Iterator[Remark]:
    if jws.algorithm == "none" or not jws.signature:
        yield Remark("unsecured", "The token carries no signature: anybody can write it.")
    elif jws.algorithm.upper().startswith("HS"):
        yield Remark("shared-secret", "A shared-secret algorithm: never trust it here.")
    elif jws.algorithm == "RSA256":
        yield Remark("algorithm-name", "`RSA256` is not a registered name; RS256 is meant.")
    if "crit" in jws.header:
        yield Remark("critical", "The header asks for processing that is not understood.")
    if debug_claims(claims):
        yield Remark("debuggable", "It was issued for something that can be debugged.")
