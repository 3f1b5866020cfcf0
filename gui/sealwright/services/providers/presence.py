"""Whether a provider is where it should or should not be, as Resource Manager says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sealwright.errors import BadAnswerError, RefusedError, RejectedError, UsageError

if TYPE_CHECKING:
    from sealwright.services.model import Provider
    from sealwright.services.ports import Cloud, ManagementApi, NewProvider

_NOT_FOUND: Final = 404


async def require_free(management: ManagementApi, new: NewProvider) -> None:
    """Nothing of this name is in the group: ARM would take the PUT and answer with what is there.

    Raises:
        UsageError: a provider of this name is there.
    """
    if await _is_there(management, new):
        raise UsageError(
            f"There is a provider `{new.name}` in the resource group `{new.resource_group}` "
            "already; nothing was made or changed.",
            hint="Refresh the list of providers to see it, or choose another name.",
        )


async def holder_of(
    management: ManagementApi, subscription: str, group: str, name: str
) -> Provider | None:
    """The provider that has this name in a subscription, as far as the account can see.

    Resource Manager has no call that asks for a name (spec rest-api, 8.1). Who may not list the
    subscription still sees the group.
    """
    try:
        found = await management.providers(subscription)
    except RefusedError:
        if not group:
            raise
        return await _found(management, subscription, group, name)
    return next((each for each in found if each.name.lower() == name.lower()), None)


async def require_gone(management: ManagementApi, provider: Provider) -> None:
    """It cannot be found any more.

    Raises:
        BadAnswerError: it is still there.
    """
    if await _is_there(management, provider):
        raise BadAnswerError(f"`{provider.name}` is still there after it was deleted.")


async def reached_by(account: Cloud) -> tuple[Provider, ...]:
    """All providers that one account can see; remembers what it reaches."""
    management = account.management()
    subscriptions = await management.subscriptions()
    await account.note(tuple(each.id for each in subscriptions))
    found: list[Provider] = []
    for subscription in subscriptions:
        found += await management.default_providers(subscription.id)
        own = await management.providers(subscription.id)
        found += [replace(each, subscription_name=subscription.name) for each in own]
    return tuple(found)


async def _is_there(management: ManagementApi, one: NewProvider | Provider) -> bool:
    return await _found(management, one.subscription, one.resource_group, one.name) is not None


async def _found(
    management: ManagementApi, subscription: str, group: str, name: str
) -> Provider | None:
    try:
        return await management.provider(subscription, group, name)
    except RejectedError as error:
        if error.status == _NOT_FOUND:
            return None
        raise
