"""The report of a token verification: never a bare yes or no that a caller can forget."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.evidence.basis.certificates import load, sha1_thumbprint, subject_text
from sealwright.evidence.basis.checks import Check, CheckStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.tokens.jose import JsonValue


class Verdict(StrEnum):
    """The word for the whole token (spec tokens, 8)."""

    VALID = "valid"
    EXPIRED = "valid but expired"
    UNTRUSTED = "untrusted"
    """The signature is fine or could not be checked; key or issuer are not anchored."""
    UNSECURED = "unsecured"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class SignedBy:
    """The key whose signature was verified."""

    kid: str
    certificate: bytes = field(repr=False)
    """DER."""

    @property
    def thumbprint(self) -> str:
        """SHA-1 of the certificate, as the service prints it."""
        return sha1_thumbprint(self.certificate)

    @property
    def subject(self) -> str:
        """Whom the certificate names."""
        return subject_text(load(self.certificate))


EXPIRY: Final = "times.expiry"
PROVING: Final = ("signature", "times", "issuer")
"""Rows without which a token is not proven, whatever else holds."""
_CAUSES: Final = {
    "key-set.kid": "issuer.name",
    "signature.length": "certificate.kid",
    "signature.value": "certificate.kid",
}
"""Of two checks that failed, the one that explains the other: keys of another provider do not hold
the token's key, and a signature cannot fit a key that is not the one it is called."""
_LINKS: Final = (
    ("token", ("shape", "header", "signature")),
    ("key", ("key-set",)),
    ("certificate", ("certificate",)),
    ("evidence", ("key-attestation",)),
    ("root", ("key-attestation.chain.root",)),
)
"""Each with the checks that decide it: the first that fails, or else the last."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link from the token to the vendor's root."""

    link: str
    status: CheckStatus
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """Every check in the order of the specification, and what follows from them."""

    checks: tuple[Check, ...]
    verdict: Verdict
    header: Mapping[str, JsonValue]
    claims: Mapping[str, JsonValue]
    """As far as they could be read; they are proven only when the report is valid."""
    signed_by: SignedBy | None = None

    @property
    def valid(self) -> bool:
        """No check failed, and signature, times and issuer were really checked."""
        return self.verdict is Verdict.VALID

    @property
    def chain(self) -> tuple[Link, ...]:
        """The links from the token to the vendor's root, as far as they were looked at."""
        found = {check.id: check for check in self.checks}
        links = []
        for link, ids in _LINKS:
            checks = [found[id_] for id_ in ids if id_ in found]
            failed = (check for check in checks if check.status is CheckStatus.FAIL)
            if checks:
                check = next(failed, checks[-1])
                links.append(Link(link, check.status, check.detail or check.actual))
        return tuple(links)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that failed, rows and sub-checks."""
        return tuple(check for check in self.checks if check.status is CheckStatus.FAIL)

    @property
    def decisive(self) -> Check | None:
        """The failure to name first: of an old and forged token, not that it is old."""
        failed = {check.id: check for check in self.failures if "." in check.id}
        for id_ in tuple(failed):
            # What sums up another failure explains nothing.
            failed.pop(id_.rpartition(".")[0], None)
        first = next((id_ for id_ in failed if id_ != EXPIRY), next(iter(failed), ""))
        return failed.get(_CAUSES.get(first, first), failed.get(first))

    @property
    def doubt(self) -> Check | None:
        """Of a token that is not valid though nothing failed: what leaves it unproven."""
        if self.valid or self.failures:
            return None
        undone = (self.check(id_) for id_ in PROVING)
        skipped = (each for each in undone if each and each.status is CheckStatus.SKIP)
        return self.check("key-set.origin") or next(skipped, None)

    def check(self, id_: str) -> Check | None:
        """The check with this id; None when it was not part of the verification."""
        return next((check for check in self.checks if check.id == id_), None)

    def require(self) -> None:
        """Refuse anything that is not valid.

        Raises:
            TokenError: names the first failed check, or what was not checked.
        """
        if self.valid:
            return
        first = next(iter(self.failures), None)
        details = {"verdict": str(self.verdict)}
        if first is None:
            raise TokenError(
                "The token is not proven: its key or issuer is not anchored.", details=details
            )
        details |= {"check": _deepest(self.failures, first).id}
        details |= {name: value for name, value in _values(first) if value}
        raise TokenError(first.detail or f"{first.title}: failed.", details=details)


def _deepest(failures: tuple[Check, ...], first: Check) -> Check:
    return next((check for check in failures if check.id.startswith(f"{first.id}.")), first)


def _values(check: Check) -> tuple[tuple[str, str], ...]:
    return ("expected", check.expected[:200]), ("actual", check.actual[:200])
