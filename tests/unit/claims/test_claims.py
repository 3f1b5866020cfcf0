"""Claims in and out of JSON, and the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealwright.claims import (
    POLICY_ISSUER,
    SERVICE_ISSUER,
    AttestationType,
    Catalogue,
    Claim,
    ClaimSet,
    Direction,
    claim_from_json,
    claim_to_json,
    claims_from_json,
)
from sealwright.errors import UsageError

RESOURCES = Path(__file__).parents[3] / "resources"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))


def test_a_claim_goes_to_json_and_back() -> None:
    data = {"type": "a", "value": True, "valueType": "Boolean", "issuer": "AttestationPolicy"}
    assert claim_to_json(claim_from_json(data)) == data
    assert claim_from_json({"type": "a", "value": 1}) == Claim("a", 1, "CustomClaim")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("x", "not a string"),
        ({"value": 1}, "needs a `type`"),
        ({"type": "a"}, "not nothing"),
        ({"type": "a", "value": 1.5}, "not a fraction"),
        ({"type": "a", "value": 1 << 63}, "64 bits"),
        ({"type": "a", "value": 1, "valueType": "String"}, "type Integer, not `String`"),
        ({"type": "a", "value": 1, "isuer": "x"}, "no member `isuer`"),
        ({"type": "a", "value": "\ud800"}, "half of a surrogate pair"),
        ({"type": "a\ud800", "value": 1}, "half of a surrogate pair"),
        ({"type": "a", "value": 1, "issuer": "\udfff"}, "half of a surrogate pair"),
    ],
)
def test_a_bad_claim_is_refused_by_name(data: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        claim_from_json(data)


def test_service_claims_come_first() -> None:
    found = claims_from_json(
        [
            {"type": "mine", "value": 1},
            {"type": "theirs", "value": 2, "issuer": SERVICE_ISSUER},
            {"type": "also", "value": 3},
        ]
    )
    assert [claim.type for claim in found] == ["theirs", "mine", "also"]
    named = claims_from_json({"a": [1, 2], "b": "x"}, SERVICE_ISSUER)
    assert [claim.value for claim in named] == [1, 2, "x"]


def test_pcrs_of_the_service_are_read_only() -> None:
    data = {"type": "pcrs", "value": "{}", "issuer": SERVICE_ISSUER}
    assert claim_from_json(data).read_only
    assert not claim_from_json(data | {"issuer": POLICY_ISSUER}).read_only


def test_true_is_not_one() -> None:
    assert ClaimSet([Claim("a", 1)]) != ClaimSet([Claim("a", value=True)])
    assert ClaimSet([Claim("a", 1)]) == ClaimSet([Claim("a", 1)])


def test_the_catalogue_knows_types_and_replacements(catalogue: Catalogue) -> None:
    debuggable = catalogue.find("x-ms-sgx-is-debuggable")
    assert debuggable is not None
    assert debuggable.value_class is bool
    assert AttestationType.OPEN_ENCLAVE in debuggable.types
    old = catalogue.find("$svn")
    assert old is not None
    assert old.deprecated
    assert old.replacement == "x-ms-sgx-svn"
    assert catalogue.find("X-MS-SGX-SVN") is None


def test_one_name_may_be_given_and_issued(catalogue: Catalogue) -> None:
    given = catalogue.find("secureBootEnabled", Direction.INCOMING)
    issued = catalogue.find("secureBootEnabled", Direction.OUTGOING)
    assert given is not None
    assert issued is not None
    assert issued.by_policy
    assert not given.by_policy


def test_every_entry_is_complete(catalogue: Catalogue) -> None:
    names = {entry.name for entry in catalogue.entries}
    assert len(catalogue.entries) > 180
    for entry in catalogue.entries:
        assert entry.description.endswith(".")
        assert entry.directions
        assert not entry.replacement or entry.replacement in names


def test_a_damaged_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match="damaged"):
        Catalogue.from_json('{"claims": [{"name": "a"}]}')
