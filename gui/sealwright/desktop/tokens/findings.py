"""What the checks of a token say about its claims: marks at the claims themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.desktop.messages import quoted
from sealwright.desktop.tokens.rows import Mark, pointer, tr
from sealwright.desktop.wording import day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sealwright.evidence.basis.checks import Check
    from sealwright.services.tokens.tokens import Examination

_AT = {
    "times.expiry": ("exp",),
    "times.order": ("exp",),
    "times.not-before": ("nbf",),
    "times.issued": ("iat",),
    "issuer.name": ("iss",),
    "issuer.expected": ("iss",),
    "binding.nonce": ("nonce",),
    "schema.version": ("x-ms-ver",),
    "schema.type": ("x-ms-attestation-type",),
    "relying-party.policy-hash": ("x-ms-policy-hash",),
    "relying-party.policy-signer": ("x-ms-policy-signer",),
    "relying-party.age": ("iat",),
    "header.algorithm": ("header:alg",),
    "header.type": ("header:typ",),
    "header.kid": ("header:kid",),
    "key-set.kid": ("header:kid",),
    "issuer-choice.url": ("header:jku",),
    "issuer-choice.host": ("header:jku",),
    "issuer-choice.trusted": ("header:jku",),
    "header.extension": ("header:crit", "header:b64", "header:zip", "header:enc"),
    "header.key": ("header:jwk", "header:x5c", "header:x5u", "header:x5t"),
}
_BAD = {"fail": ("err", "err.mark"), "warn": ("warn", "warn.mark")}
_RULE = "relying-party.claim."


def marks(found: Examination) -> Mapping[str, Mark]:
    """Marks by path; members of the header have paths that begin with `header:`."""
    made: dict[str, Mark] = {}
    for check in found.report.checks:
        if check.status.value in _BAD:
            icon, color = _BAD[check.status.value]
            for path in _paths(check):
                made.setdefault(path, Mark(icon, color, quoted(_words(check))))
    place = "/x-ms-policy-hash" if found.policy is None else "/x-ms-policy"
    if found.matches and place not in made:
        match = found.matches[0]
        name = match.provider.name if match.provider is not None else tr("a provider of before")
        words = tr("{0} on {1}, {2}").format(
            match.entry.attestation_type.value, name, day(match.entry.time)
        )
        made[place] = Mark("ok", "ok.mark", words)
    return made


def _words(check: Check) -> str:
    """The reason; at a claim of the rules with what they ask for."""
    if not check.id.startswith(_RULE) or not check.expected:
        return check.detail
    return tr("{0} The rules ask for: {1}").format(check.detail, check.expected)


def _paths(check: Check) -> Iterator[str]:
    for name in _AT.get(check.id, ()):
        where, _, member = name.rpartition(":")
        yield f"{where}:{pointer('', member)}" if where else pointer("", member)
    if check.id.startswith(_RULE):
        claim = check.id.removeprefix(_RULE)
        yield claim if claim.startswith("/") else pointer("", claim)
    if check.id in ("schema.claims", "schema.names"):
        for part in check.actual.split("; "):
            for name in part.split(": ")[0].split(" and "):
                yield "/" + name
    if check.id == "relying-party.debug":
        for name in check.actual.split(", "):
            yield "/" + name
