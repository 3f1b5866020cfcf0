"""What the command line needs from the composition root, as a Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from argparse import Namespace
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.secret import Secret
    from sealwright.services.bundle import Services
    from sealwright.services.ports import PretendedMachines, Signer


class World(Protocol):
    """Builds what a command asks for, and only then."""

    def services(self, home: str | None) -> AbstractAsyncContextManager[Services]:
        """The services of a home, opened for as long as the context lasts.

        Raises:
            StorageError: the home cannot be used.
        """
        ...

    def key_file_signer(
        self, key: bytes, certificates: bytes, passphrase: Secret[str] | None
    ) -> Signer:
        """A signer over a key file, checked in full; its `sign` never waits.

        Raises:
            KeyMaterialError: says which rule refused it.
        """
        ...

    def resource(self, name: str) -> bytes:
        """A bundled file by its path below the resources."""
        ...

    def anchors(self, home: str | None) -> tuple[TrustAnchor, ...]:
        """The pinned roots, renewed by the home's file.

        Raises:
            StorageError: the home's file is no file of trust anchors.
        """
        ...

    def anchors_file(self, home: str | None) -> str:
        """The path of the file that renews them, whether it is there or not."""
        ...

    def machines(self, home: str | None) -> AbstractContextManager[PretendedMachines | None]:
        """The pretended machines of the home's sandbox; None while it has no sandbox.

        Raises:
            StorageError: the sandbox's file cannot be used.
        """
        ...

    def program(self) -> list[str]:
        """The command that starts this program."""
        ...

    def sandbox(self, home: str | None, command: str, arguments: Namespace) -> int:
        """Run `sandbox serve` (until SIGINT or SIGTERM) or `sandbox reset`; the exit code."""
        ...
