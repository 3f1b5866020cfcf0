"""Providers: found, read part by part, made and deleted, each proven before it is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import anyio
import pytest

from helpers.memory_vault import policy_certificate
from helpers.simulators import World
from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.errors import BadAnswerError, RefusedError, UnreachableError, UsageError
from sealwright.services.model import PolicyState, TrustModel
from sealwright.services.ports import NewProvider
from sealwright.services.reaching.overview import PolicyCell, SignerSummary
from sealwright.tokens.policy_jws import unsecured_policy

SGX = AttestationType.SGX_ENCLAVE


def test_overview_tells_of_each_part_as_it_comes() -> None:
    async def scene() -> None:
        world = World()
        world.open.policies[SGX] = unsecured_policy("version= 1.0; // ours\n")
        world.open.faults.fail_before("get_policy", RefusedError("no role", status=401))
        parts: list[object] = []
        overview = await world.services().providers.overview(
            world.open.provider.id, lambda _, part: parts.append(part)
        )
        assert len(parts) == len(MAIN_TYPES) + 1
        assert sum(isinstance(part, SignerSummary) for part in parts) == 1
        states = {cell.attestation_type: cell.state for cell in overview.cells}
        assert list(states) == list(MAIN_TYPES)
        assert list(states.values()).count(PolicyState.UNREADABLE) == 1
        assert world.open.calls.count("signing_keys") == 1

    anyio.run(scene)


def test_states_of_policies() -> None:
    async def scene() -> None:
        world = World()
        world.open.policies[SGX] = unsecured_policy("version= 1.0; // ours\n")
        overview = await world.services().providers.overview(world.open.provider.id)
        states = {cell.attestation_type: cell.state for cell in overview.cells}
        assert states[SGX] is PolicyState.CUSTOM
        assert states[AttestationType.OPEN_ENCLAVE] is PolicyState.DEFAULT
        assert states[AttestationType.TPM] is PolicyState.NONE

    anyio.run(scene)


def test_keys_that_cannot_be_read_make_every_part_unreadable() -> None:
    async def scene() -> None:
        world = World()
        gone = UnreachableError("gone")
        world.isolated.faults.fail_before("signing_keys", gone)
        overview = await world.services().providers.overview(world.isolated.provider.id)
        assert {cell.state for cell in overview.cells} == {PolicyState.UNREADABLE}
        assert overview.signers.problem is gone

    anyio.run(scene)


def test_drift_shows_until_it_is_overwritten_and_not_for_what_was_never_ours() -> None:
    async def scene() -> None:
        world = World()
        services = world.services()
        id_ = world.open.provider.id

        async def cell() -> PolicyCell:
            return (await services.providers.overview(id_, types=(SGX,))).cells[0]

        world.open.policies[SGX] = unsecured_policy("version= 1.0; // theirs\n")
        assert not (await cell()).drifted
        review = await services.policies.review(b"version= 1.0; // ours\n", id_, SGX)
        assert (await (await services.policies.start(review, None)).run()).proven
        assert not (await cell()).drifted
        world.open.policies[SGX] = unsecured_policy("version= 1.0; // theirs again\n")
        assert (await cell()).drifted
        assert (await cell()).drifted
        review = await services.policies.review_reset(id_, SGX)
        assert (await (await services.policies.start(review, None)).run()).proven
        assert not (await cell()).drifted, "the reset was ours"
        world.open.policies[SGX] = unsecured_policy("version= 1.0; // theirs once more\n")
        assert (await cell()).drifted

    anyio.run(scene)


def test_a_policy_that_was_seen_is_kept_and_seen_again_only_when_it_is_another() -> None:
    async def scene() -> None:
        world = World()
        services = world.services()
        id_ = world.open.provider.id

        async def kept() -> list[str]:
            await services.providers.overview(id_, types=(SGX,))
            return [row.text for row in world.history.rows]

        first, second = "version= 1.0; // one\n", "version= 1.0; // two\n"
        world.open.policies[SGX] = unsecured_policy(first)
        assert await kept() == [first]
        assert await kept() == [first]
        world.open.policies[SGX] = unsecured_policy(second)
        assert await kept() == [first, second]

    anyio.run(scene)


def test_signers_are_counted_with_the_next_expiry() -> None:
    async def scene() -> None:
        world = World()
        world.isolated.certificates.append(policy_certificate("elsewhere"))
        overview = await world.services().providers.overview(world.isolated.provider.id)
        assert (overview.signers.count, overview.signers.here) == (2, 1)
        assert overview.signers.next_expiry is not None
        assert "get_certificates" not in world.open.calls

    anyio.run(scene)


def test_a_refresh_learns_the_name_of_the_subscription() -> None:
    async def scene() -> None:
        providers = World().services().providers
        found = {each.name: each for each in (await providers.refresh()).providers}
        made = await providers.create("Simulated", new_provider())
        tagged = await providers.update(found["open"].id, tags={"owner": "Zoë"})

        named = (found["open"], found["isolated"], tagged, made)
        assert {each.subscription_name for each in named} == {"Tests"}
        assert made in await providers.known()

    anyio.run(scene)


def test_refresh_forgets_what_is_gone_and_keeps_what_a_broken_cloud_had() -> None:
    async def scene() -> None:
        world = World()
        services = world.services()
        del world.cloud.known["open"]
        found = await services.providers.refresh()
        assert {each.name for each in found.providers} == {"shared", "isolated"}
        assert all(each.last_seen == world.clock.now() for each in found.providers)

        broken = world.cloud.management()
        problem = UnreachableError("down")

        async def down() -> tuple[()]:
            raise problem

        broken.subscriptions = down  # type: ignore[method-assign]  # a stand-in
        world.cloud.management = lambda: broken  # type: ignore[method-assign]  # a stand-in
        found = await services.providers.refresh()
        assert len(found.providers) == 2
        assert found.problems == ((world.cloud.name, problem),)

    anyio.run(scene)


def test_provider_is_found_by_name_uri_and_id() -> None:
    async def scene() -> None:
        world = World()
        find = world.services().providers.find
        expected = world.open.provider
        assert await find("OPEN") == expected
        assert await find(expected.attest_uri + "/") == expected
        assert await find(expected.id) == expected
        with pytest.raises(UsageError, match="no provider `nobody`"):
            await find("nobody")
        twin = replace(expected, id="other", attest_uri="https://open.x.attest.azure.net")
        await world.directory.put(twin)
        with pytest.raises(UsageError, match="2 providers"):
            await find("open")

    anyio.run(scene)


def test_unknown_address_is_asked_what_it_is() -> None:
    async def scene() -> None:
        world = World()
        world.directory.kept.clear()
        providers = world.services().providers
        found = await providers.find(world.isolated.attest_uri)
        assert found.trust_model is TrustModel.ISOLATED
        assert (await providers.session(found.id)).api is world.isolated
        with pytest.raises(UsageError, match="no cloud"):
            await providers.find("https://elsewhere.example")

    anyio.run(scene)


def test_token_of_a_cloud_goes_to_its_own_addresses_only() -> None:
    async def scene() -> None:
        world = World()
        moved = replace(
            world.open.provider, attest_uri="https://open.tst.attest.azure.net.evil.example"
        )
        await world.directory.put(moved)
        with pytest.raises(UsageError, match="no address of the cloud"):
            await world.services().providers.session(moved.id)

    anyio.run(scene)


def new_provider(*certificates: bytes) -> NewProvider:
    return NewProvider("sub", "fresh-group", "made", "tst", certificates)


def test_created_provider_is_read_back_with_its_signers() -> None:
    async def scene() -> None:
        world = World()
        providers = world.services().providers
        made = await providers.create("Simulated", new_provider(policy_certificate("root")))
        assert made.trust_model is TrustModel.ISOLATED
        assert "fresh-group" in world.cloud.groups
        assert made in await providers.known()
        entry = world.log.rows[-1]
        assert (entry.what, entry.result) == ("Create provider made", "proven")

    anyio.run(scene)


def test_a_name_that_is_taken_is_said_and_changes_nothing() -> None:
    async def scene() -> None:
        world = World()
        providers = world.services().providers
        await providers.create("Simulated", new_provider())
        with pytest.raises(UsageError, match="already; nothing was made") as taken:
            await providers.create("Simulated", new_provider(policy_certificate("root")))
        assert "another name" in taken.value.hint
        assert world.cloud.known["made"].provider.trust_model is TrustModel.AAD

    anyio.run(scene)


def test_created_provider_with_other_signers_than_asked_is_not_proven() -> None:
    async def scene() -> None:
        world = World()
        real = world.cloud.provider

        def other(name: str, model: TrustModel, _: tuple[bytes, ...] = ()) -> object:
            return real(name, model, (policy_certificate("stranger"),))

        world.cloud.provider = other  # type: ignore[assignment, method-assign]  # a stand-in
        with pytest.raises(BadAnswerError, match="other certificates"):
            await world.services().providers.create(
                "Simulated", new_provider(policy_certificate("root"))
            )
        assert world.log.rows[-1].result == "failed"

    anyio.run(scene)


def test_deleting_needs_the_name_and_keeps_the_policies() -> None:
    async def scene() -> None:
        world = World()
        world.open.policies[SGX] = unsecured_policy("version= 1.0; // ours\n")
        providers, id_ = world.services().providers, world.open.provider.id
        with pytest.raises(UsageError, match="not the name"):
            await providers.delete(id_, typed_name="Open")
        assert "open" in world.cloud.known
        await providers.delete(id_, typed_name="open")
        assert "open" not in world.cloud.known
        assert world.open.provider not in await providers.known()
        kept = await world.history.entries(id_, SGX)
        assert kept[0].text == "version= 1.0; // ours\n"
        assert world.log.rows[-1].result == "proven"

    anyio.run(scene)


def test_delete_that_did_nothing_is_found_out() -> None:
    async def scene() -> None:
        world = World()
        world.cloud.deletes_nothing = True
        providers, id_ = world.services().providers, world.open.provider.id
        with pytest.raises(BadAnswerError, match="still there"):
            await providers.delete(id_, typed_name="open")
        assert world.open.provider in await providers.known()
        assert world.log.rows[-1].result == "failed"

    anyio.run(scene)


def test_shared_provider_is_not_deleted() -> None:
    async def scene() -> None:
        world = World()
        with pytest.raises(UsageError, match="shared provider"):
            await world.services().providers.delete(world.shared.provider.id, typed_name="shared")

    anyio.run(scene)


def test_a_clock_a_day_off_is_named_as_the_reason() -> None:
    async def scene() -> None:
        world = World()
        real = world.clock.time
        answer = await world.open.get_policy(SGX)
        world.clock.time = real - timedelta(days=1)

        async def later(_: AttestationType) -> object:
            return answer

        world.open.get_policy = later  # type: ignore[assignment, method-assign]  # a stand-in
        overview = await world.services().providers.overview(world.open.provider.id, types=(SGX,))
        problem = overview.cells[0].problem
        assert isinstance(problem, BadAnswerError)
        assert "1 day" in problem.hint
        assert "clock" in problem.hint

    anyio.run(scene)
