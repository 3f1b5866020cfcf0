"""Registering the namespace where two accounts are signed in: each subscription by its own."""

from __future__ import annotations

import anyio

from helpers.scripted import Scripted, answer
from helpers.simulated_identity import CLOUD, SimulatedIdentity
from helpers.simulators import World
from sealwright.azure.clouds import AzureCloud
from sealwright.identity.anonymous import Anonymous
from sealwright.services.accounts.account_list import AccountList
from sealwright.services.ports import AccountProfile, Method
from sealwright.services.providers.endpoints import EndpointsService
from sealwright.services.reaching.reach import Clouds

FIRST = "00000000-0000-0000-0000-000000000001"
SECOND = "00000000-0000-0000-0000-000000000002"


def test_the_account_that_sees_the_subscription_asks_and_registers() -> None:
    async def scene() -> None:
        world = World()
        script = Scripted(
            answer({"registrationState": "NotRegistered"}),
            answer({"registrationState": "Registering"}),
            answer({"registrationState": "Registered"}),
        )
        listed = AccountList(SimulatedIdentity(), world.settings, (CLOUD,))
        for name, subscription in (("mira", FIRST), ("ops", SECOND)):
            profile = AccountProfile(
                id=name, cloud=CLOUD.name, method=Method.BROWSER, tenant=name, name=name
            )
            await listed.keep(profile)
            await listed.note(listed.source(name), (subscription,))
        cloud = AzureCloud(CLOUD, script, Anonymous(), listed)
        service = EndpointsService(Clouds([cloud]), world.log)

        assert await service.registration(CLOUD.name, SECOND) == "NotRegistered"
        assert await service.register(CLOUD.name, SECOND) == "Registering"
        assert await service.registration(CLOUD.name, FIRST) == "Registered"

        callers = [request.headers["Authorization"] for request in script.requests]
        assert callers == ["Bearer token of ops", "Bearer token of ops", "Bearer token of mira"]
        verbs = [request.method for request in script.requests]
        assert verbs == ["GET", "POST", "GET"]
        assert f"/subscriptions/{SECOND}/" in script.requests[1].url

    anyio.run(scene)
