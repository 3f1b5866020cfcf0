"""The token inspector stays live: a 2 MB token, and 10,000 tokens at once (goal: no gap of 50 ms).

Of the token, each line says the longest time between two beats of the window's thread and the call
it was in. The host of a machine takes its cores away unseen; so of the batch the same steps are
played in rounds, and what counts is the gap that a step has in most of them.
"""

from __future__ import annotations

import itertools
import os
import statistics
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject

from benchmarks.rounds import rounds_wanted, say, say_machine, say_steps
from benchmarks.ticks import Ticker
from helpers.desk import Desk
from helpers.issuing import Issuer
from sealwright.composition.opening import open_services
from sealwright.desktop.heartbeat import Heartbeat
from sealwright.desktop.host import TokenText
from sealwright.desktop.tokens.panel import TokensPanel
from sealwright.desktop.widgets.fields import SearchBox
from sealwright.services.tokens.key_source import KeyOrigin, KeySource
from sealwright.store.home import find_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from sealwright.services.bundle import Services

_PATIENCE = 120_000
_SETTLING = 300
"""Milliseconds in which what a step has begun may still come."""
_GOAL = 50
_TOKENS = 10_000
_THOUSAND = 1_000
_ROUNDS = 5
_APART = 30
"""Milliseconds between two steps."""
_PAGES = 20
_OWN = 500
"""Tokens of the batch that differ; signing all of them would take longer than judging them."""


def _claims() -> Mapping[str, dict[str, object]]:
    """Claims of 1.5 MB, which are 2 MB in a token, in the shapes that cost most to show."""
    return {
        "25,000 claims": {f"claim-{at:05d}": f"{at:040x}" for at in range(25_000)},
        "one long claim": {"x-ms-sgx-ehd": "A" * 1_500_000},
        "nested 5,000 keys": {
            "x-ms-runtime": {"keys": [{"kid": f"k{at}", "n": f"{at:0256x}"} for at in range(5_000)]}
        },
    }


class _Painted(QObject):
    """When a widget was first painted after it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and not self.at:
            self.at = time.perf_counter()
        return False


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    """The window over a home of its own, with the real worker processes."""
    home = find_home(str(tmp_path / "home"))

    async def opened() -> Services:
        services = await open_services(home)
        await services.vault.choose("memory")
        return services

    made = Desk(qtbot, open_services=opened)
    made.strays.stop()
    made.open()
    yield made
    made.leave()
    made.close()


def _panel(desk: Desk) -> TokensPanel:
    desk.window.show_panel("tokens")
    panel = desk.window.panels["tokens"]
    assert isinstance(panel, TokensPanel)
    return panel


def _watched(desk: Desk, title: str, act: Callable[[], None], until: Callable[[], bool]) -> None:
    desk.qtbot.wait(_SETTLING)
    heart = Heartbeat()
    heart.start()
    act()
    desk.qtbot.waitUntil(until, timeout=_PATIENCE)
    desk.qtbot.wait(_SETTLING)
    heart.stop()
    worst = heart.worst
    word = "met" if worst.seconds * 1000 <= _GOAL else "MISSED"
    say(f"{title}: {word}, {worst}")


@pytest.mark.parametrize("shape", list(_claims()))
def test_a_token_of_2_mb(desk: Desk, shape: str) -> None:
    issuer = Issuer()
    token = issuer.token(issuer.claims(**_claims()[shape]))
    panel = _panel(desk)
    view = panel.view
    panel.open_token(TokenText(issuer.token(), "small"))
    desk.qtbot.waitUntil(lambda: panel.shown_token is not None)
    painted = _Painted()
    begun = 0.0

    def open_it() -> None:
        nonlocal begun
        view.picture.installEventFilter(painted)
        begun = time.perf_counter()
        panel.open_token(TokenText(token, shape))

    def is_open() -> bool:
        return panel.current is not None and panel.current.title == shape

    _watched(desk, f"{shape}, opened", open_it, is_open)
    say(f"{shape}, painted after: {(painted.at - begun) * 1000:.0f} ms (goal 300)")
    for at, tab in enumerate(("claims", "header", "raw JSON", "evidence", "trust vector")):
        turn = partial(view.tabs.setCurrentIndex, at)
        _watched(desk, f"{shape}, {tab}", turn, lambda: not view.raw.pending)
    view.tabs.setCurrentIndex(0)
    for text in ("c", "cl", "claim-01", "k499", ""):
        narrow = partial(view.table.set_filter, text)
        _watched(desk, f"{shape}, filter {text!r}", narrow, lambda: True)
    name = list(_claims()[shape])[-1]
    choose = partial(view.picture.claim_chosen.emit, name)
    _watched(desk, f"{shape}, {name} chosen", choose, lambda: True)
    _watched(desk, f"{shape}, claims copied", panel.desk.copy_claims, lambda: True)
    _watched(desk, f"{shape}, checked again", panel.check_again, lambda: True)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A file of many tokens of 3 KB, one a line."""
    issuer = Issuer()
    usual = {f"claim-{number}": "ab" * 32 for number in range(22)} | {
        "x-ms-attestation-type": "sgx"
    }
    own = [issuer.token(issuer.claims(**usual, n=at)) for at in range(_OWN)]
    path = tmp_path / "tokens.txt"
    path.write_text("\n".join(own[at % _OWN] for at in range(_TOKENS)))
    return path


