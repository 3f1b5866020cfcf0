"""Makes evidence for the sandbox: real structures, really signed, under a sandbox's own root.

Nothing made here can be taken for hardware: every name says sandbox, and the root is pinned
nowhere but in the sandbox that made it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from sealwright.errors import EvidenceError
from sealwright.evidence.certificates import load, spki_sha256
from sealwright.evidence.open_enclave import wrap_report
from sealwright.evidence.pck import SGX_EXTENSION, PckFacts, encode_extension
from sealwright.evidence.sgx import (
    CERTIFICATION_PCK_CHAIN,
    FLAG_INIT,
    FLAG_MODE64,
    FLAG_PROVISION_KEY,
    INTEL_QE_VENDOR,
    KEY_TYPE_P256,
    QUOTE_VERSION,
    ReportBody,
    encode_report_body,
)
from sealwright.evidence.trust import SGX_ROOT, TrustAnchor

ROOT_NAME: Final = "Sealwright Sandbox SGX Root CA"
_AUTHORITY_NAME: Final = "Sealwright Sandbox SGX PCK Processor CA"
_LEAF_NAME: Final = "Sealwright Sandbox SGX PCK Certificate"
_ORGANIZATION: Final = "Sealwright sandbox, not hardware"

# Wide, because a sandbox may be set to the time of a recording.
_FIRST: Final = datetime(2018, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2049, 12, 31, tzinfo=UTC)

_QE_SVN: Final = 9
_PCE_SVN: Final = 14
_AUTH_DATA: Final = bytes(range(32))
_COMPONENTS: Final = (20, 20, 2, 4, 1, 128, 14, *([0] * 9))


def sandbox_measurement(name: str) -> bytes:
    """A measurement or signer value that names a sandbox enclave and no real one."""
    return hashlib.sha256(b"Sealwright sandbox enclave: " + name.encode()).digest()


@dataclass(frozen=True, slots=True)
class SandboxPlatform:
    """The pretended machine of a sandbox: its certificates and, as PKCS#8 DER, its keys."""

    root: bytes
    authority: bytes
    leaf: bytes
    root_key: bytes = field(repr=False)
    authority_key: bytes = field(repr=False)
    leaf_key: bytes = field(repr=False)
    attestation_key: bytes = field(repr=False)

    def anchor(self) -> TrustAnchor:
        """What a verifier must be given to accept this platform, marked as a sandbox's."""
        return TrustAnchor(
            use=SGX_ROOT,
            id="sandbox",
            name=ROOT_NAME,
            spki_sha256=spki_sha256(load(self.root)),
            source="this sandbox",
            version="1",
            date=_FIRST.date().isoformat(),
            sandbox=True,
        )

    def dump(self) -> bytes:
        """The platform as JSON, private keys included."""
        values = {name: base64.b64encode(value).decode() for name, value in asdict(self).items()}
        return json.dumps(values).encode("ascii")

    @classmethod
    def restore(cls, raw: bytes) -> SandboxPlatform:
        """The platform that `dump` wrote.

        Raises:
            EvidenceError: it is damaged.
        """
        try:
            values: dict[str, str] = json.loads(raw)
            return cls(**{name: base64.b64decode(value) for name, value in values.items()})
        except (ValueError, TypeError, AttributeError):
            raise EvidenceError("The sandbox's platform keys cannot be read.") from None


def new_platform() -> SandboxPlatform:
    """Make the keys and certificates of a new pretended machine."""
    root_key, authority_key, leaf_key, attestation_key = (_new_key() for _ in range(4))
    root = _certificate(ROOT_NAME, root_key, ROOT_NAME, root_key, ca=True)
    authority = _certificate(_AUTHORITY_NAME, authority_key, ROOT_NAME, root_key, ca=True)
    leaf = _certificate(
        _LEAF_NAME, leaf_key, _AUTHORITY_NAME, authority_key, platform=_platform_facts()
    )
    keys = (_dump_key(key) for key in (root_key, authority_key, leaf_key, attestation_key))
    return SandboxPlatform(root, authority, leaf, *keys)


def _platform_facts() -> PckFacts:
    return PckFacts(
        ppid=secrets.token_bytes(16),
        components=_COMPONENTS,
        pce_svn=_PCE_SVN,
        cpu_svn=bytes(_COMPONENTS),
        pce_id=bytes(2),
        fmspc=bytes.fromhex("5ea100000000"),
        sgx_type=0,
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _dump_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _load_key(raw: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(raw, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise EvidenceError("The sandbox's platform keys cannot be read.")
    return key


def _certificate(  # noqa: PLR0913 - the parts of a certificate
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool = False,
    platform: PckFacts | None = None,
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FIRST)
        .not_valid_after(_LAST)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(ca=ca), critical=True)
    )
    if platform is not None:
        oid = x509.ObjectIdentifier(SGX_EXTENSION)
        value = x509.UnrecognizedExtension(oid, encode_extension(platform))
        builder = builder.add_extension(value, critical=False)
    return builder.sign(issuer_key, SHA256()).public_bytes(Encoding.DER)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANIZATION),
        ]
    )


def make_quote(platform: SandboxPlatform, body: ReportBody) -> bytes:
    """An SGX quote v3 over `body`, signed by the pretended machine."""
    attestation_key = _load_key(platform.attestation_key)
    point = attestation_key.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )[1:]
    qe_report = encode_report_body(_quoting_enclave(point))
    signed = _header() + encode_report_body(body)
    chain = b"".join(
        load(der).public_bytes(Encoding.PEM)
        for der in (platform.leaf, platform.authority, platform.root)
    )
    auth = b"".join(
        (
            _sign(attestation_key, signed),
            point,
            qe_report,
            _sign(_load_key(platform.leaf_key), qe_report),
            len(_AUTH_DATA).to_bytes(2, "little"),
            _AUTH_DATA,
            CERTIFICATION_PCK_CHAIN.to_bytes(2, "little"),
            len(chain).to_bytes(4, "little"),
            chain,
        )
    )
    return signed + len(auth).to_bytes(4, "little") + auth


def make_report(platform: SandboxPlatform, body: ReportBody) -> bytes:
    """A quote as an Open Enclave report."""
    return wrap_report(make_quote(platform, body))


def _quoting_enclave(attestation_point: bytes) -> ReportBody:
    return ReportBody(
        mrenclave=sandbox_measurement("quoting enclave"),
        mrsigner=sandbox_measurement("quoting enclave signer"),
        isv_prod_id=1,
        isv_svn=_QE_SVN,
        report_data=hashlib.sha256(attestation_point + _AUTH_DATA).digest() + bytes(32),
        flags=FLAG_INIT | FLAG_MODE64 | FLAG_PROVISION_KEY,
        cpu_svn=bytes(_COMPONENTS),
    )


def _header() -> bytes:
    numbers = ((QUOTE_VERSION, 2), (KEY_TYPE_P256, 2), (0, 4), (_QE_SVN, 2), (_PCE_SVN, 2))
    words = b"".join(value.to_bytes(size, "little") for value, size in numbers)
    return words + INTEL_QE_VENDOR + sandbox_measurement("platform")[:16] + bytes(4)


def _sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
