"""Requests to attest that were made to cost time or memory, or to break what reads them."""

from __future__ import annotations

import base64
import gzip
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from helpers.issuing import certificate, rsa_key
from helpers.tpm_client import SoftTpm, event_log, jwk, signed
from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic.making import synthesize
from sealwright.evidence.synthetic.roots import new_roots
from sealwright.tokens.jose import b64_decode_lenient, b64url_encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MB = 1 << 20
MOST = 2900 << 10
"""Bytes that a request of 4 MB can carry in Base64."""
MEMBERS = {
    "SgxEnclave": "quote",
    "OpenEnclave": "report",
    "TdxVm": "quote",
    "SevSnpVm": "report",
    "AzureGuest": "attestationInfo",
    "Tpm": "data",
}
_KINDS = {
    "SgxEnclave": Kind.SGX_QUOTE,
    "OpenEnclave": Kind.OE_EVIDENCE,
    "TdxVm": Kind.TDX_QUOTE,
    "SevSnpVm": Kind.SNP_ACI,
    "AzureGuest": Kind.AZURE_GUEST,
}
_DOCUMENTS = ("SevSnpVm", "AzureGuest", "Tpm")
"""Operations whose evidence is JSON."""
_OFF_CURVE = b"\x00" * 31 + b"\x01" + b"\x00" * 31 + b"\x02"
JWS = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA"
ODD = (
    *("null", "true", "-1", "1e308", "0.5", "[]", "{}", '""', '"{"', '"="', '"A"', '"\\u0000"'),
    *('"\\ud800"', '"\\udc00\\ud83d"', "9" * 4000, "NaN", '[[["AAAA"]]]', f'"{JWS}"'),
)
"""JSON that no member is meant to hold."""


@dataclass(frozen=True)
class Hostile:
    """One request, by a name that says what is wrong with it."""

    name: str
    operation: str
    body: bytes
    encoding: str = ""
    """The content encoding that it claims."""


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("utf-8", "surrogatepass")


@cache
def valid(operation: str) -> bytes:
    """Evidence of a machine that nobody knows."""
    return synthesize(_KINDS[operation], _roots(), {}, datetime.now(UTC)).evidence


@cache
def _roots() -> Any:  # noqa: ANN401 - the roots are handed on as they are
    return new_roots()


def sent(name: str, operation: str, evidence: bytes, **more: object) -> Hostile:
    body = {MEMBERS[operation]: b64url_encode(evidence), **more}
    return Hostile(f"{operation}: {name}", operation, compact(body))


