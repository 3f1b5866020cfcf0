"""An attestation provider in memory, which signs real tokens and lies on demand."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from helpers.issuing import Issuer, b64
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import RejectedError, ServiceError
from sealwright.evidence.basis.certificates import sha1_thumbprint
from sealwright.services.exchanges import Message
from sealwright.services.model import Provider, TrustModel
from sealwright.services.ports import (
    CLOSED,
    Answer,
    AttestAnswer,
    KeyDocument,
    Metadata,
)
from sealwright.services.reaching.defaults import sgx_default
from sealwright.tokens.jose import split
from sealwright.tokens.policy_jws import token_hash, unsecured_policy, unsecured_reset
from sealwright.tokens.unwrap import read_policy, signer_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sealwright.services.ports import Clock


@dataclass
class Faults:
    """What goes wrong, by operation; each fault is used up once unless it says otherwise."""

    before: dict[str, list[ServiceError]] = field(default_factory=dict)
    after: dict[str, list[ServiceError]] = field(default_factory=dict)
    signed_by: str = ""
    """Label of a foreign key that signs every result from now on."""
    algorithm_none: bool = False
    """Results come unsecured."""
    own_key_in_header: bool = False
    """Results bring the foreign key along in their header."""
    wrong_hash: bool = False
    wrong_thumbprint: bool = False
    wrong_word: bool = False
    jwks_uri: str = ""
    """Where the metadata say that the keys are, instead of where they are."""
    stale_reads: int = 0
    """How many reads still show what stood there before the last change."""
    keep: bool = False
    """Changes are answered as done and thrown away."""

    def fail_before(self, operation: str, *errors: ServiceError) -> None:
        self.before.setdefault(operation, []).extend(errors)

    def fail_after(self, operation: str, *errors: ServiceError) -> None:
        self.after.setdefault(operation, []).extend(errors)


def _nothing() -> None:
    """Nobody is told."""


class SimulatedProvider:
    """The data plane of one provider."""

    def __init__(
        self, provider: Provider, clock: Clock, certificates: tuple[bytes, ...] = ()
    ) -> None:
        self.provider = provider
        self.faults = Faults()
        self.calls: list[str] = []
        self.witness: Callable[[], None] = _nothing
        """Called after every request came in, and before a change is answered."""
        self.certificates = list(certificates)
        self.policies: dict[AttestationType, str] = {}
        self._clock = clock
        self._issuer = Issuer(provider.attest_uri, provider.name)
        self._earlier: tuple[dict[AttestationType, str], list[bytes]] | None = None

    @property
    def attest_uri(self) -> str:
        return self.provider.attest_uri

    async def get_policy(self, attestation_type: AttestationType) -> Answer:
        self._begin("get_policy")
        policies = self._view()[0]
        jws = policies.get(attestation_type) or _default(attestation_type)
        return self._answer({"x-ms-policy": jws}, honest=True)

    async def set_policy(self, attestation_type: AttestationType, jws: str) -> Answer:
        self._begin("set_policy")
        self._require_signer(jws)
        self._change()
        if not self.faults.keep:
            self.policies[attestation_type] = jws
        self._end("set_policy")
        claims: dict[str, Any] = {
            "x-ms-policy-result": "Removed" if self.faults.wrong_word else "Updated",
            "x-ms-policy-token-hash": token_hash(jws + ("x" if self.faults.wrong_hash else "")),
        }
        chain = signer_chain(split(jws))
        if chain:
            claims["x-ms-policy-signer"] = {"kty": "RSA", "x5c": [b64(chain[0])]}
        return self._answer(claims)

    async def reset_policy(self, attestation_type: AttestationType, jws: str) -> Answer:
        self._begin("reset_policy")
        self._require_signer(jws)
        self._change()
        if not self.faults.keep:
            self.policies.pop(attestation_type, None)
        self._end("reset_policy")
        word = "Updated" if self.faults.wrong_word else "Removed"
        return self._answer({"x-ms-policy-result": word})

    async def get_certificates(self) -> Answer:
        self._begin("get_certificates")
        keys = [{"kty": "RSA", "x5c": [b64(der)]} for der in self._view()[1]]
        return self._answer({"x-ms-policy-certificates": {"keys": keys}}, honest=True)

    async def add_certificate(self, jws: str) -> Answer:
        return self._certificate("add_certificate", jws, "IsPresent")

    async def remove_certificate(self, jws: str) -> Answer:
        return self._certificate("remove_certificate", jws, "IsAbsent")

    async def attest(
        self, attestation_type: AttestationType, body: Mapping[str, object]
    ) -> AttestAnswer:
        """A token about nothing but the policy; it believes any evidence."""
        refused = self._refused("attest")
        if refused is not None:
            return AttestAnswer(self._message("attest", attestation_type, body, {}), refused)
        draft = str(body.get("draftPolicyForAttestation", ""))
        jws = draft or self.policies.get(attestation_type) or _default(attestation_type)
        times = self._times(8 * 3600)
        claims = {"x-ms-policy-hash": read_policy(jws).policy_hash, "x-ms-ver": "1.0"}
        token = self._sign({"iss": self.attest_uri, **times, **claims}, honest=False)
        if draft:
            token = self._issuer.token(
                {"iss": self.attest_uri, **times, **claims}, self._issuer.header(alg="none")
            )
            token = f"{token.rpartition('.')[0]}."
        return AttestAnswer(self._message("attest", attestation_type, body, {"token": token}))

    def _refused(self, operation: str) -> ServiceError | None:
        try:
            self._begin(operation)
        except ServiceError as error:
            if error.status is None:
                raise
            return error
        return None

    def _message(
        self,
        operation: str,
        kind: AttestationType,
        body: Mapping[str, object],
        found: Mapping[str, object],
    ) -> Message:
        return Message(
            method="POST",
            url=f"{self.attest_uri}/{operation}/{kind.value}?api-version=2022-08-01",
            request=json.dumps(body).encode(),
            status=200 if found else 400,
            headers={"x-ms-request-id": f"request-{len(self.calls)}"},
            response=json.dumps(found).encode(),
            elapsed=0.01,
        )

    async def signing_keys(self, url: str) -> KeyDocument:
        self._begin("signing_keys")
        entry = {"kid": self._issuer.kid, "kty": "RSA", "x5c": [b64(self._issuer.der)]}
        raw = json.dumps({"keys": [entry]}).encode()
        return KeyDocument(url, raw)

    def renew_key(self) -> None:
        """Sign with another key, and publish it, from now on."""
        self._issuer = replace(self._issuer, key=f"{self._issuer.key}, renewed")

    async def metadata(self) -> Metadata:
        self._begin("metadata")
        return Metadata(self.attest_uri, self.faults.jwks_uri or f"{self.attest_uri}/certs")

    def _certificate(self, operation: str, jws: str, word: str) -> Answer:
        self._begin(operation)
        self._require_signer(jws)
        der = _named_certificate(jws)
        self._change()
        if not self.faults.keep:
            self.certificates = [each for each in self.certificates if each != der]
            self.certificates += [der] if word == "IsPresent" else []
        self._end(operation)
        thumbprint = "0" * 40 if self.faults.wrong_thumbprint else sha1_thumbprint(der)
        return self._answer(
            {"x-ms-policycertificates-result": word, "x-ms-certificate-thumbprint": thumbprint}
        )

    def _require_signer(self, jws: str) -> None:
        if self.provider.trust_model is not TrustModel.ISOLATED:
            return
        chain = signer_chain(split(jws))
        if not chain or chain[0] not in self.certificates:
            raise RejectedError(
                "The service refused.", status=400, service_code="InvalidOperation", request_id="r"
            )

    def _begin(self, operation: str) -> None:
        self.calls.append(operation)
        self.witness()
        if self.provider.public_network_access == CLOSED:
            raise RejectedError("Public network access is disabled.", status=403)
        waiting = self.faults.before.get(operation)
        if waiting:
            raise waiting.pop(0)

    def _end(self, operation: str) -> None:
        self.witness()
        waiting = self.faults.after.get(operation)
        if waiting:
            raise waiting.pop(0)

    def _change(self) -> None:
        self._earlier = (dict(self.policies), list(self.certificates))

    def _view(self) -> tuple[dict[AttestationType, str], list[bytes]]:
        if self.faults.stale_reads and self._earlier is not None:
            self.faults.stale_reads -= 1
            return self._earlier
        return self.policies, self.certificates

    def _answer(self, claims: Mapping[str, Any], *, honest: bool = False) -> Answer:
        body = {"iss": self.attest_uri, **self._times(3600), **claims}
        token = self._sign(body, honest=honest)
        return Answer(token, f"request-{len(self.calls)}", 0.01, self._clock.now())

    def _times(self, lifetime: int) -> dict[str, int]:
        second = int(self._clock.now().timestamp())
        return {"exp": second + lifetime, "iat": second, "nbf": second}

    def _sign(self, body: dict[str, Any], *, honest: bool) -> str:
        faults = self.faults
        if honest or not (faults.signed_by or faults.algorithm_none):
            return self._issuer.token(body)
        if faults.algorithm_none:
            token = self._issuer.token(body, self._issuer.header(alg="none"))
            return token.rpartition(".")[0] + "."
        foreign = replace(self._issuer, key=faults.signed_by)
        header = self._issuer.header()
        if faults.own_key_in_header:
            header |= {"jwk": {"kty": "RSA", "x5c": [b64(foreign.der)]}, "x5c": [b64(foreign.der)]}
        return foreign.token(body, header)


def _named_certificate(jws: str) -> bytes:
    """What a request asks to be added or removed."""
    claim: Any = split(jws).claims()["policyCertificate"]
    return base64.b64decode(claim["x5c"][0])


def _default(attestation_type: AttestationType) -> str:
    if attestation_type is AttestationType.TPM:
        return unsecured_reset()
    if attestation_type in (AttestationType.SGX_ENCLAVE, AttestationType.OPEN_ENCLAVE):
        return unsecured_policy(sgx_default("azuredefault"))
    return unsecured_policy("version= 1.0;authorizationrules{=> permit();};")
