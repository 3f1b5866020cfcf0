"""Tokens of a service and of an attacker, judged as a relying party does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.issuing import ISSUER, NOW, Issuer
from sealwright.tokens.verification.verify import DEFAULT_RULES, verify

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.tokens.keyset import KeySet
    from sealwright.tokens.verification.case import Rules
    from sealwright.tokens.verification.report import Report

SERVICE = Issuer()
ATTACKER = Issuer(key="attacker")


def check(  # noqa: PLR0913 - the values of a verification
    token: str,
    keys: KeySet | None = None,
    *,
    issuer: str = ISSUER,
    now: datetime = NOW,
    rules: Rules = DEFAULT_RULES,
    anchors: tuple[TrustAnchor, ...] = (),
) -> Report:
    """Verify `token`, by default with the service's keys and as its issuer."""
    keys = SERVICE.key_set() if keys is None else keys
    return verify(token, keys, issuer=issuer, now=now, rules=rules, anchors=anchors)


def failed(report: Report) -> set[str]:
    """The parts of checks that did not hold."""
    return {item.id for item in report.failures if "." in item.id}
