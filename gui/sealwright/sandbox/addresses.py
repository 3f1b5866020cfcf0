"""Where an in-process sandbox answers: host names that exist nowhere (RFC 2606, `.invalid`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.sandbox.wire import Site

if TYPE_CHECKING:
    from sealwright.sandbox.directory import Directory
    from sealwright.sandbox.records import ProviderRecord

DOMAIN: Final = "sandbox.invalid"
MANAGEMENT: Final = f"https://arm.{DOMAIN}"
AUTHORITY: Final = f"https://login.{DOMAIN}"
RESERVED: Final = frozenset({"arm", "login", "www"})


class InProcessAddresses:
    """A provider is `https://{name}.sandbox.invalid`; no port is open anywhere."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    @property
    def management(self) -> str:
        """ARM's address."""
        return MANAGEMENT

    @property
    def authority(self) -> str:
        """The authority's address."""
        return AUTHORITY

    def attest_uri(self, provider: ProviderRecord) -> str:
        """The address of a provider."""
        return f"https://{provider.name.lower()}.{DOMAIN}"

    def reserved(self, name: str) -> bool:
        """Whether the sandbox itself has the name."""
        return name.lower() in RESERVED

    def resolve(self, host: str, port: int) -> Site | None:  # noqa: ARG002 - names decide here
        """What stands at a host name."""
        name = host.partition(":")[0].lower()
        if f"https://{name}" in (MANAGEMENT, AUTHORITY):
            return Site(f"https://{name}")
        label = name.removesuffix(f".{DOMAIN}")
        provider = self._directory.by_name(label) if label != name else None
        return None if provider is None else Site(self.attest_uri(provider), provider.name)

    def opened(self, provider: ProviderRecord) -> None:
        """Nothing to do: names are looked up."""

    def closed(self, provider: ProviderRecord) -> None:
        """Nothing to do: names are looked up."""
