"""Microsoft's endorsement of a utility VM image: COSE_Sign1 (spec tokens, 6 steps 4 and 5)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Never

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding

from sealwright.errors import EvidenceError, KeyMaterialError
from sealwright.evidence.basis.certificates import common_name, load, path_checks, root_check
from sealwright.evidence.basis.checks import Check, judge, row
from sealwright.evidence.basis.document import read_json
from sealwright.evidence.basis.trust import UVM_ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealwright.evidence.basis.trust import Trust

EKU_CONTAINER_PLATFORM: Final = "1.3.6.1.4.1.311.76.59.1.2"
FEED: Final = "ContainerPlat-AMD-UVM"
_SIGN1: Final = 18
_PARTS: Final = 4
_ALG: Final = 1
_CONTENT_TYPE: Final = 3
_X5CHAIN: Final = 33
_X5T: Final = 34
_PS384: Final = -38
_SHA256_ALG: Final = -16
_MAX_SIZE: Final = 64 << 10
"""Bytes of one, of which real ones have a fifth: CBOR can write sums that take minutes."""
_MAX_CHAIN: Final = 8
_MAX_DEPTH: Final = 16
_COSTLY_TAGS: Final = (2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 256, 258, 260, 261, 43000)
"""Numbers of any length, fractions, patterns, mails, sets, and references: a key that is made of
references to itself, again and again, is never hashed to its end."""
_DID: Final = "did:x509:0:sha256:"


@dataclass(frozen=True, slots=True)
class UvmEndorsement:
    """An endorsement and what its signature covers."""

    issuer: str
    feed: str
    algorithm: int
    content_type: str
    signing_time: datetime | None
    launch_measurement: str
    """Lower-case hex."""
    guest_svn: str
    chain: tuple[x509.Certificate, ...] = field(repr=False)
    thumbprint: bytes
    """SHA-256 of the signing certificate as it was signed; empty when it is not there."""
    payload: bytes = field(repr=False)
    """The JSON that the endorsement says, as it was signed."""
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def usages(self) -> tuple[str, ...]:
        """What the signing certificate is for, as dotted OIDs."""
        try:
            found = self.chain[0].extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        except x509.ExtensionNotFound:
            return ()
        return tuple(item.dotted_string for item in found.value)


def parse_uvm(data: bytes) -> UvmEndorsement:
    """Read a COSE_Sign1 endorsement.

    Raises:
        EvidenceError: not one, or its payload names no measurement.
    """
    if len(data) > _MAX_SIZE:
        raise EvidenceError(f"The endorsement has more than {_MAX_SIZE >> 10} KB.", offset=0)
    protected_raw, payload, signature = _sign1(data)
    protected = _map(_decode(protected_raw))
    claims = _payload(payload)
    measurement = claims.get("x-ms-sevsnpvm-launchmeasurement")
    if not isinstance(measurement, str):
        raise EvidenceError("The endorsement names no launch measurement.")
    return UvmEndorsement(
        issuer=_text(protected.get("iss")),
        feed=_text(protected.get("feed")),
        algorithm=_integer(protected.get(_ALG)),
        content_type=_text(protected.get(_CONTENT_TYPE)),
        signing_time=_time(protected.get("signingtime")),
        launch_measurement=measurement,
        guest_svn=str(claims.get("x-ms-sevsnpvm-guestsvn", "")),
        chain=_chain(protected.get(_X5CHAIN)),
        thumbprint=_thumbprint(protected.get(_X5T)),
        payload=payload,
        signed=cbor2.dumps(["Signature1", protected_raw, b"", payload]),
        signature=signature,
    )


def _refuse(_: object) -> Never:
    raise EvidenceError("The endorsement holds values that no endorsement needs.", offset=0)


_REFUSED: Final = dict.fromkeys(_COSTLY_TAGS, _refuse)


def _decode(data: bytes) -> object:
    try:
        value: object = cbor2.loads(data, semantic_decoders=_REFUSED, max_depth=_MAX_DEPTH)
    except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError, OverflowError):
        raise EvidenceError("The endorsement is not CBOR.", offset=0) from None
    return value


def _sign1(data: bytes) -> tuple[bytes, bytes, bytes]:
    value = _decode(data)
    if isinstance(value, cbor2.CBORTag) and value.tag == _SIGN1:
        value = value.value
    parts = list(value) if isinstance(value, (list, tuple)) else []
    if len(parts) != _PARTS:
        raise EvidenceError("The endorsement is not a COSE_Sign1 message.", offset=0)
    octets = [part for part in (parts[0], parts[2], parts[3]) if isinstance(part, bytes)]
    if len(octets) != _PARTS - 1:
        raise EvidenceError("The endorsement is not a COSE_Sign1 message.", offset=0)
    return octets[0], octets[1], octets[2]


def _map(value: object) -> Mapping[object, object]:
    if not isinstance(value, dict):
        raise EvidenceError("The endorsement's protected header is not a map.")
    return value


def _payload(payload: bytes) -> Mapping[str, object]:
    value = read_json(payload, "endorsement's payload")
    if not isinstance(value, dict):
        raise EvidenceError("The endorsement's payload is not a JSON object.")
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _time(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _thumbprint(value: object) -> bytes:
    if not isinstance(value, (list, tuple)) or list(value[:1]) != [_SHA256_ALG]:
        return b""
    return bytes(value[1]) if len(value) > 1 and isinstance(value[1], bytes) else b""


def _chain(value: object) -> tuple[x509.Certificate, ...]:
    items = [value] if isinstance(value, bytes) else value
    if not isinstance(items, (list, tuple)) or not items:
        raise EvidenceError("The endorsement brings no certificates.")
    if len(items) > _MAX_CHAIN:
        raise EvidenceError(f"The endorsement brings {len(items)} certificates.")
    try:
        return tuple(load(bytes(item)) for item in items)
    except (KeyMaterialError, TypeError):
        raise EvidenceError("A certificate of the endorsement cannot be read.") from None


def verify_uvm(
    endorsement: UvmEndorsement,
    measurement: bytes,
    trust: Trust,
    prefix: str = "",
) -> tuple[Check, ...]:
    """Check an endorsement of `measurement`, with its certificates at the time of signing.

    The time of `trust` serves for its root, and where it does not say when it was signed.
    """
    id_, title = f"{prefix}endorsement", "Image endorsed by Microsoft"
    then = replace(trust, when=endorsement.signing_time or trust.when)
    *path, _ = path_checks(id_, endorsement.chain, then, UVM_ROOT)
    parts = (
        _covers(id_, endorsement, measurement),
        _header(id_, endorsement),
        _signature(id_, endorsement),
        *path,
        # When it was signed is the signer's own word: a root that has ended since counts no more.
        root_check(id_, endorsement.chain, trust, UVM_ROOT),
        _usage(id_, endorsement),
        _named(id_, endorsement),
    )
    return row(id_, title, parts)


def _covers(id_: str, endorsement: UvmEndorsement, measurement: bytes) -> Check:
    return judge(
        f"{id_}.measurement",
        "Endorses this image",
        "The endorsement is for another image.",
        passed=endorsement.launch_measurement == measurement.hex(),
        expected=endorsement.launch_measurement[:96],
        actual=measurement.hex(),
    )


def _header(id_: str, endorsement: UvmEndorsement) -> Check:
    leaf = endorsement.chain[0].public_bytes(Encoding.DER)
    passed = (
        endorsement.algorithm == _PS384
        and endorsement.content_type == "application/json"
        and endorsement.feed == FEED
        and endorsement.thumbprint in (b"", hashlib.sha256(leaf).digest())
    )
    return judge(
        f"{id_}.header",
        "Form of the endorsement",
        "Algorithm, content type, feed or certificate is not as Microsoft signs.",
        passed=passed,
        expected=f"PS384, application/json, {FEED}",
        actual=f"{endorsement.algorithm}, {endorsement.content_type}, {endorsement.feed}"[:200],
    )


def _signature(id_: str, endorsement: UvmEndorsement) -> Check:
    key = endorsement.chain[0].public_key()
    return judge(
        f"{id_}.signature",
        "Signature of the endorsement",
        "The endorsement was changed: its signature does not fit.",
        passed=isinstance(key, RSAPublicKey) and _verifies(key, endorsement),
    )


def _verifies(key: RSAPublicKey, endorsement: UvmEndorsement) -> bool:
    pss = padding.PSS(padding.MGF1(SHA384()), SHA384.digest_size)
    try:
        key.verify(endorsement.signature, endorsement.signed, pss, SHA384())
    except (InvalidSignature, ValueError):
        return False
    return True


def _usage(id_: str, endorsement: UvmEndorsement) -> Check:
    usages = endorsement.usages
    return judge(
        f"{id_}.usage",
        "Certificate is for container platforms",
        "The certificate is not for signing container platforms.",
        passed=EKU_CONTAINER_PLATFORM in usages,
        expected=EKU_CONTAINER_PLATFORM,
        actual=", ".join(usages),
    )


def _named(id_: str, endorsement: UvmEndorsement) -> Check:
    """The issuer names a CA of the chain and what its leaf is, in the words of did:x509."""
    fingerprints = {
        base64.urlsafe_b64encode(item.fingerprint(SHA256())).rstrip(b"=").decode()
        for item in endorsement.chain[1:]
    }
    named, *policies = endorsement.issuer.removeprefix(_DID).split("::")
    known = endorsement.issuer.startswith(_DID) and named in fingerprints
    return judge(
        f"{id_}.issuer",
        "Issuer names the certificates of the chain",
        "The issuer names other certificates than the chain holds.",
        passed=known and bool(policies) and all(_fits(item, endorsement) for item in policies),
        actual=endorsement.issuer[:200],
    )


def _fits(policy: str, endorsement: UvmEndorsement) -> bool:
    """Whether the signing certificate is what one part of the issuer says."""
    kind, _, value = policy.partition(":")
    if kind == "eku":
        return value in endorsement.usages
    return policy == f"subject:CN:{common_name(endorsement.chain[0])}"
