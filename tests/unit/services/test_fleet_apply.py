"""Compare, plan and apply: nothing is proven that is not, and a cut-off apply goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.memory_vault import policy_certificate
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import RejectedError, UnreachableError, UsageError
from sealwright.evidence.examination import Kind
from sealwright.policy.digest import policy_hash
from sealwright.services.fleet.compare import Standing, drift_words
from sealwright.services.model import TrustModel
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.unwrap import read_policy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from helpers.simulated_provider import SimulatedProvider
    from sealwright.services.fleet.apply import FleetOutcome
    from sealwright.services.fleet.plan import FleetPlan

SGX = AttestationType.SGX_ENCLAVE
TEXT = 'version= 1.0;\nauthorizationrules{ [type=="a", value==true] => permit(); };\n'
FILE = """\
version: 1
apply: {{parallel: {parallel}, onFailure: {on_failure}}}
assignments:
- providers: [open, isolated, "third*"]
  policies: {{SgxEnclave: p/sgx.policy}}
"""
TESTS = """\
policy: ../p/sgx.policy
cases:
- name: nothing is denied
  claims: {a: false}
  expect: {decision: permit}
"""
ON_EVIDENCE = """\
policy: ../p/sgx.policy
cases:
- name: a debug build passes
  evidence: quotes/made.bin
  expect: {decision: permit}