def test_ten_thousand_tokens(desk: Desk, listed: Path) -> None:
    issuer, panel = Issuer(), _panel(desk)
    panel.chain.keys.use_file(
        KeySource(KeyOrigin.DOCUMENT, issuer.uri, issuer.key_set().raw, "keys.json")
    )
    bench = _Batch(desk, panel)
    whole = bench.rounds(f"{_TOKENS:,} tokens", partial(bench.judge, listed))
    say(f"{_TOKENS:,} tokens took {statistics.median(whole):.1f} s")
    bench.rounds("the filter is typed meanwhile", partial(bench.judge_and_type, listed))
    bench.rounds("the filter is typed", bench.type_words)
    bench.rounds("scrolled, and narrowed to a verdict", bench.look_around)
    for suffix in ("csv", "json"):
        path = listed.with_name(f"verdicts.{suffix}")
        bench.rounds(f"exported as {suffix}", partial(bench.export, path))
    say_machine()


class _Batch:
    """What a person does to a batch, in the same steps in every round."""

    def __init__(self, desk: Desk, panel: TokensPanel) -> None:
        self._desk, self._panel, self._view = desk, panel, panel.pages.batch
        self._ticker = Ticker(panel)

    def rounds(self, name: str, act: Callable[[], object]) -> list[float]:
        """Play it several times and tell of the gaps; how long each round took."""
        gaps, took = [], []
        for _ in range(rounds_wanted(_ROUNDS)):
            self._desk.qtbot.wait(_SETTLING)
            self._ticker.begin()
            begun = time.perf_counter()
            act()
            took.append(time.perf_counter() - begun)
            self._desk.qtbot.wait(_SETTLING)
            self._ticker.end()
            gaps.append(self._ticker.steps())
        say_steps(name, gaps, _GOAL)
        return took

    def judge(self, path: Path, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Judge all tokens; a step is a thousand of them."""
        self._ticker.step("the list is read")
        self._panel.many.open_list(str(path))
        self._desk.qtbot.waitUntil(lambda: self._view.running, timeout=_PATIENCE)
        told = 0
        while self._view.running:
            self._desk.qtbot.wait(_APART)
            meanwhile()
            if len(self._view.found) >= told:
                told += _THOUSAND
                self._ticker.step(f"on the way to {told:,}")

    def judge_and_type(self, path: Path) -> None:
        """The same while letters come into the filter and go."""
        words = itertools.cycle(_typed("tokens.txt:99"))
        self.judge(path, lambda: self._search(next(words)))
        self._search("")

    def type_words(self) -> None:
        """A word that all rows have, then one that few have, letter by letter, and out again."""
        for text in (*_typed("valid"), *_typed("tokens.txt:99")):
            self._step(f"filter {text!r}", partial(self._search, text))

    def look_around(self) -> None:
        """Pages far apart, the wheel, and each verdict."""
        bar = self._view.table.verticalScrollBar()
        for part in range(_PAGES):
            self._step(f"page {part}", partial(bar.setValue, bar.maximum() * part // _PAGES))
        for part in range(_PAGES):
            self._step(f"wheel {part}", partial(bar.setValue, 3 * part))
        for at in (*range(1, self._view.verdicts.count()), 0):
            self._step(f"verdict {at}", partial(self._view.verdicts.setCurrentIndex, at))

    def export(self, path: Path) -> None:
        """Write the verdicts."""
        path.unlink(missing_ok=True)
        self._step("write", partial(self._view.export_to, str(path)))
        self._desk.qtbot.waitUntil(path.exists, timeout=_PATIENCE)

    def _search(self, text: str) -> None:
        box = self._view.findChild(SearchBox)
        assert box is not None
        box.setText(text)

    def _step(self, name: str, act: Callable[[], object]) -> None:
        self._ticker.step(name)
        act()
        self._desk.qtbot.wait(_APART)


def _typed(word: str) -> list[str]:
    """A word as it comes, letter by letter, and goes."""
    return [word[:end] for end in (*range(1, len(word) + 1), *range(len(word) - 1, -1, -1))]
