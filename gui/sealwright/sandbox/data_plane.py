"""A provider's own face: policies, policy certificates, keys and metadata.

Operations 1 to 8 of spec rest-api, 3.1, for every attestation type and api-version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.basis.certificates import sha1_thumbprint
from sealwright.policy import check, parse, service_error
from sealwright.sandbox.default_policies import default_policy
from sealwright.sandbox.faults import FaultKind
from sealwright.sandbox.issuing import Issuer
from sealwright.sandbox.provider_face import VERSIONS, asked_type, reached_provider, versioned
from sealwright.sandbox.records import Trust
from sealwright.sandbox.refusals import RefusalError, invalid_operation
from sealwright.sandbox.requests import (
    ADD_MEMBER,
    REMOVE_MEMBER,
    named_certificate,
    policy_text,
    read_jws,
    require_no_policy,
)
from sealwright.sandbox.roles import ATTESTATION_DELETE, ATTESTATION_READ, ATTESTATION_WRITE
from sealwright.sandbox.signing_certificates import is_rsa_certificate
from sealwright.sandbox.trust import jwk_of, require_trusted, signer_of
from sealwright.sandbox.wire import Reply, route
from sealwright.tokens.policy_jws import token_hash, unsecured_policy, unsecured_reset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.sandbox.wire import Call, Route
    from sealwright.tokens.jose import JsonObject, JsonValue, Jws

_CLAIMS_SUPPORTED: Final = (
    "cnf",
    "nonce",
    "x-ms-ver",
    "x-ms-attestation-type",
    "x-ms-policy-hash",
    "x-ms-policy-signer",
    "x-ms-sgx-is-debuggable",
    "x-ms-sgx-mrenclave",
    "x-ms-sgx-mrsigner",
    "x-ms-sgx-svn",
    "x-ms-sgx-ehd",
    "x-ms-sgx-collateral",
    "is-debuggable",
    "sgx-mrsigner",
    "sgx-mrenclave",
    "product-id",
    "svn",
    "tee",
)


class DataPlane:
    """What answers at a provider's address."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._issuer = Issuer(core)

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        asked_by_version = (
            route("GET", "/policies/{type}", self._get_policy),
            route("PUT", "/policies/{type}", self._set_policy),
            route("POST", "/policies/{type}:reset", self._reset_policy),
            route("GET", "/certificates", self._get_certificates),
            route("POST", "/certificates:add", self._add_certificate),
            route("POST", "/certificates:remove", self._remove_certificate),
            route("GET", "/servicehealth", self._health),
        )
        anonymous = (
            route("GET", "/certs", self._keys),
            route("GET", "/.well-known/openid-configuration", self._metadata),
        )
        return (*(versioned(item) for item in asked_by_version), *anonymous)

    # --- policies ---------------------------------------------------------------------------

    def _get_policy(self, call: Call) -> Reply:
        provider = self._provider(call)
        if provider.trust is not Trust.SHARED:
            self._core.access.require_attestation(call, ATTESTATION_READ, provider)
        kind = asked_type(call)
        stored = self._core.holdings.policy(provider, kind)
        stale = self._core.faults.take(call, FaultKind.STALE)
        jws = stored.jws if stale is None else stored.previous
        return self._answer(call, {"x-ms-policy": jws or self._default(provider, kind)})

    def _default(self, provider: ProviderRecord, kind: AttestationType) -> str:
        replaced = self._core.holdings.default_policy(provider, kind)
        text = default_policy(kind) if replaced is None else replaced
        return unsecured_policy(text) if text else unsecured_reset()

    def _set_policy(self, call: Call) -> Reply:
        provider = self._writable(call, ATTESTATION_WRITE)
        kind, jws = asked_type(call), read_jws(call.body)
        chain = signer_of(jws)
        self._require_signer(provider, chain)
        _require_valid(policy_text(jws), kind)
        self._store(call, kind, jws.compact, chain)
        claims: JsonObject = {
            "x-ms-policy-result": "Updated",
            "x-ms-policy-token-hash": self._token_hash(call, jws),
        }
        if chain:
            claims["x-ms-policy-signer"] = _jwk(chain)
        return self._answer(call, claims)

    def _token_hash(self, call: Call, jws: Jws) -> str:
        if self._core.faults.take(call, FaultKind.WRONG_HASH) is not None:
            return token_hash(f"{jws.compact}another")
        return token_hash(jws.compact)

    def _reset_policy(self, call: Call) -> Reply:
        provider = self._writable(call, ATTESTATION_DELETE)
        kind, jws = asked_type(call), read_jws(call.body)
        chain = signer_of(jws)
        self._require_signer(provider, chain)
        require_no_policy(jws)
        self._store(call, kind, "", chain)
        return self._answer(call, {"x-ms-policy-result": "Removed"})

    def _store(self, call: Call, kind: AttestationType, jws: str, chain: Sequence[bytes]) -> None:
        with self._core.state.writing():
            # Asked again: the signer may have been removed since the body was read.
            provider = self._provider(call)
            self._require_signer(provider, chain)
            self._core.holdings.put_policy(provider, kind, jws)

    def _require_signer(self, provider: ProviderRecord, chain: Sequence[bytes]) -> None:
        """On an isolated provider a trusted signer; elsewhere anybody, or nobody."""
        if provider.trust is Trust.ISOLATED:
            require_trusted(chain, self._core.holdings.certificates(provider))

    # --- certificates -----------------------------------------------------------------------

    def _get_certificates(self, call: Call) -> Reply:
        provider = self._provider(call)
        if provider.trust is not Trust.SHARED:
            self._core.access.require_attestation(call, ATTESTATION_READ, provider)
        keys: list[JsonValue] = [_jwk((der,)) for der in self._core.holdings.certificates(provider)]
        return self._answer(call, {"x-ms-policy-certificates": {"keys": keys}})

    def _add_certificate(self, call: Call) -> Reply:
        with self._core.state.writing():
            provider, der = self._certificate_change(call, ADD_MEMBER)
            self._core.holdings.add_certificate(provider, der)
        return self._certificate_result(call, der, "IsPresent")

    def _remove_certificate(self, call: Call) -> Reply:
        with self._core.state.writing():
            provider, der = self._certificate_change(call, REMOVE_MEMBER)
            removed = self._core.holdings.remove_certificate(provider, der)
        if not removed:
            raise invalid_operation(
                "The last policy signing certificate of a provider cannot be removed."
            )
        return self._certificate_result(call, der, "IsAbsent")

    def _certificate_change(self, call: Call, member: str) -> tuple[ProviderRecord, bytes]:
        provider = self._writable(call, ATTESTATION_WRITE)
        if provider.trust is not Trust.ISOLATED:
            raise invalid_operation(
                "Policy certificates can be changed on an isolated provider only."
            )
        jws = read_jws(call.body, member)
        require_trusted(signer_of(jws), self._core.holdings.certificates(provider))
        return provider, named_certificate(jws)

    def _certificate_result(self, call: Call, der: bytes, result: str) -> Reply:
        return self._answer(
            call,
            {
                "x-ms-certificate-thumbprint": sha1_thumbprint(der),
                "x-ms-policycertificates-result": result,
            },
        )

    # --- keys and metadata ------------------------------------------------------------------

    def _keys(self, call: Call) -> Reply:
        self._provider(call)
        return Reply(200, self._issuer.key_set(call))

    def _metadata(self, call: Call) -> Reply:
        self._provider(call)
        base = call.site.uri
        return Reply(
            200,
            {
                "response_types_supported": ["token", "none"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "revocation_endpoint": f"{base}/revoke",
                "issuer": base,
                "jwks_uri": f"{base}/certs",
                "claims_supported": list(_CLAIMS_SUPPORTED),
            },
        )

    def _health(self, call: Call) -> Reply:
        self._provider(call)
        # Old builds said 200, and clients of that time wait for it (spec rest-api, 1.2).
        return Reply(200 if call.query["api-version"] == VERSIONS[0] else 204)

    # --- what must hold ---------------------------------------------------------------------

    def _answer(self, call: Call, claims: JsonObject) -> Reply:
        return Reply(200, self._issuer.answer(call, claims))

    def _provider(self, call: Call) -> ProviderRecord:
        return reached_provider(self._core, call)

    def _writable(self, call: Call, action: str) -> ProviderRecord:
        """The provider, for a caller who may change it.

        Raises:
            RefusalError: 401 without token or role; 400 on a shared provider.
        """
        provider = self._provider(call)
        if provider.trust is Trust.SHARED:
            self._core.access.require_signed_in(call)
            raise invalid_operation("A shared provider cannot be changed.")
        self._core.access.require_attestation(call, action, provider)
        return provider


def _require_valid(text: str, kind: AttestationType) -> None:
    """See that a policy parses and passes the static checks.

    Raises:
        RefusalError: with the parser's own report.
    """
    error = service_error(text, check(parse(text), kind))
    if error is not None:
        raise RefusalError(400, error.code, error.message)


def _jwk(chain: Sequence[bytes]) -> JsonValue:
    return jwk_of(chain, alg="RS256" if is_rsa_certificate(chain[0]) else "ES256", use="sig")
