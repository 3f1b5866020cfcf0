"""The self-test does the whole main job, and stops at the first thing that is not proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.memory_vault import MemoryVault
from helpers.simulators import World
from sealwright.services.model import VaultStatus
from sealwright.services.selftest import MainJob, SelftestReport, SelftestStep

if TYPE_CHECKING:
    from sealwright.secret import Secret


def _run(world: World) -> tuple[SelftestStep, ...]:
    told: list[SelftestStep] = []
    services = world.services()
    steps = anyio.run(MainJob(services, told.append).run)
    assert tuple(told) == steps
    return steps


def _ids(steps: tuple[SelftestStep, ...]) -> list[str]:
    return [step.id for step in steps if step.ok]


def test_main_job_is_done_from_first_start_to_roll_back() -> None:
    world = World()
    steps = _run(world)
    assert [(step.id, step.detail) for step in steps if not step.ok] == []
    assert _ids(steps)[-4:] == ["proof", "roll-back", "proof-roll-back", "activity"]
    upload = next(step for step in steps if step.id == "upload")
    assert "hash" in upload.detail
    signed = [step.detail for step in steps if step.id.startswith("proof")]
    assert all("CN=selftest" in detail for detail in signed)
    assert SelftestReport(steps, "", "", "").ok


def test_nothing_after_an_unproven_upload_is_tried() -> None:
    world = World()

    def forge(step: SelftestStep) -> None:
        if step.id == "add-signer":
            for simulated in world.cloud.known.values():
                simulated.faults.signed_by = "stranger"

    steps = anyio.run(MainJob(world.services(), forge).run)
    assert (steps[-1].id, steps[-1].ok) == ("upload", False)
    assert not SelftestReport(steps, "", "", "").ok


class NoKeyring(MemoryVault):
    """No secret store answers until another is chosen."""

    kind = "keyring"

    async def status(self) -> VaultStatus:
        if self.kind == "memory":
            return await super().status()
        return VaultStatus("none", "none", usable=False, problem="No keyring answers.")

    async def choose(self, kind: str, passphrase: Secret[str] | None = None) -> VaultStatus:
        del passphrase
        self.kind = kind
        return await self.status()


def test_where_no_keyring_works_the_job_is_done_in_memory_and_says_so() -> None:
    world = World()
    world.vault = NoKeyring()
    steps = _run(world)
    assert steps[0].detail == "memory only, since there is no keyring: No keyring answers."
    assert all(step.ok for step in steps)


@pytest.mark.parametrize("steps", [(), (SelftestStep("a", "A", ok=False, detail="", seconds=0),)])
def test_a_report_without_a_done_job_is_not_ok(steps: tuple[SelftestStep, ...]) -> None:
    assert not SelftestReport(steps, "", "", "").ok
