"""Starts the real program, and answers where on the screen its controls lie. It only looks.

Run as a script. The answers come from the accessibility tree, so what assistive technology cannot
find, the test cannot find either.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _look() -> str:
    from sealwright.desktop.selftest.spots import visible_spots  # noqa: PLC0415 - it imports Qt

    return json.dumps([asdict(spot) for spot in visible_spots()])


def _answerer() -> Callable[[], str]:
    """A function that any thread may call, and whose work is done on Qt's thread."""
    from PySide6.QtCore import QObject, Qt, Signal, Slot  # noqa: PLC0415 - inside the program only
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - as above

    class Desk(QObject):
        asked = Signal(object)

        @Slot(object)
        def on_asked(self, reply: queue.SimpleQueue[str]) -> None:
            reply.put(_look())

    application = QApplication.instance()
    while application is None:
        time.sleep(0.05)
        application = QApplication.instance()
    desk = Desk()
    desk.moveToThread(application.thread())
    desk.asked.connect(desk.on_asked, Qt.ConnectionType.QueuedConnection)

    def answer() -> str:
        reply: queue.SimpleQueue[str] = queue.SimpleQueue()
        desk.asked.emit(reply)
        return reply.get(timeout=60)

    return answer


def _serve() -> None:
    # The program imports Qt itself; doing it here would change its start.
    while "PySide6.QtWidgets" not in sys.modules:
        time.sleep(0.05)
    answer = _answerer()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(os.environ["SEALWRIGHT_LOCATOR"])
        server.listen()
        while True:
            wire, _ = server.accept()
            with wire, suppress(OSError, queue.Empty):
                wire.sendall(answer().encode() + b"\n")


def main() -> int:
    """Run the program as `python -m sealwright` would."""
    threading.Thread(target=_serve, daemon=True, name="locator").start()
    from sealwright.__main__ import main as program  # noqa: PLC0415 - after the thread

    return program()


if __name__ == "__main__":
    sys.exit(main())
