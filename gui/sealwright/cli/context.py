"""What a running command works with: its output, its inputs, and the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sealwright.cli.output import Output
from sealwright.cli.passphrases import read_passphrase

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

    def with_services(self, job: Callable[[Services], Awaitable[T]]) -> T:
        """Run `job` on an event loop with the services of the home, and close them."""
        import anyio  # noqa: PLC0415 - commands without services need no loop

        async def run() -> T:
            async with self.world.services(self.options.home) as services:
                await self._open_vault(services)
                return await job(services)

        return anyio.run(run)

    async def _open_vault(self, services: Services) -> None:
        if self.options.vault_passphrase_file:
            passphrase = read_passphrase(self.options.vault_passphrase_file)
            await services.vault.choose("file", passphrase)
