"""Private endpoint connections of a provider, and the registration of the namespace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sealwright.errors import AppError, BadAnswerError, UsageError
from sealwright.services.model import NewActivity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sealwright.services.model import Provider
    from sealwright.services.ports import ActivityLog, ManagementApi, PrivateEndpointConnection
    from sealwright.services.reaching.reach import Clouds

APPROVED: Final = "Approved"
REJECTED: Final = "Rejected"
REGISTERED: Final = "Registered"


class EndpointsService:
    """What hangs on a provider in Resource Manager besides its own properties."""

    def __init__(self, clouds: Clouds, log: ActivityLog) -> None:
        self._clouds = clouds
        self._log = log

    async def list(self, provider: Provider) -> tuple[PrivateEndpointConnection, ...]:
        """All connections.

        Raises:
            UsageError: the provider is known by its address only.
            ServiceError: refused, rejected, unreachable.
        """
        return await self._management(provider).private_endpoint_connections(provider)

    async def decide(
        self, provider: Provider, name: str, *, approve: bool, description: str = ""
    ) -> PrivateEndpointConnection:
        """Approve or reject a connection; read back before it is shown.

        Raises:
            UsageError: there is no such connection.
            BadAnswerError: it is not as it was asked for.
        """
        status = APPROVED if approve else REJECTED
        management = self._management(provider)

        async def change() -> None:
            connection = await self._connection(provider, name)
            wanted = replace(
                connection, status=status, description=description or connection.description
            )
            await management.set_private_endpoint_connection(provider, wanted)
            if (await self._connection(provider, name)).status != status:
                raise BadAnswerError(f"The connection `{name}` is not {status.lower()} afterwards.")

        verb = "Approve" if approve else "Reject"
        await self._logged(provider, f"{verb} private endpoint {name}", change)
        return await self._connection(provider, name)

    async def remove(self, provider: Provider, name: str) -> None:
        """Remove a connection.

        Raises:
            BadAnswerError: it is still there afterwards.
        """
        management = self._management(provider)

        async def change() -> None:
            await management.delete_private_endpoint_connection(provider, name)
            left = await management.private_endpoint_connections(provider)
            if any(each.name.lower() == name.lower() for each in left):
                raise BadAnswerError(f"The connection `{name}` is still there.")

        await self._logged(provider, f"Remove private endpoint {name}", change)

    async def registration(self, cloud: str, subscription: str) -> str:
        """`Registered` when providers can be made in a subscription."""
        return await self._acting(cloud, subscription).registration_state(subscription)

    async def register(self, cloud: str, subscription: str) -> str:
        """Register `Microsoft.Attestation` in a subscription; the new state."""
        return await self._acting(cloud, subscription).register(subscription)

    # --- inside ---------------------------------------------------------------------------------

    def _acting(self, cloud: str, subscription: str) -> ManagementApi:
        return self._clouds.named(cloud).acting_for(subscription).management()

    def _management(self, provider: Provider) -> ManagementApi:
        if not provider.resource_id:
            raise UsageError(
                f"`{provider.name}` is known by its address only; its resource is not.",
                hint="Sign in with an account that can read it in Resource Manager, and refresh.",
            )
        return self._clouds.of(provider).management()

    async def _connection(self, provider: Provider, name: str) -> PrivateEndpointConnection:
        for each in await self.list(provider):
            if each.name.lower() == name.lower():
                return each
        raise UsageError(
            f"`{provider.name}` has no private endpoint connection `{name}`.",
            hint="Refresh the list of connections.",
        )

    async def _logged(
        self, provider: Provider, what: str, change: Callable[[], Awaitable[None]]
    ) -> None:
        who = self._clouds.of(provider).account
        try:
            await change()
        except AppError as error:
            refused = error.code in ("Refused", "Rejected")
            entry = NewActivity(
                who, provider.name, what, "refused" if refused else "failed", detail=error.summary
            )
            await self._log.append(entry)
            raise
        await self._log.append(NewActivity(who, provider.name, what, "proven"))
