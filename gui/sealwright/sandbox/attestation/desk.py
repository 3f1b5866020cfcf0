"""What all attest operations do alike: the policy, the case, its claims, and the token's members.

The order is that of the service (spec policy-language, 8): the policy's configuration, the
evidence, the claims, the policy's decision, the token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sealwright.evidence.basis.chains import readable
from sealwright.policy import token_claims
from sealwright.sandbox.attestation.appraisal import Case, tcb_rule
from sealwright.sandbox.attestation.roots import own_anchors, own_certificates
from sealwright.sandbox.attestation.ruling import draft_ruling, stored_ruling
from sealwright.sandbox.refusals import no_policy
from sealwright.sandbox.trust import jwk_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.claim import Claim
    from sealwright.policy import Outcome
    from sealwright.sandbox.attestation.appraisal import Appraisal
    from sealwright.sandbox.attestation.ruling import Ruling
    from sealwright.sandbox.attestation.submission import Submission
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.tokens.jose import JsonObject, JsonValue

DETAILS_HEADER: Final = "x-sandbox-details"
"""What a successful answer did not judge; the service has no such header."""
_LISTS: Final = frozenset({"x-ms-azurevm-attested-pcrs"})


class Desk:
    """Prepares and decides cases."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def ruling(self, provider: ProviderRecord, kind: AttestationType, draft: str) -> Ruling:
        """The policy that rules: the draft, or else what the provider holds.

        Raises:
            RefusalError: the draft is none, or there is no policy.
        """
        if draft:
            return draft_ruling(draft, kind)
        ruling = stored_ruling(self._core, provider, kind)
        if ruling is None:
            raise no_policy()
        return ruling

    def case(self, provider: ProviderRecord, submission: Submission, ruling: Ruling) -> Case:
        """A piece of evidence with what it is judged by."""
        return Case(
            submission=submission,
            anchors=(*own_anchors(self._core.state), *self._core.vendors.anchors),
            configuration=ruling.configuration(),
            rule=tcb_rule(provider, self._core.vendors.rule),
            baselines=self._core.vendors.baselines,
            when=self._core.clock.now(),
            certificates=readable(own_certificates(self._core.state)),
        )

    @staticmethod
    def decide(ruling: Ruling, appraisal: Appraisal) -> tuple[Outcome, JsonObject]:
        """Let the policy decide; the outcome, and what the token says, times and issuer aside.

        Raises:
            RefusalError: it does not permit.
        """
        outcome = ruling.decide((*appraisal.claims, *appraisal.hidden))
        service = _grouped(appraisal.claims) | appraisal.members
        service["x-ms-policy-hash"] = ruling.hash
        if ruling.signer:
            service["x-ms-policy-signer"] = jwk_of(ruling.signer)
        # Claims are strings, integers and booleans; arrays of these are JSON too.
        return outcome, cast("JsonObject", token_claims(service, outcome.outgoing))


def details_of(appraisal: Appraisal) -> dict[str, str]:
    """The header that says what was not judged."""
    return {DETAILS_HEADER: " ".join(appraisal.notes)} if appraisal.notes else {}


def _grouped(claims: Sequence[Claim]) -> JsonObject:
    """Claims as members; those of which there may be many are arrays, however many came."""
    found: dict[str, list[JsonValue]] = {}
    for claim in claims:
        found.setdefault(claim.type, []).append(claim.value)
    return {
        name: values if name in _LISTS or len(values) > 1 else values[0]
        for name, values in found.items()
    }
