"""Files that belong to the user: read whole with a limit, written atomically.

A write goes to a temporary file beside the target, is synced, and takes the target's place by
renaming: whatever fails on the way, the old file is untouched.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Final

from sealwright.errors import StorageError

_NEW_FILE: Final = 0o666
"""Permissions of a new file of the user's, before the umask."""
_OWN_FILE: Final = 0o600

_REASONS: Final = {
    errno.ENOENT: ("there is no such file or folder", "Check the path."),
    errno.EISDIR: ("this is a folder", "Choose a file in it."),
    errno.ENOTDIR: ("a part of the path is not a folder", "Check the path."),
    errno.EACCES: ("access is denied", "Check the permissions, or choose another place."),
    errno.EPERM: ("access is denied", "Check the permissions, or choose another place."),
    errno.EROFS: ("the disk is read-only", "Choose another place."),
    errno.ENOSPC: ("the disk is full", "Free some space and try again."),
    errno.EDQUOT: ("your disk quota is used up", "Free some space and try again."),
    errno.EFBIG: ("the file would be too large for this disk", "Choose another place."),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter one."),
    errno.EIO: ("the disk does not answer", "Check the disk, or choose another place."),
}


class LocalFiles:
    """The port `Files` on the local disk."""

    async def read(self, path: str, *, limit: int) -> bytes:
        """The whole file; refuses more than `limit` bytes.

        Raises:
            StorageError: not there, not readable, a folder, or too large.
        """
        from anyio import to_thread  # noqa: PLC0415 - the command line reads most files without

        return await to_thread.run_sync(read_limited, Path(path), limit)

    async def exists(self, path: str) -> bool:
        """Whether a file is there; false where nobody can tell."""
        from anyio import to_thread  # noqa: PLC0415 - as above

        # Unlike pathlib's, it takes what cannot be a path, or be looked at, for none.
        return await to_thread.run_sync(os.path.isfile, path)

    async def find(self, folder: str, ending: str) -> tuple[str, ...]:
        """Files below `folder` whose names end so: sorted paths from it, with `/` between.

        Raises:
            StorageError: a folder cannot be read. A folder that is not there has no files.
        """
        from anyio import to_thread  # noqa: PLC0415 - as above

        return await to_thread.run_sync(_find, Path(folder), ending)

    async def write(self, path: str, data: bytes, *, parents: bool = False) -> None:
        """Write atomically; `parents` makes missing folders.

        Raises:
            StorageError: disk full, read-only, no such folder; the old file is untouched.
        """
        from anyio import to_thread  # noqa: PLC0415 - as above

        await to_thread.run_sync(_write_for_user, Path(path), data, parents)


def read_limited(path: Path, limit: int) -> bytes:
    """The whole file; blocking.

    Raises:
        StorageError: not there, not readable, a folder, not a plain file, or too large.
    """
    try:
        with path.open("rb") as file:
            # A pipe or a device has no end that a limit could be checked against beforehand.
            data = file.read(limit + 1)
    except OSError as error:
        raise file_error(f"The file `{path}` cannot be read", error) from error
    except ValueError as error:
        raise StorageError(f"`{path}` is not a path.", hint="Check the path.") from error
    if len(data) > limit:
        raise StorageError(
            f"The file `{path}` is larger than {_size(limit)}.",
            hint="Choose the right file; this one is not opened.",
        )
    return data


def write_atomically(path: Path, data: bytes, *, mode: int = _OWN_FILE) -> None:
    """Write a file of ours, or replace it as a whole; blocking. A link is followed, not replaced.

    Raises:
        StorageError: disk full, read-only, no such folder; the old file is untouched.
    """
    try:
        target = path.resolve()
        temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
        try:
            kept = _mode_of(target)
            _write_synced(temporary, data, mode)
            if kept is not None:
                temporary.chmod(kept)
            temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise file_error(f"The file `{path}` cannot be written", error) from error
    except ValueError as error:
        raise StorageError(f"`{path}` is not a path.", hint="Check the path.") from error


def file_error(what: str, error: OSError) -> StorageError:
    """The message for a failed file call; `what` is a sentence without its end."""
    known = _REASONS.get(error.errno or 0)
    reason, hint = known or (error.strerror or "the system refused", "")
    return StorageError(f"{what}: {reason}.", hint=hint, details={"reason": str(error)})


def _find(folder: Path, ending: str) -> tuple[str, ...]:
    def refuse(error: OSError) -> None:
        raise file_error(f"The folder `{folder}` cannot be read", error) from error

    if not folder.exists():
        return ()
    found = [
        (Path(parent) / name).relative_to(folder).as_posix()
        for parent, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if name.endswith(ending) and not _is_endless(os.path.join(parent, name))  # noqa: PTH118 - for thousands of files
    ]
    return tuple(sorted(found))


def _is_endless(path: str) -> bool:
    """Whether it is a pipe, a socket or a device, which nobody can read whole."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 - as above
    except OSError:
        # Whoever reads it says why it cannot be read.
        return False


def _write_for_user(path: Path, data: bytes, parents: bool) -> None:  # noqa: FBT001 - see `write`
    if parents:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise file_error(f"The folder `{path.parent}` cannot be made", error) from error
    write_atomically(path, data, mode=_NEW_FILE)


def _mode_of(target: Path) -> int | None:
    """Permissions of the file that is replaced; None where there is none yet."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    return stat.S_IMODE(found.st_mode)


def _write_synced(path: Path, data: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, mode), "wb") as file:  # noqa: PTH123 - a descriptor
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where folders can be opened (not on Windows)."""
    if os.name == "nt":
        return
    # Some file systems cannot sync a folder; the file itself is whole either way.
    with contextlib.suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                raise
        finally:
            os.close(descriptor)


def _size(limit: int) -> str:
    return f"{limit // 2**20} MB" if limit >= 2**20 else f"{limit // 2**10} kB"
