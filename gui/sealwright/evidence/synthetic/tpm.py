"""A pretended TPM: its keys, quotes, certified keys, and the secure kernel beside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sealwright.evidence.azure.vbs import encode_vbs_report, package
from sealwright.evidence.azure.vbs_verify import encode_identity_key
from sealwright.evidence.basis.trust import VTPM_ROOT
from sealwright.evidence.boot.event_log import parse_event_log, replay
from sealwright.evidence.synthetic import authority
from sealwright.evidence.synthetic.authority import (
    constraints,
    dump_key,
    issue,
    load_rsa,
    new_p256,
    new_rsa,
    usage,
)
from sealwright.evidence.tpm import tpm_encode
from sealwright.evidence.tpm.tpm import ALG_RSAES, ALG_RSASSA, parse_attestation, parse_public
from sealwright.evidence.tpm.tpm_quote import encode_tpm_quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric import rsa

    from sealwright.evidence.azure.vbs import VbsReport
    from sealwright.evidence.basis.trust import TrustAnchor

ROOT_NAME: Final = "Sealwright Sandbox vTPM Root CA"
_AIK_NAME: Final = "Sealwright Sandbox vTPM attestation key"
_AIK_ATTRIBUTES: Final = 0x00050472
_KEY_ATTRIBUTES: Final = 0x00020432
_SHA256: Final = 0x000B
_POLICY_PCR: Final = bytes.fromhex("0000017f")
_REGISTERS: Final = 24
_DRTM: Final = range(17, 23)


@dataclass(frozen=True, slots=True)
class SandboxTpm:
    """The pretended TPM of a sandbox; keys as PKCS#8 DER."""

    root: bytes
    aik_certificate: bytes
    root_key: bytes = field(repr=False)
    aik_key: bytes = field(repr=False)
    encryption_key: bytes = field(repr=False)
    """Ephemeral: what a sealed token is encrypted for."""
    identity_key: bytes = field(repr=False)
    """Of the secure kernel, which signs the reports of VBS enclaves."""

    def anchors(self) -> tuple[TrustAnchor, ...]:
        """What a verifier must be given to accept this TPM, marked as a sandbox's."""
        return (authority.anchor(VTPM_ROOT, self.root, ROOT_NAME),)

    def dump(self) -> bytes:
        """The TPM as JSON, private keys included."""
        return authority.dump(self)

    @classmethod
    def restore(cls, raw: bytes) -> SandboxTpm:
        """The TPM that `dump` wrote.

        Raises:
            EvidenceError: it is damaged.
        """
        return authority.restore(cls, raw)

    @property
    def aik_public(self) -> bytes:
        """TPMT_PUBLIC of the attestation key."""
        return tpm_encode.public_area(
            _modulus(load_rsa(self.aik_key)), attributes=_AIK_ATTRIBUTES, scheme=ALG_RSASSA
        )

    @property
    def aik_spki(self) -> bytes:
        """SubjectPublicKeyInfo of the attestation key."""
        public = load_rsa(self.aik_key).public_key()
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def identity(self) -> bytes:
        """The value of the boot event that names the secure kernel's key."""
        return encode_identity_key(load_rsa(self.identity_key).public_key())


@dataclass(frozen=True, slots=True)
class Signed:
    """A TPMS_ATTEST and the bare signature over it."""

    attestation: bytes
    signature: bytes

    @property
    def wrapped(self) -> bytes:
        """The signature as TPMT_SIGNATURE."""
        return tpm_encode.signature(self.signature)


def new_tpm() -> SandboxTpm:
    """Make the keys and certificates of a new pretended TPM."""
    root_key, aik = new_p256(), new_rsa()
    above, below = (constraints(ca=True), usage(ca=True)), (constraints(ca=False), usage(ca=False))
    root = issue(ROOT_NAME, root_key, ROOT_NAME, root_key, above)
    certificate = issue(_AIK_NAME, aik, ROOT_NAME, root_key, below)
    keys = (dump_key(key) for key in (root_key, aik, new_rsa(), new_rsa()))
    return SandboxTpm(root, certificate, *keys)


def _modulus(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_numbers().n.to_bytes(key.key_size // 8, "big")


def registers_after(log: bytes) -> dict[int, bytes]:
    """All 24 registers of the SHA-256 bank after a log."""
    initial = {index: (b"\xff" if index in _DRTM else b"\0") * 32 for index in range(_REGISTERS)}
    return initial | replay(parse_event_log(log), _SHA256)


def _sign(tpm: SandboxTpm, attestation: bytes) -> Signed:
    key = load_rsa(tpm.aik_key)
    return Signed(attestation, key.sign(attestation, padding.PKCS1v15(), SHA256()))


def _signer_name(tpm: SandboxTpm) -> bytes:
    return parse_public(tpm.aik_public).name


def make_quote(
    tpm: SandboxTpm, registers: Mapping[int, bytes], selected: Sequence[int], extra: bytes = b""
) -> Signed:
    """A quote of the selected registers; `extra` is the nonce."""
    digest = hashlib.sha256(b"".join(registers[index] for index in sorted(selected))).digest()
    attestation = tpm_encode.quote(_signer_name(tpm), extra, tpm_encode.selection(selected), digest)
    return _sign(tpm, attestation)


def certify_key(tpm: SandboxTpm, public: bytes, extra: bytes = b"") -> Signed:
    """The attestation key's word that the TPM holds the key of this TPMT_PUBLIC."""
    return _sign(tpm, tpm_encode.certify(_signer_name(tpm), extra, parse_public(public).name))


def encryption_public(tpm: SandboxTpm, quoted: Signed) -> bytes:
    """TPMT_PUBLIC of the encryption key, usable only while the registers are as quoted."""
    found = parse_attestation(quoted.attestation)
    listed = len(found.selections).to_bytes(4, "big") + b"".join(
        item.raw for item in found.selections
    )
    policy = hashlib.sha256(bytes(32) + _POLICY_PCR + listed + found.pcr_digest).digest()
    return tpm_encode.public_area(
        _modulus(load_rsa(tpm.encryption_key)),
        attributes=_KEY_ATTRIBUTES,
        scheme=ALG_RSAES,
        auth_policy=policy,
    )


def make_quote_document(tpm: SandboxTpm, registers: Mapping[int, bytes], extra: bytes) -> bytes:
    """A quote of all registers as the JSON of attestation clients, with the key."""
    quoted = make_quote(tpm, registers, range(_REGISTERS), extra)
    values = [registers[index] for index in range(_REGISTERS)]
    return encode_tpm_quote(quoted.attestation, quoted.wrapped, values, tpm.aik_spki)


def make_vbs_report(tpm: SandboxTpm, report: VbsReport) -> bytes:
    """An enclave report in its package, signed by the secure kernel's key."""
    signed = encode_vbs_report(replace(report, signature=b""))
    pss = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
    return package(signed, load_rsa(tpm.identity_key).sign(signed, pss, SHA256()))
