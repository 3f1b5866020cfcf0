"""The port `Network`: the ways of the one transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.azure.probe import way_to

if TYPE_CHECKING:
    from sealwright.azure.http import HttpxTransport
    from sealwright.azure.probe import Probe


class Ways:
    """Opens the way to a host exactly as the transport would."""

    def __init__(self, transport: HttpxTransport) -> None:
        self._transport = transport

    async def way_to(self, url: str) -> Probe | None:
        """The way to the host of an address; None for what runs in this process."""
        return await way_to(self._transport.options, self._transport.trust, url)
