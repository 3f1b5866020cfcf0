"""From the picture alone: which link of each recorded token holds, which does not, what to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from helpers import vectors
from sealwright.evidence.basis.checks import CheckStatus
from sealwright.evidence.basis.trust import parse_anchors
from sealwright.tokens.chain import Chain, ChainLink, Stop, draw_chain
from sealwright.tokens.keyset import KeySet, parse_key_set
from sealwright.tokens.signing_facts import SigningFacts, fact_groups, signing_facts
from sealwright.tokens.verification.verify import verify

ENTRIES = {entry["name"]: entry for entry in vectors.index("tokens")}
ANCHORS = parse_anchors(
    (Path(__file__).resolve().parents[2] / "resources" / "trust" / "anchors.json").read_bytes()
)
NEGATIVES = {
    "neg-payload-changed": ("signed", "fail", "Signature does not hold"),
    "neg-alg-none-stripped": ("signed", "fail", "No signature"),
    "neg-alg-hs256-confusion": ("signed", "fail", "Algorithm refused"),
    "neg-kid-unknown": ("signed", "fail", "Key not known"),
    "neg-jku-other-host": ("named", "fail", "Names differ"),
    "neg-sig-truncated": ("signed", "fail", "Signature does not hold"),
    "neg-not-three-parts": ("token", "fail", "Token"),
    "neg-bad-base64": ("token", "fail", "Token"),
    "neg-cert-other-issuer": ("named", "fail", "Names differ"),
    "neg-cert-quote-tampered": ("certificate", "fail", "Certificate"),
    "neg-cert-wrong-key": ("named", "fail", "Names differ"),
}
SIGNED = [
    name
    for name, entry in ENTRIES.items()
    if any(file.endswith(".jwks.json") for file in entry["files"])
    and "signing_certificate" in entry.get("facts", {})
]


def drawn(name: str) -> tuple[Chain, KeySet, dict[str, Any]]:
    entry = ENTRIES[name]
    files = [vectors.read("tokens", file) for file in entry["files"]]
    token, keys = files[0].decode(), parse_key_set(files[1] if len(files) > 1 else b'{"keys":[]}')
    facts = entry.get("facts", {})
    report = verify(
        token,
        keys,
        issuer=facts.get("iss", "https://pylarryoattestationaad.wus.attest.azure.net"),
        now=datetime.fromtimestamp(facts.get("iat", 1625170430), UTC),
        anchors=ANCHORS,
    )
    chain = draw_chain(report, keys)
    both: list[Stop | ChainLink] = [*chain.stops, *chain.links]
    shown = [check.id for part in both for check in part.checks]
    assert len(shown) == len(set(shown))
    parents = {id_.partition(".")[0] for id_ in shown}
    hidden = {check.id for check in report.failures} - set(shown)
    assert hidden <= parents | {"key-attestation.chain"}, "a failure is missing from the picture"
    return chain, keys, facts


def test_vectors_are_there() -> None:
    vectors.require(list(ENTRIES.values()))
    assert len(SIGNED) >= 43


@pytest.mark.parametrize("name", [name for name in NEGATIVES if name in ENTRIES])
def test_the_picture_names_the_link_that_failed_and_what_to_do(name: str) -> None:
    chain, _, _ = drawn(name)
    place, status, word = NEGATIVES[name]
    both: list[Stop | ChainLink] = [*chain.stops, *chain.links]
    part = next(part for part in both if part.place == place)
    assert part.status.value == status
    assert word == (part.word if isinstance(part, ChainLink) else part.title)
    assert part.reason
    assert part.advice
    assert chain.first_problem is not None
    assert chain.first_problem.status is CheckStatus.FAIL


@pytest.mark.parametrize("name", SIGNED)
def test_every_link_of_a_recorded_token_holds_and_only_the_platforms_age_is_open(
    name: str,
) -> None:
    chain, _, facts = drawn(name)
    unsecured = facts["alg"] == "none"
    links = {link.place: link for link in chain.links}
    assert (links["signed"].status is CheckStatus.FAIL) == unsecured
    assert links["named"].status is CheckStatus.PASS
    assert links["bound"].status is CheckStatus.PASS
    assert (links["vouched"].status, links["vouched"].word) == (CheckStatus.WARN, "TCB not judged")
    assert chain.stops[-1].title == "Intel SGX Root CA"
    assert chain.stops[-1].status is CheckStatus.PASS


def test_without_keys_nothing_is_green_behind_the_token() -> None:
    vectors.require(list(ENTRIES.values()))
    chain, _, _ = drawn("attest-sevsnpvm-202504-unverifiable")
    assert {link.status for link in chain.links} == {CheckStatus.SKIP}
    assert {stop.status for stop in chain.stops[1:]} == {CheckStatus.SKIP}
    # That there is no evidence is not known either.
    assert {stop.lines[0] for stop in chain.stops[1:]} == {"not known"}


def facts_of(name: str) -> tuple[SigningFacts, dict[str, Any]]:
    _, keys, facts = drawn(name)
    entry = keys.find(facts["kid"])[0]
    found = signing_facts(entry.chain)
    assert found is not None
    return found, facts["signing_certificate"]


@pytest.mark.parametrize("name", SIGNED)
def test_the_certificate_shows_what_the_index_knows(name: str) -> None:
    found, known = facts_of(name)
    rows = {fact.name: fact.value for group in fact_groups(found) for fact in group.facts}
    assert rows["Subject"] == known["subject"]
    assert rows["Issuer"] == known["issuer"]
    assert rows["Valid from"] == known["not_before"]
    assert rows["Valid to"] == known["not_after"]
    assert rows["Key"].replace(" ", "") == known["key"]
    assert rows["SHA-256"] == known["sha256"]
    assert rows["Signature hash"] == known["sig_alg"]
    assert rows["Extensions"].split(", ") == list(known["extensions"])
    quote = known["evidence_extension"]["quote"]
    assert rows["Extension"] == known["evidence_extension"]["oid"]
    assert rows["MRENCLAVE"] == quote["mrenclave"]
    assert rows["MRSIGNER"] == quote["mrsigner"]
    assert (rows["Product"], rows["Security version"]) == (
        str(quote["isvprodid"]),
        str(quote["isvsvn"]),
    )
    assert rows["Debug"] == ("on" if quote["debug"] else "off")
    assert rows["Report data"] == quote["report_data"]
    assert rows["FMSPC"] == quote["fmspc"]
    assert rows["PCE SVN"] == str(quote["pck_pcesvn"])
    assert rows["TCB components"] == " ".join(map(str, quote["pck_tcb_comp_svn"]))
    assert rows["Root certificate SHA-256"] == quote["root_cert_sha256"]


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("jwks-gnkuks001-202005", "SGX quote in an OCTET STRING"),
        ("jwks-b1-202012", "Open Enclave report"),
    ],
)
def test_older_layouts_of_evidence_are_told_apart(name: str, layout: str) -> None:
    vectors.require(list(ENTRIES.values()))
    raw = vectors.read("tokens", ENTRIES[name]["files"][0])
    kinds = set()
    for entry in parse_key_set(raw).entries:
        found = signing_facts(entry.chain)
        assert found is not None
        assert found.self_signed == (found.evidence is not None)
        kinds |= {found.evidence.layout} if found.evidence else set()
    assert kinds == {layout}
    assert json.loads(raw)["keys"]
