"""What the sandbox says no with: the service's codes and messages (spec rest-api, 7 and 8).

Native failures repeat their text in a second part, as the service does; clients pull out what
stands between `Msg:[` and the last `]`.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sealwright.tokens.jose import JsonValue

_BAD_MESSAGE: Final = 0x83FF004A
_NOT_FOUND: Final = 0x83FFFFF9

_NATIVE_TEXTS: Final = {
    _BAD_MESSAGE: "Bad message",
    _NOT_FOUND: "The requested item is not found",
}


class RefusalError(Exception):
    """An answer that is not a success."""

    def __init__(  # noqa: PLR0913 - the parts of an error answer
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        inner: JsonValue = None,
        details: Sequence[JsonValue] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.inner = inner
        self.details = tuple(details)

    def body(self) -> JsonValue:
        """The `CloudError` shape; `details` and `innererror` only where there are any."""
        error: dict[str, JsonValue] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = list(self.details)
        if self.inner is not None:
            error["innererror"] = self.inner
        return {"error": error}


def _native(hresult: int, text: str) -> str:
    number = f"{hresult:08X}"
    return (
        f"Native operation failed with {hresult & 0xFFFF}: "
        f"sandbox\\rules(0)\\(caller): Exception(0) {number} {_NATIVE_TEXTS[hresult]} "
        f"Msg:[{text}]\n"
        f"sandbox\\rules(0)\\(caller): LogHr(0) {number} {_NATIVE_TEXTS[hresult]} Msg:[Unhandled "
        f'Enclave Exception: "{text}"]'
    )


# --- data plane ---------------------------------------------------------------------------------


def unauthorized(path: str, authority: str, resource: str) -> RefusalError:
    """No token, a bad one, or no role: all three read the same (spec rest-api, 1.5 and 7.3)."""
    return RefusalError(
        401,
        "Unauthorized",
        f"Access to {path} requires a valid JWT bearer token",
        headers={
            "www-authenticate": f'Bearer authorization_uri="{authority}", resource="{resource}"'
        },
    )


def bad_message(text: str) -> RefusalError:
    """A policy or certificate JWS that cannot be used."""
    return RefusalError(400, "InvalidOperation", _native(_BAD_MESSAGE, text))


def unknown_issuer(name: str) -> RefusalError:
    """A signer that leads to no trusted certificate."""
    text = f"Unable to find issuer certificate {name}"
    return RefusalError(400, "InvalidParameter", _native(_NOT_FOUND, text))


def invalid_operation(message: str) -> RefusalError:
    """Something that this trust model does not offer; the live text is not known."""
    return RefusalError(400, "InvalidOperation", message)


def invalid_parameter(message: str) -> RefusalError:
    """A type or value that is not known; the live text is not known."""
    return RefusalError(400, "InvalidParameter", message)


def unsupported_type(name: str) -> RefusalError:
    """No attestation type of that name; the live text is not known."""
    return invalid_parameter(f"The attestation type '{name[:60]}' is not supported.")


def no_policy() -> RefusalError:
    """A type without a default policy, of which none was uploaded (spec rest-api, 3.11 and 7.3)."""
    return RefusalError(
        400,
        "Bad request",
        "A VBS attestation policy has not been set on the attestation provider.",
    )


def no_provider(name: str) -> RefusalError:
    """The provider went away between the look-up of its address and the call."""
    return RefusalError(404, "NotFound", f"There is no attestation provider '{name}'.")


def bad_api_version(version: str | None) -> RefusalError:
    """`api-version` is missing or unknown."""
    if version is None:
        return RefusalError(
            400, "InvalidParameter", "The query parameter `api-version` is required."
        )
    return RefusalError(
        400, "InvalidParameter", f"The api-version '{version[:40]}' is not supported."
    )


# --- everywhere ---------------------------------------------------------------------------------


def bad_json(reason: str) -> RefusalError:
    """A body that should have been a JSON object."""
    return RefusalError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be read: {reason}",
    )


def not_offered(method: str, path: str) -> RefusalError:
    """A path that the sandbox does not have."""
    return RefusalError(404, "NotFound", f"The sandbox does not offer {method} {path[:200]}.")


def too_large(limit: int) -> RefusalError:
    """A body over the limit."""
    return RefusalError(413, "RequestEntityTooLarge", f"A request may have at most {limit} bytes.")


# --- ARM ----------------------------------------------------------------------------------------


def not_signed_in(authority: str) -> RefusalError:
    """ARM without a token, or with one that does not hold."""
    return RefusalError(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing or not valid.",
        headers={
            "www-authenticate": f'Bearer authorization_uri="{authority}", error="invalid_token", '
            'error_description="The access token is missing, expired or for another audience."'
        },
    )


def ran_out(authority: str, ended: datetime, now: datetime) -> RefusalError:
    """ARM with a token that was good."""
    last, here = (f"{when:%m/%d/%Y %I:%M:%S %p}" for when in (ended, now))
    text = f"The access token expiry UTC time '{last}' is earlier than current UTC time '{here}'."
    return RefusalError(
        401,
        "ExpiredAuthenticationToken",
        text,
        headers={
            "www-authenticate": f'Bearer authorization_uri="{authority}", error="invalid_token", '
            f'error_description="{text}"'
        },
    )


def challenged(authority: str, claims: str) -> RefusalError:
    """The token is good, but the sign-in behind it is not (any more): claims are asked for."""
    encoded = base64.b64encode(claims.encode()).decode()
    return RefusalError(
        401,
        "InvalidAuthenticationToken",
        "Continuous access evaluation resulted in a claims challenge.",
        headers={
            "www-authenticate": f'Bearer realm="", authorization_uri="{authority}", '
            f'error="insufficient_claims", claims="{encoded}"'
        },
    )


def wrong_tenant(issuer: str, authority: str) -> RefusalError:
    """The token is from another tenant than the subscription."""
    return RefusalError(
        401,
        "InvalidAuthenticationTokenTenant",
        f"The access token is from the wrong issuer '{issuer}'. It must match the tenant "
        f"'{authority}' associated with this subscription. Please use the authority (URL) "
        f"'{authority}' to get the token.",
        headers={
            "www-authenticate": f'Bearer authorization_uri="{authority}", error="invalid_token"'
        },
    )


def forbidden(client_id: str, object_id: str, action: str, scope: str) -> RefusalError:
    """Signed in, but without a role that allows the action."""
    return RefusalError(
        403,
        "AuthorizationFailed",
        f"The client '{client_id}' with object id '{object_id}' does not have authorization to "
        f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was "
        "recently granted, please refresh your credentials.",
    )


def no_subscription(subscription: str) -> RefusalError:
    """A subscription that is not there."""
    return RefusalError(
        404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found."
    )


def no_group(name: str) -> RefusalError:
    """A resource group that is not there."""
    return RefusalError(
        404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found."
    )


def no_resource(kind: str, name: str, group: str) -> RefusalError:
    """A resource that is not there."""
    return RefusalError(
        404,
        "ResourceNotFound",
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def not_registered(subscription: str) -> RefusalError:
    """The namespace is not registered in this subscription."""
    return RefusalError(
        409,
        "MissingSubscriptionRegistration",
        f"The subscription '{subscription}' is not registered to use namespace "
        "'Microsoft.Attestation'. See https://aka.ms/rps-not-found for how to register.",
    )


def arm_error(status: int, code: str, message: str) -> RefusalError:
    """Any other refusal of ARM."""
    return RefusalError(status, code, message)
