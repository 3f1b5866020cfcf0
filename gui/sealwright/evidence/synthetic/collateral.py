"""Collateral that fits the sandbox's pretended machine: TCB info, QE identity, revocation lists."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from sealwright.evidence.basis.certificates import load
from sealwright.evidence.intel.collateral import COMPONENTS, TcbStatus
from sealwright.evidence.synthetic.authority import (
    constraints,
    issue,
    load_ec,
    new_p256,
    pem,
    usage,
)
from sealwright.evidence.synthetic.quotes import (
    COMPONENTS as PLATFORM_COMPONENTS,
)
from sealwright.evidence.synthetic.quotes import (
    FMSPC,
    PCE_SVN,
    QE_SIGNER,
    QE_SVN,
    ROOT_NAME,
    SandboxPlatform,
    sign_raw,
)
from sealwright.evidence.synthetic.tdx import QE_PRODUCT

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

_SIGNER_NAME: Final = "Sealwright Sandbox SGX TCB Signing"
_LIFE: Final = timedelta(days=30)
_HIGHEST: Final = 255


def make_collateral(  # noqa: PLR0913 - what can be set about a platform
    platform: SandboxPlatform,
    when: datetime,
    *,
    td: bool = False,
    status: TcbStatus | None = TcbStatus.UP_TO_DATE,
    advisories: tuple[str, ...] = (),
    evaluation_number: int = 17,
    revoked: bool = False,
) -> bytes:
    """Collected collateral that rates the platform as `status`; None: it reaches no level."""
    key = new_p256()
    root_key = load_ec(platform.root_key)
    below = (constraints(ca=False), usage(ca=False))
    signer = issue(_SIGNER_NAME, key, ROOT_NAME, root_key, below)
    dates = {"issueDate": _time(when - timedelta(days=1)), "nextUpdate": _time(when + _LIFE)}
    numbers = {"tcbEvaluationDataNumber": evaluation_number}
    info = _tcb_info(td=td, status=status, advisories=advisories) | dates | numbers
    identity = _qe_identity(td=td) | dates | numbers
    serials = (load(platform.leaf).serial_number,) if revoked else ()
    authority_key = load_ec(platform.authority_key)
    lists = (
        _revocations(load(platform.authority), authority_key, when, serials),
        _revocations(load(platform.root), root_key, when, ()),
    )
    found = _collected(info, identity, key, pem(signer, platform.root), lists)
    found["pck_crl_issuer_chain"] = pem(platform.authority, platform.root).decode("ascii")
    return json.dumps(found, indent=1).encode("ascii")


def _collected(
    info: dict[str, object],
    identity: dict[str, object],
    key: ec.EllipticCurvePrivateKey,
    chain: bytes,
    lists: tuple[bytes, bytes],
) -> dict[str, str]:
    found: dict[str, str] = {"pck_crl": lists[0].hex(), "root_ca_crl": lists[1].hex()}
    for name, document in (("tcb_info", info), ("qe_identity", identity)):
        body = json.dumps(document, separators=(",", ":"))
        found[name] = body
        found[f"{name}_signature"] = sign_raw(key, body.encode("ascii")).hex()
        found[f"{name}_issuer_chain"] = chain.decode("ascii")
    return found


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _tcb_info(
    *, td: bool, status: TcbStatus | None, advisories: tuple[str, ...]
) -> dict[str, object]:
    own = _level(PLATFORM_COMPONENTS, PCE_SVN, status or TcbStatus.UP_TO_DATE, advisories, td=td)
    best = _level((_HIGHEST,) * COMPONENTS, _HIGHEST, TcbStatus.UP_TO_DATE, (), td=td)
    levels = [best, own]
    if status is None:
        levels = [best]
    elif status is TcbStatus.UP_TO_DATE:
        levels = [own]
    found: dict[str, object] = {
        "id": "TDX" if td else "SGX",
        "version": 3,
        "fmspc": FMSPC.hex().upper(),
        "pceId": "0000",
        "tcbType": 0,
        "tcbLevels": levels,
    }
    return found | _modules() if td else found


def _level(
    components: tuple[int, ...],
    pce_svn: int,
    status: TcbStatus,
    advisories: tuple[str, ...],
    *,
    td: bool,
) -> dict[str, object]:
    tcb: dict[str, object] = {
        "sgxtcbcomponents": [{"svn": svn} for svn in components],
        "pcesvn": pce_svn,
    }
    if td:
        tcb["tdxtcbcomponents"] = [{"svn": 0} for _ in range(COMPONENTS)]
    return {
        "tcb": tcb,
        "tcbDate": "2018-01-01T00:00:00Z",
        "tcbStatus": status.value,
        "advisoryIDs": list(advisories),
    }


def _modules() -> dict[str, object]:
    signer = {
        "mrsigner": "00" * 48,
        "attributes": "00" * 8,
        "attributesMask": "FF" * 8,
    }
    level = {"tcb": {"isvsvn": 0}, "tcbDate": "2018-01-01T00:00:00Z", "tcbStatus": "UpToDate"}
    numbered = [
        {"id": f"TDX_{number:02X}", **signer, "tcbLevels": [level]} for number in range(1, 4)
    ]
    return {"tdxModule": signer, "tdxModuleIdentities": numbered}


def _qe_identity(*, td: bool) -> dict[str, object]:
    level = {
        "tcb": {"isvsvn": QE_SVN},
        "tcbDate": "2018-01-01T00:00:00Z",
        "tcbStatus": "UpToDate",
    }
    return {
        "id": "TD_QE" if td else "QE",
        "version": 2,
        "miscselect": "00000000",
        "miscselectMask": "FFFFFFFF",
        "attributes": "11000000000000000000000000000000",
        "attributesMask": "FBFFFFFFFFFFFFFF0000000000000000",
        "mrsigner": QE_SIGNER.hex().upper(),
        "isvprodid": QE_PRODUCT if td else 1,
        "tcbLevels": [level],
    }


def _revocations(
    issuer: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    when: datetime,
    serials: tuple[int, ...],
) -> bytes:
    first = when - timedelta(days=1)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(first)
        .next_update(when + _LIFE)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(first)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)
