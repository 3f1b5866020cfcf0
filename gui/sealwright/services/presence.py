"""Whether a provider is where it should or should not be, as Resource Manager says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sealwright.errors import BadAnswerError, RejectedError, UsageError

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
    try:
        await management.provider(one.subscription, one.resource_group, one.name)
    except RejectedError as error:
        if error.status == _NOT_FOUND:
            return False
        raise
    return True
