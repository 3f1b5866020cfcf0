"""An attestation provider in memory, which signs real tokens and lies on demand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.issuing import Issuer, b64
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import RejectedError, ServiceError, UnreachableError
from sealwright.evidence.certificates import sha1_thumbprint
from sealwright.services.defaults import sgx_default
from sealwright.services.exchanges import Message
from sealwright.services.model import Provider, TrustModel
from sealwright.services.ports import (
    ActionGrant,
    Answer,
    AttestAnswer,
    KeyDocument,
    Metadata,
    NewProvider,
    PrivateEndpointConnection,
    Subscription,
    Tenant,
)
from sealwright.tokens.jose import split
from sealwright.tokens.policy_jws import token_hash, unsecured_policy, unsecured_reset
from sealwright.tokens.unwrap import read_certificate_request, read_policy, signer_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sealwright.evidence.trust import TrustAnchor
    from sealwright.services.ports import AttestationApi, Clock, ManagementApi

SUBSCRIPTION = "6e1b7c3a-0d5f-4a57-9c1e-2f4c8a9d0b11"
GROUP = "tests"


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

    async def tcb_baselines(self, attestation_type: AttestationType) -> AttestAnswer:
        found: dict[str, object] = {"tcbBaselines": []}
        return AttestAnswer(self._message("tcbbaselines", attestation_type, {}, found))

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

    async def metadata(self) -> Metadata:
        self._begin("metadata")
        return Metadata(self.attest_uri, self.faults.jwks_uri or f"{self.attest_uri}/certs")

    def _certificate(self, operation: str, jws: str, word: str) -> Answer:
        self._begin(operation)
        self._require_signer(jws)
        der = read_certificate_request(jws).certificate
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
        return Answer(token, f"request-{len(self.calls)}", "1.10", 0.01, self._clock.now())

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


def _default(attestation_type: AttestationType) -> str:
    if attestation_type is AttestationType.TPM:
        return unsecured_reset()
    if attestation_type in (AttestationType.SGX_ENCLAVE, AttestationType.OPEN_ENCLAVE):
        return unsecured_policy(sgx_default("azuredefault"))
    return unsecured_policy("version= 1.0;authorizationrules{=> permit();};")


class SimulatedCloud:
    """A cloud with one subscription; ARM as far as the services use it."""

    name = "Simulated"
    account = "tester"
    anchors: tuple[TrustAnchor, ...] = ()

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.known: dict[str, SimulatedProvider] = {}
        self.groups = [GROUP]
        self.deletes_nothing = False
        self.connections: dict[str, dict[str, PrivateEndpointConnection]] = {}
        self.grants: tuple[ActionGrant, ...] = (ActionGrant(("*",), ()),)
        self.subscription = SUBSCRIPTION
        self.failed_over = False
        """Resource Manager refuses what concerns a provider; the pair serves attestation."""

    def start_over(self) -> None:
        """Empty, under a new subscription: as a sandbox that was thrown away."""
        self.known.clear()
        self.subscription = SUBSCRIPTION[::-1]

    def provider(
        self, name: str, model: TrustModel, certificates: tuple[bytes, ...] = ()
    ) -> SimulatedProvider:
        root = f"/subscriptions/{self.subscription}/resourceGroups/{GROUP}/providers"
        resource_id = f"{root}/Microsoft.Attestation/attestationProviders/{name}"
        provider = Provider(
            id=resource_id.lower(),
            name=name,
            attest_uri=f"https://{name}.tst.attest.azure.net",
            trust_model=model,
            location="tst",
            status="Ready",
            cloud=self.name,
            resource_id=resource_id,
            subscription=self.subscription,
            resource_group=GROUP,
            created=datetime(2026, 1, 1, tzinfo=UTC),
        )
        self.known[name] = SimulatedProvider(provider, self._clock, certificates)
        return self.known[name]

    def accounts(self) -> tuple[SimulatedCloud, ...]:
        return (self,)

    def acting_for(self, subscription: str) -> SimulatedCloud:
        del subscription
        return self

    async def authorize(self, *, management: bool = False) -> str:
        del management
        return self.account

    async def note(self, subscriptions: tuple[str, ...]) -> None:
        del subscriptions

    def serves(self, attest_uri: str) -> bool:
        return attest_uri.endswith(".tst.attest.azure.net")

    def attestation(self, attest_uri: str) -> AttestationApi:
        return next(each for each in self.known.values() if each.attest_uri == attest_uri)

    def management(self) -> ManagementApi:
        return SimulatedManagement(self)


class SimulatedManagement:
    """ARM over the providers of a simulated cloud."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._cloud = cloud

    async def tenants(self) -> tuple[Tenant, ...]:
        return (Tenant("tenant", "Tests", "tests.example"),)

    async def subscriptions(self) -> tuple[Subscription, ...]:
        return (Subscription(self._cloud.subscription, "Tests", "Enabled", "tenant"),)

    async def resource_groups(self, subscription: str) -> tuple[str, ...]:
        del subscription
        return tuple(self._cloud.groups)

    async def create_resource_group(self, subscription: str, name: str, location: str) -> None:
        del subscription, location
        self._cloud.groups.append(name)

    async def locations(self, subscription: str) -> tuple[tuple[str, str], ...]:
        del subscription
        return (("tst", "Test"),)

    async def registration_state(self, subscription: str) -> str:
        del subscription
        return "Registered"

    async def register(self, subscription: str) -> str:
        return await self.registration_state(subscription)

    async def operations(self) -> tuple[str, ...]:
        return ()

    async def providers(
        self, subscription: str, resource_group: str | None = None
    ) -> tuple[Provider, ...]:
        del subscription, resource_group
        return self._of(shared=False)

    async def provider(self, subscription: str, resource_group: str, name: str) -> Provider:
        del subscription, resource_group
        self._require_region()
        if name not in self._cloud.known:
            raise RejectedError("Not there.", status=404, service_code="ResourceNotFound")
        return self._cloud.known[name].provider

    async def create(self, new: NewProvider) -> Provider:
        model = TrustModel.ISOLATED if new.signing_certificates else TrustModel.AAD
        return self._cloud.provider(new.name, model, new.signing_certificates).provider

    async def update(
        self,
        provider: Provider,
        *,
        tags: Mapping[str, str] | None = None,
        public_network_access: str | None = None,
        tpm_attestation_authentication: str | None = None,
    ) -> Provider:
        del public_network_access, tpm_attestation_authentication
        return replace(provider, tags=tags or provider.tags)

    def _require_region(self) -> None:
        if self._cloud.failed_over:
            raise UnreachableError("The region is down.", status=503)

    async def delete(self, provider: Provider) -> None:
        self._require_region()
        if not self._cloud.deletes_nothing:
            self._cloud.known.pop(provider.name, None)

    async def default_providers(self, subscription: str) -> tuple[Provider, ...]:
        del subscription
        return self._of(shared=True)

    async def default_provider(self, subscription: str, location: str) -> Provider:
        del subscription, location
        return self._of(shared=True)[0]

    async def private_endpoint_connections(
        self, provider: Provider
    ) -> tuple[PrivateEndpointConnection, ...]:
        return tuple(self._cloud.connections.get(provider.name, {}).values())

    async def set_private_endpoint_connection(
        self, provider: Provider, connection: PrivateEndpointConnection
    ) -> PrivateEndpointConnection:
        self._cloud.connections.setdefault(provider.name, {})[connection.name] = connection
        return connection

    async def actions(self, provider: Provider) -> tuple[ActionGrant, ...]:
        del provider
        self._require_region()
        return self._cloud.grants

    async def delete_private_endpoint_connection(self, provider: Provider, name: str) -> None:
        self._cloud.connections.get(provider.name, {}).pop(name, None)

    async def private_link_resources(self, provider: Provider) -> tuple[str, ...]:
        del provider
        return ()

    def _of(self, *, shared: bool) -> tuple[Provider, ...]:
        providers = [each.provider for each in self._cloud.known.values()]
        return tuple(
            each for each in providers if (each.trust_model is TrustModel.SHARED) is shared
        )
