"""A verified token as a chain: token, key, certificate, evidence, vendor's root.

Invariants
- Every check of a report belongs to exactly one stop or link, so that nothing that failed can be
  missing from the picture. (Of a request nothing is asked about evidence, and none is drawn.)
- A link is as bad as the worst of its checks; one that could not be made is open, never good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.checks import NOT_EVALUATED, Check, CheckStatus
from sealwright.tokens.advice import advice_for
from sealwright.tokens.signing_facts import SigningFacts, signing_facts
from sealwright.tokens.unwrap import certificates_in
from sealwright.tokens.verification.case import key_id_of
from sealwright.tokens.verification.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealwright.tokens.keyset import KeySet
    from sealwright.tokens.verification.report import Report

TOKEN: Final = "token"  # noqa: S105 - a place in the chain
KEY: Final = "key"
CERTIFICATE: Final = "certificate"
EVIDENCE: Final = "evidence"
ROOT: Final = "root"
SIGNED: Final = "signed"
NAMED: Final = "named"
BOUND: Final = "bound"
VOUCHED: Final = "vouched"

_PLACES: Final = (
    ("shape", TOKEN),
    ("header.algorithm", SIGNED),
    ("header", TOKEN),
    ("times", TOKEN),
    ("schema", TOKEN),
    ("binding", TOKEN),
    ("relying-party", TOKEN),
    ("result", TOKEN),
    ("signature.strength", KEY),
    ("key-set.certificate", KEY),
    ("key-set.members", KEY),
    ("key-set.unique", KEY),
    ("key-set.use", KEY),
    ("key-set", SIGNED),
    ("signature", SIGNED),
    ("issuer-choice", NAMED),
    ("issuer", NAMED),
    ("certificate.subject", NAMED),
    ("certificate.kid", NAMED),
    ("certificate.root", ROOT),
    ("certificate.links", VOUCHED),
    ("certificate.authorities", VOUCHED),
    ("certificate", CERTIFICATE),
    ("key-attestation.evidence", BOUND),
    ("key-attestation.kind", BOUND),
    ("key-attestation.report-data", BOUND),
    ("key-attestation.chain.root", ROOT),
    ("key-attestation.chain", VOUCHED),
    ("key-attestation.tcb", VOUCHED),
    ("key-attestation.collateral", VOUCHED),
    ("key-attestation.crl", VOUCHED),
    ("key-attestation.qe-identity", VOUCHED),
    ("key-attestation", EVIDENCE),
)
_WORDS: Final = {
    SIGNED: ("Signature holds", "Signature does not hold", "Signature not proven"),
    NAMED: ("Names agree", "Names differ", "Names not compared"),
    BOUND: ("Key is bound", "Key is not bound", "Binding not checked"),
    VOUCHED: ("Chain holds", "Chain does not hold", "Chain not judged fully"),
}
_FAILED_WORDS: Final = {
    "header.algorithm": "Algorithm refused",
    "key-set.kid": "Key not known",
    "key-attestation.evidence": "No evidence",
}
_OPEN_WORDS: Final = {
    "key-set.origin": "Keys prove nothing",
    "key-attestation.tcb": "TCB not judged",
    "key-attestation.evidence": "No evidence",
    "issuer.name": "Issuer not compared",
}
_OPEN: Final = ("signature.value", "key-attestation.tcb", "issuer.name", "certificate.subject")
"""Checks that leave a link open when they could not be made."""
_UNSECURED: Final = "No signature"
_NOT_KNOWN: Final = "not known"
_LONGEST: Final = 120
"""Characters of what a token says that a card holds."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A card of the picture."""

    place: str
    title: str
    lines: tuple[str, ...]
    """What it is in one line, and its name: an id or a hash."""
    status: CheckStatus
    checks: tuple[Check, ...]
    reason: str = ""
    """Why it is not good; empty when it is."""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """What holds one card to the next."""

    place: str
    word: str
    reason: str
    status: CheckStatus
    checks: tuple[Check, ...]
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Stops from the token to the root, and the links between them."""

    stops: tuple[Stop, ...]
    links: tuple[ChainLink, ...]
    decisive: str = ""
    """The check that failed and explains the others; empty when none failed."""

    @property
    def first_problem(self) -> Stop | ChainLink | None:
        """The part that explains the failure, else the first that is open, from token to root."""
        parts: list[Stop | ChainLink] = []
        for at, stop in enumerate(self.stops):
            parts.append(stop)
            parts.extend(self.links[at : at + 1])
        wanted = CheckStatus.FAIL if self.decisive else CheckStatus.WARN
        found = [part for part in parts if part.status is wanted]
        told = (part for part in found if any(c.id == self.decisive for c in part.checks))
        return next(told, next(iter(found), None))


def draw_chain(report: Report, keys: KeySet, source: str = "") -> Chain:
    """The picture of a report; `keys` are those it was made with, `source` says whence."""
    if report.signed_by is not None and not report.signed_by.kid:
        return _draw_request(report)
    kid = key_id_of(report.header, report.claims)
    entries = keys.find(kid) if kid else ()
    facts = signing_facts(entries[0].chain) if entries else None
    drawing = _Drawing(report, facts, source, listed=bool(entries))
    stops = [drawing.stop(TOKEN, _token_lines), drawing.stop(KEY, _key_lines)]
    links = [drawing.link(SIGNED), drawing.link(NAMED)]
    stops.append(drawing.stop(CERTIFICATE, _certificate_lines))
    if facts is None or facts.self_signed:
        links.append(drawing.link(BOUND))
        stops.append(drawing.stop(EVIDENCE, _evidence_lines))
    links.append(drawing.link(VOUCHED))
    stops.append(drawing.stop(ROOT, _root_lines))
    decisive = report.decisive
    return Chain(tuple(stops), tuple(links), "" if decisive is None else decisive.id)


def _draw_request(report: Report) -> Chain:
    """An administrator's request ends at the certificate that it brings."""
    facts = signing_facts(certificates_in(report.header))
    drawing = _Drawing(report, facts, "from the request", listed=True)
    stops = (
        drawing.stop(TOKEN, _token_lines),
        drawing.stop(KEY, _key_lines),
        drawing.stop(CERTIFICATE, _certificate_lines),
    )
    return Chain(stops, (drawing.link(SIGNED), drawing.link(NAMED)))


