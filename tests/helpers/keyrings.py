"""Keyring backends in memory that behave like the ones that cannot run here."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class WindowsError(Exception):
    """What `pywintypes.error` looks like from outside."""

    def __init__(self, winerror: int, funcname: str) -> None:
        super().__init__(winerror, funcname, "message of the system")
        self.winerror = winerror
        self.funcname = funcname


class MemoryKeyring(KeyringBackend):
    """Keeps everything, of any length. `calls_left` makes it fail half-way on demand."""

    priority = 5
    viable = False
    """Never found by keyring's own search."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no type there
        self.values: dict[tuple[str, str], str] = {}
        self.calls_left: int | None = None
        self.failure: Exception = OSError("the store went away")

    def get_password(self, service: str, username: str) -> str | None:
        return self.values.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._count()
        self.values[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._count()
        if (service, username) not in self.values:
            raise PasswordDeleteError(username)
        del self.values[service, username]

    def _count(self) -> None:
        if self.calls_left is None:
            return
        if self.calls_left == 0:
            raise self.failure
        self.calls_left -= 1


class WindowsKeyring(MemoryKeyring):
    """Refuses more than 2,560 bytes of UTF-16, as CredWrite does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2560:
            raise WindowsError(1783, "CredWrite")
        super().set_password(service, username, password)


class ForgetfulKeyring(MemoryKeyring):
    """Says yes and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        del service, username, password


class PlaintextKeyring(MemoryKeyring):
    """What a plain-text file backend is called."""


class UnprotectedKeyring(MemoryKeyring):
    """A backend that says of itself that it is not recommended."""

    priority = 0.5  # type: ignore[assignment]  # as above
