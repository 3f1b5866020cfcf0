"""The authority: OpenID metadata and tokens, as Entra ID gives them.

Grants: authorization code with PKCE, device code (RFC 8628), refresh token, and client
credentials proven by a secret, a certificate or a federated token. Others are refused by name.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from sealwright.sandbox import keys as key_names
from sealwright.sandbox.bearer import (
    ATTESTATION_AUDIENCES,
    KEY_ID,
    LIFETIME,
    MANAGEMENT_AUDIENCES,
)
from sealwright.sandbox.sign_in.client_proofs import ClientProofs
from sealwright.sandbox.sign_in.grants import (
    DEVICE_INTERVAL,
    DEVICE_LIFE,
    PUBLIC_CLIENTS,
    DeviceState,
    Grants,
    fits,
)
from sealwright.sandbox.sign_in.pages import ANY_TENANT, SignInPages
from sealwright.sandbox.sign_in.refusals import OBSTACLES, OAuthError, met
from sealwright.sandbox.wire import Reply, route
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import UserRecord
    from sealwright.sandbox.sign_in.grants import DeviceRequest, Grant
    from sealwright.sandbox.wire import Call, Route
    from sealwright.tokens.jose import JsonObject, JsonValue

_DEFAULT: Final = "/.default"
_DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_IMPERSONATION: Final = "/user_impersonation"
_OPENID: Final = frozenset({"openid", "profile", "email", "offline_access"})
_HASTE: Final = 0.5
"""A client that polls faster than this share of the interval is told to slow down."""
_NO_STORE: Final = {"cache-control": "no-store", "pragma": "no-cache"}


class Authority:
    """The tenants with their people and applications."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._grants = Grants(core.tokens, core.clock)
        self._proofs = ClientProofs(core)
        self._pages = SignInPages(core, self._grants)

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        return (
            route("GET", "/common/discovery/instance", self._instance),
            route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", self._metadata),
            route("GET", "/{tenant}/.well-known/openid-configuration", self._metadata),
            route("GET", "/{tenant}/discovery/v2.0/keys", self._key_set),
            route("POST", "/{tenant}/oauth2/v2.0/token", self._token),
            route("POST", "/{tenant}/oauth2/v2.0/devicecode", self._device_code),
            *self._pages.routes(),
        )

    # --- metadata ---------------------------------------------------------------------------

    def _instance(self, call: Call) -> Reply:
        host = self._core.addresses.authority.removeprefix("https://")
        names: JsonObject = {
            "preferred_network": host,
            "preferred_cache": host,
            "aliases": [host],
        }
        endpoint = f"{self._core.addresses.authority}/common/v2.0/.well-known/openid-configuration"
        del call
        return Reply(
            200,
            {
                "tenant_discovery_endpoint": endpoint,
                "api-version": "1.1",
                "metadata": [names],
            },
        )

    def _metadata(self, call: Call) -> Reply:
        tenant = self._known_tenant(call)
        base = f"{self._core.addresses.authority}/{tenant}"
        named = "{tenantid}" if tenant in ANY_TENANT else tenant
        return Reply(
            200,
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "code_challenge_methods_supported": ["S256"],
                "grant_types_supported": [
                    "authorization_code",
                    "client_credentials",
                    "refresh_token",
                    _DEVICE_GRANT,
                ],
                "issuer": self._issuer(named),
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "tenant_region_scope": None,
            },
        )

    def _issuer(self, tenant: str) -> str:
        return f"{self._core.addresses.authority}/{tenant}/v2.0"

    def _known_tenant(self, call: Call) -> str:
        """The tenant's id, or `common` or `organizations`."""
        tenant = call.arguments["tenant"].lower()
        if tenant in ANY_TENANT:
            return tenant
        found = self._core.people.tenant(tenant)
        if found is None:
            text = (
                f"Tenant '{tenant[:60]}' not found. Check to make sure you have the correct tenant "
                "ID and are signing into the correct cloud."
            )
            raise self._proofs.error(400, "invalid_request", 90002, text)
        return found.id

    def _key_set(self, call: Call) -> Reply:
        self._known_tenant(call)
        numbers = self._core.keys.get(key_names.AUTHORITY).public_key().public_numbers()
        key: dict[str, JsonValue] = {
            "kty": "RSA",
            "use": "sig",
            "kid": KEY_ID,
            "n": b64url_encode(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)),
            "e": b64url_encode(numbers.e.to_bytes(3)),
        }
        return Reply(200, {"keys": [key]})

    # --- tokens -----------------------------------------------------------------------------

    def _token(self, call: Call) -> Reply:
        tenant = self._known_tenant(call)
        form = {name: values[0] for name, values in parse_qs(call.body.decode("latin-1")).items()}
        grant = form.get("grant_type", "")
        redeem = {
            "client_credentials": self._for_application,
            "authorization_code": self._for_code,
            "refresh_token": self._for_refresh,
            _DEVICE_GRANT: self._for_device,
            "device_code": self._for_device,
        }.get(grant)
        if redeem is None:
            text = f"The grant type '{grant[:60]}' is not offered by the sandbox."
            raise self._proofs.error(400, "unsupported_grant_type", 70003, text)
        return Reply(200, redeem(form, tenant), headers=_NO_STORE)

    def _for_application(self, form: Mapping[str, str], tenant: str) -> JsonObject:
        application = self._proofs.application(form)
        home = self._core.tenant
        if tenant in ANY_TENANT:
            text = "The tenant-specific endpoint has to be used for this grant."
            raise self._proofs.error(400, "invalid_request", 9002331, text)
        if tenant != home:
            text = (
                f"Application with identifier '{application.client_id}' was not found in the "
                f"directory '{tenant}'."
            )
            raise self._proofs.error(400, "unauthorized_client", 700016, text)
        audience = self._audience(form.get("scope", "").strip())
        token = self._core.tokens.issue(application, audience, self._issuer(home), home)
        return {
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": token,
        }

    def _for_code(self, form: Mapping[str, str], tenant: str) -> JsonObject:
        del tenant
        found = self._grants.redeem(form.get("code", ""))
        if found is None:
            text = "The provided authorization code or refresh token has expired or was used."
            raise self._proofs.error(400, "invalid_grant", 70008, text)
        if not fits(found, form.get("redirect_uri", ""), form.get("code_verifier", "")):
            text = (
                "The Code_Verifier does not match the code_challenge, or the redirect_uri differs."
            )
            raise self._proofs.error(400, "invalid_grant", 501481, text)
        return self._for_person(found.grant, form, nonce=found.nonce)

    def _for_refresh(self, form: Mapping[str, str], tenant: str) -> JsonObject:
        found = self._grants.granted(form.get("refresh_token", ""))
        if found is None or found.client_id != form.get("client_id", "").lower():
            text = "The provided authorization code or refresh token is invalid or has expired."
            raise self._proofs.error(400, "invalid_grant", 700082, text)
        here = found.tenant if tenant in ANY_TENANT else tenant
        return self._for_person(found, form, tenant=here)

    def _for_device(self, form: Mapping[str, str], tenant: str) -> JsonObject:
        del tenant
        code = form.get("device_code", "")
        request = self._grants.device(code)
        if request is None:
            text = "Invalid verification code due to User typing in wrong code or an unknown one."
            raise self._proofs.error(400, "bad_verification_code", 70018, text)
        grant = self._decided(code, request)
        self._grants.close_device(code)
        return self._for_person(grant, form)

    def _decided(self, code: str, request: DeviceRequest) -> Grant:
        if self._core.clock.timestamp() > request.ends:
            text = "The device code has expired. Have the user retry the sign-in."
            raise self._proofs.error(400, "expired_token", 70019, text)
        if request.state is DeviceState.DECLINED:
            text = "User declined to consent to access the app."
            raise self._proofs.error(400, "authorization_declined", 65004, text)
        now, last = self._core.clock.now().timestamp(), request.polled
        self._grants.polled(code, now)
        if request.grant is None:
            if last and now - last < DEVICE_INTERVAL * _HASTE:
                text = "The client polls too fast."
                raise self._proofs.error(400, "slow_down", 70016, text)
            text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
            raise self._proofs.error(400, "authorization_pending", 70016, text)
        return request.grant

    def _device_code(self, call: Call) -> Reply:
        tenant = self._known_tenant(call)
        form = {name: values[0] for name, values in parse_qs(call.body.decode("latin-1")).items()}
        client_id = form.get("client_id", "").lower()
        self._require_client(client_id)
        code, request = self._grants.new_device(client_id, tenant, form.get("scope", ""))
        place = f"{self._core.addresses.authority}/common/oauth2/deviceauth"
        return Reply(
            200,
            {
                "user_code": request.user_code,
                "device_code": code,
                "verification_uri": place,
                "expires_in": DEVICE_LIFE,
                "interval": DEVICE_INTERVAL,
                "message": f"To sign in, use a web browser to open the page {place} and enter the "
                f"code {request.user_code} to authenticate.",
            },
            headers=_NO_STORE,
        )

    def _require_client(self, client_id: str) -> None:
        if client_id not in PUBLIC_CLIENTS and self._core.accounts.application(client_id) is None:
            text = f"Application with identifier '{client_id[:60]}' was not found in the directory."
            raise self._proofs.error(400, "unauthorized_client", 700016, text)

    # --- people -----------------------------------------------------------------------------

    def _for_person(
        self, grant: Grant, form: Mapping[str, str], *, tenant: str = "", nonce: str = ""
    ) -> JsonObject:
        here = tenant or grant.tenant
        user = self._core.people.user(grant.user)
        if user is None:
            raise self._met(50034)
        asked = form.get("scope") or grant.scope
        wanted = [word for word in asked.split() if word not in _OPENID]
        audience = self._audience(wanted[0] if wanted else "")
        self._let_through(user, grant, here, audience)
        issuer = self._issuer(here)
        access = self._core.tokens.issue_user(
            user, grant.client_id, audience, issuer, here, acrs=grant.acrs
        )
        return {
            "token_type": "Bearer",
            "scope": asked,
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": access,
            "refresh_token": self._grants.refresh_token(grant),
            "id_token": self._id_token(user, grant.client_id, here, nonce),
            "client_info": b64url_encode(
                json.dumps({"uid": user.object_id, "utid": user.tenant}).encode()
            ),
        }

    def _let_through(self, user: UserRecord, grant: Grant, tenant: str, audience: str) -> None:
        """Refuse whom the directory stops.

        Raises:
            OAuthError: revoked, not of this tenant, or an obstacle that was not cleared.
        """
        if user.session != grant.session:
            raise self._met(50173)
        if not self._core.people.belongs(user, tenant):
            raise self._met(50020)
        number = self._core.people.obstacle(user.object_id)
        if not number or (number in grant.cleared and OBSTACLES[number].by_person):
            return
        if OBSTACLES[number].attestation_only and audience.rstrip("/") not in ATTESTATION_AUDIENCES:
            return
        raise self._met(number)

    def _id_token(self, user: UserRecord, client_id: str, tenant: str, nonce: str) -> str:
        claims = {
            "aud": client_id,
            "iss": self._issuer(tenant),
            "name": user.name,
            "oid": user.object_id,
            "preferred_username": user.upn,
            "sub": user.object_id,
            "tid": tenant,
            "ver": "2.0",
        }
        return self._core.tokens.sign(claims | ({"nonce": nonce} if nonce else {}))

    def _met(self, number: int) -> OAuthError:
        return met(number, f"{self._core.clock.now():%Y-%m-%d %H:%M:%SZ}")

    # --- audiences --------------------------------------------------------------------------

    def _audience(self, scope: str) -> str:
        ending = next((one for one in (_DEFAULT, _IMPERSONATION) if scope.endswith(one)), "")
        if not ending or " " in scope:
            text = (
                f"The scope '{scope[:120]}' is not valid: one resource with '/.default' is needed."
            )
            raise self._proofs.error(400, "invalid_scope", 1002012, text)
        # `https://name//.default` asks for the audience `https://name/`.
        audience = scope.removesuffix(ending)
        known = (
            *ATTESTATION_AUDIENCES,
            *MANAGEMENT_AUDIENCES,
            self._core.addresses.management,
        )
        if audience.rstrip("/") not in known:
            text = f"The resource principal named {audience[:120]} was not found in the tenant."
            raise self._proofs.error(400, "invalid_resource", 500011, text)
        return audience
