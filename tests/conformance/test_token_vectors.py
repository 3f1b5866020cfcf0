"""Recorded tokens verify; each derived negative is refused by the check that its reason means."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from helpers import vectors
from helpers.issuing import Issuer
from sealwright.claims.catalogue import Catalogue
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import parse_anchors
from sealwright.tokens.answers import policy_result
from sealwright.tokens.inspect import inspect
from sealwright.tokens.keyset import KeySet, parse_key_set
from sealwright.tokens.verification.report import Report, Verdict
from sealwright.tokens.verification.verify import verify

ENTRIES = vectors.index("tokens")
TOKENS = [entry for entry in ENTRIES if any(name.endswith(".jwt") for name in entry["files"])]
NEGATIVES = {
    "neg-payload-changed": ("signature.value",),
    "neg-alg-none-stripped": ("header.algorithm",),
    "neg-alg-hs256-confusion": ("header.algorithm",),
    "neg-kid-unknown": ("key-set.kid",),
    "neg-jku-other-host": (
        "issuer-choice.host",
        "issuer-choice.trusted",
        "signature.value",
    ),
    "neg-sig-truncated": ("signature.length",),
    "neg-not-three-parts": ("shape.segments",),
    "neg-bad-base64": ("shape.base64",),
    "neg-cert-other-issuer": ("certificate.subject",),
    "neg-cert-quote-tampered": ("certificate.self-signature", "key-attestation.signature"),
    "neg-cert-wrong-key": ("certificate.kid",),
}
ISSUER_OF_NEGATIVES = "https://pylarryoattestationaad.wus.attest.azure.net"
TIME_OF_NEGATIVES = 1625170430
RESOURCES = Path(__file__).resolve().parents[2] / "resources"
ANCHORS = parse_anchors((RESOURCES / "trust" / "anchors.json").read_bytes())
CATALOGUE = Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))


def names(*, kind: str | None = None, but: tuple[str, ...] = ()) -> list[str]:
    return [
        entry["name"]
        for entry in TOKENS
        if (kind is None or entry["kind"] == kind) and entry["kind"] not in but
    ]


def entry_of(name: str) -> dict[str, Any]:
    return next(entry for entry in TOKENS if entry["name"] == name)


def load(entry: dict[str, Any]) -> tuple[str, KeySet]:
    files: list[str] = entry["files"]
    token = vectors.read("tokens", next(name for name in files if name.endswith(".jwt")))
    raw = [vectors.read("tokens", name) for name in files if name.endswith(".jwks.json")]
    return token.decode(), parse_key_set(raw[0] if raw else b'{"keys":[]}')


def check(name: str, *, issuer: str = "", now: datetime | None = None) -> Report:
    entry = entry_of(name)
    facts = entry["facts"]
    token, keys = load(entry)
    return verify(
        token,
        keys,
        issuer=issuer or facts.get("iss", ISSUER_OF_NEGATIVES),
        now=now or datetime.fromtimestamp(facts.get("iat", TIME_OF_NEGATIVES), UTC),
        anchors=ANCHORS,
        catalogue=CATALOGUE,
    )


SIGNED = names(but=("derived-negative", "attestation-token-unsecured-draft"))
PROVABLE = [name for name in SIGNED if not name.endswith("-unverifiable")]


def test_vectors_are_there() -> None:
    vectors.require(ENTRIES)
    assert len(PROVABLE) >= 43
    assert set(names(kind="derived-negative")) == set(NEGATIVES)


@pytest.mark.parametrize("name", PROVABLE)
def test_real_tokens_are_valid_at_their_time_and_expired_after(name: str) -> None:
    facts = entry_of(name)["facts"]
    report = check(name)
    assert report.verdict is Verdict.VALID, report.failures
    report.require()
    assert report.signed_by is not None
    assert report.signed_by.kid == facts["kid"]
    expired = datetime.fromtimestamp(facts["exp"], UTC) + timedelta(seconds=61)
    assert check(name, now=expired).verdict is Verdict.EXPIRED


@pytest.mark.parametrize("name", SIGNED)
def test_facts(name: str) -> None:
    facts = entry_of(name)["facts"]
    report = check(name)
    for member in ("alg", "kid", "jku", "typ"):
        assert report.header[member] == facts[member]
    assert sorted(report.claims) == facts["claim_names"]
    if "x-ms-attestation-type" in facts:
        for member in ("x-ms-attestation-type", "x-ms-policy-hash"):
            assert report.claims.get(member, "") == facts.get(member, "")
    if "x-ms-policy-result" in facts:
        result = policy_result(report.claims)
        assert result.result == facts["x-ms-policy-result"]
        assert result.token_hash == facts.get("x-ms-policy-token-hash", "")


@pytest.mark.parametrize("name", names(kind="attestation-token-unsecured-draft"))
def test_unsecured_drafts_are_never_valid(name: str) -> None:
    report = check(name)
    assert report.verdict is Verdict.UNSECURED
    assert not report.valid
    signature = report.check("signature")
    assert signature is not None
    assert signature.status is CheckStatus.SKIP


@pytest.mark.parametrize("name", [name for name in SIGNED if name.endswith("-unverifiable")])
def test_tokens_without_a_published_key_prove_nothing(name: str) -> None:
    report = check(name)
    assert report.verdict is Verdict.UNTRUSTED
    assert report.signed_by is None


@pytest.mark.parametrize("name", names(kind="derived-negative"))
def test_negatives_fail_the_check_that_their_reason_means(name: str) -> None:
    report = check(name)
    assert not report.valid
    failed = {item.id for item in report.failures}
    assert failed >= set(NEGATIVES[name])


@pytest.mark.parametrize("name", PROVABLE)
def test_another_expected_issuer_is_refused(name: str) -> None:
    report = check(name, issuer="https://other.wus.attest.azure.net")
    assert not report.valid
    assert [item.id for item in report.failures] == ["issuer", "issuer.name"]


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("attest-", "maa-attestation"),
        ("put-policies", "maa-policy-result"),
        ("post-policies", "maa-policy-result"),
        ("get-policies", "maa-policy-get"),
        ("get-certificates", "maa-certificates"),
        ("post-certificates", "maa-certificates"),
    ],
)
def test_kinds_are_told_apart(prefix: str, kind: str) -> None:
    vectors.require(ENTRIES)
    found = [name for name in SIGNED if name.startswith(prefix)]
    assert {inspect(load(entry_of(name))[0]).kind for name in found} == {kind}


@pytest.mark.parametrize("name", PROVABLE)
def test_keys_are_vouched_for_by_hardware_under_the_pinned_root(name: str) -> None:
    report = check(name)
    evidence = entry_of(name)["facts"]["signing_certificate"]["evidence_extension"]
    debug = report.check("key-attestation.debug")
    root = report.check("key-attestation.chain.root")
    bound = report.check("key-attestation.report-data")
    assert debug is not None
    assert root is not None
    assert bound is not None
    assert (root.status, bound.status) == (CheckStatus.PASS, CheckStatus.PASS)
    assert (debug.status is CheckStatus.WARN) == evidence["quote"]["debug"]


@pytest.mark.parametrize("name", PROVABLE)
def test_claims_have_the_catalogued_form(name: str) -> None:
    rows = {item.id: item.status for item in check(name).checks}
    assert rows["schema"] in (CheckStatus.PASS, CheckStatus.SKIP)
    if name.startswith("attest-"):
        assert rows["schema.claims"] is CheckStatus.PASS
        assert rows["schema.names"] is CheckStatus.PASS


@pytest.mark.parametrize(
    "entry",
    [entry for entry in ENTRIES if entry["kind"] == "claims-only"],
    ids=lambda entry: entry["name"],
)
def test_published_claim_sets_have_the_catalogued_form(entry: dict[str, Any]) -> None:
    claims = json.loads(vectors.read("tokens", entry["files"][0]))
    service = Issuer(uri=claims.get("iss", "https://contoso.eus.attest.azure.net"))
    report = verify(
        service.token(claims),
        service.key_set(),
        issuer=service.uri,
        now=datetime.fromtimestamp(claims.get("iat", 0), UTC),
        catalogue=CATALOGUE,
    )
    rows = {item.id: item for item in report.checks}
    assert rows["schema.claims"].status is CheckStatus.PASS, rows["schema.claims"].actual
    assert rows["schema.consistency"].status is CheckStatus.PASS
