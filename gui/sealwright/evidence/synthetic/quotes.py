"""Makes evidence for the sandbox: real structures, really signed, under a sandbox's own root.

Nothing made here can be taken for hardware: every name says sandbox, and the root is pinned
nowhere but in the sandbox that made it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sealwright.evidence.basis.trust import SGX_ROOT
from sealwright.evidence.intel.open_enclave import wrap_report
from sealwright.evidence.intel.pck import SGX_EXTENSION, PckFacts, encode_extension
from sealwright.evidence.intel.sgx import (
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
from sealwright.evidence.synthetic import authority
from sealwright.evidence.synthetic.authority import (
    constraints,
    dump_key,
    issue,
    load_ec,
    new_p256,
    pem,
    usage,
)

if TYPE_CHECKING:
    from sealwright.evidence.basis.trust import TrustAnchor

ROOT_NAME: Final = "Sealwright Sandbox SGX Root CA"
_AUTHORITY_NAME: Final = "Sealwright Sandbox SGX PCK Processor CA"
_LEAF_NAME: Final = "Sealwright Sandbox SGX PCK Certificate"

FMSPC: Final = bytes.fromhex("5ea100000000")
QE_SVN: Final = 9
_QE_PRODUCT: Final = 1
PCE_SVN: Final = 14
_AUTH_DATA: Final = bytes(range(32))
COMPONENTS: Final = (20, 20, 2, 4, 1, 128, 14, *([0] * 9))


def sandbox_measurement(name: str) -> bytes:
    """A measurement or signer value that names a sandbox enclave and no real one."""
    return hashlib.sha256(b"Sealwright sandbox enclave: " + name.encode()).digest()


QE_SIGNER: Final = sandbox_measurement("quoting enclave signer")
"""Who signed the sandbox's quoting enclaves."""


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
        return authority.anchor(SGX_ROOT, self.root, ROOT_NAME)

    def dump(self) -> bytes:
        """The platform as JSON, private keys included."""
        return authority.dump(self)

    @classmethod
    def restore(cls, raw: bytes) -> SandboxPlatform:
        """The platform that `dump` wrote.

        Raises:
            EvidenceError: it is damaged.
        """
        return authority.restore(cls, raw)


def new_platform() -> SandboxPlatform:
    """Make the keys and certificates of a new pretended machine."""
    root_key, authority_key, leaf_key, attestation_key = (new_p256() for _ in range(4))
    facts = (
        x509.UnrecognizedExtension(
            x509.ObjectIdentifier(SGX_EXTENSION), encode_extension(_platform_facts())
        ),
        False,
    )
    above, below = (constraints(ca=True), usage(ca=True)), (constraints(ca=False), usage(ca=False))
    root = issue(ROOT_NAME, root_key, ROOT_NAME, root_key, above)
    middle = issue(_AUTHORITY_NAME, authority_key, ROOT_NAME, root_key, above)
    leaf = issue(_LEAF_NAME, leaf_key, _AUTHORITY_NAME, authority_key, (*below, facts))
    keys = (dump_key(key) for key in (root_key, authority_key, leaf_key, attestation_key))
    return SandboxPlatform(root, middle, leaf, *keys)


def _platform_facts() -> PckFacts:
    return PckFacts(
        ppid=secrets.token_bytes(16),
        components=COMPONENTS,
        pce_svn=PCE_SVN,
        cpu_svn=bytes(COMPONENTS),
        pce_id=bytes(2),
        fmspc=FMSPC,
        sgx_type=0,
    )


def make_quote(platform: SandboxPlatform, body: ReportBody) -> bytes:
    """An SGX quote v3 over `body`, signed by the pretended machine."""
    signed = _header() + encode_report_body(body)
    signature, certification = vouch(platform, signed, _QE_PRODUCT)
    auth = signature + certification
    return signed + len(auth).to_bytes(4, "little") + auth


def vouch(platform: SandboxPlatform, signed: bytes, qe_product: int) -> tuple[bytes, bytes]:
    """Signature with its key, and who answers for the key, as quotes of all versions have them."""
    attestation_key = load_ec(platform.attestation_key)
    point = attestation_key.public_key().public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )[1:]
    qe_report = encode_report_body(_quoting_enclave(point, qe_product))
    chain = pem(platform.leaf, platform.authority, platform.root)
    certification = (
        qe_report,
        sign_raw(load_ec(platform.leaf_key), qe_report),
        len(_AUTH_DATA).to_bytes(2, "little"),
        _AUTH_DATA,
        CERTIFICATION_PCK_CHAIN.to_bytes(2, "little"),
        len(chain).to_bytes(4, "little"),
        chain,
    )
    return sign_raw(attestation_key, signed) + point, b"".join(certification)


def make_report(platform: SandboxPlatform, body: ReportBody) -> bytes:
    """A quote as an Open Enclave report."""
    return wrap_report(make_quote(platform, body))


def _quoting_enclave(attestation_point: bytes, product: int) -> ReportBody:
    return ReportBody(
        mrenclave=sandbox_measurement("quoting enclave"),
        mrsigner=QE_SIGNER,
        isv_prod_id=product,
        isv_svn=QE_SVN,
        report_data=hashlib.sha256(attestation_point + _AUTH_DATA).digest() + bytes(32),
        flags=FLAG_INIT | FLAG_MODE64 | FLAG_PROVISION_KEY,
        cpu_svn=bytes(COMPONENTS),
    )


def _header() -> bytes:
    numbers = ((QUOTE_VERSION, 2), (KEY_TYPE_P256, 2), (0, 4), (QE_SVN, 2), (PCE_SVN, 2))
    words = b"".join(value.to_bytes(size, "little") for value, size in numbers)
    return words + INTEL_QE_VENDOR + sandbox_measurement("platform")[:16] + bytes(4)


def sign_raw(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """An ECDSA signature as r and s, 32 bytes each, big-endian."""
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
