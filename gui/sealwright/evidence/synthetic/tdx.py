"""TDX quotes of the sandbox's pretended machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.intel.sgx import INTEL_QE_VENDOR, KEY_TYPE_P256
from sealwright.evidence.intel.tdx import (
    BODY_SIZES,
    CERTIFICATION_QE_REPORT,
    TEE_TDX,
    TdReport,
    encode_td_report,
)
from sealwright.evidence.synthetic.quotes import sandbox_measurement, vouch

if TYPE_CHECKING:
    from sealwright.evidence.synthetic.quotes import SandboxPlatform

QE_PRODUCT: Final = 2
_V5: Final = 5
TD_1_0: Final = 2
TD_1_5: Final = 3


def make_tdx_quote(
    platform: SandboxPlatform, body: TdReport, *, version: int = 4, body_type: int = TD_1_0
) -> bytes:
    """A TD quote over `body`; only version 5 may carry a report 1.5."""
    report = encode_td_report(body, body_type)
    numbers = ((version, 2), (KEY_TYPE_P256, 2), (TEE_TDX, 4), (0, 4))
    header = b"".join(value.to_bytes(size, "little") for value, size in numbers)
    header += INTEL_QE_VENDOR + sandbox_measurement("platform")[:16] + bytes(4)
    if version == _V5:
        header += body_type.to_bytes(2, "little") + BODY_SIZES[body_type].to_bytes(4, "little")
    signed = header + report
    signature, certification = vouch(platform, signed, QE_PRODUCT)
    outer = (
        CERTIFICATION_QE_REPORT.to_bytes(2, "little")
        + len(certification).to_bytes(4, "little")
        + certification
    )
    auth = signature + outer
    return signed + len(auth).to_bytes(4, "little") + auth
