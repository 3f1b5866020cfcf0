"""Bad days on the wire: TLS, a relay and a served sandbox between us and the provider.

Whatever happens, nothing is shown as proven that is not, nothing typed is lost, and trying again
is safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import pytest

from helpers.bad_days import (
    OPEN,
    SGX,
    assert_kept,
    assert_stopped,
    deployed,
    new_text,
    player,
    served_providers,
    upload,
)
from helpers.memory_vault import policy_certificate
from helpers.relay import Cut, relay_to
from helpers.wired import wired
from sealwright.azure.exchange import Call, Exchange
from sealwright.errors import RefusedError, RejectedError, UnreachableError
from sealwright.identity.anonymous import Anonymous
from sealwright.policy.digest import policy_hash
from sealwright.services.changes.steps import StepId, StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.bad_days import Play
    from helpers.served_sandbox import ServedSandbox
    from helpers.wired import Wired


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    with served_providers(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def play(served: ServedSandbox) -> Play:
    return player(served)


def test_good_day(play: Play) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        outcome = await (await upload(stage, text)).run()
        assert outcome.proven, outcome.failed
        assert await deployed(stage) == text
        assert outcome.policy_hash == policy_hash(text)
        assert outcome.request_id

    play(scene)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_then_allowed(status: int, play: Play) -> None:
    async def scene(stage: Wired) -> None:
        before, text = await deployed(stage), new_text()
        run = await upload(stage, text)
        await stage.fault("status", method="PUT", path="^/policies", status=status)
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, RefusedError)
        assert failed.error.status == status
        assert failed.request_id
        assert stage.world.log.rows[-1].result == "refused"
        assert await deployed(stage) == before
        await assert_kept(stage, text)
        await stage.no_faults()
        assert (await run.run()).proven
        assert await deployed(stage) == text

    play(scene)


def test_throttled_waits_as_told_and_commits_once(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)
        await stage.fault(
            "status", method="PUT", path="^/policies", status=429, retryAfter=1, times=1
        )
        begun = anyio.current_time()
        assert (await run.run()).proven
        assert anyio.current_time() - begun >= 1
        assert stage.wire.count("PUT", "/policies/") == 2
        assert await deployed(stage) == text

    play(scene)


def test_throttled_for_long_is_said_and_goes_on_later(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)
        await stage.fault("status", method="PUT", path="^/policies", status=429, retryAfter=900)
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, UnreachableError)
        assert "900 seconds" in failed.error.hint
        await stage.no_faults()
        assert (await run.run()).proven

    play(scene)


def test_a_service_that_fails_and_wants_time_is_waited_for_once(play: Play) -> None:
    """In all for half a minute: three such waits would keep a person for a minute and a half."""

    async def scene(stage: Wired) -> None:
        waits: list[float] = []

        async def noted(seconds: float) -> None:
            waits.append(seconds)
            await anyio.lowlevel.checkpoint()

        await stage.fault("status", method="GET", path="^/policies", status=503, retryAfter=20)
        exchange = Exchange(stage.wire, Anonymous(), "", pause=noted)
        address = f"{stage.relay.uri}/policies/Tpm?api-version=2022-08-01"
        with pytest.raises(UnreachableError):
            await exchange.send(Call("GET", address, "read", safe=True))
        await stage.no_faults()
        assert waits == [20.0]

    play(scene)


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after the commit"])
def test_server_error(
    committed: bool,  # noqa: FBT001 - a parameter of the test
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)
        await stage.fault(
            "status", method="PUT", path="^/policies", status=500, after=committed, times=1
        )
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, UnreachableError)
        assert (await deployed(stage) == text) is committed
        await assert_kept(stage, text)
        outcome = await run.run()
        assert outcome.proven
        assert stage.wire.count("PUT", "/policies/") == (1 if committed else 2)
        assert await deployed(stage) == text

    play(scene)


@pytest.mark.parametrize("where", list(Cut))
def test_cut_connection(where: Cut, play: Play) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)

        async def cut() -> None:
            stage.relay.cut(where)

        stage.wire.before["PUT"] = cut
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, UnreachableError)
        assert stage.relay.cuts == 1
        await assert_kept(stage, text)
        committed = where is not Cut.BEFORE
        assert (await deployed(stage) == text) is committed
        outcome = await run.run()
        assert outcome.proven
        assert stage.wire.count("PUT", "/policies/") == (1 if committed else 2)
        result = next(step for step in outcome.steps if step.id is StepId.RESULT)
        assert (result.status is StepStatus.SKIPPED) is committed

    play(scene)


def test_reading_survives_a_cut(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        stage.relay.cut(Cut.INSIDE)
        found = await stage.services.policies.deployed(stage.provider.id, SGX)
        assert found.trusted
        assert stage.relay.cuts == 1

    play(scene)


def test_signer_is_added_once_when_the_answer_is_lost(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        signers, id_ = stage.services.signers, stage.provider.id
        der = policy_certificate("second")
        run = await signers.add(id_, der, signing_key="file")

        async def cut() -> None:
            stage.relay.cut(Cut.AFTER)

        stage.wire.before["POST"] = cut
        assert_stopped(await run.run(), StepId.SEND)
        assert (await run.run()).proven
        assert stage.wire.count("POST", "/certificates:add") == 1
        found = (await signers.list(id_)).signers
        gone = await signers.remove(
            id_,
            next(each.certificate.sha256 for each in found if each.certificate.der == der),
            signing_key="file",
        )
        await stage.fault("foreign-key", method="POST", path="^/certificates", times=1)
        assert_stopped(await gone.run(), StepId.RESULT)
        assert (await gone.run()).proven
        assert len((await signers.list(id_)).signers) == len(found) - 1

    play(scene)


def test_bad_policy_is_refused_with_its_place(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        before = await deployed(stage)
        text = "version= 1.0;\nauthorizationrules{ => permit( };\n"
        run = await upload(stage, text)
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, RejectedError)
        assert failed.error.service_code == "PolicyParsingError"
        assert failed.error.details["line"] == "2"
        assert await deployed(stage) == before
        await assert_kept(stage, text)

    play(scene)


def test_clock_a_day_off_is_named(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        stage.world.clock.advance(days=1)
        found = await stage.services.policies.deployed(stage.provider.id, SGX)
        assert not found.trusted
        assert found.problem is not None
        assert "1 day" in found.problem.hint

    play(scene)


def test_provider_gone_under_the_editor_loses_nothing(served: ServedSandbox) -> None:
    async def scene() -> None:
        with relay_to(served.attest_uri(OPEN)) as relay:
            async with wired(served, relay, OPEN) as stage:
                policies = stage.services.policies
                text = new_text()
                review = await policies.review(text.encode(), stage.provider.id, SGX)
                run = await policies.start(review, None)
                await stage.services.providers.delete(stage.provider.id, typed_name=OPEN)
                failed = assert_stopped(await run.run(), StepId.SEND)
                assert failed.error is not None
                assert failed.error.hint
                assert review.text == text

    anyio.run(scene)
