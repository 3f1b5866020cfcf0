"""The authority: OpenID metadata and tokens for applications, as Entra ID gives them.

Client credentials only (RFC 6749 section 4.4); other grants are refused by name.
"""

from __future__ import annotations

import hmac
import uuid
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from sealwright.sandbox import keys as key_names
from sealwright.sandbox.bearer import (
    ATTESTATION_AUDIENCES,
    KEY_ID,
    LIFETIME,
    MANAGEMENT_AUDIENCES,
)
from sealwright.sandbox.refusals import RefusalError
from sealwright.sandbox.wire import Reply, route
from sealwright.tokens.jose import b64url_encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import ApplicationRecord
    from sealwright.sandbox.wire import Call, Route
    from sealwright.tokens.jose import JsonValue

_ANY_TENANT: Final = ("common", "organizations")
_DEFAULT: Final = "/.default"


class OAuthError(RefusalError):
    """A refusal in the form of RFC 6749 section 5.2 with Entra's numbers."""

    def __init__(self, status: int, error: str, number: int, text: str, time: str) -> None:
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        super().__init__(status, error, f"AADSTS{number}: {text}")
        self._members: dict[str, JsonValue] = {
            "error": error,
            "error_description": f"{self.message} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {time}",
            "error_codes": [number],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
        }

    def body(self) -> JsonValue:
        """The members of an OAuth error."""
        return self._members


class Authority:
    """One tenant with its applications."""

    def __init__(self, core: Core) -> None:
        self._accounts = core.accounts
        self._tokens = core.tokens
        self._keys = core.keys
        self._clock = core.clock
        self._addresses = core.addresses
        self._tenant = core.tenant

    def routes(self) -> tuple[Route, ...]:
        """Where it answers."""
        return (
            route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", self._metadata),
            route("GET", "/{tenant}/.well-known/openid-configuration", self._metadata),
            route("GET", "/{tenant}/discovery/v2.0/keys", self._key_set),
            route("POST", "/{tenant}/oauth2/v2.0/token", self._token),
        )

    def _metadata(self, call: Call) -> Reply:
        tenant = self._known_tenant(call)
        base = f"{self._addresses.authority}/{tenant}"
        return Reply(
            200,
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code", "id_token", "token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "grant_types_supported": ["client_credentials"],
                "issuer": self._issuer(),
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "tenant_region_scope": None,
            },
        )

    def _issuer(self) -> str:
        return f"{self._addresses.authority}/{self._tenant}/v2.0"

    def _known_tenant(self, call: Call) -> str:
        tenant = call.arguments["tenant"].lower()
        if tenant in _ANY_TENANT or tenant == self._tenant:
            return tenant
        raise self._error(400, "invalid_request", 90002, f"Tenant '{tenant[:60]}' not found.")

    def _error(self, status: int, error: str, number: int, text: str) -> OAuthError:
        time = f"{self._clock.now():%Y-%m-%d %H:%M:%SZ}"
        return OAuthError(status, error, number, text, time)

    def _key_set(self, call: Call) -> Reply:
        self._known_tenant(call)
        numbers = self._keys.get(key_names.AUTHORITY).public_key().public_numbers()
        key: dict[str, JsonValue] = {
            "kty": "RSA",
            "use": "sig",
            "kid": KEY_ID,
            "n": b64url_encode(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)),
            "e": b64url_encode(numbers.e.to_bytes(3)),
        }
        return Reply(200, {"keys": [key]})

    def _token(self, call: Call) -> Reply:
        self._known_tenant(call)
        form = {name: values[0] for name, values in parse_qs(call.body.decode("latin-1")).items()}
        grant = form.get("grant_type", "")
        if grant != "client_credentials":
            text = f"The grant type '{grant[:60]}' is not offered by the sandbox."
            raise self._error(400, "unsupported_grant_type", 70003, text)
        application = self._application(form)
        token = self._tokens.issue(application, self._audience(form), self._issuer())
        return Reply(
            200,
            {
                "token_type": "Bearer",
                "expires_in": LIFETIME,
                "ext_expires_in": LIFETIME,
                "access_token": token,
            },
            headers={"cache-control": "no-store", "pragma": "no-cache"},
        )

    def _application(self, form: Mapping[str, str]) -> ApplicationRecord:
        client_id = form.get("client_id", "")
        application = self._accounts.application(client_id)
        if application is None:
            text = f"Application with identifier '{client_id[:60]}' was not found in the directory."
            raise self._error(400, "unauthorized_client", 700016, text)
        if "client_secret" not in form:
            text = "The request body must contain 'client_secret'."
            raise self._error(401, "invalid_client", 7000218, text)
        if not hmac.compare_digest(form["client_secret"].encode(), application.secret.encode()):
            raise self._error(401, "invalid_client", 7000215, "Invalid client secret provided.")
        return application

    def _audience(self, form: Mapping[str, str]) -> str:
        scope = form.get("scope", "").strip()
        if not scope.endswith(_DEFAULT) or " " in scope:
            text = f"The scope '{scope[:120]}' is not valid: client credentials need '/.default'."
            raise self._error(400, "invalid_scope", 1002012, text)
        # `https://name//.default` asks for the audience `https://name/`.
        audience = scope.removesuffix(_DEFAULT)
        known = (*ATTESTATION_AUDIENCES, *MANAGEMENT_AUDIENCES, self._addresses.management)
        if audience.rstrip("/") not in known:
            text = f"The resource principal named {audience[:120]} was not found in the tenant."
            raise self._error(400, "invalid_resource", 500011, text)
        return audience
