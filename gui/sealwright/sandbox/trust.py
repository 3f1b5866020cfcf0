"""Who may sign what on an isolated provider (spec rest-api, 6.1 and 6.2).

A signer is accepted when its certificate is trusted, or leads over certificates that sign each
other to one that is. Whatever is trusted must be a CA, even where it signs itself. Dates of
policy certificates are not looked at. Other providers take a signature by any key.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sealwright.errors import TokenError
from sealwright.evidence.basis.certificates import is_ca, is_issued_by, load
from sealwright.sandbox.refusals import bad_message, unknown_issuer
from sealwright.sandbox.signing_certificates import is_rsa_certificate
from sealwright.tokens.unwrap import is_signed
from sealwright.tokens.verification.signature import check_any_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from sealwright.tokens.jose import JsonValue, Jws


def signer_of(jws: Jws) -> tuple[bytes, ...]:
    """The chain (DER, leaf first) of a signed request; empty when it is unsigned.

    Raises:
        RefusalError: it says that it is signed, but the signature does not hold.
    """
    if not is_signed(jws):
        return ()
    try:
        return check_any_request(jws).chain
    except TokenError as error:
        raise bad_message(error.summary) from None


def jwk_of(chain: Sequence[bytes], **members: str) -> JsonValue:
    """A signer, or a trusted certificate, as tokens show it."""
    return {
        **members,
        "kty": "RSA" if is_rsa_certificate(chain[0]) else "EC",
        "x5c": [base64.b64encode(der).decode("ascii") for der in chain],
    }


def require_trusted(chain: Sequence[bytes], trusted: Sequence[bytes]) -> None:
    """See that a request was signed by somebody who may.

    Raises:
        RefusalError: unsigned, by a key that is not RSA, or signed by a stranger.
    """
    if not chain:
        raise bad_message(
            "The token is not signed, and this provider takes only what a trusted policy signer "
            "signed."
        )
    if not is_rsa_certificate(chain[0]):
        raise bad_message("The key of the signer is not RSA.")
    certificates = [load(der) for der in chain]
    anchors = [load(der) for der in trusted]
    if not any(_leads_to(certificates, anchor) for anchor in anchors if is_ca(anchor)):
        raise unknown_issuer(certificates[-1].issuer.rfc4514_string())


def _leads_to(chain: Sequence[x509.Certificate], anchor: x509.Certificate) -> bool:
    """Whether a certificate of the chain is the anchor, or the last was issued by it."""
    issuers = chain[1:]
    for at, certificate in enumerate(chain):
        if certificate == anchor:
            return all(is_ca(issuer) for issuer in issuers[:at])
    return all(is_ca(issuer) for issuer in issuers) and is_issued_by(chain[-1], anchor)
