"""What the command line asks for, built only then; cheap to import."""

from __future__ import annotations

import sys
from contextlib import contextmanager

# The program's version is printed through here too, and `typing` costs more than all of that.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.secret import Secret
    from sealwright.services.bundle import Services
    from sealwright.services.ports import PretendedMachines, Signer


class CommandWorld:
    """The port `World` of the command line."""

    def services(self, home: str | None) -> AbstractAsyncContextManager[Services]:
        """The services of a home, opened for as long as the context lasts."""
        from sealwright.composition.opening import services_of  # noqa: PLC0415 - heavy
        from sealwright.store.home import find_home  # noqa: PLC0415 - as above

        return services_of(find_home(home))

    def key_file_signer(
        self, key: bytes, certificates: bytes, passphrase: Secret[str] | None
    ) -> Signer:
        """A signer over a key file, checked in full."""
        from sealwright.vault.key_file import read_key_file  # noqa: PLC0415 - heavy

        return read_key_file(key, certificates, passphrase)

    def resource(self, name: str) -> bytes:
        """A bundled file by its path below the resources."""
        from sealwright.store.resources import resource_bytes  # noqa: PLC0415 - few need it

        return resource_bytes(name)

    def anchors(self, home: str | None) -> tuple[TrustAnchor, ...]:
        """The pinned roots, renewed by the home's file."""
        from sealwright.composition.vendors import pinned_anchors  # noqa: PLC0415 - heavy
        from sealwright.store.home import find_home  # noqa: PLC0415 - as above

        return pinned_anchors(find_home(home))

    def anchors_file(self, home: str | None) -> str:
        """The path of the file that renews them, whether it is there or not."""
        from sealwright.store.home import find_home  # noqa: PLC0415 - few need it

        return str(find_home(home).trust_anchors)

    @contextmanager
    def machines(self, home: str | None) -> Iterator[PretendedMachines | None]:
        """The pretended machines of the home's sandbox; None while it has no sandbox."""
        from sealwright.store.home import find_home  # noqa: PLC0415 - few need it

        path = find_home(home).sandbox / "sandbox.db"
        if not path.exists():
            yield None
            return
        from sealwright.sandbox.attestation.roots import Machines  # noqa: PLC0415 - heavy
        from sealwright.sandbox.state import State  # noqa: PLC0415 - as above

        found = Machines(State(path))
        try:
            yield found
        finally:
            found.close()

    def program(self) -> list[str]:
        """The command that starts this program."""
        frozen = bool(getattr(sys, "frozen", False))
        return [sys.executable] if frozen else [sys.executable, "-m", "sealwright"]

    def sandbox(self, home: str | None, command: str, arguments: Namespace) -> int:
        """Run `sandbox serve` or `sandbox reset`; the exit code."""
        from dataclasses import replace  # noqa: PLC0415 - heavy

        from sealwright.composition.resetting import reset_sandbox  # noqa: PLC0415 - heavy
        from sealwright.composition.vendors import vendors  # noqa: PLC0415 - heavy
        from sealwright.sandbox.serving.serve import ServeRequest, serve  # noqa: PLC0415 - heavy
        from sealwright.sandbox.vendors import TcbRule  # noqa: PLC0415 - heavy
        from sealwright.store.clock import SystemClock  # noqa: PLC0415 - with it
        from sealwright.store.home import find_home  # noqa: PLC0415 - with it

        place = find_home(home)
        if command == "reset":
            reset_sandbox(place)
            return 0
        request = ServeRequest(
            host=arguments.host,
            port=arguments.port,
            providers=tuple(arguments.provider),
            open_to_all=arguments.open,
            operator=arguments.operator,
            ready_file=arguments.ready_file,
            tenants=tuple(arguments.tenant),
        )
        judged = replace(vendors(place), rule=TcbRule(arguments.tcb))
        return serve(place.sandbox, SystemClock(), request, judged)
