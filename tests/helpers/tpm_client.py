"""The client's side of the Tpm protocol: a TPM of RSA keys and byte strings, and its requests.

Written from the reference (spec evidence, 9 and 10), independently of the program's own encoders.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from helpers.issuing import certificate, rsa_key
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

BANK = 0x000B
REGISTERS = 24
EFI_GLOBAL = bytes.fromhex("61dfe48bca93d211aa0d00e098032b8c")
EV_SEPARATOR, EV_EVENT_TAG, EV_VARIABLE = 0x04, 0x06, 0x80000001


def secure_boot(value: int = 1) -> tuple[int, int, bytes]:
    """The event that measures the variable SecureBoot."""
    name = "SecureBoot".encode("utf-16-le")
    sizes = struct.pack("<QQ", len(name) // 2, 1)
    return 7, EV_VARIABLE, EFI_GLOBAL + sizes + name + bytes((value,))


def windows(*tagged: tuple[int, bytes]) -> tuple[int, int, bytes]:
    """A Windows event in PCR 12 with the given types and values."""
    inner = b"".join(struct.pack("<II", kind, len(value)) + value for kind, value in tagged)
    return 12, EV_EVENT_TAG, struct.pack("<II", 0x40010001, len(inner)) + inner


def identity_key(key: RSAPublicKey) -> tuple[int, bytes]:
    """The tagged value that names the secure kernel's signing key."""
    numbers = key.public_numbers()
    exponent, modulus = numbers.e.to_bytes(3, "big"), numbers.n.to_bytes(key.key_size // 8, "big")
    sizes = struct.pack("<IIII", 1, key.key_size, len(exponent), len(modulus))
    return 0x00050023, sizes + exponent + modulus


def event_log(*events: tuple[int, int, bytes]) -> bytes:
    """A crypto-agile log with SHA-256 digests."""
    spec = b"Spec ID Event03\0" + struct.pack("<IBBBB", 0, 0, 2, 0, 2)
    spec += struct.pack("<IHH", 1, BANK, 32) + b"\0"
    made = struct.pack("<II20sI", 0, 3, bytes(20), len(spec)) + spec
    for register, kind, data in events:
        digest = hashlib.sha256(data).digest()
        made += struct.pack("<IIIH", register, kind, 1, BANK) + digest
        made += struct.pack("<I", len(data)) + data
    return made


def replayed(*events: tuple[int, int, bytes]) -> list[bytes]:
    values = [bytes(32)] * 17 + [b"\xff" * 32] * 6 + [bytes(32)]
    for register, _, data in events:
        digest = hashlib.sha256(data).digest()
        values[register] = hashlib.sha256(values[register] + digest).digest()
    return values


def sized(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data


def jwk(key: RSAPublicKey, **more: str) -> dict[str, str]:
    numbers = key.public_numbers()
    return {
        "kty": "RSA",
        "n": b64url_encode(numbers.n.to_bytes(key.key_size // 8, "big")),
        "e": b64url_encode(numbers.e.to_bytes(3, "big")),
        **more,
    }


def public_area(key: RSAPublicKey) -> bytes:
    """TPMT_PUBLIC of a signing key that never leaves its TPM."""
    modulus = key.public_numbers().n.to_bytes(key.key_size // 8, "big")
    attributes = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 18
    return (
        struct.pack(">HHI", 0x0001, BANK, attributes)
        + sized(b"")
        + struct.pack(">HHHI", 0x0010, 0x0010, key.key_size, 0)
        + sized(modulus)
    )


@dataclass
class SoftTpm:
    """A TPM with an attestation key, whose registers follow from the events of its log."""

    events: tuple[tuple[int, int, bytes], ...] = (secure_boot(), (7, EV_SEPARATOR, bytes(4)))
    aik: RSAPrivateKey = field(default_factory=lambda: rsa_key("aik"))

    @property
    def log(self) -> bytes:
        return event_log(*self.events)

    @property
    def registers(self) -> list[bytes]:
        return replayed(*self.events)

    @property
    def certificate(self) -> bytes:
        authority = rsa_key("tpm authority")
        return certificate(self.aik, "AIK", issuer="TPM authority", issuer_key=authority)

    def _attest(self, kind: int, extra: bytes, body: bytes) -> bytes:
        signer = sized(struct.pack(">H", BANK) + hashlib.sha256(b"aik").digest())
        clock = struct.pack(">QIIB", 1000, 1, 0, 1)
        head = struct.pack(">IH", 0xFF544347, kind) + signer + sized(extra) + clock
        return head + bytes(8) + body

    def _sign(self, data: bytes) -> bytes:
        made = self.aik.sign(data, padding.PKCS1v15(), SHA256())
        return struct.pack(">HH", 0x0014, BANK) + sized(made)

    def quote(self, extra: bytes, indices: range = range(REGISTERS)) -> tuple[bytes, bytes]:
        """TPMS_ATTEST and TPMT_SIGNATURE over the registers."""
        bits = sum(1 << at for at in indices).to_bytes(3, "little")
        digest = hashlib.sha256(b"".join(self.registers[at] for at in indices)).digest()
        selection = struct.pack(">IHB", 1, BANK, 3) + bits
        made = self._attest(0x8018, extra, selection + sized(digest))
        return made, self._sign(made)

    def certify(self, key: RSAPublicKey, extra: bytes) -> dict[str, str]:
        """`tpm_certify`: that the key lives in this TPM."""
        public = public_area(key)
        name = struct.pack(">H", BANK) + hashlib.sha256(public).digest()
        made = self._attest(0x8017, extra, sized(name) + sized(name))
        parts = {"public": public, "certification": made, "signature": self._sign(made)}
        return {title: b64url_encode(part) for title, part in parts.items()}

    def attestation(self, extra: bytes, indices: range = range(REGISTERS)) -> dict[str, Any]:
        """`current_attestation` of version 2."""
        quote, signature = self.quote(extra, indices)
        values = [{"index": at, "digest": b64url_encode(self.registers[at])} for at in indices]
        return {
            "logs": [{"type": "TCG", "log": b64url_encode(self.log)}],
            "aik_cert": b64url_encode(self.certificate),
            "aik_pub": jwk(self.aik.public_key()),
            "pcrs": [{"algorithm": BANK, "values": values}],
            "quote": b64url_encode(quote),
            "signature": b64url_encode(signature),
        }

    def platform_claim(self, extra: bytes) -> bytes:
        """The Windows platform claim of version 1."""
        quote, signature = self.quote(extra)
        values, log = b"".join(self.registers), self.log
        sizes = (len(values), len(quote), len(signature), len(log))
        header = struct.pack("<4s7I", b"PADS", 2, 32, *sizes, BANK)
        return header + values + quote + signature + log

    def respond(self, challenge: bytes, service_context: str) -> str:
        """The request of version 2 that answers a challenge, its key bound by the quote."""
        key = rsa_key("request key")
        text = json.dumps(jwk(key.public_key()))
        extra = hashlib.sha256(text.encode() + b"\0" + challenge).digest()
        data = {
            "rp_data": "cnAtZGF0YQ",
            "challenge": b64url_encode(challenge),
            "tpm_att_data": {"current_attestation": self.attestation(extra)},
            "request_key": {
                "jwk": json.loads(text),
                "info": {"tpm_quote": {"hash_alg": "sha-256"}},
            },
            "service_context": service_context,
        }
        return signed(json.dumps({"att_type": "basic", "att_data": data}), "attReqV2", key)


def signed(payload: str, version: str, key: RSAPrivateKey) -> str:
    """A request JWS, signed with PS256."""
    header = json.dumps({"alg": "PS256", "typ": version})
    signing = f"{b64url_encode(header.encode())}.{b64url_encode(payload.encode())}"
    pss = padding.PSS(padding.MGF1(SHA256()), 32)
    return f"{signing}.{b64url_encode(key.sign(signing.encode(), pss, SHA256()))}"


def enclave_report(data: bytes, key: RSAPrivateKey, flags: int = 0) -> bytes:
    """A VBS enclave report, signed by the secure kernel's identity key."""
    identity = b"o" * 32 + b"u" * 32 + b"a" * 32 + b"f" * 16 + b"i" * 16
    numbers = struct.pack("<6I", 3, 1, 2, flags, 6, 1)
    body = struct.pack("<I", 1) + hashlib.sha512(data).digest() + identity + numbers
    report = struct.pack("<I", len(body) + 4) + body
    signature = key.sign(report, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    size = 20 + len(report) + len(signature)
    return struct.pack("<5I", size, 1, 1, len(signature), 0) + report + signature
