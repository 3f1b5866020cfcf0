"""How an application proves itself: its secret, a certificate, or a federated token.

Source: RFC 6749 section 2.3, RFC 7523 section 2.2.
"""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from sealwright.sandbox.bearer import SKEW
from sealwright.sandbox.people import CERTIFICATE, FEDERATED
from sealwright.sandbox.sign_in.refusals import OAuthError, met

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jwt.types import Options

    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import ApplicationRecord

FEDERATION_AUDIENCE: Final = "api://AzureADTokenExchange"
_BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_UNTIMED: Final[Options] = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
_UNPROVEN: Final[Options] = {**_UNTIMED, "verify_signature": False}


class ClientProofs:
    """Checks what applications send of themselves to the token endpoint."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def federation_issuer(self) -> str:
        """The issuer whose tokens applications may prove themselves with."""
        return f"{self._core.addresses.authority}/federation"

    def federated_token(self, subject: str) -> str:
        """A token of a workload, as its platform (a cluster, a pipeline) gives it."""
        return self._core.tokens.sign(
            {"iss": self.federation_issuer, "sub": subject, "aud": FEDERATION_AUDIENCE}
        )

    def application(self, form: Mapping[str, str]) -> ApplicationRecord:
        """The application that the form names and proves.

        Raises:
            OAuthError: it is not known, or the proof does not hold.
        """
        client_id = form.get("client_id", "")
        application = self._core.accounts.application(client_id)
        if application is None:
            text = f"Application with identifier '{client_id[:60]}' was not found in the directory."
            raise self.error(400, "unauthorized_client", 700016, text)
        if form.get("client_assertion_type") == _BEARER:
            self._check_assertion(application, form.get("client_assertion", ""))
        else:
            self._check_secret(application, form)
        number = self._core.people.obstacle(application.object_id)
        if number:
            raise met(number, self._time())
        return application

    def error(self, status: int, error: str, number: int, text: str) -> OAuthError:
        """A refusal stamped with the sandbox's time."""
        return OAuthError(status, error, number, text, self._time())

    def _time(self) -> str:
        return f"{self._core.clock.now():%Y-%m-%d %H:%M:%SZ}"

    def _check_secret(self, application: ApplicationRecord, form: Mapping[str, str]) -> None:
        if "client_secret" not in form:
            text = "The request body must contain 'client_assertion' or 'client_secret'."
            raise self.error(401, "invalid_client", 7000218, text)
        given, right = form["client_secret"].encode(), application.secret.encode()
        if not right or not hmac.compare_digest(given, right):
            raise self.error(401, "invalid_client", 7000215, "Invalid client secret provided.")

    def _check_assertion(self, application: ApplicationRecord, assertion: str) -> None:
        try:
            unproven: Mapping[str, object] = jwt.decode(assertion, options=_UNPROVEN)
        except jwt.PyJWTError:
            raise self.error(
                401, "invalid_client", 50027, "JWT token is invalid or malformed."
            ) from None
        if unproven.get("iss") == self.federation_issuer:
            self._check_federated(application, assertion)
        else:
            self._check_signed(application, assertion, unproven)

    def _check_federated(self, application: ApplicationRecord, assertion: str) -> None:
        claims = self._core.tokens.open(assertion, FEDERATION_AUDIENCE)
        if claims is None:
            text = "Client assertion is not within its valid time range, or its signature is wrong."
            raise self.error(401, "invalid_client", 700024, text)
        subject = str(claims.get("sub"))
        if subject not in self._core.people.trusted(application.client_id, FEDERATED):
            text = (
                "No matching federated identity record found for presented assertion subject "
                f"'{subject[:120]}'. Check your federated identity credential Subject, Audience "
                "and Issuer against the presented assertion."
            )
            raise self.error(401, "invalid_client", 700213, text)

    def _require_time(self, claims: Mapping[str, object]) -> None:
        now, first, last = self._core.clock.now(), claims.get("nbf", 0), claims.get("exp")
        if (
            isinstance(first, int | float)
            and isinstance(last, int | float)
            and first - SKEW <= now.timestamp() < last + SKEW
        ):
            return
        text = (
            "Client assertion is not within its valid time range. Current time: "
            f"{_written(now.timestamp())}, assertion valid from {_written(first)}, expiry time of "
            f"assertion {_written(last)}."
        )
        raise self.error(401, "invalid_client", 700024, text)

    def _check_signed(
        self, application: ApplicationRecord, assertion: str, unproven: Mapping[str, object]
    ) -> None:
        trusted = [
            x509.load_pem_x509_certificate(pem.encode())
            for pem in self._core.people.trusted(application.client_id, CERTIFICATE)
        ]
        named = [one for one in trusted if _is_named(one, jwt.get_unverified_header(assertion))]
        if not any(_signed_by(one.public_key(), assertion) for one in named):
            text = (
                "The certificate with identifier used to sign the client assertion is not "
                "registered on application."
            )
            raise self.error(401, "invalid_client", 700027, text)
        if {unproven.get("iss"), unproven.get("sub")} != {application.client_id}:
            text = "Client assertion names another application as issuer or subject."
            raise self.error(401, "invalid_client", 700021, text)
        self._require_time(unproven)
        if not str(unproven.get("aud")).startswith(self._core.addresses.authority):
            text = "Client assertion audience claim does not match Realm issuer."
            raise self.error(401, "invalid_client", 700023, text)


def _written(seconds: object) -> str:
    """A NumericDate as Entra ID writes times."""
    try:
        when = datetime.fromtimestamp(float(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return "unknown"
    return f"{when:%Y-%m-%dT%H:%M:%S.%f}0Z"


def _is_named(certificate: x509.Certificate, header: Mapping[str, object]) -> bool:
    """Whether the header names a certificate by its thumbprint, as the service wants it."""
    kinds = (("x5t#S256", hashes.SHA256()), ("x5t", hashes.SHA1()))  # noqa: S303 - RFC 7515 4.1.7
    return any(
        str(header.get(name)).rstrip("=")
        == base64.urlsafe_b64encode(certificate.fingerprint(kind)).decode().rstrip("=")
        for name, kind in kinds
    )


def _signed_by(key: object, assertion: str) -> bool:
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        jwt.decode(assertion, key, algorithms=["RS256", "PS256"], options=_UNTIMED)
    except jwt.PyJWTError:
        return False
    return True
