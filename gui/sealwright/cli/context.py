"""What a running command works with: its output, its inputs, and the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sealwright.cli.output import Output
from sealwright.cli.passphrases import read_passphrase
from sealwright.waits import waits_told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.cli.options import Options
    from sealwright.cli.world import World
    from sealwright.services.bundle import Services

T = TypeVar("T")


class Context:
    """One command's run."""

    def __init__(self, options: Options, world: World) -> None:
        self.options = options
        self.world = world
        self.output = Output(options.form)
        self._wait_told = False

    def with_services(self, job: Callable[[Services], Awaitable[T]]) -> T:
        """Run `job` on an event loop with the services of the home, and close them."""
        import anyio  # noqa: PLC0415 - commands without services need no loop

        async def run() -> T:
            with waits_told(self._on_wait):
                return await work()

        async def work() -> T:
            async with self.world.services(self.options.home) as services:
                await self._open_vault(services)
                return await job(services)

        return anyio.run(run)

    def _on_wait(self, seconds: float) -> None:
        """Say once that a silence is the service's wish; many reads at a time would repeat it."""
        if seconds >= 1 and not self._wait_told:
            self._wait_told = True
            self.output.note(f"The service asks to wait {seconds:.0f} s; trying again…")

    async def _open_vault(self, services: Services) -> None:
        if self.options.vault_passphrase_file:
            passphrase = read_passphrase(self.options.vault_passphrase_file)
            await services.vault.choose("file", passphrase)
