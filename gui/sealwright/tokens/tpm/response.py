"""A pretended TPM as a party of the Tpm protocol: its answer to a challenge (spec evidence, 9)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from sealwright.evidence.synthetic.authority import load_rsa, new_rsa
from sealwright.evidence.synthetic.tpm import make_quote, make_vbs_report, registers_after
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric import rsa

    from sealwright.evidence.azure.vbs import VbsReport
    from sealwright.evidence.synthetic.tpm import SandboxTpm

_SHA256: Final = 0x000B
_VERSION: Final = "attReqV2"
_RELYING_PARTY: Final = "https://relying.party"


@dataclass(frozen=True, slots=True)
class PretendedTpm:
    """Answers challenges with the state that a boot log left, and for an enclave above it.

    The enclave's data then is the hash of the answer, whatever the report says it is.
    """

    tpm: SandboxTpm = field(repr=False)
    log: bytes = field(repr=False)
    enclave: VbsReport | None = None
    registers: Mapping[int, bytes] = field(repr=False, default_factory=dict)
    """Values that were set, whatever the log says."""

    def respond(self, challenge: bytes, service_context: str) -> str:
        """The request JWS, its key bound by the quote; blocking, it makes a key."""
        key = new_rsa()
        jwk = json.dumps(_jwk(key.public_key()), separators=(",", ":"))
        bound = hashlib.sha256(jwk.encode() + b"\0" + challenge).digest()
        data = json.dumps(
            {
                "rp_id": _RELYING_PARTY,
                "rp_data": b64url_encode(challenge),
                "challenge": b64url_encode(challenge),
                "tpm_att_data": {"current_attestation": self._attestation(bound)},
                "request_key": {
                    "jwk": json.loads(jwk),
                    "info": {"tpm_quote": {"hash_alg": "sha-256"}},
                },
                "service_context": service_context,
            },
            separators=(",", ":"),
        )
        return _signed(self._payload(data), key)

    def _payload(self, data: str) -> str:
        # Put together as text: what is hashed must go out exactly as it was hashed.
        if self.enclave is None:
            return f'{{"att_type":"basic","att_data":{data}}}'
        committed = hashlib.sha512(data.encode()).digest()
        report = make_vbs_report(self.tpm, replace(self.enclave, enclave_data=committed))
        member = json.dumps({"enclave": {"report": b64url_encode(report)}})
        return f'{{"att_type":"vbs","att_data":{{"report_signed":{data},"vsm_report":{member}}}}}'

    def _attestation(self, extra: bytes) -> dict[str, object]:
        registers = registers_after(self.log) | dict(self.registers)
        quoted = make_quote(self.tpm, registers, tuple(registers), extra)
        values = [
            {"index": index, "digest": b64url_encode(value)}
            for index, value in sorted(registers.items())
        ]
        return {
            "logs": [{"type": "TCG", "log": b64url_encode(self.log)}],
            "aik_cert": b64url_encode(self.tpm.aik_certificate),
            "aik_pub": _jwk(load_rsa(self.tpm.aik_key).public_key()),
            "pcrs": [{"algorithm": _SHA256, "values": values}],
            "quote": b64url_encode(quoted.attestation),
            "signature": b64url_encode(quoted.wrapped),
        }


def _jwk(key: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    return {
        "kty": "RSA",
        "n": b64url_encode(numbers.n.to_bytes(key.key_size // 8, "big")),
        "e": b64url_encode(numbers.e.to_bytes(3, "big")),
    }


def _signed(payload: str, key: rsa.RSAPrivateKey) -> str:
    header = json.dumps({"alg": "PS256", "typ": _VERSION}, separators=(",", ":"))
    signed = f"{b64url_encode(header.encode())}.{b64url_encode(payload.encode())}"
    pss = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
    return f"{signed}.{b64url_encode(key.sign(signed.encode(), pss, SHA256()))}"
