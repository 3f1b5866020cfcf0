"""Hands for the token inspector: a token of a simulated provider, opened and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.issuing import Issuer
from sealwright.desktop.host import TokenText
from sealwright.desktop.tokens.panel import TokensPanel

if TYPE_CHECKING:
    from helpers.desk import Desk

PATIENCE = 30_000


def panel_of(desk: Desk) -> TokensPanel:
    desk.window.show_panel("tokens")
    panel = desk.window.panels["tokens"]
    assert isinstance(panel, TokensPanel)
    return panel


def opened(desk: Desk, token: str, title: str = "a token") -> TokensPanel:
    panel = panel_of(desk)
    panel.open_token(TokenText(token, title))
    desk.qtbot.waitUntil(
        lambda: panel.current is not None and panel.current.title == title, timeout=PATIENCE
    )
    return panel


def minted(desk: Desk, by: str = "open", **claims: object) -> str:
    service = Issuer(f"https://{by}.tst.attest.azure.net", by)
    now = int(desk.world.clock.now().timestamp())
    times = {"iat": now, "nbf": now, "exp": now + 3600}
    return service.token(service.claims(**times | claims))


def until_verdict(desk: Desk, panel: TokensPanel, word: str) -> None:
    desk.qtbot.waitUntil(lambda: panel.view.verdict.title == word, timeout=PATIENCE)


def checked(desk: Desk, panel: TokensPanel) -> None:
    """Ask the provider, whatever is saved of it."""
    provider = next(each for each in desk.host.providers if each.name == "open")
    panel.chain.keys.use_provider(provider.id)
    before = panel.shown_token
    desk.click("Check")
    desk.qtbot.waitUntil(lambda: panel.shown_token is not before, timeout=PATIENCE)
    until_verdict(desk, panel, "Valid")
