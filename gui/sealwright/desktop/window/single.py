"""One window per home: a lock file with the process id; a second start raises the first window."""

from __future__ import annotations

from PySide6.QtCore import QDir, QFile, QFileSystemWatcher, QIODevice, QLockFile, QObject, Signal

_LOCK = "window.lock"
_CALL = "window.raise"


class WindowLock(QObject):
    """Holds the home for one window and hears when a second start calls it."""

    called = Signal()
    """Somebody started the program again on this home."""

    def __init__(self, home: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        QDir().mkpath(home)
        self._lock = QLockFile(f"{home}/{_LOCK}")
        # A lock outlives a crash only until its process is gone: never by age.
        self._lock.setStaleLockTime(0)
        self._path = f"{home}/{_CALL}"
        self._watcher: QFileSystemWatcher | None = None

    def take(self) -> bool:
        """Whether this process is the one with the window; if not, the other one was called."""
        if not self._lock.tryLock(0):
            self._touch()
            return False
        self._touch()
        self._watcher = QFileSystemWatcher([self._path], self)
        self._watcher.fileChanged.connect(self.called)
        return True

    def release(self) -> None:
        """Let the home go."""
        if self._watcher is not None:
            self._watcher.removePath(self._path)
            self._watcher = None
        self._lock.unlock()

    def _touch(self) -> None:
        file = QFile(self._path)
        if file.open(QIODevice.OpenModeFlag.WriteOnly | QIODevice.OpenModeFlag.Append):
            file.write(b".")
            file.close()
