"""Makes SEV-SNP reports and image endorsements for the sandbox, under its own roots.

As `quotes`: real structures, really signed, and every name says that it is a sandbox.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from sealwright.evidence.amd.snp import REPORT_SIZE, SIGNED_SIZE
from sealwright.evidence.amd.uvm import EKU_CONTAINER_PLATFORM, FEED
from sealwright.evidence.basis import der
from sealwright.evidence.basis.certificates import load
from sealwright.evidence.basis.trust import AMD_ROOT, UVM_ROOT
from sealwright.evidence.synthetic import authority
from sealwright.evidence.synthetic.authority import (
    constraints,
    dump_key,
    issue,
    load_ec,
    load_rsa,
    new_p384,
    new_rsa,
    pem,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.evidence.synthetic.authority import Extension

ARK_NAME: Final = "Sealwright Sandbox ARK-Milan"
UVM_ROOT_NAME: Final = "Sealwright Sandbox Supply Chain Root CA"
_ASK_NAME: Final = "Sealwright Sandbox SEV-Milan"
_CLOUD: Final = "sealwright-sandbox"
_AMD: Final = "1.3.6.1.4.1.3704.1"
_CPUID_SINCE: Final = 3
_CPUIDS: Final = {"Milan": (0x19, 1, 1), "Genoa": (0x19, 0x11, 1), "Turin": (0x1A, 2, 1)}
TURIN: Final = "Turin"
PRODUCTS: Final = tuple(_CPUIDS)


@dataclass(frozen=True, slots=True)
class SandboxSnpPlatform:
    """The pretended AMD machine and image publisher of a sandbox; keys as PKCS#8 DER."""

    ark: bytes
    ask: bytes
    vcek: bytes
    uvm_root: bytes
    uvm_leaf: bytes
    chip_id: bytes
    ask_key: bytes = field(repr=False)
    vcek_key: bytes = field(repr=False)
    uvm_key: bytes = field(repr=False)

    def anchors(self) -> tuple[TrustAnchor, ...]:
        """What a verifier must be given to accept this platform, marked as a sandbox's."""
        return (
            authority.anchor(AMD_ROOT, self.ark, ARK_NAME),
            authority.anchor(UVM_ROOT, self.uvm_root, UVM_ROOT_NAME),
        )

    def dump(self) -> bytes:
        """The platform as JSON, private keys included."""
        return authority.dump(self)

    @classmethod
    def restore(cls, raw: bytes) -> SandboxSnpPlatform:
        """The platform that `dump` wrote.

        Raises:
            EvidenceError: it is damaged.
        """
        return authority.restore(cls, raw)


@dataclass(frozen=True, slots=True)
class SnpTcb:
    """Security versions that a synthetic report states and its certificate was made for."""

    boot_loader: int = 4
    tee: int = 0
    snp: int = 24
    microcode: int = 219
    fmc: int = 1
    """Only on Turin."""

    def raw(self, product: str) -> bytes:
        """The eight bytes of a product's TCB_VERSION."""
        if product == TURIN:
            parts = (self.fmc, self.boot_loader, self.tee, self.snp, 0, 0, 0, self.microcode)
        else:
            parts = (self.boot_loader, self.tee, 0, 0, 0, 0, self.snp, self.microcode)
        return bytes(parts)


@dataclass(frozen=True, slots=True)
class SnpFields:
    """What a synthetic report says."""

    report_data: bytes = bytes(64)
    measurement: bytes = bytes(48)
    host_data: bytes = bytes(32)
    policy: int = 0x3001F
    vmpl: int = 0
    guest_svn: int = 2
    family_id: bytes = bytes(16)
    image_id: bytes = bytes(16)
    id_key_digest: bytes = bytes(48)
    author_key_digest: bytes = bytes(48)
    report_id: bytes = bytes(32)
    version: int = 2
    """2, 3 or 5."""
    product: str = "Milan"
    vlek: bool = False
    """Whether a key of the cloud signs, not one of the chip."""
    tcb: SnpTcb = SnpTcb()


def new_snp_platform() -> SandboxSnpPlatform:
    """Make the keys and certificates of a new pretended machine."""
    ark_key, ask_key, root_key, leaf_key = (new_rsa() for _ in range(4))
    vcek_key = new_p384()
    chip_id = secrets.token_bytes(64)
    above = (constraints(ca=True),)
    ark = issue(ARK_NAME, ark_key, ARK_NAME, ark_key, above, pss=True)
    ask = issue(_ASK_NAME, ask_key, ARK_NAME, ark_key, above, pss=True)
    vcek = _endorsement_key(vcek_key, ask_key, chip_id, SnpFields())
    root = issue(UVM_ROOT_NAME, root_key, UVM_ROOT_NAME, root_key, above, pss=True)
    usages = x509.ExtendedKeyUsage([x509.ObjectIdentifier(EKU_CONTAINER_PLATFORM)])
    name = "Sealwright Sandbox ContainerPlat"
    leaf = issue(name, leaf_key, UVM_ROOT_NAME, root_key, ((usages, False),), pss=True)
    keys = (dump_key(key) for key in (ask_key, vcek_key, leaf_key))
    return SandboxSnpPlatform(ark, ask, vcek, root, leaf, chip_id, *keys)


