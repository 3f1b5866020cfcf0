"""An attestation as the five cards of the picture and the rows below them; made on the worker."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.claims.claim import CUSTOM_CLAIM
from sealwright.desktop.attest.flow import FlowStep
from sealwright.desktop.attest.words import tr
from sealwright.desktop.evidence.tables import claim_value
from sealwright.desktop.evidence.words import size_words, span_words
from sealwright.desktop.theme import Tone
from sealwright.desktop.widgets.tables.cells import Column, Row, RowKind, Text
from sealwright.desktop.wording import counted
from sealwright.evidence.structure import Part
from sealwright.services.attestation.reason import Guilty, Reason, reason_of
from sealwright.services.evidence.claim_places import ClaimPlace, claim_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.claims.claim import Claim
    from sealwright.evidence.examination import Examination
    from sealwright.services.attestation.flow import Attestation

EVIDENCE, INCOMING, POLICY, OUTGOING, TOKEN = "evidence", "incoming", "policy", "outgoing", "token"

_BOUND: Final = {"report-data": ("reportdata",), "init-data": ("configid", "hostdata")}
"""How the claims end that a check compares what the client sent with."""


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the result shows."""

    steps: tuple[FlowStep, ...]
    reason: Reason | None = None
    incoming: list[Row] = field(repr=False, default_factory=list)
    outgoing: list[Row] = field(repr=False, default_factory=list)
    issued: list[Row] = field(repr=False, default_factory=list)
    parts: tuple[Part, ...] = field(repr=False, default=())
    places: Mapping[str, ClaimPlace] = field(repr=False, default_factory=dict)
    about: str = ""
    """The claim that a refusal is about, where it has a place in the evidence."""
    stopped: int | None = None
    """The byte at which the evidence could not be read further."""


def incoming_columns() -> tuple[Column, ...]:
    """Claim, value, from where."""
    return (
        Column("claim", tr("Claim"), "x-ms-sevsnpvm-is-debuggable", mono=True),
        Column("value", tr("Value"), "110ea35d\u2026aa14f00d", mono=True, stretch=2),
        Column("bytes", tr("From bytes"), "0000\u20130000", mono=True, drop=1),
    )


def issued_columns() -> tuple[Column, ...]:
    """Claim, value, by which rule."""
    return (
        Column("claim", tr("Outgoing claim"), "x-ms-sgx-is-debuggable", mono=True, stretch=1),
        Column("value", tr("Value"), "110ea35d\u2026aa14f00d", mono=True, stretch=2),
        Column("by", tr("Issued by"), "AttestationService", icon=True, stretch=1),
    )


def waiting_steps() -> tuple[FlowStep, ...]:
    """The picture before anything was attested."""
    return (
        FlowStep(EVIDENCE, tr("Attester"), tr("Evidence"), "chip", ("", ""), reached=False),
        FlowStep(
            INCOMING,
            tr("Verifier"),
            tr("Incoming claims"),
            "rows",
            ("", ""),
            verb=tr("parse"),
            reached=False,
        ),
        FlowStep(
            POLICY,
            tr("Appraisal policy"),
            tr("Policy"),
            "policies",
            ("", ""),
            verb=tr("judge"),
            reached=False,
        ),
        FlowStep(
            OUTGOING,
            tr("Verifier"),
            tr("Outgoing claims"),
            "braces",
            ("", ""),
            verb=tr("issue"),
            reached=False,
        ),
        FlowStep(
            TOKEN,
            tr("Attestation result"),
            tr("Token"),
            "tokens",
            ("", ""),
            verb=tr("wrap"),
            reached=False,
        ),
    )


def story_of(found: Attestation, examination: Examination | None) -> Story:
    """What the window shows of an attestation; blocking."""
    reason = reason_of(found, examination)
    places = claim_places(examination) if examination is not None else {}
    refusal = examination.refusal if examination is not None else None
    parts = examination.parts if examination is not None else ()
    if refusal is not None and not parts:
        parts = (Part(tr("Evidence bytes"), found.request.evidence, ()),)
    return Story(
        steps=_steps(found, examination, reason),
        reason=reason,
        incoming=_incoming(found.incoming, places),
        outgoing=_outgoing(found),
        issued=_issued(found) if reason is None else [],
        parts=parts,
        places=places,
        about=_about(reason, places),
        stopped=refusal.offset if refusal is not None else None,
    )


