"""Makes SEV-SNP reports and image endorsements for the sandbox, under its own roots.

As `synthesize`: real structures, really signed, and every name says that it is a sandbox.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from sealwright.errors import EvidenceError
from sealwright.evidence import der
from sealwright.evidence.certificates import load, spki_sha256
from sealwright.evidence.snp import REPORT_SIZE, SIGNED_SIZE
from sealwright.evidence.trust import AMD_ROOT, UVM_ROOT, TrustAnchor
from sealwright.evidence.uvm import EKU_CONTAINER_PLATFORM, FEED

if TYPE_CHECKING:
    from collections.abc import Mapping

ARK_NAME: Final = "Sealwright Sandbox ARK-Milan"
UVM_ROOT_NAME: Final = "Sealwright Sandbox Supply Chain Root CA"
_ORGANIZATION: Final = "Sealwright sandbox, not hardware"
_FIRST: Final = datetime(2018, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2049, 12, 31, tzinfo=UTC)
_TCB: Final = bytes((4, 0, 0, 0, 0, 0, 24, 219))
_BITS: Final = 2048
_AMD: Final = "1.3.6.1.4.1.3704.1"


@dataclass(frozen=True, slots=True)
class SandboxSnpPlatform:
    """The pretended AMD machine and image publisher of a sandbox; keys as PKCS#8 DER."""

    ark: bytes
    ask: bytes
    vcek: bytes
    uvm_root: bytes
    uvm_leaf: bytes
    chip_id: bytes
    vcek_key: bytes = field(repr=False)
    uvm_key: bytes = field(repr=False)

    def anchors(self) -> tuple[TrustAnchor, ...]:
        """What a verifier must be given to accept this platform, marked as a sandbox's."""
        roots = ((AMD_ROOT, self.ark, ARK_NAME), (UVM_ROOT, self.uvm_root, UVM_ROOT_NAME))
        date = _FIRST.date().isoformat()
        return tuple(
            TrustAnchor(
                use=use,
                id="sandbox",
                name=name,
                spki_sha256=spki_sha256(load(root)),
                source="this sandbox",
                version="1",
                date=date,
                sandbox=True,
            )
            for use, root, name in roots
        )

    def dump(self) -> bytes:
        """The platform as JSON, private keys included."""
        values = {name: base64.b64encode(value).decode() for name, value in asdict(self).items()}
        return json.dumps(values).encode("ascii")

    @classmethod
    def restore(cls, raw: bytes) -> SandboxSnpPlatform:
        """The platform that `dump` wrote.

        Raises:
            EvidenceError: it is damaged.
        """
        try:
            values: dict[str, str] = json.loads(raw)
            return cls(**{name: base64.b64decode(value) for name, value in values.items()})
        except (ValueError, TypeError, AttributeError):
            raise EvidenceError("The sandbox's platform keys cannot be read.") from None


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


def new_snp_platform() -> SandboxSnpPlatform:
    """Make the keys and certificates of a new pretended machine."""
    ark_key, ask_key, root_key, leaf_key = (_new_rsa() for _ in range(4))
    vcek_key = ec.generate_private_key(ec.SECP384R1())
    chip_id = secrets.token_bytes(64)
    ark = _issue(ARK_NAME, ark_key, ARK_NAME, ark_key, _authority())
    ask = _issue("Sealwright Sandbox SEV-Milan", ask_key, ARK_NAME, ark_key, _authority())
    vcek = _issue(
        "Sealwright Sandbox SEV-VCEK",
        vcek_key,
        "Sealwright Sandbox SEV-Milan",
        ask_key,
        _chip_extensions(chip_id),
    )
    root = _issue(UVM_ROOT_NAME, root_key, UVM_ROOT_NAME, root_key, _authority())
    usage = x509.ExtendedKeyUsage([x509.ObjectIdentifier(EKU_CONTAINER_PLATFORM)])
    leaf = _issue(
        "Sealwright Sandbox ContainerPlat", leaf_key, UVM_ROOT_NAME, root_key, ((usage, False),)
    )
    return SandboxSnpPlatform(
        ark, ask, vcek, root, leaf, chip_id, _dump_key(vcek_key), _dump_key(leaf_key)
    )


def _new_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


