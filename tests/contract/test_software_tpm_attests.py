"""A software TPM attests itself at the sandbox: real quotes over the challenge, both messages."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from helpers.attesting import attesting
from helpers.issuing import rsa_key
from helpers.swtpm import Swtpm, running_tpm
from helpers.tpm_client import jwk, signed
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import RejectedError
from sealwright.evidence.boot.event_log import EV_NO_ACTION, parse_event_log
from sealwright.evidence.synthetic.boot import BootSettings, make_boot_log
from sealwright.services.attestation.request import AttestRequest
from sealwright.tokens.jose import b64url_encode
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

SHA256 = 0x000B
ALL = tuple(range(24))
POLICY = (
    'version=1.2;configurationrules{=> issueproperty(type="require_valid_aik_cert", value=false);};'
    "authorizationrules{=> permit();};issuancerules{"
    'c:[type=="secureBootEnabled", issuer=="AttestationService"] => issue(claim=c);};'
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Machine:
    """A machine whose boot was measured into a software TPM."""

    tpm: Swtpm
    key: RSAPublicKey
    log: bytes

    def respond(self, challenge: bytes, service_context: str) -> str:
        request_key = rsa_key("request key")
        text = json.dumps(jwk(request_key.public_key()))
        bound = hashlib.sha256(text.encode() + b"\0" + challenge).digest()
        quote, signature = self.tpm.quote(ALL, bound)
        values = [
            {"index": index, "digest": b64url_encode(value)}
            for index, value in self.tpm.registers().items()
        ]
        attestation = {
            "logs": [{"type": "TCG", "log": b64url_encode(self.log)}],
            "aik_pub": jwk(self.key),
            "pcrs": [{"algorithm": SHA256, "values": values}],
            "quote": b64url_encode(quote),
            "signature": b64url_encode(signature),
        }
        data = {
            "challenge": b64url_encode(challenge),
            "tpm_att_data": {"current_attestation": attestation},
            "request_key": {
                "jwk": json.loads(text),
                "info": {"tpm_quote": {"hash_alg": "sha-256"}},
            },
            "service_context": service_context,
        }
        payload = json.dumps({"att_type": "basic", "att_data": data})
        return signed(payload, "attReqV2", request_key)


def booted(tpm: Swtpm) -> Machine:
    log = make_boot_log(BootSettings(windows=True), b"\x30\x00", b"")
    for event in parse_event_log(log).events:
        if event.type != EV_NO_ACTION:
            tpm.extend(event.register, dict(event.digests)[SHA256])
    key = load_pem_public_key(tpm.make_key())
    assert isinstance(key, RSAPublicKey)
    return Machine(tpm, key, log)


async def test_real_quotes_over_the_challenge(tmp_path: Path) -> None:
    with running_tpm() as tpm:
        machine = booted(tpm)
        async with attesting(tmp_path) as scene:
            await scene.client.data("PUT", "plain", "/policies/Tpm", unsecured_policy(POLICY))
            request = AttestRequest("plain", AttestationType.TPM, tpm=machine)

            good = await scene.services.attest.attest(request)
            tpm.extend(12, b"\1" * 32)
            changed = await scene.services.attest.attest(request)

    assert good.error is None
    assert good.secured
    assert good.claims["secureBootEnabled"] is True
    assert good.claims["x-ms-attestation-type"] == "tpm"
    assert isinstance(changed.error, RejectedError)
    assert "events do not lead to the quoted value" in changed.error.summary
