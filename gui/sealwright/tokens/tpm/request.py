"""The signed request of the Tpm protocol, in both versions (spec evidence, 9).

    version 1  typ attReq    signed by `attest_key`, Windows platform claims
    version 2  typ attReqV2  signed by `request_key.jwk`, quotes with their registers and logs

Invariants
- What hashes cover is kept as it came: the text of the request key, and of `report_signed`.
- Nothing here is believed but the signature, which is checked with the key inside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from sealwright.errors import TokenError
from sealwright.evidence.basis.document import member_bytes
from sealwright.tokens.jose import b64_decode_lenient, parse_object, split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.tokens.jose import JsonObject, JsonValue, Jws

VERSION_1: Final = "attReq"
VERSION_2: Final = "attReqV2"
ALGORITHM: Final = "PS256"
BASIC: Final = "basic"
VBS: Final = "vbs"
MAX_OTHER_KEYS: Final = 2
_MAX_BITS: Final = 8192
_MIN_BITS: Final = 2048
_MAX_CLAIMS: Final = 256


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A key that the request speaks of."""

    jwk: JsonObject
    jwk_text: bytes = field(repr=False)
    """The JWK exactly as it came."""
    info: JsonObject
    """`tpm_quote`, `tpm_certify`, or nothing."""

    def public_key(self) -> rsa.RSAPublicKey:
        """The key itself.

        Raises:
            TokenError: no RSA key of a usable size.
        """
        return rsa_key(self.jwk)


@dataclass(frozen=True, slots=True)
class CustomClaim:
    """A claim that the client sends along; its value has the JSON type it stands for."""

    name: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class TpmRequest:
    """A request whose signature holds."""

    version: str
    kind: str
    """`basic` or `vbs`."""
    rp_data: str
    challenge: bytes
    service_context: str
    tpm: JsonObject = field(repr=False)
    """`tpm_att_data`."""
    key: RequestKey
    other_keys: tuple[RequestKey, ...]
    custom_claims: tuple[CustomClaim, ...]
    vsm_report: bytes = field(repr=False, default=b"")
    """The enclave's report; empty in a basic request."""
    report_signed: bytes = field(repr=False, default=b"")
    """What the enclave's data is the hash of: the text of `report_signed` as it came."""


def read_tpm_request(compact: str) -> TpmRequest:
    """Read a request and check its signature with the key inside.

    Raises:
        TokenError: not in its form, or not signed by its key.
        EvidenceError: JSON whose members cannot be told apart.
    """
    jws = split(compact)
    version = _text(jws.header, "typ")
    if version not in (VERSION_1, VERSION_2) or jws.algorithm != ALGORITHM:
        raise TokenError("The request is not signed as the Tpm protocol demands (PS256, attReq).")
    outer = jws.claims()
    kind = _text(outer, "att_type")
    if kind not in (BASIC, VBS):
        raise TokenError(f"The attestation `{kind[:40]}` of the request is not known.")
    raw = _member(jws.payload, "att_data")
    signed = _member(raw, "report_signed") if kind == VBS else raw
    request = _read(version, kind, signed)
    _require_signed(jws, request.key)
    if kind != VBS:
        return request
    from dataclasses import replace  # noqa: PLC0415 - only for enclaves

    report = _enclave_report(parse_object(raw).get("vsm_report"))
    return replace(request, vsm_report=report, report_signed=signed)


def _read(version: str, kind: str, raw: bytes) -> TpmRequest:
    data = parse_object(raw)
    tpm = data.get("tpm_att_data")
    if not isinstance(tpm, dict):
        raise TokenError("The request has no `tpm_att_data`.")
    others = data.get("other_keys") or []
    if not isinstance(others, list) or len(others) > MAX_OTHER_KEYS:
        raise TokenError(f"The request names more than {MAX_OTHER_KEYS} other keys.")
    return TpmRequest(
        version=version,
        kind=kind,
        rp_data=_text(data, "rp_data"),
        challenge=b64_decode_lenient(_text(data, "challenge")),
        service_context=_text(data, "service_context"),
        tpm=tpm,
        key=_request_key(version, raw),
        other_keys=tuple(_other_key(item) for item in others),
        custom_claims=_custom_claims(data.get("custom_claims")),
    )


