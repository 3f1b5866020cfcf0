"""A backup holds what stood there, tells every change made to it, and brings it back proven."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.memory_vault import policy_certificate
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import UnreachableError, UsageError
from sealwright.services.backup.archive import unpack
from sealwright.services.backup.restore import all_proven
from sealwright.services.model import TrustModel
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.unwrap import read_policy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from helpers.simulated_provider import SimulatedProvider
    from sealwright.services.backup.service import BackupReport
    from sealwright.services.ports import Answer

SGX, TPM = AttestationType.SGX_ENCLAVE, AttestationType.TPM
TEXT = "version= 1.0;\r\nauthorizationrules{=> permit();};issuancerules{};"


def play(scene: Callable[[], Awaitable[None]]) -> None:
    anyio.run(scene)


async def archive_of(world: World, key: str = "root") -> bytes:
    world.isolated.policies[SGX] = await _signed(world)
    services = world.services()
    providers = [world.open.provider, world.isolated.provider]
    made = await services.backup.create(providers, key)
    await services.backup.kept(providers, made, "/b.zip")
    assert made.missing == ()
    return made.data


async def _signed(world: World) -> str:
    services = world.services()
    review = await services.policies.review(TEXT.encode(), world.isolated.provider.id, SGX)
    await (await services.policies.start(review, "root")).run()
    return world.isolated.policies[SGX]


async def report_of(world: World, data: bytes) -> BackupReport:
    return await world.services().backup.verify(data)


def test_a_provider_that_takes_long_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        world, other = World(), anyio.Event()
        slow, quick = world.open.get_policy, world.isolated.get_policy

        async def waits(kind: AttestationType) -> Answer:
            await other.wait()
            return await slow(kind)

        async def tells(kind: AttestationType) -> Answer:
            other.set()
            return await quick(kind)

        monkeypatch.setattr(world.open, "get_policy", waits)
        monkeypatch.setattr(world.isolated, "get_policy", tells)
        with anyio.fail_after(30):
            made = await world.services().backup.create(
                [world.open.provider, world.isolated.provider]
            )
        assert made.providers == 2
        assert made.missing == ()
        report = await report_of(world, made.data)
        assert [each.name for each in report.backup.providers] == ["open", "isolated"]

    play(scene)


def changed(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The same archive after somebody had it in hands."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_an_untouched_backup_verifies_and_names_its_signer() -> None:
    async def scene() -> None:
        world = World()
        data = await archive_of(world)
        report = await report_of(world, data)
        assert report.valid
        assert report.signed_by
        (isolated,) = [each for each in report.backup.providers if each.name == "isolated"]
        saved = {each.type: each for each in isolated.policies}
        assert report.backup.members[saved["SgxEnclave"].text].decode() == TEXT
        assert len(isolated.signers) == 1
        assert data == await archive_of(world), "equal contents make equal archives"
        assert any(row.what == "Back up" for row in world.log.rows)

    play(scene)


def test_a_backup_counts_once_it_is_kept() -> None:
    """What a full disk did not take must not stand in the log as done."""

    async def scene() -> None:
        world = World()
        services, providers = world.services(), [world.open.provider]
        made = await services.backup.create(providers)
        assert not world.log.rows
        await services.backup.kept(providers, made, "/b.zip")
        (row,) = world.log.rows
        assert (row.what, row.detail) == ("Back up", "1 provider, 1 policy, 0 signers. /b.zip")

    play(scene)


def _flip(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.endswith(".policy"))
    members[name] = members[name].replace(b"permit", b"deny")


def _drop(members: dict[str, bytes]) -> None:
    members.pop(next(name for name in members if name.endswith(".policy")))


def _add(members: dict[str, bytes]) -> None:
    members["isolated-0/policies/Tpm.policy"] = b"version= 1.0;"


def _edit_manifest(members: dict[str, bytes]) -> None:
    members["manifest.json"] = members["manifest.json"].replace(b"isolated", b"Isolated", 1)


@pytest.mark.parametrize("change", [_flip, _drop, _add, _edit_manifest])
def test_every_change_made_to_a_backup_is_found(
    change: Callable[[dict[str, bytes]], None],
) -> None:
    async def scene() -> None:
        world = World()
        report = await report_of(world, changed(await archive_of(world), change))
        assert not report.valid
        with pytest.raises(UsageError, match="does not verify"):
            await world.services().restorer.plan(report, "isolated", world.isolated.provider)

    play(scene)


def test_an_unsigned_backup_says_so() -> None:
    async def scene() -> None:
        world = World()
        report = await report_of(world, await archive_of(world, key=""))
        assert report.valid
        assert not report.signed_by
        assert "anybody" in report.checks[1].detail or "whoever" in report.checks[1].detail

    play(scene)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_archive_or_refused(data: bytes) -> None:
    with suppress(UsageError):
        unpack(data)


def test_an_archive_cut_short_is_refused() -> None:
    async def scene() -> None:
        world = World()
        data = await archive_of(world)
        for size in range(0, len(data), 97):
            with pytest.raises(UsageError):
                unpack(data[:size])

    play(scene)


def test_a_provider_comes_back_as_it_was() -> None:
    async def scene() -> None:
        world = World()
        data = await archive_of(world)
        world.isolated.policies[SGX] = unsecured_policy("version= 1.0;")
        world.isolated.policies[TPM] = unsecured_policy("version= 1.0;")
        services = world.services()
        report = await report_of(world, data)
        plan = await services.restorer.plan(report, "isolated", world.isolated.provider)
        assert [(each.kind, each.what) for each in plan.items] == [
            ("policy", "SgxEnclave"),
            ("policy", "Tpm"),
        ]
        assert "OpenEnclave" in plan.same
        done = await services.restorer.run(plan, "root")
        assert all_proven(plan, done)
        assert read_policy(world.isolated.policies[SGX]).text == TEXT
        assert TPM not in world.isolated.policies
        again = await services.restorer.plan(report, "isolated", world.isolated.provider)
        assert again.items == ()

    play(scene)


def test_tags_and_access_come_back_as_they_were() -> None:
    async def scene() -> None:
        world = World()
        services = world.services()
        id_ = world.open.provider.id
        await services.providers.update(id_, tags={"env": "prod"}, public_network_access="Disabled")
        before = world.directory.kept[id_]
        data = (await services.backup.create([before])).data
        await services.providers.update(
            id_, tags={}, public_network_access="Enabled", tpm_attestation_authentication="Disabled"
        )
        plan = await services.restorer.plan(
            await report_of(world, data), "open", world.directory.kept[id_]
        )
        assert [(each.kind, each.what) for each in plan.items] == [
            ("settings", "tags, network access, TPM authentication")
        ]
        done = await services.restorer.run(plan, "")
        assert all_proven(plan, done)
        there = world.open.provider
        assert dict(there.tags) == {"env": "prod"}
        assert there.public_network_access == "Disabled"
        assert there.tpm_attestation_authentication == "Enabled"

    play(scene)


def test_a_rehearsal_goes_to_another_provider_with_its_own_signature() -> None:
    async def scene() -> None:
        world = World()
        data = await archive_of(world)
        world.vault.hold("other")
        trial: SimulatedProvider = world.cloud.provider(
            "trial", TrustModel.ISOLATED, (policy_certificate("other"),)
        )
        world.directory.kept[trial.provider.id] = trial.provider
        services = world.services()
        report = await report_of(world, data)
        plan = await services.restorer.plan(report, "isolated", trial.provider)
        assert [each.kind for each in plan.items] == ["signer", "policy"]
        done = await services.restorer.run(plan, "other")
        assert all_proven(plan, done)
        assert read_policy(trial.policies[SGX]).text == TEXT
        assert policy_certificate("root") in trial.certificates

    play(scene)


def test_what_fails_ends_the_restore_and_is_said() -> None:
    async def scene() -> None:
        world = World()
        data = await archive_of(world)
        world.isolated.policies.clear()
        services = world.services()
        report = await report_of(world, data)
        plan = await services.restorer.plan(report, "isolated", world.isolated.provider)
        world.isolated.faults.fail_before("set_policy", UnreachableError("No answer.", status=503))
        more = replace(plan, items=(*plan.items, *plan.items))
        done = await services.restorer.run(more, "root")
        assert not all_proven(more, done)
        assert [each.error and each.error.summary for each in done] == ["No answer."]
        assert world.isolated.policies == {}

    play(scene)


def test_nothing_is_restored_to_a_shared_provider() -> None:
    async def scene() -> None:
        world = World()
        report = await report_of(world, await archive_of(world))
        with pytest.raises(UsageError, match="shared provider"):
            await world.services().restorer.plan(report, "isolated", world.shared.provider)

    play(scene)


def test_what_cannot_be_read_is_named_not_left_out() -> None:
    async def scene() -> None:
        world = World()
        lost = UnreachableError("No answer.", status=503)
        world.open.faults.fail_before("get_policy", lost)
        made = await world.services().backup.create([world.open.provider])
        assert len(made.missing) == 1
        assert "No answer." in made.missing[0]

    play(scene)


def test_a_rehearsal_is_due_after_three_months() -> None:
    async def scene() -> None:
        world = World()
        backup = world.services().backup
        assert not await backup.rehearsal_due()
        await archive_of(world)
        assert not await backup.rehearsal_due()
        world.clock.advance(days=91)
        assert await backup.rehearsal_due()
        await backup.rehearsed()
        assert not await backup.rehearsal_due()

    play(scene)


def test_how_many_were_read_is_told_as_they_come() -> None:
    async def scene() -> None:
        world = World()
        told: list[int] = []
        providers = [world.open.provider, world.isolated.provider]
        await world.services().backup.create(providers, on_read=told.append)
        assert told == [1, 2]

    anyio.run(scene)