def _about(reason: Reason | None, places: Mapping[str, ClaimPlace]) -> str:
    """The claim with a place that a refusal is about: named by the rule, or bound by the check."""
    if reason is None:
        return ""
    bound = _BOUND.get(reason.check.partition(".")[0], ())
    named = [name for name in places if name in reason.about]
    named += [name for name in places if name.replace("-", "").replace("_", "").endswith(bound)]
    return max(named, key=len, default="")


def place_words(story: Story) -> str:
    """Where the claim that a refusal is about stands in the evidence; empty when nowhere."""
    place = story.places.get(story.about)
    if place is None:
        return ""
    words = tr("{0} comes from bytes {1} of the evidence ({2}).")
    return words.format(story.about, span_words(place.offset, place.size), place.field)


# --- the five cards -------------------------------------------------------------------------------


def _steps(
    found: Attestation, examination: Examination | None, reason: Reason | None
) -> tuple[FlowStep, ...]:
    guilty = reason.guilty if reason is not None else None
    judged = guilty is not Guilty.EVIDENCE and guilty is not Guilty.REQUEST
    derived = judged and not (reason is not None and reason.no_policy)
    passed = reason is None
    evidence, incoming, policy, outgoing, token = waiting_steps()
    return (
        FlowStep(
            EVIDENCE,
            evidence.role,
            evidence.name,
            evidence.icon,
            _evidence_facts(found, examination, refused=guilty is Guilty.EVIDENCE),
            Tone.ERR if guilty is Guilty.EVIDENCE else Tone.OK,
        ),
        FlowStep(
            INCOMING,
            incoming.role,
            incoming.name,
            incoming.icon,
            _incoming_facts(found),
            Tone.OK if derived else Tone.NEU if judged else Tone.ERR,
            incoming.verb,
            reached=derived,
        ),
        FlowStep(
            POLICY,
            policy.role,
            _policy_name(found),
            policy.icon,
            _policy_facts(found, reason),
            _policy_tone(found, reason),
            policy.verb,
            reached=judged,
        ),
        FlowStep(
            OUTGOING,
            outgoing.role,
            outgoing.name,
            outgoing.icon,
            _outgoing_facts(found) if passed else (tr("none"), ""),
            Tone.OK if passed else Tone.NEU,
            outgoing.verb,
            reached=passed,
        ),
        FlowStep(
            TOKEN,
            token.role,
            token.name if passed else tr("No token"),
            token.icon,
            _token_facts(found) if passed else (tr("not issued"), ""),
            _token_tone(found),
            token.verb,
            reached=passed,
        ),
    )


def _evidence_facts(
    found: Attestation, examination: Examination | None, *, refused: bool
) -> tuple[str, str]:
    size = size_words(len(found.request.evidence)) if found.request.evidence else tr("live TPM")
    if examination is None:
        return size, tr("sent as it is")
    form = examination.form
    if examination.valid is False:
        return form, tr("does not hold")
    if refused:
        return form, tr("not accepted")
    if examination.root == "sandbox":
        return form, tr("signed by the sandbox")
    return form, tr("holds") if examination.valid else tr("not judged in full")


def _incoming_facts(found: Attestation) -> tuple[str, str]:
    sent = sum(claim.issuer == CUSTOM_CLAIM for claim in found.incoming)
    return (
        tr("{0} from the evidence").format(len(found.incoming) - sent),
        tr("{0} from the client").format(sent),
    )


def _policy_name(found: Attestation) -> str:
    draft = found.policy.draft if found.policy is not None else bool(found.request.draft_policy)
    return tr("Draft policy") if draft else tr("Deployed policy")


def _policy_facts(found: Attestation, reason: Reason | None) -> tuple[str, str]:
    run = found.run
    if reason is not None and reason.guilty is Guilty.POLICY:
        if reason.no_policy:
            return tr("none is set"), ""
        words = run.verdict.value.replace("-", " ") if run is not None else tr("refused")
        where = tr("line {0}").format(reason.line) if reason.line else ""
        return words, where
    if reason is not None:
        return tr("not asked"), ""
    if run is None:
        return tr("could not be read here"), ""
    decider = next(
        (row for row in run.rules if row.state.value == "fired" and "permit" in row.title), None
    )
    first = tr("permit() at line {0}").format(decider.first_line) if decider else tr("permitted")
    fired = sum(1 for row in run.rules if row.state.value == "fired")
    rules = counted(fired, tr("1 rule fired"), tr("{0} rules fired"))
    return first, f"{rules}, {counted(len(found.outgoing), tr('1 claim'), tr('{0} claims'))}"


