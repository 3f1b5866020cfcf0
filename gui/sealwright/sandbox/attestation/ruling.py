"""The policy that rules over a request, and what it makes of the claims (spec rest-api, 2.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Final

from sealwright.errors import PolicyError
from sealwright.policy import EvaluationError, check, parse, policy_hash, prepare, service_error
from sealwright.policy.service_text import DENIED, evaluation_message
from sealwright.sandbox.default_policies import default_policy
from sealwright.sandbox.refusals import RefusalError
from sealwright.sandbox.requests import policy_text, read_jws
from sealwright.sandbox.trust import signer_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import Claim, ClaimValue
    from sealwright.policy import Outcome, PreparedPolicy
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.tokens.jose import JsonObject, JsonValue

_TOKEN: Final = "eyJ"  # noqa: S105 - how a JWS begins, and no policy


@dataclass(frozen=True, slots=True)
class Ruling:
    """One policy, ready to decide."""

    text: str = field(repr=False)
    signer: tuple[bytes, ...]
    """Chain (DER) of who signed it; empty when nobody did."""
    draft: bool
    prepared: PreparedPolicy

    @property
    def hash(self) -> str:
        """`x-ms-policy-hash`."""
        return policy_hash(self.text)

    def configuration(self) -> Mapping[str, ClaimValue]:
        """What it asks of the verification of evidence, which comes first (spec language, 8).

        Raises:
            RefusalError: a rule failed.
        """
        try:
            return self.prepared.configuration(monotonic)
        except EvaluationError as error:
            raise _failed(error) from None

    def decide(self, claims: Sequence[Claim]) -> Outcome:
        """Let the policy decide.

        Raises:
            RefusalError: denied, not permitted, or a rule failed.
        """
        try:
            outcome = self.prepared.evaluate(claims, monotonic)
        except EvaluationError as error:
            raise _failed(error) from None
        if not outcome.permitted:
            raise RefusalError(400, "PolicyEvaluationError", DENIED, inner=_failure(outcome))
        return outcome


def stored_ruling(core: Core, provider: ProviderRecord, kind: AttestationType) -> Ruling | None:
    """The policy that holds at a provider; None where there is none and no default."""
    jws, replaced = core.holdings.ruling(provider, kind)
    if jws:
        return _ruling(jws, kind, draft=False)
    text = default_policy(kind) if replaced is None else replaced
    return Ruling(text, (), draft=False, prepared=_prepared(text, kind)) if text else None


def draft_ruling(draft: str, kind: AttestationType) -> Ruling:
    """A policy that rules over this one request: a policy token, or the bare text.

    The specification speaks of a token; recorded clients send the text, and the service takes it.

    Raises:
        RefusalError: the token is none, or the policy does not parse.
    """
    if draft.lstrip().startswith(_TOKEN):
        return _ruling(draft, kind, draft=True)
    return Ruling(draft, (), draft=True, prepared=_prepared(draft, kind))


def _ruling(token: str, kind: AttestationType, *, draft: bool) -> Ruling:
    text, signer = _opened(token)
    return Ruling(text, signer, draft=draft, prepared=_prepared(text, kind))


@lru_cache(maxsize=16)
def _opened(token: str) -> tuple[str, tuple[bytes, ...]]:
    """Text and signer of a policy token."""
    jws = read_jws(token.encode("utf-8"))
    return policy_text(jws), signer_of(jws)


@lru_cache(maxsize=16)
def _prepared(text: str, kind: AttestationType) -> PreparedPolicy:
    policy = parse(text)
    error = service_error(text, check(policy, kind))
    if error is not None:
        raise RefusalError(400, error.code, error.message)
    try:
        return prepare(policy, attestation_type=kind)
    except PolicyError as failure:
        raise RefusalError(400, "PolicyParsingError", failure.summary) from None


def _failed(error: EvaluationError) -> RefusalError:
    return RefusalError(400, "PolicyEvaluationError", evaluation_message(error.summary))


def _failure(outcome: Outcome) -> JsonValue:
    """The claims that made a rule deny (spec rest-api, 7.1)."""
    place = outcome.decided_by
    incoming = tuple(outcome.incoming)
    matched = [
        incoming[index]
        for rule in outcome.trace
        if rule.place == place
        for condition in rule.conditions
        for index in condition.matched
    ]
    details: list[JsonValue] = [
        {"code": "PolicyFailureClaim", "target": claim.type, "value": _text(claim.value)}
        for claim in matched
    ]
    inner: JsonObject = {"code": "PolicyValidationFailure", "message": outcome.reason}
    if details:
        inner["details"] = details
    return inner


def _text(value: ClaimValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
