"""Uploads over TLS, a relay and a served sandbox, and what is asked of them on a bad day."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel

from helpers.relay import relay_to
from helpers.served_sandbox import served_sandbox
from helpers.wired import wired
from sealwright.claims.attestation_type import AttestationType
from sealwright.services.changes.steps import StepId, StepStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from helpers.served_sandbox import ServedSandbox
    from helpers.wired import Wired
    from sealwright.services.changes.steps import RunOutcome, Step
    from sealwright.services.changes.upload import UploadRun

    Play = Callable[[Callable[[Wired], Awaitable[None]]], None]

SGX = AttestationType.SGX_ENCLAVE
OPEN, ISOLATED = "faultsopen", "faultsiso"


@contextmanager
def served_providers(home: Path) -> Iterator[ServedSandbox]:
    """A served sandbox with one provider that wants signers and one that does not."""
    providers = ("--provider", f"{OPEN}:AAD", "--provider", f"{ISOLATED}:Isolated")
    with served_sandbox(home, "--operator", *providers) as running:
        yield running


def player(served: ServedSandbox) -> Play:
    """Runs a scene against the isolated provider, through a relay of its own."""

    def run(scene: Callable[[Wired], Awaitable[None]]) -> None:
        async def on_stage() -> None:
            async with wired(served, relay, ISOLATED) as stage:
                await scene(stage)

        with relay_to(served.attest_uri(ISOLATED)) as relay:
            anyio.run(on_stage)

    return run


_number = 0


def new_text() -> str:
    """A policy that nobody has sent before."""
    global _number  # noqa: PLW0603 - the provider lives as long as the module
    _number += 1
    return f"version= 1.0;\n// change {_number}\nauthorizationrules{{=> permit();}};\n"


async def upload(stage: Wired, text: str) -> UploadRun:
    """An upload that is reviewed and signed, not yet run."""
    policies = stage.services.policies
    review = await policies.review(text.encode(), stage.provider.id, SGX)
    return await policies.start(review, "file")


async def deployed(stage: Wired) -> str:
    """The trusted text at the provider."""
    found = await stage.services.policies.deployed(stage.provider.id, SGX)
    found.require()
    return found.text


async def assert_kept(stage: Wired, text: str) -> None:
    """What was typed is in history, whatever became of it."""
    rows = await stage.services.policies.history(stage.provider.id, SGX)
    assert text in {row.text for row in rows if row.origin == "sent"}


def assert_stopped(outcome: RunOutcome, at: StepId) -> Step:
    """The step that failed: `at`, with nothing done after it."""
    assert not outcome.proven
    failed = outcome.failed
    assert failed is not None
    assert failed.id is at
    after = list(StepId)[list(StepId).index(at) + 1 :]
    later = {step.id: step.status for step in outcome.steps if step.id in after}
    assert set(later.values()) <= {StepStatus.WAITING}
    return failed
