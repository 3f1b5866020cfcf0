"""The sets of one evaluation, and what actions do to them (spec policy-language, 7, 10 and 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from sealwright.claims.attestation_type import AttestationType
from sealwright.claims.claim import POLICY_ISSUER, VALUE_TYPES, Claim, ClaimValue
from sealwright.policy.checking.rule_checks import MASK_MAX, PROPERTY_TYPES, VALIDITY, VALIDITY_MAX
from sealwright.policy.diagnostics import brief
from sealwright.policy.evaluation.functions import Functions, Member, Members
from sealwright.policy.outcome import EvaluationError
from sealwright.policy.syntax import (
    AUTHORIZATION,
    CONFIGURATION,
    ISSUANCE,
    Call,
    Expression,
    Literal,
    Reference,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealwright.policy.limits import Limits
    from sealwright.policy.outcome import RuleTrace
    from sealwright.policy.semantics import Semantics

_T = TypeVar("_T")
_TPM: Final = frozenset((AttestationType.TPM,))
_SGX: Final = frozenset((AttestationType.SGX_ENCLAVE, AttestationType.OPEN_ENCLAVE))
STRIDE: Final = 10_000
"""Comparisons between two looks at the clock."""
_PROPERTY_HOMES: Final = {
    "require_valid_aik_cert": _TPM,
    "required_pcr_mask": _TPM,
    "x-ms-sgx-tcbidentifier": _SGX,
    VALIDITY: _TPM,
    "omit_x5c": _TPM,
}


def identity_of(claim: Claim) -> tuple[str, type, object, str]:
    """What two claims share that are equal: true is not 1."""
    return claim.type, type(claim.value), claim.value, claim.issuer


class Run:
    """State of one evaluation.

    `incoming` only grows, so places in it stay valid; `places` finds them by claim type; `bound`
    holds what the named conditions of the current rule matched; `choices` are the switches whose
    readings parted, with which `hindsight` begins; `late` says that the time is up.
    """

    __slots__ = (
        "_added",
        "_functions",
        "_limits",
        "_semantics",
        "_work",
        "bound",
        "choices",
        "incoming",
        "late",
        "outgoing",
        "places",
        "properties",
        "read_only_types",
        "trace",
        "warnings",
    )

    def __init__(
        self, semantics: Semantics, limits: Limits, late: Callable[[], bool] | None = None
    ) -> None:
        self._semantics = semantics
        self._limits = limits
        self._work = 0
        self.read_only_types = semantics.read_only_types
        self.late = late
        self.incoming: list[Claim] = []
        self.places: dict[str, list[int]] = {}
        self.outgoing: list[Claim] = []
        self.properties: list[Claim] = []
        self.bound: dict[str, tuple[int, ...]] = {}
        self.trace: list[RuleTrace] = []
        self.choices: set[str] = set()
        self.warnings: list[str] = []
        self._added: set[tuple[str, type, object, str]] | None = None
        self._functions = Functions(semantics, limits, self.choices)

    def start(self, claims: list[Claim]) -> None:
        """Begin with the claims of the request."""
        self._check_room(len(claims) - 1)
        if not self._semantics.repeats_stay:
            first: dict[object, Claim] = {}
            for claim in claims:
                first.setdefault(identity_of(claim), claim)
            once = list(first.values())
            if len(once) < len(claims):
                self.choices.add("repeats_stay")
            claims = once
        self.incoming = claims
        self._added = None
        places: dict[str, list[int]] = {}
        for place, claim in enumerate(claims):
            name = claim[0]
            if name in places:
                places[name].append(place)
            else:
                places[name] = [place]
        self.places = places

    def arrive(self, claim: Claim) -> None:
        """Append to the incoming set.

        Raises:
            EvaluationError: there are too many.
        """
        if not self._semantics.repeats_stay and self._is_there(claim):
            self.choices.add("repeats_stay")
            return
        place = len(self.incoming)
        if place >= self._limits.claims:
            self._check_room(place)
        if claim.read_only:
            self.choices.add("read_only_follows")
            if not self._semantics.read_only_follows:
                marked = claim.type in self.read_only_types and self.mark()
                claim = claim._replace(read_only=marked)
        self.incoming.append(claim)
        self.places.setdefault(claim.type, []).append(place)
        if self._added is not None and claim.issuer == POLICY_ISSUER:
            self._added.add(identity_of(claim))

    def _is_there(self, claim: Claim) -> bool:
        wanted = identity_of(claim)
        places = self.places.get(claim.type, ())
        return any(identity_of(self.incoming[place]) == wanted for place in places)

    def spend(self, work: int) -> None:
        """Account for some comparisons.

        Raises:
            EvaluationError: the time is up.
        """
        self._work += work
        if self._work >= STRIDE:
            self._work = 0
            self.require_time()

    def require_time(self) -> None:
        """Look at the clock.

        Raises:
            EvaluationError: the time is up.
        """
        if self.late is not None and self.late():
            seconds = self._limits.seconds
            raise EvaluationError(f"The evaluation took longer than {seconds:g} seconds")

    def _check_room(self, count: int) -> None:
        if count >= self._limits.claims:
            raise EvaluationError(f"There are more than {self._limits.claims:,} claims")

    def value_of(self, expression: Expression) -> Members:
        """The members an expression stands for.

        Raises:
            EvaluationError: a function failed.
        """
        if isinstance(expression, Literal):
            return [Member(expression.value, read_only=False)]
        if isinstance(expression, Reference):
            return [self._member(place, expression.property) for place in self._bound(expression)]
        assert isinstance(expression, Call)  # noqa: S101 - the third of three
        arguments = [self.value_of(each) for each in expression.arguments]
        return self._functions.call(expression.function, arguments)

    def _bound(self, reference: Reference) -> tuple[int, ...]:
        return self.bound[reference.name]

    def _member(self, place: int, name: str) -> Member:
        claim = self.incoming[place]
        if name == "value":
            return Member(claim.value, claim.read_only)
        if name == "type":
            return Member(claim.type, read_only=False)
        text = claim.issuer if name == "issuer" else VALUE_TYPES[type(claim.value)]
        return Member(text, read_only=False)

    def allow_issue(self) -> None:
        """`issue` stands in authorizationrules.

        Raises:
            EvaluationError: it is not to act as `add`.
        """
        self.choices.add("issue_may_authorize")
        if not self._semantics.issue_may_authorize:
            raise EvaluationError(f"`issue` is not allowed in {AUTHORIZATION}")

    def _keeps_back(self, claim: Claim) -> bool:
        """Whether a read-only claim is left out of the token."""
        self.choices.update(("read_only_fails", "read_only_types"))
        if self._semantics.read_only_fails:
            raise EvaluationError(
                f"The value for `{brief(claim.type)}` is read-only and cannot be issued"
            )
        return True

    def mark(self) -> bool:
        """Whether a claim of a read-only type is read-only that is not of the service."""
        self.choices.add("read_only_is_of_service")
        return not self._semantics.read_only_is_of_service

    def allowed(self, claims: Sequence[Claim], *, adds: bool) -> list[Claim]:
        """Claims that a rule makes: marked as read-only, and those left out that it must not issue.

        Raises:
            EvaluationError: it must not even try.
        """
        found = []
        for claim in claims:
            if not claim.read_only and claim.type in self.read_only_types and self.mark():
                claim = claim._replace(read_only=True)  # noqa: PLW2901 - the same claim, marked
            if adds or not claim.read_only or not self._keeps_back(claim):
                found.append(claim)
        return found

    def copied(self, claims: list[Claim]) -> list[Claim]:
        """What `claim=` makes of these claims."""
        self.choices.add("copies_become_ours")
        if not self._semantics.copies_become_ours:
            return claims
        return [each._replace(issuer=POLICY_ISSUER) for each in claims]

    def multiplied(self, members: Sequence[_T]) -> Sequence[_T]:
        """Of several members that `value=` refers to, those that become claims."""
        self.choices.add("references_multiply")
        return members if self._semantics.references_multiply else members[:1]

    def type_members(self, members: Members) -> Members:
        """What `type=` stands for, which must come down to one member."""
        if len(members) > 1 and len({(type(each.value), each.value) for each in members}) == 1:
            self.choices.add("type_is_one_member")
            if not self._semantics.type_is_one_member:
                return members[:1]
        return members

    def refuses_empty_type(self) -> bool:
        """Whether a claim must not be made whose type is empty."""
        self.choices.add("empty_type_fails")
        return self._semantics.empty_type_fails

    def taints_by_type(self) -> bool:
        """Whether a claim is read-only whose type was computed of a read-only value."""
        self.choices.add("read_only_spares_types")
        return not self._semantics.read_only_spares_types

    def check_types(self, name: str, members: Sequence[Member], declared: str) -> None:
        """Hold the values for a claim against its `valueType=`.

        Raises:
            EvaluationError: one is of another type.
        """
        for member in members:
            actual = VALUE_TYPES[type(member.value)]
            if actual == declared:
                continue
            self.choices.add("value_types_bind")
            if self._semantics.value_types_bind:
                message = f"The value for `{brief(name)}` is of type {actual}, not `{declared}`"
                raise EvaluationError(message)

    def new_among(self, claims: Sequence[Claim]) -> list[bool]:
        """Which copies are to be added: no equal claim of the policy is there yet."""
        if self._added is None:
            self._added = {
                identity_of(each) for each in self.incoming if each.issuer == POLICY_ISSUER
            }
        found = []
        before, now = self._added, set()
        for claim in claims:
            identity = identity_of(claim)
            # A copy that keeps its issuer equals the claim that it was made of.
            new = claim.issuer == POLICY_ISSUER and identity not in before
            if new and identity in now:
                self.choices.add("copies_see_each_other")
                new = not self._semantics.copies_see_each_other
            now.add(identity)
            if not new:
                self.choices.add("copies_once")
            found.append(new or not self._semantics.copies_once)
        return found

    def send(self, verb: str, section: str, claim: Claim) -> None:
        """Put a claim into the outgoing or the property set.

        Raises:
            EvaluationError: a known property has a value it does not take, or there are too many.
        """
        if verb == "issue":
            self._check_room(len(self.outgoing))
            self.outgoing.append(claim)
        elif self._takes(section, claim):
            self._check_room(len(self.properties))
            self.properties.append(claim)

    def _takes(self, section: str, claim: Claim) -> bool:
        """Whether a property has a value that it takes."""
        problem = _problem_of(section, claim)
        if problem:
            self.choices.add("wrong_settings_fail")
            if self._semantics.wrong_settings_fail:
                raise EvaluationError(problem)
        return not problem

    def take_configuration(self, attestation_type: AttestationType | None) -> dict[str, ClaimValue]:
        """What configurationrules set; nothing of it stays in the sets.

        Raises:
            EvaluationError: a property has no effect, and that is not to be ignored.
        """
        found: dict[str, ClaimValue] = {}
        for claim in self.properties:
            if not self._applies(CONFIGURATION, claim, attestation_type):
                continue
            if found.get(claim.type, claim.value) != claim.value:
                self.choices.add("last_setting_wins")
                if not self._semantics.last_setting_wins:
                    continue
            found[claim.type] = claim.value
        self.properties = []
        return found

    def check_properties(self, attestation_type: AttestationType | None) -> None:
        """Warn about property claims of issuancerules that have no effect, or another one.

        Raises:
            EvaluationError: one without effect is not to be ignored.
        """
        for claim in self.properties:
            if self._applies(ISSUANCE, claim, attestation_type) and claim.type == VALIDITY:
                self.choices.add("validity_is_clamped")
                counted = clamped_validity(claim.value)
                if counted != claim.value and self._semantics.validity_is_clamped:
                    self.warnings.append(f"`{VALIDITY}` is {claim.value} and counts as {counted}.")

    def _applies(
        self, section: str, claim: Claim, attestation_type: AttestationType | None
    ) -> bool:
        if claim.type not in PROPERTY_TYPES[section]:
            self._ignore(f"`{brief(claim.type)}` is not a property of {section}")
            return False
        homes = _PROPERTY_HOMES[claim.type]
        if attestation_type is not None and attestation_type not in homes:
            kind = attestation_type.value
            self._ignore(f"`{claim.type}` has no effect on {kind}")
            return False
        return True

    def _ignore(self, problem: str) -> None:
        self.choices.add("idle_settings_are_ignored")
        if not self._semantics.idle_settings_are_ignored:
            raise EvaluationError(problem)
        self.warnings.append(f"{problem} and is ignored.")


def clamped_validity(value: ClaimValue) -> int:
    """The nearest number of minutes that a token may live (spec, 11)."""
    return min(max(int(value), 1), VALIDITY_MAX)


def _problem_of(section: str, claim: Claim) -> str:
    """What is wrong with the value of a known property; empty when nothing is."""
    kind = PROPERTY_TYPES[section].get(claim.type)
    if kind is None:
        return ""
    if type(claim.value) is not kind:
        return f"`{claim.type}` takes a value of type {VALUE_TYPES[kind]}"
    if claim.type == "required_pcr_mask" and not 0 <= int(claim.value) <= MASK_MAX:
        return f"`{claim.type}` is a number from 0 to {MASK_MAX}"
    return ""
