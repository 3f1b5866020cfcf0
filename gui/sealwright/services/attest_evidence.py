"""The evidence of a request as it is judged here: what it says, and what of it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import AppError

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.examination import Examination, Kind
    from sealwright.evidence.trust import TrustAnchor
    from sealwright.services.attest_request import AttestRequest
    from sealwright.services.ports import PretendedMachines


def examined(
    request: AttestRequest,
    anchors: tuple[TrustAnchor, ...],
    when: datetime,
    machines: PretendedMachines | None = None,
) -> Examination | None:
    """The examination of what is sent; None when that cannot be told from it; blocking.

    `machines` are those of a sandbox, whose roots are known only here.
    """
    from sealwright.evidence.examination import Given  # noqa: PLC0415 - after the first paint
    from sealwright.evidence.examine import examine  # noqa: PLC0415 - as above
    from sealwright.evidence.given_files import (  # noqa: PLC0415 - as above
        read_certificates,
        read_collateral,
    )
    from sealwright.evidence.trust import Trust  # noqa: PLC0415 - as above

    kind = _kind(request)
    if kind is None:
        return None
    runtime, init = request.runtime_data, request.init_data
    try:
        known = () if machines is None else machines.anchors()
        authorities = () if machines is None else machines.certificates()
        given = Given(
            Trust((*anchors, *known), when),
            certificates=(
                *(read_certificates(request.certificates) if request.certificates else ()),
                *authorities,
            ),
            collateral=read_collateral((request.collateral,)) if request.collateral else None,
            runtime_data=None if runtime is None else runtime.data,
            init_data=None if init is None else init.data,
            companions=(request.endorsement,) if request.endorsement else (),
        )
        return examine(request.evidence, given, kind)
    except AppError:
        return None


def _kind(request: AttestRequest) -> Kind | None:
    from sealwright.evidence.examination import Kind  # noqa: PLC0415 - as above

    if not request.evidence:
        return None
    is_json = request.evidence.lstrip()[:1] == b"{"
    return {
        AttestationType.SGX_ENCLAVE: Kind.SGX_QUOTE,
        AttestationType.OPEN_ENCLAVE: Kind.OE_REPORT,
        AttestationType.SEV_SNP_VM: Kind.SNP_ACI if is_json else Kind.SNP_REPORT,
        AttestationType.TDX_VM: Kind.TDX_QUOTE,
        AttestationType.AZURE_GUEST: Kind.AZURE_GUEST,
    }.get(request.attestation_type)
