"""The certificate that a host shows when it is not trusted: who made it, and what to do."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping

HINT: Final = (
    "Check this computer's clock. If your organisation's proxy opens TLS, ask its operator for the "
    "root certificate and name its file under Settings, Network; it then counts in addition to "
    "the system's. Otherwise somebody may be in between: do not go on."
)


def looking_context() -> ssl.SSLContext:
    """A context that takes any certificate, only to look at it: nothing is ever sent with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def facts_of(der: bytes) -> Mapping[str, str]:
    """What identifies a certificate, for the details of an error."""
    try:
        shown = x509.load_der_x509_certificate(der)
        return {
            "certificate for": shown.subject.rfc4514_string(),
            "issued by": shown.issuer.rfc4514_string(),
            "valid from": f"{shown.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
            "valid until": f"{shown.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
            "SHA-256 of the certificate": shown.fingerprint(SHA256()).hex(),
        }
    except ValueError:
        return {"certificate": "cannot be read"}
