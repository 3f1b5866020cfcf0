"""Background calls: the only bridge between the Qt thread and the event loop.

Invariants
- One asyncio loop in one worker thread; importing this module imports neither anyio nor asyncio.
- A task ends in exactly one of three ways: succeeded, failed, cancelled; reports go through the
  mailbox, so they reach whoever connects in the turn that started the task.
- An outcome reaches a method of a living object or nobody: connect a slot to a signal, or, where
  it needs more than the outcome, give it to `then`, `otherwise` or `at_end`. A `partial` or lambda
  connected to a signal would be called when its widget is gone.
- No worker touches a task, a relay or a view: the Qt thread may delete them at any moment.
- What a worker computes step by step gives way to keys, and stops when its task is cancelled.
- Nothing here blocks the Qt thread but `close`, which waits for the loop to end.
- While the loop runs, garbage is collected on the Qt thread only (see `garbage`).
"""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from sealwright.desktop.garbage import GarbageCollector
from sealwright.desktop.mailbox import Mailbox
from sealwright.desktop.right_of_way import Errand, RightOfWay
from sealwright.pace import CalledOffError, at_pace

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from anyio.from_thread import BlockingPortal

    _Waiting = tuple[Callable[..., None], tuple[object, ...]]

_SWITCH_SECONDS = 0.0001


class Task(QObject):
    """One running service call, as the Qt thread sees it."""

    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()
    progressed = Signal(object)
    """A number from 0 to 1, or None when the end is unknown."""

    def __init__(self, parent: QObject, errand: Errand, *, title: str = "") -> None:
        super().__init__(parent)
        self.title = title
        self.errand = errand
        self._then: list[_Waiting] = []
        self._otherwise: list[_Waiting] = []
        self._at_end: list[_Waiting] = []
        self._future: Future[object] | None = None
        self._call_off = False
        self._mailbox = Mailbox.of_application()

    def then(self, method: Callable[..., None], *about: object) -> None:
        """Call `method(*about, result)` on success, unless its object is gone by then."""
        self._then.append((method, about))

    def otherwise(self, method: Callable[..., None], *about: object) -> None:
        """Call `method(*about, error)` on failure, unless its object is gone by then."""
        self._otherwise.append((method, about))

    def at_end(self, method: Callable[..., None], *about: object) -> None:
        """Call `method(*about)` however it ends, last, unless its object is gone by then."""
        self._at_end.append((method, about))

    def follow(self, future: Future[object]) -> None:
        """Report what `future` comes to; called once, by the runner."""
        self._future = future
        future.add_done_callback(partial(self._mailbox.send, self))
        if self._call_off:
            future.cancel()

    def cancel(self) -> None:
        """Ask the call to stop; one of the three outcomes still follows."""
        self._call_off = True
        if self._future is not None:
            self._future.cancel()
        self.errand.call_off()

    def deliver(self, value: object) -> None:
        """Report the end of the call; `value` is its future."""
        from concurrent.futures import CancelledError  # noqa: PLC0415 - start-up stays light

        try:
            result = cast("Future[object]", value).result()
        except (CancelledError, CalledOffError):
            self.cancelled.emit()
        except Exception as error:  # noqa: BLE001 - the view decides what it means
            self.failed.emit(error)
            self._tell(self._otherwise, error)
        else:
            self.succeeded.emit(result)
            self._tell(self._then, result)
        self.finished.emit()
        self._tell(self._at_end)
        # What waited may hold this task in turn, and the future does, and what it came to.
        self._future = None
        for waiting in (self._then, self._otherwise, self._at_end):
            waiting.clear()
        self.deleteLater()

    def _tell(self, waiting: list[_Waiting], *outcome: object) -> None:
        """As Qt calls slots: one that fails goes to the exception hook, and the next is called."""
        for method, about in waiting:
            owner: object = getattr(method, "__self__", None)
            if self.signalsBlocked() or not isValid(owner):
                continue
            try:
                method(*about, *outcome)
            except Exception as error:  # noqa: BLE001 - as in a slot
                sys.excepthook(type(error), error, error.__traceback__)