"""


def world_with_workspace(parallel: int = 1, on_failure: str = "stop") -> World:
    world = World()
    third = world.cloud.provider("third", TrustModel.ISOLATED, (policy_certificate("root"),))
    world.directory.kept[third.provider.id] = third.provider
    file = FILE.format(parallel=parallel, on_failure=on_failure)
    world.files.kept |= {"/w/sealwright.yaml": file.encode(), "/w/p/sgx.policy": TEXT.encode()}
    return world


def simulated(world: World) -> dict[str, SimulatedProvider]:
    return {each.provider.name: each for each in world.cloud.known.values()}


async def planned(world: World) -> FleetPlan:
    fleet = world.services().fleet
    return await fleet.plan(await fleet.open("/w"))


async def applied(world: World) -> FleetOutcome:
    return await world.services().fleet.apply(await planned(world))


def states(outcome: FleetOutcome) -> dict[str, str]:
    return {each.provider: each.entry.state for each in outcome.targets}


def play(scene: Callable[[], Awaitable[None]]) -> None:
    anyio.run(scene)


def test_drift_is_seen_named_and_gone_after_an_apply() -> None:
    async def scene() -> None:
        world = world_with_workspace()
        fleet = world.services().fleet
        before = await fleet.compare(await fleet.open("/w"))
        assert before.count(Standing.DRIFTED) == 3
        assert drift_words(before.rows).startswith("Not as the workspace wants: isolated SGX")
        assert all(row.diff and row.diff.added for row in before.rows)
        outcome = await applied(world)
        assert outcome.proven
        assert states(outcome) == {"open": "proven", "isolated": "proven", "third": "proven"}
        after = await fleet.compare(await fleet.open("/w"))
        assert after.alike
        assert drift_words(after.rows) == ""
        for each in ("open", "isolated", "third"):
            assert read_policy(simulated(world)[each].policies[SGX]).text == TEXT
        assert all(each.entry.after == policy_hash(TEXT) for each in outcome.targets)

    play(scene)


def test_a_provider_that_does_not_answer_is_no_change_and_not_alike() -> None:
    async def scene() -> None:
        world = world_with_workspace()
        lost = UnreachableError("No answer.", status=503)
        simulated(world)["open"].faults.fail_before("signing_keys", lost)
        plan = await planned(world)
        assert [row.target.provider.name for row in plan.unreadable] == ["open"]
        assert not plan.possible
        assert {change.target.provider.name for change in plan.changes} == {"isolated", "third"}

    play(scene)


def test_a_failure_stops_what_has_not_begun() -> None:
    async def scene() -> None:
        world = world_with_workspace()
        refused = RejectedError("The service refused.", status=400, request_id="r-9")
        simulated(world)["isolated"].faults.fail_before("set_policy", refused)
        outcome = await applied(world)
        assert states(outcome) == {"isolated": "failed", "open": "left", "third": "left"}
        assert outcome.targets[0].entry.request_id == "r-9"
        assert SGX not in simulated(world)["open"].policies

    play(scene)


def test_with_carry_on_the_others_are_made() -> None:
    async def scene() -> None:
        world = world_with_workspace(parallel=3, on_failure="carry-on")
        simulated(world)["isolated"].faults.signed_by = "stranger"
        outcome = await applied(world)
        assert states(outcome) == {"isolated": "failed", "open": "proven", "third": "proven"}
        assert not outcome.proven

    play(scene)


def test_a_policy_whose_test_fails_is_not_sent() -> None:
    async def scene() -> None:
        world = world_with_workspace()
        world.files.kept["/w/tests/sgx.policytest.yaml"] = TESTS.encode()
        plan = await planned(world)
        assert len(plan.blocked) == 3
        assert {each.code for each in plan.blocked[0].obstacles} >= {"tests"}
        outcome = await world.services().fleet.apply(plan)
        assert set(states(outcome).values()) == {"blocked"}
        assert "set_policy" not in simulated(world)["open"].calls

    play(scene)


@pytest.mark.parametrize(("debug", "blocked"), [("true", 0), ("false", 3)])
def test_a_policy_test_may_name_a_file_of_evidence(debug: str, blocked: int) -> None:
    async def scene() -> None:
        world = world_with_workspace()
        made = await world.services().evidence.make(Kind.SGX_QUOTE, {"debug": debug})
        policy = TEXT.replace('type=="a"', 'type=="x-ms-sgx-is-debuggable"')
        world.files.kept |= {
            "/w/p/sgx.policy": policy.encode(),
            "/w/tests/quotes/made.bin": made.data,
            "/w/tests/sgx.policytest.yaml": ON_EVIDENCE.encode(),
        }
        assert len((await planned(world)).blocked) == blocked

    play(scene)


@pytest.mark.parametrize(("beside", "blocked"), [("[quotes/log.bin]", 0), ("[]", 3)])
def test_a_policy_test_may_name_what_lies_beside_evidence(beside: str, blocked: int) -> None:
    async def scene() -> None:
        world = world_with_workspace()
        made = await world.services().evidence.make(Kind.TPM_QUOTE, {})
        policy = TEXT.replace('type=="a"', 'type=="secureBootEnabled"')
        tests = ON_EVIDENCE.replace("quotes/made.bin", f"quotes/made.bin\n  with: {beside}")
        world.files.kept |= {
            "/w/p/sgx.policy": policy.encode(),
            "/w/tests/quotes/made.bin": made.data,
            "/w/tests/quotes/log.bin": made.companions[0],
            "/w/tests/sgx.policytest.yaml": tests.encode(),
        }
        assert len((await planned(world)).blocked) == blocked

    play(scene)


@pytest.mark.parametrize(
    ("name", "says"), [("../../other.bin", "not inside the workspace"), ("gone.bin", "not there")]
)
def test_evidence_that_cannot_be_read_is_named(name: str, says: str) -> None:
    async def scene() -> None:
        world = world_with_workspace()
        tests = ON_EVIDENCE.replace("quotes/made.bin", name)
        world.files.kept["/w/tests/sgx.policytest.yaml"] = tests.encode()
        with pytest.raises(UsageError, match=says):
            await planned(world)

    play(scene)


def test_a_key_that_the_provider_does_not_trust_blocks_the_change() -> None:
    async def scene() -> None:
        world = world_with_workspace()
        world.vault.hold("stranger")
        file = world.files.kept["/w/sealwright.yaml"] + b"  key: stranger\n"
        world.files.kept["/w/sealwright.yaml"] = file
        plan = await planned(world)
        assert {each.target.provider.name for each in plan.blocked} == {"isolated", "third"}
        codes = {each.code for change in plan.blocked for each in change.obstacles}
        assert "wrong-key" in codes

    play(scene)


def test_a_change_made_meanwhile_by_another_is_not_overwritten() -> None:
    async def scene() -> None:
        world = world_with_workspace(on_failure="carry-on")
        plan = await planned(world)
        theirs = unsecured_policy("version= 1.0;authorizationrules{};issuancerules{};")
        simulated(world)["open"].policies[SGX] = theirs
        outcome = await world.services().fleet.apply(plan)
        assert states(outcome)["open"] == "failed"
        assert simulated(world)["open"].policies[SGX] == theirs

    play(scene)


class _Killed(BaseException):
    """The process is gone."""


def kill_at(world: World, step: int) -> None:
    """Die when that many requests, answers and notes of the journal have gone by."""
    count = 0

    def pass_by() -> None:
        nonlocal count
        count += 1
        if count == step:
            raise _Killed

    world.fleet_journal.noted = pass_by
    for each in simulated(world).values():
        each.witness = pass_by


@pytest.mark.parametrize("step", range(1, 46, 2))
def test_an_apply_killed_at_any_step_goes_on(step: int) -> None:
    async def scene() -> None:
        world = world_with_workspace()
        plan = await planned(world)
        kill_at(world, step)
        died = False
        try:
            await world.services().fleet.apply(plan)
        except BaseExceptionGroup as several:
            died = several.subgroup(_Killed) is not None
        kill_at(world, -1)
        last = await world.services().fleet.last("/w")
        assert last is not None
        assert last.cut_off is died
        again = await applied(world)
        assert all(each.entry.state == "proven" for each in again.targets)
        for each in ("open", "isolated", "third"):
            assert read_policy(simulated(world)[each].policies[SGX]).text == TEXT
            proven = [
                row
                for row in world.log.rows
                if (row.where, row.result, row.after) == (each, "proven", policy_hash(TEXT))
            ]
            assert proven, f"nothing says that {each} was changed"

    play(scene)


def test_what_is_deployed_becomes_a_workspace_that_holds() -> None:
    async def scene() -> None:
        world = world_with_workspace()
        assert (await applied(world)).proven
        fleet = world.services().fleet
        named = [each.provider for each in simulated(world).values()]
        written = await fleet.begin("/new", named)
        assert "sealwright.yaml" in written
        texts = [world.files.kept[f"/new/{path}"] for path in written if path != "sealwright.yaml"]
        assert TEXT.encode() in texts
        assert (await fleet.compare(await fleet.open("/new"))).alike

    play(scene)
