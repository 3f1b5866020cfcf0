"""Rows 1 to 4 of a verification: shape, header, issuer choice, key set (spec tokens, 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sealwright.errors import KeyMaterialError, TokenError
from sealwright.evidence.basis.certificates import load, spki_sha256
from sealwright.evidence.basis.checks import Check, judge, row, skip, warn
from sealwright.tokens.jose import b64_decode_lenient
from sealwright.tokens.keyset import issued_kid
from sealwright.tokens.unwrap import x5c_chain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.tokens.keyset import KeyEntry
    from sealwright.tokens.verification.case import Case

_WELL_FORMED: Final = row("shape", "Form", (judge("shape.segments", "Three parts", passed=True),))
_FORBIDDEN: Final = ("crit", "b64", "zip", "enc")
_OWN_KEYS: Final = ("jwk", "x5u", "x5c")


def shape(case: Case) -> tuple[Check, ...]:
    """Row 1: three canonical segments, UTF-8 JSON objects, no member twice."""
    if case.problem is None:
        return _WELL_FORMED
    failed = judge(case.problem.check, "Well formed", case.problem.summary, passed=False)
    return row("shape", "Form", (failed,))


def header(case: Case) -> tuple[Check, ...]:
    """Row 2: algorithm, critical extensions, type, key id, no key of its own."""
    if case.jws is None:
        return row("header", "Header", (skip("header.algorithm", "Algorithm", "no header"),))
    parts = (_algorithm(case), _extensions(case), _type(case), _key_id(case), _own_key(case))
    return row("header", "Header", parts)


def is_unsecured(case: Case) -> bool:
    """Whether the token claims no signature at all."""
    return case.jws is not None and (case.jws.algorithm == "none" or not case.jws.signature)


def _algorithm(case: Case) -> Check:
    named = case.jws.algorithm if case.jws else ""
    allowed = ", ".join(sorted(case.algorithms))
    why = "The algorithm is not one that the service signs with."
    if is_unsecured(case):
        why = "The token is unsecured: it carries no signature."
    elif named.upper().startswith("HS"):
        why = "A shared-secret algorithm would let anybody sign with the public key."
    passed = named in case.algorithms and not is_unsecured(case)
    actual = named[:80] or "missing"
    return judge(
        "header.algorithm", "Algorithm", why, passed=passed, expected=allowed, actual=actual
    )


def _extensions(case: Case) -> Check:
    found = [name for name in _FORBIDDEN if name in case.header]
    return judge(
        "header.extension",
        "No critical extension",
        "The header asks for processing that is not understood.",
        passed=not found,
        actual=", ".join(found),
    )


def _type(case: Case) -> Check:
    value = case.header.get("typ", "JWT")
    return judge(
        "header.type",
        "Type",
        "The header names another type.",
        passed=value == "JWT",
        expected="JWT or none",
        actual=str(value)[:80],
    )


def _key_id(case: Case) -> Check:
    kid = case.key_id
    return judge(
        "header.kid",
        "Key id",
        "The header names no key (`kid`).",
        passed=bool(kid),
        actual=kid[:120] if kid else "missing",
    )


def _own_key(case: Case) -> Check:
    title = "Brings no key of its own"
    found = [name for name in _OWN_KEYS if name in case.header]
    if found == ["x5c"] and case.chained:
        return _own_chain(case, title)
    thumbprint = case.header.get("x5t")
    if not found and thumbprint is not None and case.entry is not None:
        expected = issued_kid(case.entry.chain[0])
        why = "The header names another certificate (`x5t`) than that of its key."
        passed, shown = thumbprint == expected, str(thumbprint)[:80]
        if not passed and len(case.entry.chain) == 1:
            # A certificate with evidence inside is renewed around the same key.
            return warn("header.key", title, why, expected=expected, actual=shown)
        return judge("header.key", title, why, passed=passed, expected=expected, actual=shown)
    return judge(
        "header.key",
        title,
        "The header brings its own key; anybody can do that.",
        passed=not found,
        actual=", ".join(found),
    )


def _own_chain(case: Case, title: str) -> Check:
    """Reports of TPMs bring their certificate; it must be of the key that the provider publishes.

    The certificate itself may be another: the service renews it around the same key, with a
    fresh quote.
    """
    if case.entry is None:
        return warn("header.key", title, "The certificates in the header are not used.")
    try:
        chain = x5c_chain(case.header.get("x5c"))
        own, published = _key_of(chain), _key_of(case.entry.chain)
    except (TokenError, KeyMaterialError) as error:
        return judge("header.key", title, error.summary, passed=False)
    return judge(
        "header.key",
        title,
        "The header brings a certificate of another key than the provider publishes.",
        passed=own == published,
        expected=published,
        actual=own,
    )


def _key_of(chain: Sequence[bytes]) -> str:
    return spki_sha256(load(chain[0])) if chain else "none"


def issuer_choice(case: Case) -> tuple[Check, ...]:
    """Row 3: where the token says its keys are; nothing is ever fetched from there by this."""
    title = "Where its keys are said to be"
    if case.jws is None:
        return row("issuer-choice", title, (skip("issuer-choice.url", "Address", "no header"),))
    value = case.header.get("jku")
    url = _split(value) if isinstance(value, str) else None
    if url is None:
        why = "The header has no address of a key set (`jku`)."
        shown = str(value)[:120] if value is not None else "missing"
        failed = judge("issuer-choice.url", "Address", why, passed=False, actual=shown)
        return row("issuer-choice", title, (failed,))
    text = str(value)
    parts = (_plain(url, text), _same_host(case, text), _trusted(case, url))
    return row("issuer-choice", title, parts)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _plain(url: SplitResult, text: str) -> Check:
    plain = (
        # Line ends, tabs and leading spaces, an empty query or fragment: nothing is left of them
        # once it was taken apart.
        text == url.geturl()
        and url.scheme == "https"
        and "@" not in url.netloc
        and not {"?", "#"} & set(text)
        and url.path.endswith("/certs")
    )
    return judge(
        "issuer-choice.url",
        "Address",
        "The address is not a plain https address that ends in `/certs`.",
        passed=plain,
        expected="https://…/certs",
        actual=text[:200],
    )


def _same_host(case: Case, address: str) -> Check:
    title = "Same host as the issuer"
    issuer = case.text_claim("iss")
    if not issuer:
        return skip("issuer-choice.host", title, "the token names no issuer")
    return judge(
        "issuer-choice.host",
        title,
        "The key set is said to be on another host than the issuer.",
        passed=address == f"{issuer}/certs",
        expected=f"{issuer}/certs"[:200],
        actual=address[:200],
    )


def _trusted(case: Case, url: SplitResult) -> Check:
    hosts = (*case.rules.trusted_hosts, *_host_of(case.issuer))
    host = url.netloc.lower()
    trusted = any(
        host.endswith(item) if item.startswith(".") else host == item.lower() for item in hosts
    )
    return judge(
        "issuer-choice.trusted",
        "A host of the service",
        "The host is not one of the service or of a known provider.",
        passed=trusted,
        expected=", ".join(hosts),
        actual=host[:120],
    )


def _host_of(issuer: str) -> tuple[str, ...]:
    url = _split(issuer)
    return (url.netloc.lower(),) if url else ()


def key_set(case: Case) -> tuple[Check, ...]:
    """Row 4: exactly one usable key with the token's `kid` among the keys we were given."""
    title = "Key in the provider's key set"
    if not case.key_id:
        return row("key-set", title, (skip("key-set.kid", "Key found", "no key id"),))
    if not case.keys.entries:
        return row("key-set", title, (skip("key-set.kid", "Key found", "no keys were given"),))
    parts = (_found(case), *_usable(case), *_origin(case))
    return row("key-set", title, parts)


