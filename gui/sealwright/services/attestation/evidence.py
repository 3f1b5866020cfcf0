"""The evidence of a request as it is judged here: what it says, and what of it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import AppError

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.claims.claim import Claim
    from sealwright.evidence.basis.trust import Trust, TrustAnchor
    from sealwright.evidence.examination import Examination, Kind
    from sealwright.services.attestation.request import AttestRequest
    from sealwright.services.exchanges import Message
    from sealwright.services.ports import PretendedMachines


@dataclass(frozen=True, slots=True)
class Basis:
    """What evidence is judged by here: roots, the time, and a sandbox's own machines."""

    anchors: tuple[TrustAnchor, ...]
    when: datetime
    machines: PretendedMachines | None = None

    def trust(self) -> Trust:
        """Every root that may vouch; blocking."""
        from sealwright.evidence.basis.trust import Trust  # noqa: PLC0415 - after the first paint

        own = () if self.machines is None else self.machines.anchors()
        return Trust((*self.anchors, *own), self.when)

    def certificates(self) -> tuple[bytes, ...]:
        """Certificates (DER) that evidence does not bring along; blocking."""
        return () if self.machines is None else self.machines.certificates()


def examined(request: AttestRequest, basis: Basis) -> Examination | None:
    """The examination of what is sent; None when that cannot be told from it; blocking."""
    from sealwright.evidence.examination import Given  # noqa: PLC0415 - after the first paint
    from sealwright.evidence.examine import examine  # noqa: PLC0415 - as above
    from sealwright.evidence.given_files import (  # noqa: PLC0415 - as above
        read_certificates,
        read_collateral,
    )

    kind = _kind(request)
    if kind is None:
        return None
    runtime, init = request.runtime_data, request.init_data
    try:
        given = Given(
            basis.trust(),
            certificates=(
                *(read_certificates(request.certificates) if request.certificates else ()),
                *basis.certificates(),
            ),
            collateral=read_collateral(request.collateral) if request.collateral else None,
            runtime_data=None if runtime is None else runtime.data,
            init_data=None if init is None else init.data,
            companions=(request.endorsement,) if request.endorsement else (),
        )
        return examine(request.evidence, given, kind)
    except AppError:
        return None


def _kind(request: AttestRequest) -> Kind | None:
    from sealwright.evidence.examination import Kind  # noqa: PLC0415 - as above
    from sealwright.evidence.intel.open_enclave import has_evidence_header  # noqa: PLC0415 - as above

    if not request.evidence:
        return None
    is_json = request.evidence.lstrip()[:1] == b"{"
    is_new = has_evidence_header(request.evidence)
    return {
        AttestationType.SGX_ENCLAVE: Kind.SGX_QUOTE,
        AttestationType.OPEN_ENCLAVE: Kind.OE_EVIDENCE if is_new else Kind.OE_REPORT,
        AttestationType.SEV_SNP_VM: Kind.SNP_ACI if is_json else Kind.SNP_REPORT,
        AttestationType.TDX_VM: Kind.TDX_QUOTE,
        AttestationType.AZURE_GUEST: Kind.AZURE_GUEST,
    }.get(request.attestation_type)


def tpm_incoming(message: Message, basis: Basis) -> tuple[Claim, ...]:
    """The claims of a request of the Tpm protocol; none when the message is none; blocking."""
    from sealwright.evidence.basis.chains import readable  # noqa: PLC0415 - as above
    from sealwright.evidence.tpm.aik_verify import aik_checks, is_validated  # noqa: PLC0415 - as above
    from sealwright.tokens.tpm.claims import request_claims  # noqa: PLC0415 - as above
    from sealwright.tokens.tpm.parts import parts_of  # noqa: PLC0415 - as above
    from sealwright.tokens.tpm.request import read_tpm_request  # noqa: PLC0415 - as above

    try:
        request = read_tpm_request(_request_jws(message))
        parts = parts_of(request)
        pool = readable(basis.certificates())
        checks = (
            ()
            if parts.certificate is None
            else aik_checks(parts.certificate, parts.key, pool, basis.trust())
        )
        return request_claims(request, parts, aik_validated=is_validated(checks))
    except AppError:
        return ()


def _request_jws(message: Message) -> str:
    from sealwright.tokens.jose import b64_decode_lenient, parse_object  # noqa: PLC0415 - as above

    outer = parse_object(message.request)
    inner = parse_object(b64_decode_lenient(str(outer.get("data", ""))))
    payload = inner.get("payload", inner)
    return str(payload.get("request", "")) if isinstance(payload, dict) else ""
