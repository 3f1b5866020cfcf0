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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QAccessibleInterface

_DEEPEST = 40


def _walk(node: QAccessibleInterface, depth: int = 0) -> Iterator[QAccessibleInterface]:
    if not node.isValid() or depth > _DEEPEST:
        return
    yield node
    for index in range(min(node.childCount(), 500)):
        child = node.child(index)
        if not child.state().invisible:
            yield from _walk(child, depth + 1)


def _spot(node: QAccessibleInterface) -> dict[str, object]:
    from PySide6.QtGui import QAccessible  # noqa: PLC0415 - after the program has begun

    place = node.rect()
    state = node.state()
    return {
        "name": node.text(QAccessible.Text.Name),
        "role": node.role().name,
        "value": node.text(QAccessible.Text.Value),
        "x": place.x(),
        "y": place.y(),
        "width": place.width(),
        "height": place.height(),
        "enabled": not state.disabled,
        "focused": bool(state.focused),
        "checked": bool(state.checked),
    }


def _matches(spot: dict[str, object], wanted: dict[str, object]) -> bool:
    name, seen = str(wanted["name"]), str(spot["name"])
    if name and not (seen == name if wanted["exact"] else name in seen):
        return False
    return not wanted["role"] or spot["role"] == wanted["role"]


def _find(question: str) -> str:
    from PySide6.QtGui import QAccessible  # noqa: PLC0415
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    wanted = json.loads(question)
    found = []
    for window in QApplication.topLevelWidgets():
        if not window.isVisible():
            continue
        root = QAccessible.queryAccessibleInterface(window)
        found += [spot for spot in map(_spot, _walk(root)) if _matches(spot, wanted)]
    shown = [spot for spot in found if spot["width"] and spot["height"]]
    return json.dumps(shown)


def _answerer() -> Callable[[str], str]:
    """A function that any thread may call, and whose work is done on Qt's thread."""
    from PySide6.QtCore import QObject, Qt, Signal, Slot  # noqa: PLC0415
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    class Desk(QObject):
        asked = Signal(str, object)

        @Slot(str, object)
        def on_asked(self, question: str, reply: queue.SimpleQueue[str]) -> None:
            reply.put(_find(question))

    application = QApplication.instance()
    while application is None:
        time.sleep(0.05)
        application = QApplication.instance()
    desk = Desk()
    desk.moveToThread(application.thread())
    desk.asked.connect(desk.on_asked, Qt.ConnectionType.QueuedConnection)

    def answer(question: str) -> str:
        reply: queue.SimpleQueue[str] = queue.SimpleQueue()
        desk.asked.emit(question, reply)
        return reply.get(timeout=10)

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
            with wire, wire.makefile("rb") as lines, suppress(OSError, queue.Empty):
                wire.sendall(answer(lines.readline().decode()).encode() + b"\n")


def main() -> int:
    """Run the program as `python -m sealwright` would."""
    threading.Thread(target=_serve, daemon=True, name="locator").start()
    from sealwright.__main__ import main as program  # noqa: PLC0415 - after the thread

    return program()


if __name__ == "__main__":
    sys.exit(main())
