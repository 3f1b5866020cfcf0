"""One token under examination: what was given, and what could be read of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError
from sealwright.evidence.basis.certificates import load
from sealwright.tokens.expectations import Expectations
from sealwright.tokens.jose import ShapeError, split

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cryptography import x509

    from sealwright.claims.catalogue import Catalogue
    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.evidence.intel.collateral import Collateral
    from sealwright.tokens.jose import JsonValue, Jws
    from sealwright.tokens.keyset import KeyEntry, KeySet

SKEW: Final = timedelta(seconds=60)
"""Clock difference that is allowed for (spec rest-api, 4.10)."""

NOTHING: Final = Expectations()

CHAINED_TYPES: Final = ("tpm", "vbs")
"""Attestation types whose tokens name their key by certificate (spec tokens, 1)."""

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
    server_time: datetime | None
    """What the provider's own clock said when its keys were fetched; None when nobody asked."""
    collateral: Collateral | None
    """The vendor's documents about the platform of the service's own enclave."""
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

    @property
    def algorithms(self) -> frozenset[str]:
        """Those that are accepted; shared secrets and none at all never are."""
        return signing_algorithms(self.rules.algorithms)

    @property
    def key_id(self) -> str:
        """The id of the key that the header names; empty when it names none."""
        return key_id_of(self.header, self.claims)

    @property
    def chained(self) -> bool:
        """Whether it is a report of a kind whose header brings certificates or a thumbprint."""
        return _is_chained(self.claims)

    def text_claim(self, name: str) -> str:
        """A claim that is text; empty otherwise."""
        value = (self.claims or {}).get(name)
        return value if isinstance(value, str) else ""


@lru_cache(maxsize=16)
def signing_algorithms(allowed: frozenset[str]) -> frozenset[str]:
    """What is allowed, without what signs nothing, whoever allowed it (spec tokens, 8 row 2)."""
    return frozenset(name for name in allowed if not name.upper().startswith(("HS", "NONE")))


def key_id_of(header: Mapping[str, JsonValue], claims: Mapping[str, JsonValue] | None) -> str:
    """`kid`, or the `x5t` of a TPM's report, whose key has that for an id (spec tokens, 1, 4.2)."""
    kid = header.get("kid")
    if kid is None and _is_chained(claims):
        kid = header.get("x5t")
    return kid if isinstance(kid, str) else ""


def _is_chained(claims: Mapping[str, JsonValue] | None) -> bool:
    return (claims or {}).get("x-ms-attestation-type") in CHAINED_TYPES


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
    server_time: datetime | None = None,
    collateral: Collateral | None = None,
) -> Case:
    """Read as much of the token as can be read; judge nothing yet."""
    jws, problem = _read(token)
    claims, claims_problem = _claims(jws)
    kid = key_id_of(jws.header, claims) if jws else ""
    matches = keys.find(kid) if kid else ()
    return Case(
        keys=keys,
        issuer=(issuer or expect.issuer).rstrip("/"),
        now=now,
        skew=skew,
        rules=_stricter(rules, expect),
        anchors=anchors,
        catalogue=catalogue,
        expect=expect,
        server_time=server_time,
        collateral=collateral,
        problem=problem or claims_problem,
        jws=jws,
        claims=claims,
        matches=matches,
        certificate=_certificate(matches),
    )


def _stricter(rules: Rules, expect: Expectations) -> Rules:
    """The rules with what the relying party asks of the signing key besides."""
    wanted = (expect.require_evidence, expect.refuse_debug_enclave, expect.minimum_bits)
    if not (any(wanted) or expect.enclave_signers or expect.container_policies):
        return rules
    return replace(
        rules,
        require_evidence=rules.require_evidence or expect.require_evidence,
        refuse_debug_enclave=rules.refuse_debug_enclave or expect.refuse_debug_enclave,
        minimum_bits=max(rules.minimum_bits, expect.minimum_bits),
        enclave_signers=expect.enclave_signers or rules.enclave_signers,
        container_policies=expect.container_policies or rules.container_policies,
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
    if not matches or matches[0].problem:
        return None
    if len(matches) > 1 and len({entry.chain[:1] for entry in matches}) > 1:
        return None
    try:
        return load(matches[0].chain[0])
    except KeyMaterialError:
        return None
