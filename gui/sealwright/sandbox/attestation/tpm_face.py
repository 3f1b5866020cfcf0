"""Operation 11, `/attest/Tpm`: a challenge, then a report (spec rest-api, 3.11; evidence, 9).

Messages are taken with and without the wrapper `payload`, and answered as they came.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import EvidenceError, TokenError
from sealwright.policy import validity_minutes
from sealwright.sandbox.attestation.appraisal import invalid_evidence
from sealwright.sandbox.attestation.challenges import new_challenge, require_ours
from sealwright.sandbox.attestation.desk import details_of
from sealwright.sandbox.attestation.submission import Submission, json_object
from sealwright.sandbox.attestation.tpm import appraise_tpm
from sealwright.sandbox.issuing import Issuer
from sealwright.sandbox.provider_face import reached_provider
from sealwright.sandbox.records import Trust
from sealwright.sandbox.refusals import invalid_operation, invalid_parameter
from sealwright.sandbox.roles import ATTESTATION_READ
from sealwright.sandbox.wire import Reply, member
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.tpm.request import read_tpm_request

if TYPE_CHECKING:
    from sealwright.policy import Outcome
    from sealwright.sandbox.attestation.desk import Desk
    from sealwright.sandbox.attestation.ruling import Ruling
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.sandbox.wire import Call
    from sealwright.tokens.jose import JsonObject, JsonValue

_TPM: Final = AttestationType.TPM
_PAYLOAD: Final = "payload"
_DAY: Final = 1440
"""Minutes that a report holds unless the policy says otherwise (spec language, 11)."""


class TpmFace:
    """Answers the messages of the protocol."""

    def __init__(self, core: Core, desk: Desk) -> None:
        self._core = core
        self._desk = desk
        self._issuer = Issuer(core)

    def attest(self, call: Call) -> Reply:
        """One message."""
        provider = self._admitted(call)
        ruling = self._desk.ruling(provider, _TPM, "")
        submission = Submission.of(call)
        outer = json_object(submission.octets("data"), "data")
        wrapped = member(outer, _PAYLOAD)
        message = wrapped if isinstance(wrapped, dict) else outer
        details: dict[str, str] = {}
        if member(message, "type") == "aikcert":
            answer = self._challenge(provider)
        else:
            request = member(message, "request")
            if not isinstance(request, str):
                raise invalid_parameter("The message is neither `aikcert` nor a request.")
            answer, details = self._report(call, provider, ruling, request)
        if wrapped is not None:
            answer = {_PAYLOAD: answer}
        text = json.dumps(answer, separators=(",", ":")).encode("utf-8")
        return Reply(200, {"data": b64url_encode(text)}, details)

    def _admitted(self, call: Call) -> ProviderRecord:
        """The provider, for a caller that may have its TPM attested (spec rest-api, 1.4)."""
        provider = reached_provider(self._core, call)
        if provider.trust is Trust.SHARED:
            raise invalid_operation("A shared provider does not attest TPMs.")
        if provider.tpm_authentication != "Disabled":
            self._core.access.require_attestation(call, ATTESTATION_READ, provider)
        return provider

    def _challenge(self, provider: ProviderRecord) -> JsonObject:
        made = new_challenge(self._core, provider.name)
        return {
            "challenge": b64url_encode(made.value),
            "service_context": made.service_context,
        }

    def _report(
        self, call: Call, provider: ProviderRecord, ruling: Ruling, compact: str
    ) -> tuple[JsonObject, dict[str, str]]:
        try:
            request = read_tpm_request(compact)
        except (TokenError, EvidenceError) as error:
            raise invalid_evidence(f"The specified request was invalid. {error.summary}") from None
        require_ours(self._core, provider.name, request.challenge, request.service_context)
        case = self._desk.case(provider, Submission({}), ruling)
        appraisal = appraise_tpm(case, request)
        outcome, members = self._desk.decide(ruling, appraisal)
        token = self._issuer.attestation(
            call,
            members,
            lifetime=60 * validity_minutes(outcome.properties, _DAY),
            secured=True,
            header=self._certificate(call, outcome),
        )
        return {"report": token}, details_of(appraisal)

    def _certificate(self, call: Call, outcome: Outcome) -> JsonObject:
        """`x5c`, or `x5t` where the policy leaves the certificate out (spec tokens, 1)."""
        der = self._issuer.certificate(call)
        if _wants_no_certificate(outcome):
            thumbprint = hashlib.sha1(der, usedforsecurity=False).digest()
            return {"x5t": b64url_encode(thumbprint)}
        chain: list[JsonValue] = [base64.b64encode(der).decode("ascii")]
        return {"x5c": chain}


def _wants_no_certificate(outcome: Outcome) -> bool:
    chosen = [claim.value for claim in outcome.properties if claim.type == "omit_x5c"]
    return bool(chosen) and chosen[-1] is True
