"""What the authority says no with: Entra's error codes, numbers and words.

Source: RFC 6749 section 5.2, RFC 8628 section 3.5, and Entra's list of AADSTS errors.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.sandbox.refusals import RefusalError

if TYPE_CHECKING:
    from sealwright.tokens.jose import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that the directory puts in the way of a sign-in."""

    error: str
    suberror: str
    text: str
    by_person: bool = False
    """Whether the person can clear it at the sign-in page."""
    attestation_only: bool = False
    claims: str = ""
    """What the client shall ask for the next time, as JSON."""


_MFA_CLAIMS: Final = json.dumps(
    {"access_token": {"capolids": {"essential": True, "values": ["sandbox-policy"]}}},
    separators=(",", ":"),
)

OBSTACLES: Final = {
    50020: Obstacle(
        "invalid_grant",
        "",
        "User account from identity provider does not exist in tenant and cannot access the "
        "application in that tenant. The account needs to be added as an external user in the "
        "tenant first.",
    ),
    50034: Obstacle(
        "invalid_grant",
        "",
        "The user account does not exist in the directory. To sign into this application, the "
        "account must be added to the directory.",
    ),
    50053: Obstacle(
        "invalid_grant",
        "",
        "The account is locked, you've tried to sign in too many times with an incorrect user ID "
        "or password.",
    ),
    50055: Obstacle("invalid_grant", "user_password_expired", "The password is expired."),
    50057: Obstacle("invalid_grant", "", "The user account is disabled."),
    50058: Obstacle(
        "interaction_required",
        "",
        "A silent sign-in request was sent but no user is signed in.",
        by_person=True,
    ),
    50076: Obstacle(
        "interaction_required",
        "basic_action",
        "Due to a configuration change made by your administrator, or because you moved to a new "
        "location, you must use multi-factor authentication to access the resource.",
        by_person=True,
        claims=_MFA_CLAIMS,
    ),
    50079: Obstacle(
        "interaction_required",
        "basic_action",
        "Due to a configuration change made by your administrator, or because you moved to a new "
        "location, you must enroll in multi-factor authentication to access the resource.",
        by_person=True,
        claims=_MFA_CLAIMS,
    ),
    50097: Obstacle("interaction_required", "", "Device authentication is required."),
    50105: Obstacle(
        "invalid_grant",
        "",
        "Your administrator has configured the application to block users unless they are "
        "specifically granted ('assigned') access to the application.",
    ),
    50131: Obstacle(
        "interaction_required",
        "",
        "Device is not in required device state, or the request was blocked due to suspicious "
        "activity.",
    ),
    50158: Obstacle(
        "interaction_required",
        "additional_action",
        "External security challenge not satisfied. User will be redirected to another page or "
        "authentication provider to satisfy additional authentication challenges.",
        by_person=True,
    ),
    50173: Obstacle(
        "invalid_grant",
        "bad_token",
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. "
        "The user might have changed or reset their password.",
        by_person=True,
    ),
    53000: Obstacle(
        "interaction_required",
        "message_only",
        "Device is not in required device state: compliant. Conditional Access policy requires a "
        "compliant device, and the device is not compliant.",
    ),
    53001: Obstacle(
        "interaction_required",
        "message_only",
        "Device is not in required device state: domain_joined. Conditional Access policy "
        "requires a domain joined device, and the device is not domain joined.",
    ),
    53003: Obstacle(
        "interaction_required",
        "message_only",
        "Access has been blocked by Conditional Access policies. The access policy does not allow "
        "token issuance.",
    ),
    65001: Obstacle(
        "invalid_grant",
        "consent_required",
        "The user or administrator has not consented to use the application. Send an interactive "
        "authorization request for this user and resource.",
        by_person=True,
    ),
    70043: Obstacle(
        "invalid_grant",
        "bad_token",
        "The refresh token has expired or is invalid due to sign-in frequency checks by "
        "Conditional Access.",
        by_person=True,
    ),
    90072: Obstacle(
        "invalid_grant",
        "",
        "User account from external identity provider does not exist in tenant and cannot access "
        "the application in that tenant. The account needs to be added as an external user in the "
        "tenant first.",
    ),
    90094: Obstacle(
        "access_denied",
        "",
        "An administrator of the organization has set a policy that prevents you from granting "
        "the application the permissions it is requesting.",
    ),
    500011: Obstacle(
        "invalid_resource",
        "",
        "The resource principal named https://attest.azure.net was not found in the tenant. This "
        "can happen if the application has not been installed by the administrator of the tenant "
        "or consented to by any user in the tenant.",
        attestation_only=True,
    ),
    7000222: Obstacle(
        "invalid_client",
        "",
        "The provided client secret keys for the application are expired. Create new keys for "
        "your application, or consider using certificate credentials for added security.",
    ),
}
"""By AADSTS number."""


class OAuthError(RefusalError):
    """A refusal in the form of RFC 6749 section 5.2 with Entra's numbers."""

    def __init__(  # noqa: PLR0913 - the members of one answer
        self,
        status: int,
        error: str,
        number: int,
        text: str,
        time: str,
        *,
        suberror: str = "",
        claims: str = "",
    ) -> None:
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        super().__init__(status, error, f"AADSTS{number}: {text}")
        self.number = number
        self.described = (
            f"{self.message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}"
        )
        self._members: dict[str, JsonValue] = {
            "error": error,
            "error_description": self.described,
            "error_codes": [number],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
        }
        if suberror:
            self._members["suberror"] = suberror
        if claims:
            self._members["claims"] = claims

    def body(self) -> JsonObject:
        """The members of an OAuth error."""
        return self._members


def met(number: int, time: str) -> OAuthError:
    """The refusal for an obstacle."""
    obstacle = OBSTACLES[number]
    return OAuthError(
        400,
        obstacle.error,
        number,
        obstacle.text,
        time,
        suberror=obstacle.suberror,
        claims=obstacle.claims,
    )