def everywhere(every: int) -> Iterator[Hostile]:
    """What may be sent to every operation."""
    for operation, member in MEMBERS.items():
        for odd in ODD[::every]:
            body = f'{{"{member}":{odd}}}'.encode()
            yield Hostile(f"{operation}: member {odd[:20]}", operation, body)
        yield Hostile(f"{operation}: no member", operation, b"{}")
        packed = f'{{"{member}":"AAAA"}}'.encode()
        yield Hostile(f"{operation}: packed, but not", operation, packed, "gzip")
        if operation in _DOCUMENTS:
            yield sent("brackets", operation, b"[" * MOST)
            yield sent("members", operation, b'{"a":' * (MOST // 5))
        else:
            yield sent("zeros", operation, bytes(MOST))
    yield from bodies("SgxEnclave")
    yield from bodies("Tpm")


def bodies(operation: str) -> Iterator[Hostile]:
    """What cannot be read before it matters which operation is called."""
    for name, body, encoding in (
        ("nothing", b"", ""),
        ("no text", b"\xff\xfe{", ""),
        ("brackets", b'{"x":' + b"[" * 100_000, ""),
        ("a million lists", b'{"x":[' + b"[]," * 1_390_000 + b"[]]}", ""),
        ("packed zeros", gzip.compress(bytes(16 << 20), 1), "gzip"),
    ):
        yield Hostile(f"{operation}: body of {name}", operation, body, encoding)


def inside(data: bytes, offset: int, put: bytes) -> bytes:
    return data[:offset] + put + data[offset + len(put) :]


def quotes() -> Iterator[Hostile]:
    """SGX and TDX quotes, and the collateral beside them."""
    for operation, key_at in (("SgxEnclave", 436 + 64), ("TdxVm", 636 + 64)):
        quote = valid(operation)
        yield sent("key off the curve", operation, inside(quote, key_at, _OFF_CURVE))
        yield sent("key of zeros", operation, inside(quote, key_at, bytes(64)))
        for at in range(0, len(quote) - 4, len(quote) // 9):
            yield sent(f"size at {at}", operation, inside(quote, at, b"\xff" * 4))
        start = quote.index(b"-----BEGIN")
        for name, chain in chains():
            pems = chain[: MOST - start]
            head = quote[: start - 4] + len(pems).to_bytes(4, "little")
            yield sent(f"chain of {name}", operation, head + pems)
        for name, collateral in collaterals():
            yield sent(name, operation, quote, sandboxCollateral=b64url_encode(collateral))


def collaterals() -> Iterator[tuple[str, bytes]]:
    level = {"tcb": {"sgxtcbcomponents": [{"svn": 1}] * 16, "pcesvn": 1}, "tcbStatus": "UpToDate"}
    info = {"version": 3, "tcbLevels": [level] * 5000}
    text = json.dumps(info, separators=(",", ":"))
    whole = {"tcb_info": text, "tcb_info_signature": "00" * 64}
    yield "TCB levels by the thousand", compact(whole)[:MOST]
    yield "TCB info of brackets", compact({"tcb_info": "[" * MB, "tcb_info_signature": "00" * 64})
    crl = {"qe_identity": "{}", "qe_identity_signature": "00" * 64}
    for name, value in (("long", revocations().hex()), ("made of zeros", "00" * MB)):
        yield f"revocation list that is {name}", compact({**crl, "root_ca_crl": value})


@cache
def revocations() -> bytes:
    """A list of revoked certificates that takes a request for itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC).replace(microsecond=0)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    entry = x509.RevokedCertificateBuilder().revocation_date(now)
    builder = x509.CertificateRevocationListBuilder().issuer_name(name)
    builder = builder.last_update(now).next_update(now)
    one = builder.add_revoked_certificate(entry.serial_number(1).build())
    # Adding them one by one copies the list each time.
    made = one.sign(key, SHA256()).public_bytes(Encoding.DER)
    return made + bytes(900 << 10)


@cache
def strange_certificates() -> tuple[tuple[str, bytes], ...]:
    """Certificates (DER) whose keys or issuers are not what they should be."""
    plain = ec.generate_private_key(ec.SECP384R1())
    one, two = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
    number = random.Random(8).getrandbits(1 << 16) | 1 | 1 << 0xFFFF  # noqa: S311 - no secret
    big = rsa.RSAPublicNumbers(65537, number).public_key()
    exponent = rsa.RSAPublicNumbers(number >> 0xC001 | 1, number >> 0xC000 | 1).public_key()
    return (
        ("64k bits", _certificate(big, plain)),
        ("a large exponent", _certificate(exponent, plain)),
        ("a loop", _certificate(one.public_key(), two) + _certificate(two.public_key(), one)),
        ("itself", _certificate(one.public_key(), one)),
    )


def _certificate(
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, signer: ec.EllipticCurvePrivateKey
) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loop")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(public)
    builder = builder.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    made = builder.not_valid_after(datetime(2040, 1, 1, tzinfo=UTC)).sign(signer, SHA256())
    return made.public_bytes(Encoding.PEM)


def chains() -> Iterator[tuple[str, bytes]]:
    """Certificates in PEM, more or stranger than a chain has."""
    for name, pem in strange_certificates():
        yield name, pem
    own = base64.encodebytes(certificate(rsa_key("aik")))
    pem = b"-----BEGIN CERTIFICATE-----\n" + own + b"-----END CERTIFICATE-----\n"
    yield "thousands", pem * (MB // len(pem))
    yield "empty ones", b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" * 18_000
    yield "beginnings", b"-----BEGIN CERTIFICATE-----\n" * 36_000
    yield "lengths", pem[:28] + base64.encodebytes(b"\x30\x84\xff\xff\xff\xff") + pem[-26:]


def machines(every: int) -> Iterator[Hostile]:
    """SEV-SNP: the JSON around a report, its chain, and the endorsement of its image."""
    operation = "SevSnpVm"
    document: dict[str, Any] = json.loads(valid(operation))
    for number, member in enumerate(document):
        for odd in ODD[number % every :: every]:
            text = json.dumps({**document, member: "@"}).replace('"@"', odd)
            yield sent(f"{member} {odd[:20]}", operation, text.encode())
    for name, chain in chains():
        yield sent(
            f"chain of {name}", operation, compact({**document, "VcekCertChain": b64(chain)})
        )
    report = b64_decode_lenient(document["SnpReport"])
    for at in range(0, len(report), len(report) // 9):
        bent = b64(inside(report, at, b"\xff" * 8))
        yield sent(f"report, byte {at}", operation, compact({**document, "SnpReport": bent}))
    for name, endorsement in endorsements():
        uvm = b64(compact({"Uvm": [b64(endorsement)]}))
        yield sent(name, operation, compact({**document, "Endorsements": uvm}))


def endorsements() -> Iterator[tuple[str, bytes]]:
    """COSE messages that grow when they are read."""
    yield "lists of no end", b"\x9f" * MB
    yield "a text of more bytes than there are", b"\x7b" + b"\xff" * 8
    yield "a list of more values than there are", b"\x9b\x00\x00\x00\xff" + b"\xff" * 4
    yield "a map within its own key", b"\xd8\x1c\xa1\xd8\x1d\x00\x01"
    shared = b"\xd8\x1c\x82" + b"\xd8\x1d\x00" * 2
    yield "shared lists", b"\x82" * 40 + shared * 40
    chain = [cbor2.dumps("x" * 60)] * 1000
    yield "certificates", cbor2.dumps(cbor2.CBORTag(18, [cbor2.dumps({33: chain}), {}, b"{}", b""]))
    deep = b'{"a":' * 10_000
    yield "deep payload", cbor2.dumps(cbor2.CBORTag(18, [cbor2.dumps({1: -38}), {}, deep, b""]))


def guests(every: int) -> Iterator[Hostile]:
    """Azure guests: JSON with a TPM's structures, a log and the hardware's report inside."""
    operation = "AzureGuest"
    document: dict[str, Any] = json.loads(valid(operation))
    for number, path in enumerate(_paths(document)):
        for odd in ODD[number % every :: every]:
            text = json.dumps(_put(document, path, "@")).replace('"@"', odd)
            yield sent(f"{'.'.join(path)} {odd[:20]}", operation, text.encode())
    for path in (("AttestationProtocolVersion",), ("IsolationInfo", "Type")):
        # An answer names both.
        half = compact(_put(document, path, "\ud800"))
        yield sent(f"half a character as {path[-1]}", operation, half)
        yield sent(f"words as {path[-1]}", operation, compact(_put(document, path, "x" * MB)))
    log = long_log(MB)
    yield sent("giant log", operation, compact({**document, "TcgLogs": b64(log)}))
    yield sent("log of lengths", operation, compact({**document, "TcgLogs": b64(_lengths(log))}))
    tpm = document["TpmInfo"]
    for member, value in (
        ("AikCert", b64(bytes(MB))),
        ("AikCert", b64(certificate(rsa_key("aik")) * 900)),
        ("AikPub", b64(_public(8191))),
        ("AikPub", b64(_public(65))),
        ("EncKeyPub", b64(_public(8191))),
        ("PcrSet", list(range(40_000))),
        ("PCRs", [{"Index": at, "Digest": "AAAA"} for at in range(20_000)]),
    ):
        changed = {**document, "TpmInfo": {**tpm, member: value}}
        yield sent(f"{member} of {len(str(value))}", operation, compact(changed))
    payload = {str(at): "AAAA" for at in range(40_000)}
    yield sent("payload of members", operation, compact({**document, "ClientPayload": payload}))


def _paths(document: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in document.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *inner) for inner in _paths(value))


def _put(document: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    name, *rest = path
    return {**document, name: _put(document[name], tuple(rest), value) if rest else value}


def _public(size: int) -> bytes:
    """TPM2B_PUBLIC of an RSA key whose modulus has that many bytes."""
    head = bytes.fromhex("0001000b000600720000001000100800") + bytes(4)
    area = head + size.to_bytes(2, "big") + b"\xff" * size
    return len(area).to_bytes(2, "big") + area


@cache
def long_log(size: int) -> bytes:
    """A log of as many small events as fit."""
    events = [(at % 8, 0x0D, at.to_bytes(2, "big")) for at in range(size // 52)]
    return event_log(*events)


def _lengths(log: bytes) -> bytes:
    return log[:2000] + b"\xff\xff\xff\x7f" * 100 + log[2000:]


def tpms(challenge: bytes, context: str, every: int) -> Iterator[Hostile]:
    """Answers to a challenge, all of them signed by the key that they name."""
    tpm = SoftTpm()
    data = {
        "challenge": b64url_encode(challenge),
        "service_context": context,
        "tpm_att_data": {"current_attestation": tpm.attestation(challenge)},
        "request_key": {"jwk": jwk(rsa_key("request key").public_key())},
    }
    for number, path in enumerate(_paths(data)):
        for odd in ODD[number % every :: every]:
            text = json.dumps(_put(data, path, "@")).replace('"@"', odd)
            yield _asked(f"{'.'.join(path[-2:])} {odd[:20]}", text)
    state = data["tpm_att_data"]["current_attestation"]  # type: ignore[index] # made above
    values = [{"index": at, "digest": ""} for at in range(24)]
    numbers = {"kty": "RSA", "n": b64url_encode(b"\xff" * 8192), "e": b64url_encode(b"\xff" * 8192)}
    small = {**numbers, "n": b64url_encode(b"\xff" * 1024)}
    for name, changed in (
        ("log of a megabyte", {"logs": [_tcg(long_log(MB - 999))]}),
        ("log of lengths", {"logs": [_tcg(_lengths(tpm.log * 9))]}),
        ("key of 64k bits", {"aik_pub": numbers}),
        ("exponent of 64k bits", {"aik_pub": small}),
        ("certificate of a megabyte", {"aik_cert": b64url_encode(bytes(MB))}),
        ("registers of no bytes", {"pcrs": [{"algorithm": 11, "values": values}]}),
        (
            "banks by the thousand",
            {"pcrs": [{"algorithm": at, "values": []} for at in range(9000)]},
        ),
    ):
        attestation = {"current_attestation": {**state, **changed}}
        yield _asked(name, json.dumps({**data, "tpm_att_data": attestation}))
    claims = [{"name": "a", "value": "b", "value_type": "String"}] * 10_000
    yield _asked("custom claims", json.dumps({**data, "custom_claims": claims}))
    others = [{"jwk": numbers, "info": {"tpm_certify": {}}}] * 2
    yield _asked("other keys", json.dumps({**data, "other_keys": others}))
    yield sent("token", "Tpm", compact({"payload": {"request": JWS}}))


def _tcg(log: bytes) -> dict[str, str]:
    return {"type": "TCG", "log": b64url_encode(log)}


def _asked(name: str, data: str) -> Hostile:
    payload = f'{{"att_type": "basic", "att_data": {data}}}'
    request = signed(payload, "attReqV2", rsa_key("request key"))
    return sent(name, "Tpm", compact({"payload": {"request": request}}))


def hostile_requests(challenge: bytes, context: str, every: int) -> Iterable[Hostile]:
    """All of them; `challenge` and `context` are what the provider gave out.

    Each member gets every so manieth of the odd values, beginning with another one.
    """
    yield from everywhere(every)
    yield from quotes()
    yield from machines(every)
    yield from guests(every)
    yield from tpms(challenge, context, every)
