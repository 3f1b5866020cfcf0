"""What administrators send, taken out of the bodies that real clients write.

Invariants (spec rest-api, 3.3, 3.4, 3.6, 4.2, 4.3, 4.7)
- The content type is never looked at: half of the clients write the wrong one.
- The JWS is kept as it came; hashes and signatures cover exactly that.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from sealwright.errors import TokenError
from sealwright.sandbox.refusals import bad_message
from sealwright.sandbox.signing_certificates import is_rsa_certificate
from sealwright.sandbox.wire import member
from sealwright.tokens.jose import Jws, b64_decode_lenient, parse_object
from sealwright.tokens.unwrap import CERTIFICATE_CLAIMS, x5c_chain

if TYPE_CHECKING:
    from sealwright.tokens.jose import JsonObject

ADD_MEMBER: Final = "policyCertificateToAdd"
REMOVE_MEMBER: Final = "policyCertificateToRemove"
POLICY_CLAIM: Final = "AttestationPolicy"

_SEGMENTS: Final = 3
_BLANKS: Final = " \t\r\n\f\v"
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/_=-]")


def read_jws(body: bytes, object_member: str = "") -> Jws:
    """The compact JWS of a body: bare, as a JSON string, or in a member of a JSON object.

    Raises:
        RefusalError: there is none.
    """
    try:
        text = body.decode("utf-8").strip(_BLANKS)
    except UnicodeDecodeError:
        raise bad_message("Malformed JWT: The token is not text.") from None
    if object_member and text.startswith("{"):
        text = _member_text(text, object_member)
    elif text.startswith('"') and text.endswith('"'):
        text = _json_text(text)
    return _split(text.strip(_BLANKS))


def _json_text(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        raise bad_message("Malformed JWT: The JSON string cannot be read.") from None
    return str(value)


def _member_text(text: str, name: str) -> str:
    try:
        value = member(parse_object(text.encode("utf-8")), name)
    except TokenError as error:
        raise bad_message(f"Malformed JWT: {error.summary}") from None
    if not isinstance(value, str):
        raise bad_message(f"Malformed JWT: The member {name} is missing.")
    return value


def _split(text: str) -> Jws:
    parts = text.split(".")
    if len(parts) < _SEGMENTS:
        which = "first" if len(parts) == 1 else "second"
        raise bad_message(f"Malformed JWT: Could not find {which} period in the token.")
    if len(parts) > _SEGMENTS:
        raise bad_message("Malformed JWT: There are too many periods in the token.")
    for part in parts:
        _require_base64(part)
    try:
        header, payload, signature = (b64_decode_lenient(part) for part in parts)
        return Jws(parts[0], parts[1], parts[2], parse_object(header), payload, signature)
    except TokenError as error:
        raise bad_message(f"Malformed JWT: {error.summary}") from None


def _require_base64(text: str) -> None:
    stray = _NOT_BASE64.search(text)
    if stray is not None:
        raise bad_message(f"Unknown base64 character: {ord(stray.group())} ('{stray.group()}')")


def _claims(jws: Jws) -> JsonObject:
    if not jws.payload:
        return {}
    try:
        return jws.claims()
    except TokenError as error:
        raise bad_message(f"Malformed JWT: {error.summary}") from None


def policy_text(jws: Jws) -> str:
    """The policy text of an upload.

    Raises:
        RefusalError: the claim is missing, not base64 or not UTF-8.
    """
    value = _claims(jws).get(POLICY_CLAIM)
    if not isinstance(value, str):
        raise bad_message(f'Could not find "{POLICY_CLAIM}" claim in policy token')
    _require_base64(value)
    try:
        return b64_decode_lenient(value).decode("utf-8")
    except TokenError as error:
        raise bad_message(error.summary) from None
    except UnicodeDecodeError:
        raise bad_message("The policy is not UTF-8 text.") from None


def require_no_policy(jws: Jws) -> None:
    """See that a reset brings no policy: an empty payload, `{}`, or an empty claim.

    Raises:
        RefusalError: it does.
    """
    if _claims(jws).get(POLICY_CLAIM, "") != "":
        raise bad_message("A reset carries no policy.")


def named_certificate(jws: Jws) -> bytes:
    """The certificate (DER) to add or remove.

    Raises:
        RefusalError: none of the claims is there, or it holds no RSA certificate.
    """
    claims = _claims(jws)
    key = next((claims[name] for name in CERTIFICATE_CLAIMS if name in claims), None)
    if not isinstance(key, dict):
        raise bad_message('Could not find "maa-policyCertificate" claim in policy token')
    try:
        chain = x5c_chain(key.get("x5c"))
    except TokenError as error:
        raise bad_message(error.summary) from None
    if not chain or not is_rsa_certificate(chain[0]):
        raise bad_message("The policy certificate is not an X.509 certificate of an RSA key.")
    return chain[0]