def _dump_key(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _authority() -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return ((x509.BasicConstraints(ca=True, path_length=None), True),)


def _chip_extensions(chip_id: bytes) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    values: Mapping[str, bytes] = {
        f"{_AMD}.1": der.integer(0),
        f"{_AMD}.2": der.encode(0x16, b"Milan-B0"),
        f"{_AMD}.3.1": der.integer(_TCB[0]),
        f"{_AMD}.3.2": der.integer(_TCB[1]),
        f"{_AMD}.3.3": der.integer(_TCB[6]),
        f"{_AMD}.3.8": der.integer(_TCB[7]),
        f"{_AMD}.4": chip_id,
    }
    return tuple(
        (x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), False)
        for oid, value in values.items()
    )


def _issue(
    subject: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    issuer: str,
    issuer_key: rsa.RSAPrivateKey,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...],
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FIRST)
        .not_valid_after(_LAST)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    pss = padding.PSS(padding.MGF1(SHA384()), SHA384.digest_size)
    return builder.sign(issuer_key, SHA384(), rsa_padding=pss).public_bytes(Encoding.DER)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANIZATION),
        ]
    )


def make_snp_report(platform: SandboxSnpPlatform, fields: SnpFields) -> bytes:
    """A report of version 2, signed by the pretended chip."""
    signed = _unsigned(platform, fields)
    key = load_der_private_key(platform.vcek_key, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise EvidenceError("The sandbox's platform keys cannot be read.")
    numbers = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(SHA384())))
    signature = b"".join(number.to_bytes(72, "little") for number in numbers)
    return (signed + signature).ljust(REPORT_SIZE, b"\0")


def _unsigned(platform: SandboxSnpPlatform, fields: SnpFields) -> bytes:
    parts = (
        _u32(2, fields.guest_svn),
        fields.policy.to_bytes(8, "little"),
        fields.family_id,
        fields.image_id,
        _u32(fields.vmpl, 1),
        _TCB,
        (1).to_bytes(8, "little"),
        _u32(0, 0),
        fields.report_data,
        fields.measurement,
        fields.host_data,
        fields.id_key_digest,
        fields.author_key_digest,
        fields.report_id,
        b"\xff" * 32,
        _TCB,
        bytes(24),
        platform.chip_id,
        _TCB,
        bytes(8),
        _TCB,
    )
    return b"".join(parts).ljust(SIGNED_SIZE, b"\0")


def _u32(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in values)


def make_uvm(platform: SandboxSnpPlatform, measurement: bytes, *, signed_at: datetime) -> bytes:
    """An endorsement of the image with this launch measurement."""
    fingerprint = load(platform.uvm_root).fingerprint(SHA256())
    named = base64.urlsafe_b64encode(fingerprint).rstrip(b"=").decode()
    protected = cbor2.dumps(
        {
            1: -38,
            3: "application/json",
            33: [platform.uvm_leaf, platform.uvm_root],
            34: [-16, hashlib.sha256(platform.uvm_leaf).digest()],
            "iss": f"did:x509:0:sha256:{named}::eku:{EKU_CONTAINER_PLATFORM}",
            "feed": FEED,
            "signingtime": signed_at,
        }
    )
    claims = {
        "x-ms-sevsnpvm-guestsvn": "2",
        "x-ms-sevsnpvm-launchmeasurement": measurement.hex(),
    }
    payload = json.dumps(claims).encode("ascii")
    key = load_der_private_key(platform.uvm_key, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise EvidenceError("The sandbox's platform keys cannot be read.")
    pss = padding.PSS(padding.MGF1(SHA384()), SHA384.digest_size)
    signature = key.sign(cbor2.dumps(["Signature1", protected, b"", payload]), pss, SHA384())
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))


def make_snp_body(
    platform: SandboxSnpPlatform, report: bytes, endorsement: bytes | None = None
) -> bytes:
    """The JSON text that a client sends, or that a signing certificate carries."""
    pem = b"".join(
        load(item).public_bytes(Encoding.PEM)
        for item in (platform.vcek, platform.ask, platform.ark)
    )
    members = {"SnpReport": _b64url(report), "VcekCertChain": _b64url(pem)}
    if endorsement is not None:
        inner = json.dumps({"Uvm": [_b64url(endorsement)]}).encode("ascii")
        members["Endorsements"] = _b64url(inner)
    return json.dumps(members).encode("ascii")


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
