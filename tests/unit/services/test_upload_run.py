"""A verified upload shows nothing as proven that is not, and can be repeated safely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.memory_vault import MemorySigner
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import (
    RefusedError,
    RejectedError,
    StorageError,
    UnreachableError,
    UsageError,
)
from sealwright.policy.digest import policy_hash
from sealwright.services.changes.steps import StepId, StepStatus
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from helpers.simulated_provider import SimulatedProvider
    from sealwright.services.changes.steps import RunOutcome, Step
    from sealwright.services.changes.upload import UploadRun

SGX = AttestationType.SGX_ENCLAVE
TEXT = 'version= 1.0;\nauthorizationrules{ [type=="a", value==true] => permit(); };\n'


async def upload_run(
    world: World, simulated: SimulatedProvider, *, text: str = TEXT, key: str | None = "root"
) -> UploadRun:
    policies = world.services().policies
    review = await policies.review(text.encode(), simulated.provider.id, SGX)
    return await policies.start(review, key)


def statuses(outcome: RunOutcome) -> dict[StepId, StepStatus]:
    return {step.id: step.status for step in outcome.steps}


def test_signed_upload_is_proven_step_by_step() -> None:
    async def scene() -> None:
        world = World()
        seen: list[Step] = []
        run = await upload_run(world, world.isolated)
        outcome = await run.run(seen.append)
        assert outcome.proven
        assert outcome.result == "Updated"
        assert set(statuses(outcome).values()) == {StepStatus.DONE}
        assert outcome.policy_hash == policy_hash(TEXT)
        finished = [step.id for step in seen if step.status is StepStatus.DONE]
        assert finished == list(StepId)
        equal = outcome.steps[-1]
        assert all(row.holds for row in equal.rows)
        result = outcome.steps[2]
        assert all(row.expected and row.actual and row.source for row in result.rows)
        compared = {row.label: (row.expected, row.actual) for row in result.rows}
        assert compared["Issuer"] == (world.isolated.attest_uri, world.isolated.attest_uri)
        assert equal.rows[0].expected == equal.rows[0].actual == policy_hash(TEXT)
        assert world.isolated.policies[SGX].count(".") == 2
        assert outcome.result_token

    anyio.run(scene)


def test_proven_upload_is_in_history_and_log() -> None:
    async def scene() -> None:
        world = World()
        run = await upload_run(world, world.open, key=None)
        outcome = await run.run()
        assert outcome.proven
        rows = await world.history.entries(world.open.provider.id, SGX)
        assert [row.origin for row in rows[:2]] == ["seen", "sent"]
        assert {row.policy_hash for row in rows[:2]} == {policy_hash(TEXT)}
        entry = world.log.rows[-1]
        assert (entry.what, entry.result) == ("Policy SgxEnclave upload", "proven")
        assert entry.after == policy_hash(TEXT)
        assert entry.before != entry.after
        assert entry.request_id == outcome.request_id

    anyio.run(scene)


@pytest.mark.parametrize(
    ("fault", "stops_at"),
    [
        ("signed_by", StepId.RESULT),
        ("algorithm_none", StepId.RESULT),
        ("own_key_in_header", StepId.RESULT),
        ("wrong_word", StepId.RESULT),
        ("wrong_hash", StepId.HASH),
    ],
)
def test_lying_result_is_never_proof(fault: str, stops_at: StepId) -> None:
    async def scene() -> None:
        world = World()
        faults = world.isolated.faults
        if fault == "own_key_in_header":
            faults.signed_by, faults.own_key_in_header = "stranger", True
        elif fault == "signed_by":
            faults.signed_by = "stranger"
        else:
            setattr(faults, fault, True)
        run = await upload_run(world, world.isolated)
        outcome = await run.run()
        assert not outcome.proven
        assert outcome.failed is not None
        assert outcome.failed.id is stops_at
        assert outcome.failed.error is not None
        assert any(row.holds is False and row.actual for row in outcome.failed.rows)
        assert not outcome.result or stops_at is StepId.HASH
        assert statuses(outcome)[StepId.EQUAL] is StepStatus.WAITING
        assert world.log.rows[-1].result == "failed"

    anyio.run(scene)


def test_after_a_lying_result_the_repeat_sends_again_and_proves() -> None:
    async def scene() -> None:
        world = World()
        world.isolated.faults.signed_by = "stranger"
        run = await upload_run(world, world.isolated)
        assert not (await run.run()).proven
        world.isolated.faults.signed_by = ""
        outcome = await run.run()
        assert outcome.proven
        assert world.isolated.calls.count("set_policy") == 2
        assert statuses(outcome)[StepId.RESULT] is StepStatus.DONE

    anyio.run(scene)


def test_a_change_that_the_provider_threw_away_is_found_out() -> None:
    async def scene() -> None:
        world = World()
        world.isolated.faults.keep = True
        run = await upload_run(world, world.isolated)
        outcome = await run.run()
        assert outcome.failed is not None
        assert outcome.failed.id is StepId.READ_BACK
        assert outcome.failed.attempt == 5
        assert not outcome.proven

    anyio.run(scene)


def test_stale_read_back_is_tried_again_with_growing_pauses() -> None:
    async def scene() -> None:
        world = World()
        run = await upload_run(world, world.isolated)
        world.isolated.faults.stale_reads = 3
        seen: list[Step] = []
        outcome = await run.run(seen.append)
        assert outcome.proven
        attempts = [step.attempt for step in seen if step.id is StepId.READ_BACK]
        assert max(attempts) == 4
        assert world.pauses == [0.5, 1.0, 2.0]

    anyio.run(scene)


def test_lost_answer_after_the_commit_is_not_sent_twice() -> None:
    async def scene() -> None:
        world = World()
        world.isolated.faults.fail_after("set_policy", UnreachableError("cut"))
        run = await upload_run(world, world.isolated)
        first = await run.run()
        assert first.failed is not None
        assert first.failed.id is StepId.SEND
        outcome = await run.run()
        assert outcome.proven
        assert world.isolated.calls.count("set_policy") == 1
        found = statuses(outcome)
        assert found[StepId.RESULT] is StepStatus.SKIPPED
        assert found[StepId.HASH] is StepStatus.DONE

    anyio.run(scene)


def test_lost_connection_before_the_commit_is_sent_again() -> None:
    async def scene() -> None:
        world = World()
        world.isolated.faults.fail_before("set_policy", UnreachableError("cut"))
        run = await upload_run(world, world.isolated)
        assert not (await run.run()).proven
        outcome = await run.run()
        assert outcome.proven
        assert world.isolated.calls.count("set_policy") == 2
        assert set(statuses(outcome).values()) == {StepStatus.DONE}

    anyio.run(scene)


def test_refusal_stops_at_sending_and_is_logged_as_refused() -> None:
    async def scene() -> None:
        world = World()
        refusal = RefusedError("No role.", status=401, request_id="00-7")
        world.open.faults.fail_before("set_policy", refusal)
        run = await upload_run(world, world.open, key=None)
        outcome = await run.run()
        assert outcome.failed is not None
        assert outcome.failed.error is refusal
        assert outcome.failed.request_id == "00-7"
        assert outcome.request_id == "00-7"
        assert world.log.rows[-1].result == "refused"
        assert world.log.rows[-1].request_id == "00-7"
        assert SGX not in world.open.policies

    anyio.run(scene)


def test_policy_that_moved_since_the_review_stops_the_upload() -> None:
    async def scene() -> None:
        world = World()
        run = await upload_run(world, world.open, key=None)
        world.open.policies[SGX] = unsecured_policy("version= 1.0; // somebody else's\n")
        outcome = await run.run()
        assert outcome.failed is not None
        assert outcome.failed.id is StepId.SEND
        assert isinstance(outcome.failed.error, RejectedError)
        assert "set_policy" not in world.open.calls

    anyio.run(scene)


def test_locked_vault_stops_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        world = World()
        run = await upload_run(world, world.isolated)

        async def locked(_: MemorySigner, data: bytes) -> bytes:
            raise StorageError(f"The keyring is locked ({len(data)} bytes to sign).")

        monkeypatch.setattr(MemorySigner, "sign", locked)
        outcome = await run.run()
        assert outcome.failed is not None
        assert outcome.failed.id is StepId.SIGN
        assert "set_policy" not in world.isolated.calls

    anyio.run(scene)


def test_reset_is_proven_and_rolled_back() -> None:
    async def scene() -> None:
        world = World()
        assert (await (await upload_run(world, world.isolated)).run()).proven
        policies = world.services().policies
        review = await policies.review_reset(world.isolated.provider.id, SGX)
        outcome = await (await policies.start(review, "root")).run()
        assert outcome.proven
        assert outcome.result == "Removed"
        assert SGX not in world.isolated.policies

        history = await policies.history(world.isolated.provider.id, SGX)
        entry = next(row for row in history if row.text == TEXT)
        back = await policies.start(await policies.review_roll_back(entry), "root")
        assert (await back.run()).proven
        newest = await policies.history(world.isolated.provider.id, SGX)
        assert [row.origin for row in newest[:2]] == ["seen", "rolled-back"]

    anyio.run(scene)


def test_reset_that_was_thrown_away_is_not_proven_even_when_unsigned() -> None:
    async def scene() -> None:
        world = World()
        assert (await (await upload_run(world, world.open, key=None)).run()).proven
        world.open.faults.keep = True
        policies = world.services().policies
        review = await policies.review_reset(world.open.provider.id, SGX)
        outcome = await (await policies.start(review, None)).run()
        assert not outcome.proven
        assert outcome.failed is not None
        assert outcome.failed.id is StepId.READ_BACK

    anyio.run(scene)


def test_lost_answer_to_a_reset_is_not_sent_twice() -> None:
    async def scene() -> None:
        world = World()
        assert (await (await upload_run(world, world.isolated)).run()).proven
        world.isolated.faults.fail_after("reset_policy", UnreachableError("cut"))
        policies = world.services().policies
        review = await policies.review_reset(world.isolated.provider.id, SGX)
        run = await policies.start(review, "root")
        assert not (await run.run()).proven
        assert (await run.run()).proven
        assert world.isolated.calls.count("reset_policy") == 1

    anyio.run(scene)


def test_cancelled_while_sending_reads_back_before_it_sends_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene() -> None:
        world = World()
        run = await upload_run(world, world.isolated)
        real = world.isolated.set_policy
        with anyio.CancelScope() as scope:

            async def interrupted(kind: AttestationType, jws: str) -> object:
                await real(kind, jws)
                scope.cancel()
                await anyio.sleep_forever()
                return None

            monkeypatch.setattr(world.isolated, "set_policy", interrupted)
            await run.run()
        monkeypatch.undo()
        assert world.log.rows[-1].result == "cancelled"
        outcome = await run.run()
        assert outcome.proven
        assert world.isolated.calls.count("set_policy") == 1

    anyio.run(scene)


def test_unsigned_upload_to_an_isolated_provider_is_not_even_started() -> None:
    async def scene() -> None:
        world = World()
        with pytest.raises(UsageError, match="only signed"):
            await upload_run(world, world.isolated, key=None)

    anyio.run(scene)


def test_key_that_the_provider_does_not_trust_is_not_even_started() -> None:
    async def scene() -> None:
        world = World()
        world.vault.hold("stranger")
        with pytest.raises(UsageError, match="does not trust"):
            await upload_run(world, world.isolated, key="stranger")

    anyio.run(scene)
