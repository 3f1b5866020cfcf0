"""Claims for a dry run: out of a form, a JSON text or a token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sealwright.claims.catalogue import Direction
from sealwright.claims.claim import CUSTOM_CLAIM, SERVICE_ISSUER, Claim, ClaimSet
from sealwright.claims.notation import claims_from_json
from sealwright.errors import UsageError
from sealwright.services.policies.sample_documents import sample_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.claims.catalogue import Catalogue, ClaimEntry
    from sealwright.claims.claim import ClaimValue

_MOST: Final = 4 * 2**20
_KIND: Final = "x-ms-attestation-type"
_KINDS: Final = {
    "SgxEnclave": "sgx",
    "OpenEnclave": "sgx",
    "Tpm": "tpm",
    "SevSnpVm": "sevsnpvm",
    "TdxVm": "tdxvm",
    "AzureGuest": "azurevm",
}


def claims_of_json(text: str, catalogue: Catalogue) -> tuple[Claim, ...]:
    """Claims out of a list of claims, or an object of names and values.

    Raises:
        UsageError: it is neither; the message says where.
    """
    if len(text) > _MOST:
        raise UsageError("The text is too large for a set of claims.")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"Line {error.lineno}, column {error.colno}: this is not JSON ({error.msg}).",
            hint='Write an object such as {"x-ms-sgx-svn": 2}, or a list of claims.',
        ) from error
    except (RecursionError, ValueError) as error:
        # Of numbers, Python refuses those with thousands of digits.
        raise UsageError("The JSON is nested too deeply, or holds too long a number.") from error
    found = claims_from_json(data)
    return tuple(_known_issuers(found, catalogue) if isinstance(data, dict) else found)


def claims_to_text(claims: Iterable[Claim], catalogue: Catalogue) -> str:
    """The same claims as JSON: names and values where nothing is lost by it, else a list."""
    from sealwright.claims.notation import claim_to_json  # noqa: PLC0415 - only here

    listed = list(claims)
    known = catalogue.incoming_names
    short: dict[str, ClaimValue] = {}
    for claim in listed:
        usual = SERVICE_ISSUER if claim.type in known else CUSTOM_CLAIM
        if claim.issuer != usual or claim.type in short:
            whole = [claim_to_json(each) for each in listed]
            return json.dumps(whole, indent=2, ensure_ascii=False)
        short[claim.type] = claim.value
    return json.dumps(short, indent=2, ensure_ascii=False)


def claims_of_token(text: str, catalogue: Catalogue) -> tuple[Claim, ...]:
    """Incoming claims that a token still shows. The token is not verified.

    Raises:
        TokenError: there is no token in it.
        UsageError: it holds no claim that a policy looks at.
    """
    from sealwright.tokens.inspect import inspect  # noqa: PLC0415 - after the first paint

    known = catalogue.incoming_names
    taken: dict[str, object] = {}
    for name, value in inspect(text).claims.items():
        values = value if isinstance(value, list) else [value]
        if name in known and values and all(isinstance(each, bool | int | str) for each in values):
            taken[name] = value
    if not taken:
        raise UsageError(
            "This token holds no claim that a policy looks at.",
            hint="Take a token that an attestation gave, not the answer of a policy call.",
        )
    return tuple(claims_from_json(taken, SERVICE_ISSUER))


def added_by_service(names: Iterable[str], catalogue: Catalogue) -> frozenset[str]:
    """Those that the service adds to a token itself, whatever a policy says."""
    return frozenset(name for name in names if _is_of_service(catalogue.find(name)))


def _is_of_service(entry: ClaimEntry | None) -> bool:
    return entry is not None and entry.directions == {Direction.OUTGOING} and not entry.by_policy


def form_entries(catalogue: Catalogue, kind: AttestationType) -> tuple[ClaimEntry, ...]:
    """The claims that a form offers for a type: current names of the service's own."""
    found = catalogue.produced_for(kind, Direction.INCOMING)
    return tuple(each for each in found if not each.deprecated and each.value_class is not None)


def sample_claims(catalogue: Catalogue, kind: AttestationType) -> tuple[Claim, ...]:
    """Claims as evidence of a type would give them, with plausible values."""
    documents = sample_documents()
    return tuple(
        Claim(
            entry.name,
            documents.get(entry.name) or _sample(entry, kind),
            SERVICE_ISSUER,
            entry.read_only,
        )
        for entry in form_entries(catalogue, kind)
        if not entry.json_text or entry.name in documents
    )


def _sample(entry: ClaimEntry, kind: AttestationType) -> ClaimValue:
    if entry.name == _KIND:
        return _KINDS.get(kind.value, "sgx")
    for value in (entry.default, entry.example):
        if type(value) is entry.value_class and isinstance(value, bool | int | str):
            return value
    if entry.value_class is bool:
        return False
    if entry.value_class is int:
        return entry.range[0] if entry.range else 0
    return "0" * entry.hex_digits if entry.hex_digits else ""


def _known_issuers(claims: Sequence[Claim] | ClaimSet, catalogue: Catalogue) -> ClaimSet:
    known = catalogue.incoming_names
    return ClaimSet(
        claim._replace(issuer=SERVICE_ISSUER) if claim.type in known else claim for claim in claims
    ).service_first()
