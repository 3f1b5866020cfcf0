"""Somebody who answers GNOME Keyring's questions for a password with Cancel.

It takes the place of the desktop's own prompter on the bus in the environment and speaks its
protocol (`org.gnome.keyring.internal.Prompter`), so that a refusal is a real one.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from jeepney import (  # type: ignore[import-untyped]  # jeepney has no types
    DBusAddress,
    HeaderFields,
    MessageType,
    new_method_call,
    new_method_return,
)
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]  # as above
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]  # as above

if TYPE_CHECKING:
    from types import TracebackType

    from jeepney import Message

_NAME = "org.gnome.keyring.SystemPrompter"
_CALLBACK = "org.gnome.keyring.internal.Prompter.Callback"


class DismissingPrompter:
    """Answers while the context lasts; `asked` says what it was asked to do."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._connection = open_dbus_connection(bus="SESSION")
        self._thread = threading.Thread(target=self._serve, name="prompter", daemon=True)
        self._leaving = threading.Event()

    def __enter__(self) -> Self:
        self._connection.send_and_get_reply(message_bus.RequestName(_NAME))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leaving.set()
        self._thread.join()
        self._connection.close()

    def _serve(self) -> None:
        while not self._leaving.is_set():
            try:
                message = self._connection.receive(timeout=0.1)
            except TimeoutError:
                continue
            if message.header.message_type is MessageType.method_call:
                self._answer(message)

    def _answer(self, message: Message) -> None:
        fields = message.header.fields
        wanted = str(fields[HeaderFields.member])
        self.asked.append(wanted)
        self._connection.send(new_method_return(message))
        callback = DBusAddress(message.body[0], fields[HeaderFields.sender], _CALLBACK)
        if wanted == "StopPrompting":
            self._connection.send(new_method_call(callback, "PromptDone"))
            return
        # Ready to ask; then what Cancel comes to.
        said = "no" if wanted == "PerformPrompt" else ""
        answer = new_method_call(callback, "PromptReady", "sa{sv}s", (said, {}, ""))
        self._connection.send(answer)
