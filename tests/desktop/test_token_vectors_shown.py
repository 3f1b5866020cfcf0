"""Every recorded token in the window: it shows what the index knows, and which link failed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers import vectors
from helpers.simulators import bundled
from sealwright.desktop.host import TokenText
from sealwright.desktop.tokens.chain.check_rows import check_rows
from sealwright.desktop.tokens.panel import TokensPanel
from sealwright.evidence.basis.trust import parse_anchors
from sealwright.services.tokens.key_source import KeyOrigin, KeySource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from helpers.desk import Desk
    from sealwright.desktop.widgets.tables.cells import Row
    from sealwright.evidence.basis.checks import Check

PATIENCE = 30_000
ISSUER_OF_NEGATIVES = "https://pylarryoattestationaad.wus.attest.azure.net"
TIME_OF_NEGATIVES = 1625170430
NEGATIVES = {
    "neg-payload-changed": "Signature does not hold: fails",
    "neg-alg-none-stripped": "No signature: fails",
    "neg-alg-hs256-confusion": "Algorithm refused: fails",
    "neg-kid-unknown": "Key not known: fails",
    "neg-jku-other-host": "Names differ: fails",
    "neg-sig-truncated": "Signature does not hold: fails",
    "neg-not-three-parts": "Token: fails",
    "neg-bad-base64": "Token: fails",
    "neg-cert-other-issuer": "Names differ: fails",
    "neg-cert-quote-tampered": "Certificate: fails",
    "neg-cert-wrong-key": "Names differ: fails",
}
"""What a person reads, or hears, at the part of the picture that failed."""
WHOLE = 46
"""Characters of a reason that are not shortened in one line."""
ROWS = 12
"""Rows of the reference, under which all other checks stand."""


def words(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield from (cell.words for cell in row.cells)
        yield from words(row.children)


def keys_of(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield row.key
        yield from keys_of(row.children)


def opened(desk: Desk, panel: TokensPanel, entry: dict[str, Any]) -> None:
    """Open a vector with its keys, as of its own time."""
    facts = entry["facts"]
    files = [vectors.read("tokens", file) for file in entry["files"]]
    keys = files[1] if len(files) > 1 else b'{"keys":[]}'
    panel.desk.at = datetime.fromtimestamp(facts.get("iat", TIME_OF_NEGATIVES), UTC)
    issuer = facts.get("iss", ISSUER_OF_NEGATIVES)
    source = KeySource(KeyOrigin.DOCUMENT, issuer, keys, "keys.json")
    panel.open_with(TokenText(files[0].decode("utf-8", "replace"), entry["name"]), source)
    name = entry["name"]
    desk.qtbot.waitUntil(
        lambda: panel.current is not None and panel.current.title == name, timeout=PATIENCE
    )


def shows_its_facts(panel: TokensPanel, facts: dict[str, Any]) -> None:
    shown = panel.shown_token
    assert shown is not None
    assert set(facts["claim_names"]) == {
        key[1:] for key in keys_of(shown.claims) if key.count("/") == 1 and key[0] == "/"
    }
    texts = set(words([*shown.claims, *shown.header, *shown.evidence]))
    for name, value in facts.items():
        if name in shown.found.report.claims or name in ("alg", "kid", "jku", "typ"):
            assert json.dumps(value, ensure_ascii=False) in texts or isinstance(value, list), name
    certificate = facts.get("signing_certificate")
    if certificate is not None:
        quote = certificate["evidence_extension"]["quote"]
        known = (certificate["subject"], certificate["sha256"], quote["mrsigner"])
        assert texts >= {*known, quote["mrenclave"], quote["report_data"], quote["fmspc"]}


def shown_checks(panel: TokensPanel) -> tuple[Check, ...]:
    assert panel.shown_token is not None
    return panel.shown_token.found.report.checks


def shows_its_verdict(panel: TokensPanel, entry: dict[str, Any]) -> None:
    name, title = entry["name"], panel.view.verdict.title
    parts = panel.chain.picture.parts
    bad = [part for part in parts if part.part.status.value == "fail"]
    if entry["kind"] == "derived-negative":
        assert title in ("Invalid", "Unsecured", "Untrusted"), name
        found = {part.accessibleName(): part for part in bad}
        assert NEGATIVES[name] in found, name
        part = found[NEGATIVES[name]]
        assert part.part.reason
        assert part.growth or len(part.reason) < WHOLE
        assert part.part.advice in part.toolTip()
        assert panel.view.verdict.sentence
    elif entry["kind"] == "attestation-token-unsecured-draft":
        assert (title, bad[0].accessibleName()) == ("Unsecured", "No signature: fails"), name
    elif name.endswith("-unverifiable"):
        assert title == "Untrusted", name
        assert all(part.part.status.value == "skip" for part in parts[1:]), name
    else:
        assert (title, bad) == ("Valid", []), name


def says_what_to_do(desk: Desk, panel: TokensPanel) -> None:
    """The whole advice is in sight, however small the window."""
    advice = panel.chain.advice
    desk.qtbot.waitUntil(
        lambda: advice.visibleRegion().boundingRect().size() == advice.size(), timeout=PATIENCE
    )


def test_every_token_shows_what_the_index_knows(desk: Desk) -> None:
    entries = vectors.index("tokens")
    vectors.require(entries)
    desk.world.cloud.anchors = parse_anchors(bundled("trust/anchors.json"))
    desk.window.show_panel("tokens")
    panel = desk.window.panels["tokens"]
    assert isinstance(panel, TokensPanel)
    tokens = [entry for entry in entries if entry["files"][0].endswith(".jwt")]
    assert {entry["name"] for entry in tokens} >= set(NEGATIVES)
    desk.window.resize(1024, 700)
    for entry in tokens:
        opened(desk, panel, entry)
        shows_its_verdict(panel, entry)
        assert len(check_rows(shown_checks(panel))) == ROWS
        if entry["kind"] == "derived-negative":
            says_what_to_do(desk, panel)
        if "claim_names" in entry["facts"]:
            shows_its_facts(panel, entry["facts"])


def test_what_is_no_token_is_named_and_the_token_before_it_comes_back(desk: Desk) -> None:
    entries = vectors.index("tokens")
    vectors.require(entries)
    desk.window.show_panel("tokens")
    panel = desk.window.panels["tokens"]
    assert isinstance(panel, TokensPanel)
    first = next(entry for entry in entries if entry["files"][0].endswith(".jwt"))
    opened(desk, panel, first)
    verdict = panel.view.verdict.title
    kinds = {
        "claims-only": ("already decoded",),
        "key-set": ("JWKS",),
        # One of the files is PEM inside.
        "signing-certificate": ("binary", "PEM"),
    }
    for entry in entries:
        if entry["kind"] in kinds:
            text = vectors.read("tokens", entry["files"][0]).decode("utf-8", "replace")
            panel.open_token(TokenText(text, entry["name"]))
            desk.qtbot.waitUntil(
                lambda name=entry["name"]: panel.pages.refused.source == name,  # type: ignore[misc]  # bound now
                timeout=PATIENCE,
            )
            assert panel.pages.currentWidget() is panel.pages.refused
            assert panel.current is None
            assert panel.chain.picture.parts == []
            assert any(word in panel.pages.refused.kind for word in kinds[entry["kind"]])
    desk.click(f"Back to {first['name']}")
    desk.qtbot.waitUntil(lambda: panel.view.verdict.title == verdict, timeout=PATIENCE)
    assert panel.pages.currentWidget() is panel.view
    assert panel.current is not None
    assert panel.current.title == first["name"]