def place_of(check: str) -> str:
    """Which stop or link a check belongs to."""
    return next(
        (place for id_, place in _PLACES if check == id_ or check.startswith(f"{id_}.")), TOKEN
    )


class _Drawing:
    """The parts that all stops and links are drawn from."""

    def __init__(
        self, report: Report, facts: SigningFacts | None, source: str, *, listed: bool
    ) -> None:
        self.report = report
        self.facts = facts
        self.source = source
        self.listed = listed
        """Whether a key of the token's id is among those that were given."""
        self._checks: dict[str, list[Check]] = {}
        rows = {check.id.partition(".")[0] for check in report.checks if "." in check.id}
        for check in report.checks:
            # A row sums up its sub-checks, which may belong to several places.
            if check.id not in rows and check.id != "key-attestation.chain":
                self._checks.setdefault(place_of(check.id), []).append(check)

    def stop(self, place: str, lines: Callable[[_Drawing], tuple[str, tuple[str, ...]]]) -> Stop:
        checks = tuple(self._checks.get(place, ()))
        title, words = lines(self)
        status, worst = _worst(checks)
        known = place == TOKEN or self.facts is not None or status is CheckStatus.FAIL
        if not known:
            status = CheckStatus.SKIP
        reason = worst.detail if worst is not None and known else ""
        advice = _advice(worst) if worst is not None and known else ""
        return Stop(place, title, words, status, checks, reason, advice)

    def link(self, place: str) -> ChainLink:
        checks = tuple(self._checks.get(place, ()))
        status, worst = _worst(checks)
        good, bad, unknown = _WORDS[place]
        if self.facts is None and status is not CheckStatus.FAIL:
            reason = _why(checks) if place == SIGNED else "certificate not known"
            missing = self._missing(checks)
            return ChainLink(place, unknown, reason, CheckStatus.SKIP, checks, missing)
        if worst is None:
            word = good if status is CheckStatus.PASS else unknown
            reason = self._good(place) if status is CheckStatus.PASS else _why(checks)
            advice = "" if status is CheckStatus.PASS else self._missing(checks)
            return ChainLink(place, word, reason, status, checks, advice)
        failed = status is CheckStatus.FAIL
        words, otherwise = (_FAILED_WORDS, bad) if failed else (_OPEN_WORDS, unknown)
        word = words.get(worst.id, otherwise)
        if self.report.verdict is Verdict.UNSECURED and place == SIGNED:
            word = _UNSECURED
        reason = _plain(worst.detail)
        return ChainLink(place, word, reason, status, checks, _advice(worst))

    def _missing(self, checks: Sequence[Check]) -> str:
        if self.facts is None and not self.report.signed_by:
            return "Choose whose keys shall check the token, or give a key document."
        return advice_for(checks[0].id) if checks else ""

    def _good(self, place: str) -> str:
        if place == SIGNED:
            return str(self.report.header.get("alg", ""))
        if place == NAMED:
            return "CN, iss and jku name one host"
        if place == BOUND:
            return "report data is the hash of the key"
        return "each certificate is signed by the next"


def _advice(check: Check) -> str:
    return advice_for(check.id, warned=check.status is CheckStatus.WARN)