def _found(case: Case) -> Check:
    return judge(
        "key-set.kid",
        "Key found",
        "No key of the provider has this id.",
        passed=bool(case.matches),
        expected=case.key_id[:120],
        actual=", ".join(entry.kid for entry in case.keys.entries)[:400],
    )


def _usable(case: Case) -> tuple[Check, ...]:
    if not case.matches:
        return ()
    entry = case.matches[0]
    one = len({(item.chain[:1], item.n, item.e) for item in case.matches}) == 1
    unique = judge(
        "key-set.unique", "Only one key of that id", "Two keys share one id.", passed=one
    )
    readable = judge(
        "key-set.certificate",
        "Certificate readable",
        entry.problem or "The certificate of the key cannot be read.",
        passed=case.certificate is not None or not one,
    )
    return unique, readable, _members(case, entry), _purpose(case, entry)


def _purpose(case: Case, entry: KeyEntry) -> Check:
    algorithm = case.jws.algorithm if case.jws else ""
    return judge(
        "key-set.use",
        "Key is for these signatures",
        "The key set publishes this key for something else.",
        passed=entry.verifies_with(algorithm),
        expected=f"{algorithm[:40]} signatures",
        actual=_said_of(entry),
    )


def _said_of(entry: KeyEntry) -> str:
    operations = None if entry.operations is None else ", ".join(entry.operations)
    said = {"use": entry.use, "key_ops": operations, "alg": entry.algorithm}
    return "; ".join(f"{name} {value:.80}" for name, value in said.items() if value is not None)


def _members(case: Case, entry: KeyEntry) -> Check:
    title = "Key and certificate agree"
    if case.certificate is None:
        return skip("key-set.members", title, "no certificate")
    return judge(
        "key-set.members",
        title,
        "`kty`, `n` and `e` name another key than the certificate.",
        passed=_agree(case, entry),
    )


def _agree(case: Case, entry: KeyEntry) -> bool:
    key = case.certificate.public_key() if case.certificate else None
    if (entry.kty == "RSA") is not isinstance(key, RSAPublicKey):
        return False
    if entry.n is None and entry.e is None:
        return True
    if not isinstance(key, RSAPublicKey):
        return False
    numbers = key.public_numbers()
    try:
        n, e = (int.from_bytes(b64_decode_lenient(text)) for text in (entry.n or "", entry.e or ""))
    except TokenError:
        return False
    return (n, e) == (numbers.n, numbers.e)


def _origin(case: Case) -> tuple[Check, ...]:
    if case.rules.keys_trusted:
        return ()
    why = "The keys came with the token, so they prove nothing about who issued it."
    return (warn("key-set.origin", "Where the keys come from", why),)
