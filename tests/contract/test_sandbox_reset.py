"""`sandbox reset` leaves no provider behind that the sandbox does not have any more."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import anyio

from sealwright.composition.commands import CommandWorld
from sealwright.services.model import Provider, TrustModel
from sealwright.store.database import Database
from sealwright.store.home import Home, find_home
from sealwright.store.providers import StoredProviders

if TYPE_CHECKING:
    from pathlib import Path


def provider(name: str, cloud: str) -> Provider:
    return Provider(
        id=name,
        name=name,
        attest_uri=f"https://{name}.invalid",
        trust_model=TrustModel.AAD,
        location="",
        status="Ready",
        cloud=cloud,
    )


async def known(home: Home, *added: Provider) -> list[str]:
    database = Database(home)
    directory = StoredProviders(database)
    await directory.change(added, ())
    names = [each.name for each in await directory.providers()]
    await database.close()
    return names


def test_only_providers_of_the_sandbox_are_forgotten(tmp_path: Path) -> None:
    home = find_home(str(tmp_path / "home"))
    before = anyio.run(known, home, provider("local", "Sandbox"), provider("far", "Public"))
    assert before == ["far", "local"]

    assert CommandWorld().sandbox(str(home.root), "reset", Namespace()) == 0

    assert anyio.run(known, home) == ["far"]


def test_a_home_without_a_database_stays_without(tmp_path: Path) -> None:
    home = find_home(str(tmp_path / "home"))
    assert CommandWorld().sandbox(str(home.root), "reset", Namespace()) == 0
    assert not home.database.exists()