def _worst(checks: Sequence[Check]) -> tuple[CheckStatus, Check | None]:
    """The status of a group, and the check that makes it bad or leaves it open."""
    for status in (CheckStatus.FAIL, CheckStatus.WARN):
        found = next((check for check in checks if check.status is status), None)
        if found is not None:
            return status, found
    if not any(check.status is CheckStatus.PASS for check in checks):
        return CheckStatus.SKIP, None
    undone = next((c for c in checks if c.id in _OPEN and c.status is CheckStatus.SKIP), None)
    return (CheckStatus.PASS, None) if undone is None else (CheckStatus.WARN, undone)


def _plain(detail: str) -> str:
    return detail.removeprefix(NOT_EVALUATED).removeprefix(": ")


def _why(checks: Sequence[Check]) -> str:
    undone = next((check for check in checks if check.status is CheckStatus.SKIP), None)
    return _plain(undone.detail) if undone is not None else "nothing to judge"


def _token_lines(drawing: _Drawing) -> tuple[str, tuple[str, ...]]:
    claims = drawing.report.claims
    kind = claims.get("x-ms-attestation-type") or claims.get("tee")
    words = f"{kind[:_LONGEST]} · " if isinstance(kind, str) else ""
    number = claims.get("jti")
    name = f"jti {number}" if isinstance(number, str) else str(claims.get("iss", ""))
    name = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    count = "1 claim" if len(claims) == 1 else f"{len(claims)} claims"
    return "Token", (f"{words}{count if claims else 'no claims'}", name)


def _key_lines(drawing: _Drawing) -> tuple[str, tuple[str, ...]]:
    kid = key_id_of(drawing.report.header, drawing.report.claims)
    name = f"kid {kid[:_LONGEST]}" if kid else "no key id"
    if drawing.facts is None:
        return "Signing key", (_unknown_key(drawing) if kid else _NOT_KNOWN, name)
    parts = (drawing.facts.key, drawing.source)
    return "Signing key", (", ".join(part for part in parts if part), name)


def _unknown_key(drawing: _Drawing) -> str:
    if drawing.listed:
        return "its certificate cannot be read"
    return f"not among the keys {drawing.source}" if drawing.source else _NOT_KNOWN


def _certificate_lines(drawing: _Drawing) -> tuple[str, tuple[str, ...]]:
    facts = drawing.facts
    if facts is None:
        return "Certificate", (_NOT_KNOWN,)
    subject = facts.certificate.subject.rfc4514_string()
    if not facts.self_signed:
        count = len(facts.chain)
        plural = "certificate" if count == 1 else "certificates"
        return "Certificate", (subject, f"issued, {count} {plural}")
    carries = "carries no evidence" if facts.evidence is None else f"carries {_what(facts)}"
    return "Certificate", (subject, f"self-signed · {carries}")


def _what(facts: SigningFacts) -> str:
    if facts.evidence is not None and facts.evidence.report is not None:
        return "an SEV-SNP report"
    return "an enclave quote"


def _evidence_lines(drawing: _Drawing) -> tuple[str, tuple[str, ...]]:
    if drawing.facts is None:
        return "Hardware evidence", (_NOT_KNOWN,)
    evidence = drawing.facts.evidence
    if evidence is None:
        return "Hardware evidence", ("none",)
    if evidence.quote is not None:
        body = evidence.quote.body
        debug = "on" if body.debug else "off"
        return "Enclave quote", (
            f"SGX quote v{evidence.quote.version} · MRSIGNER {_short(body.mrsigner.hex())}",
            f"product {body.isv_prod_id}, svn {body.isv_svn}, debug {debug}",
        )
    if evidence.report is not None:
        report = evidence.report
        return "SEV-SNP report", (
            f"version {report.version} · measurement {_short(report.measurement.hex())}",
            f"guest svn {report.guest_svn}, vmpl {report.vmpl}",
        )
    return "Hardware evidence", (evidence.layout,)


def _root_lines(drawing: _Drawing) -> tuple[str, tuple[str, ...]]:
    facts = drawing.facts
    root = None if facts is None else facts.root
    if facts is not None and facts.evidence is not None:
        root = facts.evidence.root
    if root is None:
        return "Vendor's root", (_NOT_KNOWN if facts is None else "none",)
    found = next(
        (c for c in drawing.report.checks if c.id.endswith(".root") and place_of(c.id) == ROOT),
        None,
    )
    pinned = found is not None and found.status is CheckStatus.PASS
    where = "pinned in Sealwright" if pinned else "not a pinned hardware root"
    return root.name, (where, f"SPKI {_short(root.spki_sha256)}")


def _short(value: str) -> str:
    return f"{value[:8]}…{value[-4:]}"
