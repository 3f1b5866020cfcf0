"""Opens the window of a home, or brings the one that is open to the front."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sealwright.composition.display import want_display
from sealwright.desktop.app import run
from sealwright.desktop.window.options import RunOptions
from sealwright.errors import AppError, StorageError
from sealwright.store.home import find_home
from sealwright.store.resources import resource
from sealwright.store.window import WindowLock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sealwright.services.bundle import Services
    from sealwright.store.home import Home

_PATIENCE: Final = 10.0
"""Seconds for the first window to get ready to listen."""
_PAUSE: Final = 0.2


def open_window(home_option: str | None, *, theme: str = "", heartbeat: bool = False) -> int:
    """Show the window until it is closed; the exit code.

    Raises:
        UsageError: there is no display.
        StorageError: the home cannot be used, the installation is damaged, or the window that is
            open already does not answer. A window has said it by then, too.
    """
    want_display(
        "Start it in a desktop session. Everything works as a command, too: `sealwright --help`."
    )
    try:
        return _open_window(home_option, theme=theme, heartbeat=heartbeat)
    except AppError as error:
        from sealwright.desktop.not_opened import show_not_opened  # noqa: PLC0415 - hardly ever

        show_not_opened(error, _icons_if_any())
        raise


def _open_window(home_option: str | None, *, theme: str, heartbeat: bool) -> int:
    home = find_home(home_option)
    lock = WindowLock(home)
    if not lock.take():
        _raise_first(lock, home)
        return 0
    try:
        return run(
            replace(_options(home, lock), theme=theme, heartbeat=heartbeat), lambda: _open(home)
        )
    finally:
        lock.release()


def _raise_first(lock: WindowLock, home: Home) -> None:
    """Bring the window of this home to the front; one that was just started may not listen yet.

    Raises:
        StorageError: it does not answer.
    """
    end = time.monotonic() + _PATIENCE
    while not lock.raise_first():
        if time.monotonic() > end:
            raise StorageError(
                "Sealwright is open already, but its window does not answer.",
                hint="Close or end it, or open another home with --home.",
                details={"home": str(home.root)},
            )
        time.sleep(_PAUSE)


async def _open(home: Home) -> Services:
    # On the background loop, after the first paint: this is where everything heavy is imported.
    from anyio import to_thread  # noqa: PLC0415

    from sealwright.composition.logs import keep_log  # noqa: PLC0415
    from sealwright.composition.opening import open_services  # noqa: PLC0415

    # Nothing needs the log but a later question; the window opens without one too.
    with suppress(OSError):
        await to_thread.run_sync(keep_log, home)
    return await open_services(home)


def _options(home: Home, lock: WindowLock) -> RunOptions:
    # Nothing needs the folder but a crash; the window opens without one too.
    with suppress(OSError):
        home.logs.mkdir(mode=0o700, exist_ok=True)

    def listen(on_raise: Callable[[], None]) -> None:
        # On a full disk: a window that a second start cannot raise is better than none.
        with suppress(StorageError):
            lock.listen(on_raise)

    def save_state(text: str) -> None:
        from sealwright.store.files import write_atomically  # noqa: PLC0415 - at the end

        write_atomically(home.window_state, text.encode("utf-8"))

    return RunOptions(
        home=str(home.root),
        icons=_icons(),
        window_state=_text(home.window_state),
        save_state=save_state,
        listen=listen,
        crash_log=str(home.logs / "crash.log"),
    )


def _icons() -> Mapping[str, bytes]:
    return {path.stem: path.read_bytes() for path in resource("icons").glob("*.svg")}


def _icons_if_any() -> Mapping[str, bytes]:
    """What tells of a damaged installation must not need it whole."""
    try:
        return _icons()
    except StorageError:
        return {}


def _text(path: Path) -> str:
    """The kept state; a window without one opens at its usual place."""
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""