def _request_key(version: str, raw: bytes) -> RequestKey:
    if version == VERSION_1:
        text = _member(raw, "attest_key")
        return RequestKey(parse_object(text), text, {})
    outer = _member(raw, "request_key")
    text = _member(outer, "jwk")
    return RequestKey(parse_object(text), text, _info(parse_object(outer)))


def _other_key(value: JsonValue) -> RequestKey:
    if not isinstance(value, dict):
        raise TokenError("One of the other keys is no object.")
    jwk = value.get("jwk")
    if not isinstance(jwk, dict):
        raise TokenError("One of the other keys has no `jwk`.")
    return RequestKey(jwk, b"", _info(value))


def _info(value: JsonObject) -> JsonObject:
    info = value.get("info")
    return info if isinstance(info, dict) else {}


def _custom_claims(value: JsonValue) -> tuple[CustomClaim, ...]:
    listed = value or []
    if not isinstance(listed, list) or len(listed) > _MAX_CLAIMS:
        raise TokenError("The custom claims are no list, or too many.")
    return tuple(_custom_claim(item) for item in listed)


def _custom_claim(value: JsonValue) -> CustomClaim:
    if not isinstance(value, dict):
        raise TokenError("A custom claim is no object.")
    name, kind = _text(value, "name"), _text(value, "value_type").lower()
    found = _value(value.get("value"), kind)
    if not name or found is None:
        raise TokenError(f"The custom claim `{name[:40]}` has no value of its type.")
    return CustomClaim(name, found)


def _value(value: JsonValue, kind: str) -> str | int | bool | None:
    """The value by its declared type; numbers and booleans may come as texts."""
    text = value if isinstance(value, str) else str(value).lower()
    match kind:
        case "boolean" | "bool":
            return {"true": True, "false": False}.get(text.lower())
        case "integer" | "int":
            bare = text.removeprefix("-")
            return int(text) if bare.isascii() and bare.isdecimal() and len(bare) < 20 else None  # noqa: PLR2004 - 64 bits
        case "string" | "":
            return value if isinstance(value, str) else None
    return None


def _enclave_report(value: JsonValue) -> bytes:
    """Version 1 sends the text, version 2 `{"enclave": {"report": …}}`."""
    enclave = value.get("enclave") if isinstance(value, dict) else None
    text = enclave.get("report") if isinstance(enclave, dict) else value
    if not isinstance(text, str) or not text:
        raise TokenError("The request has no enclave report.")
    return b64_decode_lenient(text)


def _require_signed(jws: Jws, key: RequestKey) -> None:
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO)
    try:
        key.public_key().verify(jws.signature, jws.signing_input, pss, SHA256())
    except InvalidSignature:
        raise TokenError("The request is not signed by the key that it names.") from None


def rsa_key(jwk: Mapping[str, JsonValue]) -> rsa.RSAPublicKey:
    """The RSA key of a JWK.

    Raises:
        TokenError: another kind of key, or of a size that is too small or costs time.
    """
    if jwk.get("kty") != "RSA":
        raise TokenError("A key of the request is no RSA key.")
    modulus, exponent = (
        int.from_bytes(b64_decode_lenient(_text(jwk, name)), "big") for name in ("n", "e")
    )
    if not _MIN_BITS <= modulus.bit_length() <= _MAX_BITS:
        raise TokenError(f"A key of the request has {modulus.bit_length()} bits.")
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise TokenError("The numbers of a key of the request are no key.") from None


def _member(raw: bytes, name: str) -> bytes:
    found = member_bytes(raw, "request").get(name)
    if found is None:
        raise TokenError(f"The request has no `{name}`.")
    return found


def _text(members: Mapping[str, JsonValue], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""