class Relay(QObject):
    """Carries values from the event loop to slots of the Qt thread.

    Give `post` to a service as its progress callback; connect `received` to a method slot.
    """

    received = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._mailbox = Mailbox.of_application()

    def post(self, value: object) -> None:
        """Deliver `value` on the Qt thread, in order; may be called from any thread."""
        self._mailbox.send(self, value)

    def deliver(self, value: object) -> None:
        """Hand `value` on."""
        self.received.emit(value)


class TaskRunner(QObject):
    """Owns the one background event loop.

    The loop's libraries are imported by a thread of their own, so that `open` returns at once;
    what is started before the loop runs waits for it.
    """

    started = Signal(object)
    """A task that has a title, for the status bar."""
    _imported = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opener: threading.Thread | None = None
        self._waiting: list[tuple[Task, Callable[[], Awaitable[object]]]] = []
        self._closed = False
        self._garbage = GarbageCollector(self)
        self._way = RightOfWay()
        self._imported.connect(self._begin, Qt.ConnectionType.QueuedConnection)

    def open(self) -> None:
        """Begin to bring the loop up; does nothing the second time."""
        if self._opener is None and not self._closed:
            self._garbage.start()
            # Qt's calls let go of the interpreter and want it back: a thread that computes would
            # keep each of them waiting for the usual 5 ms.
            sys.setswitchinterval(_SWITCH_SECONDS)
            self._opener = threading.Thread(target=self._import, name="loop-opener", daemon=True)
            self._opener.start()

    def start(self, call: Callable[[], Awaitable[object]], *, title: str = "") -> Task:
        """Start `call` on the background loop; a `title` makes it visible in the status bar."""
        task = Task(self, Errand(self._way), title=title)
        if self._portal is None:
            self._waiting.append((task, call))
            self.open()
        else:
            task.follow(self._submit(call, task.errand))
        if title:
            self.started.emit(task)
        return task

    def begin_start_up(self) -> None:
        """The program starts: nothing is tidied up before `end_start_up`."""
        self.open()
        self._garbage.begin_start_up()

    @Slot()
    def end_start_up(self) -> None:
        """The window is filled."""
        self._garbage.end_start_up()

    @Slot()
    def typed(self) -> None:
        """A key was pressed: what can wait a moment does."""
        self._way.take()
        self._garbage.postpone()

    def show_first(self) -> None:
        """What was asked for takes long: its first sign is painted before any worker computes."""
        self._way.take()

    def close(self) -> None:
        """Cancel what still runs and join the thread."""
        self._closed = True
        if self._opener is not None:
            self._opener.join()
        for task in self.findChildren(Task):
            task.errand.call_off()
        if self._portal is not None:
            self._portal.start_task_soon(self._portal.stop, True)  # noqa: FBT003 - anyio's signature
            self._portal = None
        self._stack.close()
        if self._opener is not None:
            self._garbage.stop()
        # What settled on the way out has nobody left to tell: its views may be gone already.
        for task in self.findChildren(Task):
            task.blockSignals(True)  # noqa: FBT003 - Qt's signature

    def _submit(self, call: Callable[[], Awaitable[object]], errand: Errand) -> Future[object]:
        """Hand a call to the loop without waiting for it.

        The portal's own `start_task_soon` waits until the loop has taken the call (anyio 4.16),
        which holds the window while the loop imports a library.
        """
        import asyncio  # noqa: PLC0415 - imported by now

        async def run() -> object:
            with at_pace(errand):
                return await call()

        if self._loop is None:
            raise RuntimeError
        return asyncio.run_coroutine_threadsafe(run(), self._loop)

    def _import(self) -> None:
        import asyncio  # noqa: F401, PLC0415 - the import is what this thread is for

        import anyio._backends._asyncio  # noqa: PLC0415 - or the loop imports it, waited for
        import anyio.from_thread  # noqa: F401, PLC0415 - as above

        self._imported.emit()

    @Slot()
    def _begin(self) -> None:
        from anyio.from_thread import start_blocking_portal  # noqa: PLC0415 - imported by now

        if self._closed:
            return
        self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
        self._loop = self._portal.call(_running_loop)
        waiting, self._waiting = self._waiting, []
        for task, call in waiting:
            task.follow(self._submit(call, task.errand))


async def _running_loop() -> asyncio.AbstractEventLoop:
    import asyncio  # noqa: PLC0415 - imported by now

    return asyncio.get_running_loop()
