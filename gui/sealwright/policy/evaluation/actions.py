"""Actions made ready: what a rule that fires adds, issues and sets (spec policy-language, 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.claim import POLICY_ISSUER, Claim
from sealwright.policy.outcome import Effect, EvaluationError
from sealwright.policy.syntax import AUTHORIZATION, Action, Literal, Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealwright.policy.evaluation.functions import Member
    from sealwright.policy.evaluation.run import Run

    Effects = tuple[Effect, ...]
    Maker = Callable[[Run], Sequence[Claim]]

_new: Final = tuple.__new__  # half the time of the constructor
VERDICTS: Final[dict[str, Effects]] = {verb: (Effect(verb, None),) for verb in ("permit", "deny")}
"""What the verbs that decide do."""


def prepare_action(action: Action, section: str) -> Callable[[Run], Effects]:
    """A function that carries out the action and says what it did.

    It raises `EvaluationError` when it cannot.
    """
    verb = action.verb
    if verb in VERDICTS:
        verdict = VERDICTS[verb]
        return lambda _: verdict
    authorizes = verb == "issue" and section == AUTHORIZATION
    if action.copy:
        return _effect(_copies(action.copy), verb, section, authorizes=authorizes, copies=True)
    return _effect(_maker(action), verb, section, authorizes=authorizes, copies=False)


def _effect(
    make: Maker, verb: str, section: str, *, authorizes: bool, copies: bool
) -> Callable[[Run], Effects]:
    adds = verb == "add" or authorizes

    def effect(run: Run) -> Effects:
        if authorizes:
            run.allow_issue()
        effects: list[Effect] = []
        claims = make(run)
        kept_back = run.read_only_types
        if any([claim[3] or claim[0] in kept_back for claim in claims]):  # noqa: C419 - mostly one
            claims = run.allowed(claims, adds=adds)
        new = run.new_among(claims) if copies else ()
        for place, claim in enumerate(claims):
            effects.append(_new(Effect, (verb, claim)))
            if not copies or new[place]:
                run.arrive(claim)
            if not adds:
                run.send(verb, section, claim)
        return tuple(effects)

    return effect


def _copies(name: str) -> Maker:
    def make(run: Run) -> Sequence[Claim]:
        incoming = run.incoming
        return run.copied([incoming[place] for place in run.bound[name]])

    return make


def _maker(action: Action) -> Maker:
    """A function for the claims; the commonest shapes have ways of their own."""
    assigned = {each.property: each.expression for each in action.assignments}
    name, value = assigned["type"], assigned["value"]
    if len(assigned) == 2 and isinstance(name, Literal) and isinstance(name.value, str):  # noqa: PLR2004 - the two above
        if isinstance(value, Literal):
            claims = (Claim(name.value, value.value, POLICY_ISSUER),)
            return lambda _: claims
        if isinstance(value, Reference) and value.property == "value":
            return _renamed(name.value, value.name)
    return _general(action)


def _renamed(claim_type: str, name: str) -> Maker:
    def make(run: Run) -> Sequence[Claim]:
        incoming = run.incoming
        places: Sequence[int] = run.bound[name]
        if len(places) > 1:
            places = run.multiplied(places)
        return [
            _new(Claim, (claim_type, incoming[place][1], POLICY_ISSUER, incoming[place][3]))
            for place in places
        ]

    return make


def _general(action: Action) -> Maker:
    def make(run: Run) -> Sequence[Claim]:
        values = {each.property: run.value_of(each.expression) for each in action.assignments}
        names = run.type_members(values["type"])
        allowed = [each.value for each in names] == [""] and not run.refuses_empty_type()
        name = "" if allowed else _one_string(names, "type")
        members: Sequence[Member] = values["value"]
        if len(members) > 1 and isinstance(action.assigned("value"), Reference):
            members = run.multiplied(members)
        if "valueType" in values:
            run.check_types(name, members, _one_string(values["valueType"], "valueType"))
        taints = any(each.read_only for each in values["type"]) and run.taints_by_type()
        return [
            Claim(name, each.value, POLICY_ISSUER, each.read_only or taints) for each in members
        ]

    return make


def _one_string(members: Sequence[Member], name: str) -> str:
    if len(members) != 1 or not isinstance(members[0].value, str) or not members[0].value:
        raise EvaluationError(f"`{name}=` must be exactly one string that is not empty")
    return members[0].value
