"""The attest operations at a provider's address: operations 9 to 18 (spec rest-api, 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.evidence.intel.baselines import AZURE_DEFAULT
from sealwright.sandbox.attestation.baseline import IDENTIFIER, listed_baselines
from sealwright.sandbox.attestation.desk import Desk, details_of
from sealwright.sandbox.attestation.enclaves import appraise_open_enclave, appraise_sgx
from sealwright.sandbox.attestation.guest import appraise_guest, read_guest
from sealwright.sandbox.attestation.ruling import stored_ruling
from sealwright.sandbox.attestation.sealing import seal
from sealwright.sandbox.attestation.snp import appraise_snp
from sealwright.sandbox.attestation.submission import Submission
from sealwright.sandbox.attestation.tdx import appraise_tdx
from sealwright.sandbox.attestation.tpm_face import TpmFace
from sealwright.sandbox.issuing import Issuer
from sealwright.sandbox.provider_face import asked_type, reached_provider, versioned
from sealwright.sandbox.records import Trust
from sealwright.sandbox.refusals import RefusalError, invalid_parameter, unsupported_type
from sealwright.sandbox.roles import ATTESTATION_READ
from sealwright.sandbox.wire import Reply, route

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.sandbox.attestation.appraisal import Appraisal, Case
    from sealwright.sandbox.attestation.ruling import Ruling
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.wire import Call, Route

_LIFETIME: Final = 8 * 3600
"""Of every token but those of TPMs (spec tokens, 1.1)."""
_NOT_PUBLIC: Final = frozenset(
    {
        AttestationType.PLUTON,
        AttestationType.KEY_GUARD,
        AttestationType.MDEP_TZ,
        AttestationType.AI_HSM,
    }
)
"""Types whose form of evidence nobody published (spec rest-api, 3.15)."""


class AttestPlane:
    """Attests what is sent to a provider."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._desk = Desk(core)
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
            route("POST", "/attest/AzureGuest", self._attest_guest),
            route("POST", "/attest/Tpm", TpmFace(self._core, self._desk).attest),
            route("POST", "/attest/{type}", self._refuse),
            route("GET", "/tcbbaselines/{type}", self._baselines),
        )
        return tuple(versioned(item) for item in found)

    def _attester(
        self, kind: AttestationType, appraise: Callable[[Case], Appraisal]
    ) -> Callable[[Call], Reply]:
        # A TdxVm request has no member for a draft, so that one is not looked at.
        drafts = kind is not AttestationType.TDX_VM

        def attest(call: Call) -> Reply:
            case, ruling = self._opened(call, kind, drafts=drafts)
            appraisal = appraise(case)
            token = self._token(call, ruling, appraisal)
            return Reply(200, {"token": token}, details_of(appraisal))

        return attest

    def _attest_guest(self, call: Call) -> Reply:
        """The same, with the token sealed for the guest's TPM."""
        case, ruling = self._opened(call, AttestationType.AZURE_GUEST, drafts=True)
        guest = read_guest(case)
        appraisal = appraise_guest(case, guest)
        token = self._token(call, ruling, appraisal)
        return Reply(200, {"token": seal(token, guest.tpm.encryption_key)}, details_of(appraisal))

    def _opened(self, call: Call, kind: AttestationType, *, drafts: bool) -> tuple[Case, Ruling]:
        provider = reached_provider(self._core, call)
        submission = Submission.of(call)
        ruling = self._desk.ruling(provider, kind, submission.draft_policy if drafts else "")
        return self._desk.case(provider, submission, ruling), ruling

    def _token(self, call: Call, ruling: Ruling, appraisal: Appraisal) -> str:
        _, members = self._desk.decide(ruling, appraisal)
        return self._issuer.attestation(call, members, lifetime=_LIFETIME, secured=not ruling.draft)

    def _refuse(self, call: Call) -> Reply:
        """Types without a public form of evidence, and names that are no type at all."""
        reached_provider(self._core, call)
        kind = asked_type(call)
        if kind not in _NOT_PUBLIC:
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
        kind = asked_type(call)
        if kind not in (AttestationType.SGX_ENCLAVE, AttestationType.OPEN_ENCLAVE):
            raise unsupported_type(call.arguments["type"])
        ruling = stored_ruling(self._core, provider, kind)
        try:
            asked = {} if ruling is None else ruling.configuration()
        except RefusalError:
            # A policy whose configuration fails chooses nothing; the list is there all the same.
            asked = {}
        listed = listed_baselines(
            self._core.vendors.baselines,
            str(asked.get(IDENTIFIER, AZURE_DEFAULT)),
            call.query["api-version"],
            current_only=call.query.get("providecurrenttcbinpolicy", "").lower() == "true",
        )
        return Reply(200, {"tcbBaselines": listed})
