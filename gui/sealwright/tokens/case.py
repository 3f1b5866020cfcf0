"""One token under examination: what was given, and what could be read of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError
from sealwright.evidence.certificates import load
from sealwright.tokens.expectations import Expectations
from sealwright.tokens.jose import ShapeError, split

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cryptography import x509

    from sealwright.claims.catalogue import Catalogue
    from sealwright.evidence.trust import TrustAnchor
    from sealwright.tokens.jose import JsonValue, Jws
    from sealwright.tokens.keyset import KeyEntry, KeySet

SKEW: Final = timedelta(seconds=60)
"""Clock difference that is allowed for (spec rest-api, 4.10)."""

NOTHING: Final = Expectations()

CLOUD_HOSTS: Final = (".attest.azure.net", ".attest.azure.us")
"""Host name endings of the service (spec rest-api, 1.1)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the caller insists on beyond a good signature."""

    algorithms: frozenset[str] = frozenset({"RS256"})
    minimum_bits: int = 1024
    """RSA keys below this fail; below 2048 they are reported as weak."""
    trusted_hosts: tuple[str, ...] = CLOUD_HOSTS
    """`host[:port]`, or an ending that begins with a dot; the expected issuer's is added."""
    keys_trusted: bool = True
    """False when the keys came with the token: then nothing is proven."""
    require_evidence: bool = False
    """Whether a self-signed key must be vouched for by hardware evidence."""
    root_required: bool = True
    """Whether evidence must lead to a known root. Without it an unknown root counts as much as
    no evidence: for answers that came over TLS from the provider itself."""
    refuse_debug_enclave: bool = False
    enclave_signers: frozenset[str] = frozenset()
    """MRSIGNER values, lower-case hex, that the service's enclave may have; empty for any."""
    container_policies: frozenset[str] = frozenset()
    """HOST_DATA values, lower-case hex, of the service's containers; empty for any."""


@dataclass(frozen=True, slots=True)
class Case:
    """The token, the keys and the expectations, and the parts that could be read."""

    keys: KeySet
    issuer: str
    now: datetime
    skew: timedelta
    rules: Rules
    anchors: tuple[TrustAnchor, ...]
    catalogue: Catalogue | None
    expect: Expectations
    problem: ShapeError | None
    """What is wrong with the form, even where reading could go on."""
    jws: Jws | None
    claims: Mapping[str, JsonValue] | None
    matches: tuple[KeyEntry, ...]
    """Entries of the key set with the token's `kid`."""
    certificate: x509.Certificate | None = field(repr=False)

    @property
    def header(self) -> Mapping[str, JsonValue]:
        """The header, empty when it could not be read."""
        return self.jws.header if self.jws else {}

    @property
    def entry(self) -> KeyEntry | None:
        """The key that the token names, when it is usable and there are no two of it."""
        if not self.matches or self.certificate is None:
            return None
        return self.matches[0]

    def text_claim(self, name: str) -> str:
        """A claim that is text; empty otherwise."""
        value = (self.claims or {}).get(name)
        return value if isinstance(value, str) else ""


def open_case(  # noqa: PLR0913 - the values of a verification
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    now: datetime,
    skew: timedelta,
    rules: Rules,
    anchors: tuple[TrustAnchor, ...],
    catalogue: Catalogue | None = None,
    expect: Expectations = NOTHING,
) -> Case:
    """Read as much of the token as can be read; judge nothing yet."""
    jws, problem = _read(token)
    claims, claims_problem = _claims(jws)
    kid = jws.header.get("kid") if jws else None
    matches = keys.find(kid) if isinstance(kid, str) else ()
    return Case(
        keys=keys,
        issuer=(issuer or expect.issuer).rstrip("/"),
        now=now,
        skew=skew,
        rules=rules,
        anchors=anchors,
        catalogue=catalogue,
        expect=expect,
        problem=problem or claims_problem,
        jws=jws,
        claims=claims,
        matches=matches,
        certificate=_certificate(matches),
    )


def _read(token: str) -> tuple[Jws | None, ShapeError | None]:
    try:
        return split(token), None
    except ShapeError as error:
        problem = error
    try:
        return split(token, canonical=False), problem
    except ShapeError:
        return None, problem


def _claims(jws: Jws | None) -> tuple[Mapping[str, JsonValue] | None, ShapeError | None]:
    if jws is None:
        return None, None
    try:
        return jws.claims(), None
    except ShapeError as error:
        return None, error


def _certificate(matches: tuple[KeyEntry, ...]) -> x509.Certificate | None:
    if not matches or matches[0].problem or len({entry.chain[:1] for entry in matches}) > 1:
        return None
    try:
        return load(matches[0].chain[0])
    except KeyMaterialError:
        return None