def _policy_tone(found: Attestation, reason: Reason | None) -> Tone:
    if reason is None:
        draft = found.policy is not None and found.policy.draft
        return Tone.INFO if draft else Tone.OK
    return Tone.ERR if reason.guilty is Guilty.POLICY else Tone.NEU


def _outgoing_facts(found: Attestation) -> tuple[str, str]:
    mine = len({claim.type for claim in found.outgoing})
    whole = len(found.claims)
    return (
        tr("{0} of the service").format(max(whole - mine, 0)),
        tr("{0} of the policy").format(mine),
    )


def _token_facts(found: Attestation) -> tuple[str, str]:
    size = tr("{0} chars").format(f"{len(found.token):,}")
    if found.sealed:
        return tr("sealed for the TPM"), size
    if not found.secured:
        return f"alg none, {size}", tr("never accept this one")
    report = found.report
    held = report is not None and report.valid
    return size, tr("signature holds") if held else tr("does not hold")


def _token_tone(found: Attestation) -> Tone:
    if not found.token:
        return Tone.NEU
    if found.sealed or not found.secured:
        return Tone.WARN
    return Tone.OK if found.report is not None and found.report.valid else Tone.ERR


# --- rows -----------------------------------------------------------------------------------------


def _incoming(claims: Sequence[Claim], places: Mapping[str, ClaimPlace]) -> list[Row]:
    rows = []
    for number, claim in enumerate(claims):
        place = places.get(claim.type)
        words = span_words(place.offset, place.size) if place is not None else ""
        rows.append(
            Row(
                f"{number}:{claim.type}",
                (
                    Text(claim.type, mono=True, hint=claim.type),
                    claim_value(claim.value),
                    Text(words, mono=True, color="text3", hint=place.field if place else ""),
                ),
                kind=RowKind.CLAIM,
                data=claim,
            )
        )
    return rows


def _outgoing(found: Attestation) -> list[Row]:
    mine = {claim.type for claim in found.outgoing}
    rows = []
    for name, value in found.claims.items():
        by_policy = name in mine
        icon, words = ("pencil", tr("Policy")) if by_policy else ("shield", tr("Service"))
        rows.append(
            Row(
                name,
                (Text(name, mono=True), _json(value), Text(words, icon=icon)),
                kind=RowKind.CLAIM,
                data=value,
            )
        )
    return rows


def _json(value: object) -> Text:
    if isinstance(value, dict | list):
        words = (
            counted(len(value), tr("1 member"), tr("{0} members"))
            if isinstance(value, dict)
            else counted(len(value), tr("1 item"), tr("{0} items"))
        )
        text = json.dumps(value, ensure_ascii=False)
        return Text(words, color="text2", hint=text[:600])
    return claim_value(value)


def _issued(found: Attestation) -> list[Row]:
    lines = _issuing_lines(found)
    return [
        Row(
            f"{number}:{claim.type}",
            (
                Text(claim.type, mono=True),
                claim_value(claim.value),
                Text(_by(lines, claim.type), icon="pencil", icon_color="accent_text"),
            ),
            kind=RowKind.CLAIM,
            data=claim,
        )
        for number, claim in enumerate(found.outgoing)
    ]


def _by(lines: Mapping[str, int], name: str) -> str:
    line = lines.get(name)
    return tr("Policy, line {0}").format(line) if line else tr("Policy")


def _issuing_lines(found: Attestation) -> Mapping[str, int]:
    """The line of the rule that issued a claim, by the claim's name."""
    lines: dict[str, int] = {}
    names = {claim.type for claim in found.outgoing}
    for row in found.run.rules if found.run is not None else ():
        if row.state.value == "fired" and row.title.startswith("issue"):
            for effect in reversed(row.checks):
                if effect.text in names:
                    lines.setdefault(effect.text, row.first_line)
    return lines
