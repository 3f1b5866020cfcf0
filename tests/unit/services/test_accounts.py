"""Accounts: kept without secrets, several at once, and which of them calls what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.simulated_identity import CLOUD
from helpers.simulators import World
from sealwright.errors import SignInError, StorageError, UsageError
from sealwright.secret import Secret
from sealwright.services.accounts.accounts import NewAccount
from sealwright.services.network import NetworkSettings, ProxyMode, read_network
from sealwright.services.ports import CloudSettings, Method, Prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sealwright.services.accounts.accounts import AccountsService
    from sealwright.services.bundle import Services

OTHER = replace(CLOUD, name="Azure US Government", suffix="attest.azure.us")


def ignore(_prompt: Prompt) -> None:
    """A person who needs no telling."""


def play(scene: Callable[[World, Services], Coroutine[object, object, None]]) -> None:
    async def run() -> None:
        world = World()
        world.account_clouds = (CLOUD, OTHER)
        services = world.services()
        await world.accounts.load()
        await scene(world, services)

    anyio.run(run)


async def add(
    world: World, accounts: AccountsService, name: str, *, cloud: str = CLOUD.name
) -> str:
    world.identity.name = name
    return (await accounts.add(NewAccount(cloud, Method.BROWSER), ignore)).profile.id


def test_an_account_is_kept_without_its_secret_and_is_there_after_a_restart() -> None:
    async def scene(world: World, services: Services) -> None:
        new = NewAccount(
            CLOUD.name, Method.SECRET, tenant="t", client_id="app", secret=Secret("hunter2")
        )
        made = await services.accounts.add(new, ignore)
        assert "hunter2" not in json.dumps(world.settings.kept)

        again = world.services().accounts
        await world.accounts.load()
        assert [one.profile for one in again.list()] == [made.profile]
        assert world.log.rows[-1].what == "Sign in"
        assert "hunter2" not in repr(world.log.rows)

    play(scene)


def test_a_refused_sign_in_keeps_nothing_but_its_row_in_the_log() -> None:
    async def scene(world: World, services: Services) -> None:
        world.identity.refusals.append(SignInError("Conditional Access blocks this sign-in."))
        with pytest.raises(SignInError):
            await add(world, services.accounts, "mira@contoso.com")
        assert services.accounts.list() == ()
        assert world.log.rows[-1].result == "refused"

    play(scene)


def test_each_subscription_is_called_by_the_account_that_reaches_it() -> None:
    async def scene(world: World, services: Services) -> None:
        mira = await add(world, services.accounts, "mira@contoso.com")
        pia = await add(world, services.accounts, "pia@fabrikam.com")
        await world.accounts.note(world.accounts.source(pia), ("SUB-F", "sub-both"))
        await world.accounts.note(world.accounts.source(mira), ("sub-c", "sub-both"))

        def caller(subscription: str) -> str:
            found = services.accounts.calling(CLOUD.name, subscription)
            return found.profile.name if found else ""

        assert caller("sub-f") == "pia@fabrikam.com"
        assert caller("sub-c") == "mira@contoso.com"
        assert caller("sub-both") == "pia@fabrikam.com"  # Whoever was seen first keeps it.
        assert caller("unknown") == "mira@contoso.com"
        await services.accounts.choose(pia)
        assert caller("unknown") == "pia@fabrikam.com"
        assert caller("sub-c") == "mira@contoso.com"

        await services.accounts.remove(pia)
        assert caller("sub-f") == "mira@contoso.com"
        assert world.identity.forgotten == ["pia@fabrikam.com"]

    play(scene)


def test_an_account_never_calls_another_cloud() -> None:
    async def scene(world: World, services: Services) -> None:
        await add(world, services.accounts, "mira@contoso.com")
        assert services.accounts.calling(OTHER.name, "") is None
        await add(world, services.accounts, "mira@contoso.us", cloud=OTHER.name)
        found = services.accounts.calling(OTHER.name, "")
        assert found is not None
        assert found.profile.name == "mira@contoso.us"

    play(scene)


def test_the_same_account_again_takes_the_place_of_the_old_one() -> None:
    async def scene(world: World, services: Services) -> None:
        first = await add(world, services.accounts, "mira@contoso.com")
        second = await add(world, services.accounts, "mira@contoso.com")
        assert [one.profile.id for one in services.accounts.list()] == [second]
        assert first != second
        assert world.identity.forgotten == ["mira@contoso.com"]

    play(scene)


def test_a_tenant_is_switched_silently_or_with_the_person() -> None:
    async def scene(world: World, services: Services) -> None:
        prompts: list[Prompt] = []
        mira = await add(world, services.accounts, "mira@contoso.com")
        moved = await services.accounts.switch_tenant(mira, "fabrikam.com", prompts.append)
        assert (moved.profile.tenant, prompts) == ("fabrikam.com", [])

        world.identity.refusals.append(SignInError("MFA", needs_person=True))
        moved = await services.accounts.switch_tenant(mira, "tailspin.com", prompts.append)
        assert moved.profile.tenant == "tailspin.com"
        assert len(prompts) == 1

        world.identity.refusals.append(SignInError("not known in this tenant"))
        with pytest.raises(SignInError):
            await services.accounts.switch_tenant(mira, "woodgrove.com", prompts.append)
        assert services.accounts.list()[0].profile.tenant == "tailspin.com"

    play(scene)


def test_a_secret_that_cannot_be_forgotten_keeps_its_account() -> None:
    async def scene(world: World, services: Services) -> None:
        mira = await add(world, services.accounts, "mira@contoso.com")

        async def locked(_profile: object) -> None:
            raise StorageError("The keyring is locked.")

        world.identity.forget = locked  # type: ignore[assignment, method-assign] # a test's own refusal
        with pytest.raises(StorageError):
            await services.accounts.remove(mira)
        assert len(services.accounts.list()) == 1

    play(scene)


def test_a_cloud_of_ones_own_is_kept_and_takes_its_accounts_along() -> None:
    async def scene(world: World, services: Services) -> None:
        own = CloudSettings(
            name="Lab",
            authority="https://login.lab.example",
            arm_endpoint="https://arm.lab.example",
            arm_scope="https://management.azure.com/.default",
            attest_scope="https://attest.azure.net/.default",
            suffix="attest.lab.example",
        )
        await services.accounts.add_cloud(own)
        await add(world, services.accounts, "mira@lab.example", cloud="lab")
        again = world.services().accounts
        await world.accounts.load()
        assert [one.profile.name for one in again.list()] == ["mira@lab.example"]

        await again.remove_cloud("Lab")
        assert again.list() == ()
        assert [cloud.name for cloud in again.clouds()] == [CLOUD.name, OTHER.name]

    play(scene)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": CLOUD.name},
        {"name": " "},
        {"authority": "http://login.lab.example"},
        {"arm_endpoint": "https://arm.lab.example/"},
        {"suffix": ""},
    ],
)
def test_a_cloud_that_cannot_be_is_refused(changes: dict[str, str]) -> None:
    async def scene(_world: World, services: Services) -> None:
        own = replace(CLOUD, name="Lab", suffix="lab.example")
        with pytest.raises(UsageError):
            await services.accounts.add_cloud(replace(own, **changes))  # type: ignore[arg-type] # texts only
        with pytest.raises(UsageError):
            await services.accounts.remove_cloud(CLOUD.name)

    play(scene)


def test_an_account_of_a_newer_program_is_refused_not_lost() -> None:
    async def scene(world: World, _services: Services) -> None:
        kept = '[{"id": "x", "cloud": "Azure public", "method": "passkey", "name": "mira"}]'
        world.settings.kept["accounts"] = kept
        with pytest.raises(StorageError, match="not known here"):
            await world.accounts.load()
        assert world.settings.kept["accounts"] == kept

    play(scene)


def test_network_settings_keep_the_password_with_the_user_it_is_for() -> None:
    async def scene(world: World, services: Services) -> None:
        mine = NetworkSettings(ProxyMode.MANUAL, "http://proxy:3128", "mira")
        await services.network.save(mine, Secret("hunter2"))
        assert "hunter2" not in json.dumps(world.settings.kept)

        files = replace(mine, ca_files=("/etc/contoso.pem",))
        await services.network.save(files)
        assert world.applied[-1] == (files, Secret("hunter2"))

        await services.network.save(replace(files, proxy_user="pia"))
        assert world.applied[-1][1] is None
        assert world.credentials.kept == {}

        await services.network.save(NetworkSettings(ca_files=files.ca_files))
        assert await read_network(world.settings) == NetworkSettings(ca_files=files.ca_files)
        with pytest.raises(UsageError):
            await services.network.save(NetworkSettings(ProxyMode.MANUAL))

    play(scene)
