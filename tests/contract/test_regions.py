"""A region fails, over TLS: it is recognised, said once, and what still works is proven."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.relay import relay_to
from helpers.served_sandbox import served_sandbox
from helpers.wired import wired
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import RejectedError, UnreachableError
from sealwright.services.ports import PrivateEndpointConnection
from sealwright.services.providers.regions import RegionsService
from sealwright.services.providers.rights import RightsService

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from helpers.served_sandbox import ServedSandbox
    from helpers.wired import Wired
    from sealwright.services.model import Provider
    from sealwright.services.reaching.reach import Clouds

    Play = Callable[[Callable[[Wired], Awaitable[None]]], None]

SGX = AttestationType.SGX_ENCLAVE
NAME = "regional"
TEXT = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"
PATIENCE = 2.0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("served")
    with served_sandbox(home, "--operator", "--provider", f"{NAME}:AAD") as running:
        yield running


@pytest.fixture
def play(served: ServedSandbox) -> Play:
    def run(scene: Callable[[Wired], Awaitable[None]]) -> None:
        async def on_stage() -> None:
            async with wired(served, relay, NAME) as stage:
                try:
                    await scene(stage)
                finally:
                    await stage.operate("region", {"failedOver": False})

        with relay_to(served.attest_uri(NAME)) as relay:
            anyio.run(on_stage)

    return run


def whole(stage: Wired) -> Provider:
    """The provider with what ARM needs to be asked about it."""
    parts = stage.provider.resource_id.split("/")
    return replace(stage.provider, subscription=parts[2], resource_group=parts[4])


def clouds_of(stage: Wired) -> Clouds:
    return stage.services.regions._clouds  # noqa: SLF001 - the same clouds, less patience


def regions(stage: Wired) -> RegionsService:
    return RegionsService(clouds_of(stage), stage.world.clock, PATIENCE)


def test_a_failed_region_is_told_from_a_failed_call(play: Play) -> None:
    async def scene(stage: Wired) -> None:
        provider, service = whole(stage), regions(stage)
        assert (await service.look(provider)).whole
        assert await service.after(provider, UnreachableError("503.", status=503)) is None
        await stage.operate("region", {"failedOver": True})
        assert await service.after(provider, RejectedError("No.", status=400)) is None
        state = await service.after(provider, UnreachableError("503.", status=503))
        assert state is not None
        assert state.failed_over
        assert "sandbox has failed over" in state.words
        assert "cannot be made, changed or deleted" in state.refusal
        assert service.state_of(provider.cloud, provider.location) == state
        rights = await RightsService(clouds_of(stage), PATIENCE).of(provider)
        assert isinstance(rights.problem, UnreachableError), "what the window sees first"
        again = await service.after(provider, UnreachableError("503.", status=503))
        assert again is None, "said once"
        assert await service.recovered(provider) is None
        await stage.operate("region", {"failedOver": False})
        back = await service.recovered(provider)
        assert back is not None
        assert back.whole
        assert service.state_of(provider.cloud, provider.location) is None
        assert await service.recovered(provider) is None, "said once"

    play(scene)


def test_the_pair_answers_under_the_same_name_and_a_change_is_proven(play: Play) -> None:
    async def scene(stage: Wired) -> None:
        policies = stage.services.policies
        before = await policies.deployed(stage.provider.id, SGX)
        assert before.trusted
        await stage.operate("region", {"failedOver": True})
        served_by_pair = await policies.deployed(stage.provider.id, SGX)
        assert served_by_pair.trusted, "the pair's key is found in the provider's own key set"
        assert served_by_pair.policy_hash == before.policy_hash
        review = await policies.review(TEXT.encode(), stage.provider.id, SGX)
        outcome = await (await policies.start(review, None)).run()
        assert outcome.proven
        await stage.operate("region", {"failedOver": False})
        after = await policies.deployed(stage.provider.id, SGX)
        assert after.text == TEXT, "what the pair took is there when the region is back"

    play(scene)


def test_rights_are_read_from_roles(play: Play) -> None:
    async def scene(stage: Wired) -> None:
        rights = await stage.services.rights.of(whole(stage))
        assert rights.known
        assert rights.words.endswith("change the provider and delete the provider.")
        await stage.operate("roles", {"roles": [{"role": "Attestation Reader"}]})
        try:
            fewer = await stage.services.rights.of(whole(stage))
            assert "Attestation Contributor" in fewer.refusal(
                "Microsoft.Attestation/attestationProviders/attestation/write"
            )
            assert not fewer.refusal("Microsoft.Attestation/attestationProviders/attestation/read")
        finally:
            await stage.operate("roles", {"roles": [{"role": "Owner"}]})

    play(scene)


def test_private_endpoints_are_approved_rejected_and_removed(play: Play) -> None:
    async def scene(stage: Wired) -> None:
        provider, endpoints = whole(stage), stage.services.endpoints
        management = stage.services.regions._clouds.of(provider).management()  # noqa: SLF001 - to make one
        waiting = PrivateEndpointConnection("", "pe-1", "Pending", "please", "/sub/pe", "")
        await management.set_private_endpoint_connection(provider, waiting)
        assert [each.status for each in await endpoints.list(provider)] == ["Pending"]
        approved = await endpoints.decide(provider, "pe-1", approve=True)
        assert (approved.status, approved.description) == ("Approved", "please")
        rejected = await endpoints.decide(provider, "pe-1", approve=False, description="no")
        assert (rejected.status, rejected.description) == ("Rejected", "no")
        await endpoints.remove(provider, "pe-1")
        assert await endpoints.list(provider) == ()
        results = [(row.what, row.result) for row in stage.world.log.rows]
        assert ("Approve private endpoint pe-1", "proven") in results

    play(scene)
