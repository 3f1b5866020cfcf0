"""The attest operations at a provider's address: operations 9 to 18 (spec rest-api, 3.1).

One way for all: the policy's configuration, the evidence, the claims, the policy's decision, the
token (spec policy-language, 8).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final, cast

from sealwright.claims.attestation_type import AttestationType
from sealwright.evidence.baselines import AZURE_DEFAULT
from sealwright.policy import token_claims
from sealwright.sandbox.attestation.appraisal import Case, tcb_rule
from sealwright.sandbox.attestation.baseline import IDENTIFIER, listed_baselines
from sealwright.sandbox.attestation.enclaves import appraise_open_enclave, appraise_sgx
from sealwright.sandbox.attestation.roots import own_anchors
from sealwright.sandbox.attestation.ruling import draft_ruling, stored_ruling
from sealwright.sandbox.attestation.snp import appraise_snp
from sealwright.sandbox.attestation.submission import Submission
from sealwright.sandbox.attestation.tdx import appraise_tdx
from sealwright.sandbox.issuing import Issuer
from sealwright.sandbox.provider_face import reached_provider, versioned
from sealwright.sandbox.records import Trust
from sealwright.sandbox.refusals import invalid_parameter, no_policy, unsupported_type
from sealwright.sandbox.roles import ATTESTATION_READ
from sealwright.sandbox.wire import Reply, route

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.policy import Outcome
    from sealwright.sandbox.attestation.appraisal import Appraisal
    from sealwright.sandbox.attestation.ruling import Ruling
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.sandbox.wire import Call, Route
    from sealwright.tokens.jose import JsonObject

DETAILS_HEADER: Final = "x-sandbox-details"
"""What a successful answer did not judge; the service has no such header."""
_LIFETIME: Final = 8 * 3600
"""Of every token but those of TPMs (spec tokens, 1.1)."""


class AttestPlane:
    """Attests what is sent to a provider."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._issuer = Issuer(core)

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        simple = {
            AttestationType.SGX_ENCLAVE: appraise_sgx,
            AttestationType.OPEN_ENCLAVE: appraise_open_enclave,
            AttestationType.SEV_SNP_VM: appraise_snp,
            AttestationType.TDX_VM: appraise_tdx,
        }
        found = (
            *(
                route("POST", f"/attest/{kind.value}", self._attester(kind, appraise))
                for kind, appraise in simple.items()
            ),
            route("POST", "/attest/{type}", self._refuse),
            route("GET", "/tcbbaselines/{type}", self._baselines),
        )
        return tuple(versioned(item) for item in found)

    def _attester(
        self, kind: AttestationType, appraise: Callable[[Case], Appraisal]
    ) -> Callable[[Call], Reply]:
        def attest(call: Call) -> Reply:
            provider = reached_provider(self._core, call)
            submission = Submission.of(call)
            ruling = self._ruling(provider, kind, submission)
            appraisal = appraise(self._case(provider, submission, ruling))
            token = self._token(call, ruling, appraisal)
            return Reply(200, {"token": token}, _details(appraisal))

        return attest

    def _refuse(self, call: Call) -> Reply:
        """Types without a public form of evidence, and names that are no type at all."""
        reached_provider(self._core, call)
        kind = AttestationType.parse(call.arguments["type"])
        if kind is None:
            raise unsupported_type(call.arguments["type"])
        raise invalid_parameter(
            f"Evidence of the attestation type '{kind.value}' cannot be judged: its format is not "
            "public, so the sandbox does not know it."
        )

    def _baselines(self, call: Call) -> Reply:
        """`GET /tcbbaselines/{type}`; the selected one is what the stored policy names."""
        provider = reached_provider(self._core, call)
        if provider.trust is not Trust.SHARED:
            self._core.access.require_attestation(call, ATTESTATION_READ, provider)
        kind = AttestationType.parse(call.arguments["type"])
        if kind not in (AttestationType.SGX_ENCLAVE, AttestationType.OPEN_ENCLAVE):
            raise unsupported_type(call.arguments["type"])
        ruling = stored_ruling(self._core, provider, kind)
        asked = {} if ruling is None else ruling.configuration()
        listed = listed_baselines(
            self._core.vendors.baselines,
            str(asked.get(IDENTIFIER, AZURE_DEFAULT)),
            call.query["api-version"],
            current_only=call.query.get("providecurrenttcbinpolicy", "").lower() == "true",
        )
        return Reply(200, {"tcbBaselines": listed})

    def _ruling(
        self, provider: ProviderRecord, kind: AttestationType, submission: Submission
    ) -> Ruling:
        if submission.draft_policy:
            return draft_ruling(submission.draft_policy, kind)
        ruling = stored_ruling(self._core, provider, kind)
        if ruling is None:
            raise no_policy()
        return ruling

    def _case(self, provider: ProviderRecord, submission: Submission, ruling: Ruling) -> Case:
        return Case(
            submission=submission,
            anchors=(*own_anchors(self._core.state), *self._core.vendors.anchors),
            baselines=self._core.vendors.baselines,
            configuration=ruling.configuration(),
            rule=tcb_rule(provider),
            when=self._core.clock.now(),
        )

    def _token(self, call: Call, ruling: Ruling, appraisal: Appraisal) -> str:
        outcome = ruling.decide((*appraisal.claims, *appraisal.hidden))
        return self._issuer.attestation(
            call,
            members_of(ruling, appraisal, outcome),
            lifetime=_LIFETIME,
            secured=not ruling.draft,
        )


def members_of(ruling: Ruling, appraisal: Appraisal, outcome: Outcome) -> JsonObject:
    """What the token says, times and issuer aside: evidence, request, policy, then its claims."""
    service: JsonObject = {claim.type: claim.value for claim in appraisal.claims}
    service |= appraisal.members
    service["x-ms-policy-hash"] = ruling.hash
    if ruling.signer:
        chain = [base64.b64encode(der).decode("ascii") for der in ruling.signer]
        service["x-ms-policy-signer"] = {"kty": "RSA", "x5c": [*chain]}
    # Claims are strings, integers and booleans; arrays of these are JSON too.
    return cast("JsonObject", token_claims(service, outcome.outgoing))


def _details(appraisal: Appraisal) -> dict[str, str]:
    return {DETAILS_HEADER: " ".join(appraisal.notes)} if appraisal.notes else {}
