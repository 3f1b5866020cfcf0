"""What an evaluation gives: the verdict, the sets, and how each rule came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sealwright.claims.claim import ClaimSet
from sealwright.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sealwright.claims.claim import Claim, ClaimValue
    from sealwright.policy.source import Span
    from sealwright.policy.syntax import Condition


class RulePlace(NamedTuple):
    """Which rule; `number` counts from 1 within its section."""

    section: str
    number: int
    span: Span


class EvaluationError(PolicyError):
    """A rule failed at run time, or a limit was reached; the request fails (spec, 4 to 9, 19).

    Args:
        reason: one sentence.
        place: the rule that failed, None before the first one.
        choices: names of the `Semantics` switches without which it would not have failed so.
    """

    code = "PolicyEvaluationError"

    def __init__(
        self,
        reason: str,
        place: RulePlace | None = None,
        *,
        hint: str = "",
        choices: Iterable[str] = (),
    ) -> None:
        details = {}
        if place is not None:
            details = {"section": place.section, "rule": str(place.number)}
        self.choices = tuple(sorted(choices))
        if self.choices:
            details["choices"] = ", ".join(self.choices)
        super().__init__(reason, hint=hint, details=details)
        self.place = place

    def resting_on(self, choices: Iterable[str]) -> EvaluationError:
        """The same failure, and the switches that it hung on."""
        return EvaluationError(self.summary, self.place, hint=self.hint, choices=choices)


class Miss(NamedTuple):
    """A claim that failed a condition, and the first test it failed."""

    claim: int
    property: str
    operator: str
    expected: tuple[ClaimValue, ...]
    actual: ClaimValue


class ConditionTrace(NamedTuple):
    """How one condition came out: places in the incoming set.

    When the condition asks for one type by name, only claims of that type are among the misses.
    """

    condition: Condition
    matched: tuple[int, ...]
    missed: tuple[Miss, ...]

    @property
    def holds(self) -> bool:
        """Whether the condition was true."""
        return bool(self.matched) is not self.condition.negated


class Effect(NamedTuple):
    """What a rule did; a verdict has no claim."""

    action: str
    claim: Claim | None


class RuleTrace(NamedTuple):
    """How one rule came out. Conditions after the first false one were not looked at.

    They stand in the order in which they were tried: as in the text, but for other `Semantics`.
    """

    place: RulePlace
    fired: bool
    conditions: tuple[ConditionTrace, ...]
    effects: tuple[Effect, ...]


class Account(NamedTuple):
    """How an evaluation came to its outcome."""

    trace: tuple[RuleTrace, ...]
    warnings: tuple[str, ...]


class Outcome:
    """The result of one evaluation. Values are never changed.

    Args:
        permitted: the decision.
        decided_by: the rule that decided; None when no rule permitted.
        incoming: the set at the end, in order of arrival.
        outgoing: claims issued for the token, as they were issued.
        properties: property claims of issuancerules, as they were issued.
        configuration: what configurationrules set; the last one of a name counts.
        account: how it came about, or what tells that when it is first asked for.
        choices: what tells them when they are first asked for.
    """

    __slots__ = (
        "_account",
        "_choices",
        "_incoming",
        "_outgoing",
        "_properties",
        "configuration",
        "decided_by",
        "permitted",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - all that an evaluation gives
        self,
        permitted: bool,  # noqa: FBT001 - the decision itself
        decided_by: RulePlace | None,
        incoming: Sequence[Claim],
        outgoing: Sequence[Claim],
        properties: Sequence[Claim],
        configuration: Mapping[str, ClaimValue],
        account: Account | Callable[[], Account],
        choices: Callable[[Outcome], tuple[str, ...]],
    ) -> None:
        self.permitted = permitted
        self.decided_by = decided_by
        self._incoming = incoming
        self._outgoing = outgoing
        self._properties = properties
        self.configuration = configuration
        self._account = account
        self._choices: tuple[str, ...] | Callable[[Outcome], tuple[str, ...]] = choices

    @property
    def incoming(self) -> ClaimSet:
        """The set at the end, in order of arrival."""
        return ClaimSet(self._incoming)

    @property
    def outgoing(self) -> ClaimSet:
        """Claims for the token, as they were issued."""
        return ClaimSet(self._outgoing)

    @property
    def properties(self) -> ClaimSet:
        """Property claims of issuancerules, as they were issued."""
        return ClaimSet(self._properties)

    @property
    def account(self) -> Account:
        """How it came about."""
        if not isinstance(self._account, Account):
            self._account = self._account()
        return self._account

    @property
    def choices(self) -> tuple[str, ...]:
        """Names of the `Semantics` switches that decision, claims or settings hung on."""
        if not isinstance(self._choices, tuple):
            self._choices = self._choices(self)
        return self._choices

    @property
    def warnings(self) -> tuple[str, ...]:
        """Properties that have no effect, one sentence each."""
        return self.account.warnings

    @property
    def trace(self) -> tuple[RuleTrace, ...]:
        """Every rule that was tried, in the order of evaluation."""
        return self.account.trace

    @property
    def decision(self) -> str:
        """`permit` or `deny`."""
        return "permit" if self.permitted else "deny"

    @property
    def reason(self) -> str:
        """Why, in one sentence."""
        rule = self.decided_by
        if rule is None:
            return "No rule permitted the request."
        action = "permitted" if self.permitted else "denied"
        return f"Rule {rule.number} of {rule.section} {action} the request."
