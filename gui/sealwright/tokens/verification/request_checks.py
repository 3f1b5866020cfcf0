"""What can be said of an administrator's signed request: a policy, a reset or a policy certificate.

Its signature is verified with the certificate that it brings. Whether a provider lets that signer
change it is known to the provider only, so the best verdict is `untrusted` (spec rest-api, 4.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import AppError
from sealwright.evidence.basis.certificates import load
from sealwright.evidence.basis.checks import Check, judge, row, skip, warn
from sealwright.tokens.inspect import kind_of
from sealwright.tokens.unwrap import is_signed
from sealwright.tokens.verification.report import SignedBy
from sealwright.tokens.verification.signature import STRONG_BITS, RequestSigner, check_any_request

if TYPE_CHECKING:
    from cryptography import x509

    from sealwright.tokens.verification.case import Case

_KINDS: Final = ("policy", "policy-certificate")
_IN_HEADER: Final = ("algorithm",)
_IN_KEY: Final = ("certificate", "key", "chain")
_NOT_ITS: Final = (
    ("times", "Times"),
    ("issuer", "Issuer"),
)
_NOT_ITS_EITHER: Final = (
    ("key-attestation", "Hardware evidence of the key"),
    ("schema", "Claims well formed"),
    ("binding", "Bound to the request"),
    ("relying-party", "Rules of the relying party"),
)
_WHY: Final = "it is a request to the service, not a token of it"


def is_request(case: Case) -> bool:
    """Whether it is signed, brings its certificate, and names no key of a provider."""
    jws = case.jws
    if jws is None or "kid" in jws.header or not is_signed(jws):
        return False
    if "x5c" not in jws.header and "jwk" not in jws.header:
        return False
    return not jws.payload or kind_of(jws, case.claims or {}) in _KINDS


def request_checks(case: Case) -> tuple[Check, ...]:
    """The rows of the reference, as far as they are about a request."""
    signer, failed, why = _judged(case)
    return (
        *row("shape", "Form", (_form(case),)),
        *row("header", "Header", (_algorithm(case, "" if failed not in _IN_HEADER else why),)),
        *_not_its(("issuer-choice", "Where its keys are said to be")),
        *row("key-set", "Key in the request", _key(failed, why)),
        *row("signature", "Signature", _signature(signer, why)),
        *_not_its(*_NOT_ITS),
        *row("certificate", "Certificate", (_validity(case, signer),)),
        *_not_its(*_NOT_ITS_EITHER),
    )


def request_signed_by(case: Case) -> SignedBy | None:
    """Whose signature it is, when it holds."""
    signer, _, _ = _judged(case)
    return None if signer is None else SignedBy("", signer.chain[0])


def _judged(case: Case) -> tuple[RequestSigner | None, str, str]:
    """The signer, or the rule that was broken and how."""
    if case.jws is None:
        return None, "signature", "The request cannot be read."
    try:
        return check_any_request(case.jws), "", ""
    except AppError as error:
        return None, str(error.details.get("check", "certificate")), error.summary


def _form(case: Case) -> Check:
    # A reset has an empty payload, which is no JSON.
    empty = case.jws is not None and not case.jws.payload
    problem = None if empty and case.claims is None and _only_empty(case) else case.problem
    if problem is None:
        return judge("shape.segments", "Three parts", passed=True)
    return judge(problem.check, "Well formed", problem.summary, passed=False)


def _only_empty(case: Case) -> bool:
    return case.problem is not None and case.problem.check == "shape.json"


def _algorithm(case: Case, why: str) -> Check:
    named = case.jws.algorithm[:80] if case.jws else ""
    return judge("header.algorithm", "Algorithm", why, passed=not why, actual=named)


def _key(failed: str, why: str) -> tuple[Check, ...]:
    title = "Certificate in the request"
    if failed in _IN_KEY:
        return (judge("key-set.certificate", title, why, passed=False),)
    readable = judge("key-set.certificate", title, passed=True)
    doubt = (
        "The certificate came with the request; whether the provider has it as a policy signer is "
        "for the provider to say."
    )
    return readable, warn("key-set.origin", "Where the key comes from", doubt)


def _signature(signer: RequestSigner | None, why: str) -> tuple[Check, ...]:
    value = judge(
        "signature.value", "Signature over the received bytes", why, passed=signer is not None
    )
    if signer is None or signer.bits >= STRONG_BITS or signer.bits in (256, 384):
        return (value,)
    weak = f"The key has only {signer.bits} bits."
    return value, warn("signature.strength", "Key strength", weak, actual=f"RSA {signer.bits}")


def _validity(case: Case, signer: RequestSigner | None) -> Check:
    title = "Validity"
    if signer is None:
        return skip("certificate.validity", title, "the signature does not hold")
    leaf = load(signer.chain[0])
    if leaf.not_valid_before_utc <= case.now <= leaf.not_valid_after_utc:
        return judge("certificate.validity", title, passed=True, actual=_dates(leaf))
    why = "The certificate is not valid at that time; a provider may take it all the same."
    return warn("certificate.validity", title, why, expected=_dates(leaf), actual=f"{case.now}")


def _dates(leaf: x509.Certificate) -> str:
    return f"{leaf.not_valid_before_utc:%Y-%m-%d} to {leaf.not_valid_after_utc:%Y-%m-%d}"


def _not_its(*rows: tuple[str, str]) -> tuple[Check, ...]:
    return tuple(skip(id_, title, _WHY) for id_, title in rows)