def _endorsement_key(
    key: ec.EllipticCurvePrivateKey,
    ask_key: authority.Private,
    chip_id: bytes,
    fields: SnpFields,
) -> bytes:
    subject = "Sealwright Sandbox SEV-VLEK" if fields.vlek else "Sealwright Sandbox SEV-VCEK"
    return issue(subject, key, _ASK_NAME, ask_key, _chip_extensions(chip_id, fields), pss=True)


def _chip_extensions(chip_id: bytes, fields: SnpFields) -> tuple[Extension, ...]:
    tcb, turin = fields.tcb, fields.product == TURIN
    name = "Milan-B0" if fields.product == "Milan" else fields.product
    values = {
        f"{_AMD}.1": der.integer(int(turin)),
        f"{_AMD}.2": der.encode(0x16, name.encode("ascii")),
        f"{_AMD}.3.1": der.integer(tcb.boot_loader),
        f"{_AMD}.3.2": der.integer(tcb.tee),
        f"{_AMD}.3.3": der.integer(tcb.snp),
        f"{_AMD}.3.8": der.integer(tcb.microcode),
    }
    if turin:
        values[f"{_AMD}.3.9"] = der.integer(tcb.fmc)
    if fields.vlek:
        values[f"{_AMD}.5"] = der.encode(0x16, _CLOUD.encode("ascii"))
    else:
        values[f"{_AMD}.4"] = chip_id[:8] if turin else chip_id
    return tuple(
        (x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), False)
        for oid, value in values.items()
    )


def snp_chain_pem(platform: SandboxSnpPlatform, fields: SnpFields | None = None) -> bytes:
    """PEM of the key's certificate for the report's product and TCB, then ASK and ARK."""
    leaf = platform.vcek
    if fields is not None:
        key, ask_key = load_ec(platform.vcek_key), load_rsa(platform.ask_key)
        leaf = _endorsement_key(key, ask_key, platform.chip_id, fields)
    return pem(leaf, platform.ask, platform.ark)


def make_snp_report(platform: SandboxSnpPlatform, fields: SnpFields) -> bytes:
    """A report, signed by the pretended chip."""
    signed = _unsigned(platform, fields)
    key = load_ec(platform.vcek_key)
    numbers = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(SHA384())))
    signature = b"".join(number.to_bytes(72, "little") for number in numbers)
    return (signed + signature).ljust(REPORT_SIZE, b"\0")


def _unsigned(platform: SandboxSnpPlatform, fields: SnpFields) -> bytes:
    tcb = fields.tcb.raw(fields.product)
    cpuid = bytes(_CPUIDS[fields.product]) if fields.version >= _CPUID_SINCE else bytes(3)
    chip_id = platform.chip_id[:8] if fields.product == TURIN else platform.chip_id
    parts = (
        _u32(fields.version, fields.guest_svn),
        fields.policy.to_bytes(8, "little"),
        fields.family_id,
        fields.image_id,
        _u32(fields.vmpl, 1),
        tcb,
        (1).to_bytes(8, "little"),
        _u32(int(fields.vlek) << 2, 0),
        fields.report_data,
        fields.measurement,
        fields.host_data,
        fields.id_key_digest,
        fields.author_key_digest,
        fields.report_id,
        b"\xff" * 32,
        tcb,
        cpuid + bytes(21),
        bytes(64) if fields.vlek else chip_id.ljust(64, b"\0"),
        tcb,
        bytes(8),
        tcb,
    )
    return b"".join(parts).ljust(SIGNED_SIZE, b"\0")


def _u32(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in values)


def make_uvm(
    platform: SandboxSnpPlatform,
    measurement: bytes,
    *,
    signed_at: datetime | None,
    guest_svn: int = 2,
) -> bytes:
    """An endorsement of the image with this launch measurement; None leaves its time out."""
    fingerprint = load(platform.uvm_root).fingerprint(SHA256())
    named = base64.urlsafe_b64encode(fingerprint).rstrip(b"=").decode()
    header = {
        1: -38,
        3: "application/json",
        33: [platform.uvm_leaf, platform.uvm_root],
        34: [-16, hashlib.sha256(platform.uvm_leaf).digest()],
        "iss": f"did:x509:0:sha256:{named}::eku:{EKU_CONTAINER_PLATFORM}",
        "feed": FEED,
    }
    protected = cbor2.dumps(header if signed_at is None else header | {"signingtime": signed_at})
    claims = {
        "x-ms-sevsnpvm-guestsvn": str(guest_svn),
        "x-ms-sevsnpvm-launchmeasurement": measurement.hex(),
    }
    payload = json.dumps(claims).encode("ascii")
    key = load_rsa(platform.uvm_key)
    pss = padding.PSS(padding.MGF1(SHA384()), SHA384.digest_size)
    signature = key.sign(cbor2.dumps(["Signature1", protected, b"", payload]), pss, SHA384())
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))


def make_snp_body(
    platform: SandboxSnpPlatform,
    report: bytes,
    endorsement: bytes | None = None,
    chain: bytes = b"",
) -> bytes:
    """The JSON text that a client sends, or that a signing certificate carries."""
    chain = chain or snp_chain_pem(platform)
    members = {"SnpReport": _b64url(report), "VcekCertChain": _b64url(chain)}
    if endorsement is not None:
        inner = json.dumps({"Uvm": [_b64url(endorsement)]}).encode("ascii")
        members["Endorsements"] = _b64url(inner)
    return json.dumps(members).encode("ascii")


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
