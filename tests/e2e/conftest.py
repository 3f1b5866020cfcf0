"""A private session and screen for the tests that use the real program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from helpers import private_session, screen

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTEFACTS = Path(__file__).resolve().parents[2] / "build" / "screenshots" / "e2e"


def _need(*programs: str) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("a private screen and keyring exist on Linux only")
    missing = private_session.missing_programs(*programs)
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (packaging/dev.py test installs them)")


@pytest.fixture
def session() -> Iterator[private_session.PrivateSession]:
    """A home, a bus and an unlocked keyring that nobody else uses."""
    _need(*private_session.REQUIRED)
    with private_session.PrivateSession() as opened:
        yield opened


@pytest.fixture
def own_screen(
    session: private_session.PrivateSession, request: pytest.FixtureRequest
) -> screen.Screen:
    """An X server with a window manager; its screenshots stay under `build/`."""
    _need(*screen.REQUIRED)
    return screen.Screen.open(session, ARTEFACTS / request.node.name.removeprefix("test_"))
