"""Which secret store takes new secrets, and where each old one is.

Invariants
- The OS keyring is used unless the user chose otherwise; nothing is chosen for the user.
- Choosing another store moves nothing: each secret is read where it was put.
- The name of a secret is noted before the secret is put, and forgotten after it was removed, so
  that every secret of this home can be found and removed again.
- All store calls run in worker threads; a caller that is cancelled does not wait for a prompt.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeVar

from sealwright.errors import StorageError, UsageError
from sealwright.vault.file_box import FileBox
from sealwright.vault.keyring_box import KeyringBox
from sealwright.vault.memory_box import MemoryBox

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from keyring.backend import KeyringBackend

    from sealwright.secret import Secret
    from sealwright.services.model import VaultStatus
    from sealwright.services.ports import Clock, KeyIndex, Settings
    from sealwright.vault.box import Box

T = TypeVar("T")

KINDS: Final = ("keyring", "file", "memory")
_SETTING: Final = "vault.kind"


class SecretStores:
    """The three stores of a home, and the port `VaultChoice`."""

    def __init__(  # noqa: PLR0913 - the parts of a home
        self,
        *,
        home_id: Callable[[], str],
        guard: Callable[[str], AbstractContextManager[None]],
        vault_file: Path,
        write: Callable[[Path, bytes], None],
        settings: Settings,
        index: KeyIndex,
        clock: Clock,
        find_backend: Callable[[], KeyringBackend] | None = None,
    ) -> None:
        self._keyring = KeyringBox(home_id, guard, find_backend)
        self._file = FileBox(vault_file, guard, write)
        self._memory = MemoryBox()
        self._settings = settings
        self._index = index
        self._clock = clock
        self._kind = ""

    @property
    def index(self) -> KeyIndex:
        """Where names and public metadata are."""
        return self._index

    @property
    def clock(self) -> Clock:
        """What time it is."""
        return self._clock

    async def kind(self) -> str:
        """The store that takes new secrets."""
        if not self._kind:
            text = await self._settings.get(_SETTING)
            kind = None if text is None else json.loads(text)
            self._kind = kind if kind in KINDS else KINDS[0]
        return self._kind

    async def choose(self, kind: str, passphrase: Secret[str] | None = None) -> VaultStatus:
        """Use `keyring`, `file` (makes or unlocks the vault file) or `memory` from now on.

        Raises:
            StorageError: the store does not work, or the passphrase is wrong or missing.
        """
        if kind not in KINDS:
            raise UsageError(f"There is no secret store `{kind}`.", hint=f"One of {KINDS}.")
        if kind == FileBox.kind:
            if passphrase is None:
                raise StorageError("The vault file needs a passphrase.", hint="Give one.")
            await _off_loop(lambda: self._file.unlock(passphrase))
        status = await _off_loop(self._box(kind).probe)
        if not status.usable:
            raise StorageError(status.problem, hint=status.hint)
        # Memory only is a choice for this run: the next one must not lose secrets unasked.
        if kind != MemoryBox.kind:
            await self._settings.put(_SETTING, json.dumps(kind))
        self._kind = kind
        return status

    async def status(self) -> VaultStatus:
        """Whether the chosen store works, by writing, reading and removing a canary."""
        return await _off_loop(self._box(await self.kind()).probe)

    async def purge(self) -> tuple[str, ...]:
        """Remove every secret of this home; the names of those that could not be removed."""
        left: list[str] = []
        for name, kept_in, _ in await self._index.secrets():
            try:
                await self.remove(name, kept_in)
            except StorageError:
                left.append(name)
        return tuple(left)

    async def read(self, name: str, kept_in: str) -> bytes | None:
        """The secret, or None when it is not there."""
        box = self._box(kept_in)
        return await _off_loop(lambda: box.read(name))

    async def write(self, name: str, data: bytes) -> str:
        """Keep a secret in the chosen store; the kind of that store."""
        kind = await self.kind()
        box = self._box(kind)
        if kind != MemoryBox.kind:
            await self._index.note_secret(name, kind, self._clock.now())
        await _off_loop(lambda: box.write(name, data))
        return kind

    async def remove(self, name: str, kept_in: str) -> None:
        """Forget a secret; nothing happens when it is not there."""
        box = self._box(kept_in)
        await _off_loop(lambda: box.remove(name))
        if kept_in != MemoryBox.kind:
            await self._index.forget_secret(name, kept_in)

    def _box(self, kind: str) -> Box:
        boxes: dict[str, Box] = {
            KeyringBox.kind: self._keyring,
            FileBox.kind: self._file,
            MemoryBox.kind: self._memory,
        }
        return boxes[kind]


async def _off_loop(call: Callable[[], T]) -> T:
    """Run a store call in a worker thread; cancelling leaves it to itself, as it may prompt."""
    from anyio import to_thread  # noqa: PLC0415 - after the first paint

    return await to_thread.run_sync(call, abandon_on_cancel=True)
