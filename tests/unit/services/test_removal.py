"""A provider is deleted only once what it applied is in an archive."""

from __future__ import annotations

import anyio
import pytest

from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import StorageError, UnreachableError, UsageError
from sealwright.tokens.policy_jws import unsecured_policy

SGX = AttestationType.SGX_ENCLAVE


def test_the_archive_of_a_deleted_provider_restores_it_elsewhere() -> None:
    async def scene() -> None:
        world = World()
        services, provider = world.services(), world.isolated.provider
        world.isolated.policies[SGX] = unsecured_policy("version= 1.0; // ours\n")
        removed = await services.removal.delete(provider, typed_name="isolated")

        assert "isolated" not in world.cloud.known
        report = await services.backup.verify(world.backups.kept[removed.archive])
        (saved,) = report.backup.providers
        (place,) = [one.text for one in saved.policies if one.type == SGX.value]
        assert report.backup.members[place] == b"version= 1.0; // ours\n"
        assert len(saved.signers) == 1
        assert removed.missing == ()

    anyio.run(scene)


def test_nothing_is_deleted_whose_backup_cannot_be_written() -> None:
    async def scene() -> None:
        world = World()
        world.backups.full = True
        with pytest.raises(StorageError, match="full"):
            await world.services().removal.delete(world.open.provider, typed_name="open")
        assert "open" in world.cloud.known

    anyio.run(scene)


def test_a_wrong_name_makes_no_backup() -> None:
    async def scene() -> None:
        world = World()
        with pytest.raises(UsageError, match="not the name"):
            await world.services().removal.delete(world.open.provider, typed_name="Open")
        assert not world.backups.kept

    anyio.run(scene)


def test_what_cannot_be_read_is_said_and_does_not_keep_the_provider() -> None:
    async def scene() -> None:
        world = World()
        lost = UnreachableError("No answer.", status=503)
        world.open.faults.fail_before("get_policy", *[lost] * 99)
        removed = await world.services().removal.delete(world.open.provider, typed_name="open")
        assert "open" not in world.cloud.known
        assert any("No answer" in word for word in removed.missing)

    anyio.run(scene)
