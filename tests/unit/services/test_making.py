"""A new provider and its first policies in one run: proof for each type, and a way to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.memory_vault import policy_certificate
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import PolicyError, RejectedError, UnreachableError, UsageError
from sealwright.services.changes.steps import StepStatus
from sealwright.services.making import InitialPolicy
from sealwright.services.model import TrustModel
from sealwright.services.ports import CLOSED, OPEN, NewProvider
from sealwright.tokens.policy_jws import unsecured_policy
from sealwright.tokens.unwrap import read_policy

if TYPE_CHECKING:
    from sealwright.services.making import Making

SGX, TDX = AttestationType.SGX_ENCLAVE, AttestationType.TDX_VM
SNP, TPM = AttestationType.SEV_SNP_VM, AttestationType.TPM
TEXT = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"
OTHER = "version= 1.0;authorizationrules{=> deny();};issuancerules{};"


def making(
    world: World, *initial: InitialPolicy, signers: tuple[bytes, ...] = (), access: str = OPEN
) -> Making:
    new = NewProvider(
        subscription=world.cloud.subscription,
        resource_group="tests",
        name="fresh",
        location="tst",
        signing_certificates=signers,
        tags={"env": "prod"},
        public_network_access=access,
    )
    key = "root" if signers else ""
    return world.services().making.prepare("Simulated", new, initial, key)


def test_each_type_gets_its_own_policy_with_its_own_proof() -> None:
    async def scene() -> None:
        world = World()
        world.open.policies[TDX] = unsecured_policy(OTHER)
        done = making(
            world,
            InitialPolicy(SGX, "file x", TEXT.encode()),
            InitialPolicy(TDX, "provider open", source=world.open.provider),
            InitialPolicy(SNP, "provider open", source=world.open.provider),
        )
        told: list[int] = []
        await done.run(lambda: told.append(len(told)))
        assert done.proven
        assert told
        by_type = {each.policy.attestation_type: each for each in done.policies}
        for kind in (SGX, TDX):
            outcome = by_type[kind].outcome
            assert outcome is not None
            assert outcome.proven
        assert by_type[SNP].status is StepStatus.SKIPPED
        assert by_type[SNP].note
        assert done.provider is not None
        services = world.services()
        for kind, text in ((SGX, TEXT), (TDX, OTHER)):
            assert (await services.policies.deployed(done.provider.id, kind)).text == text
        assert done.provider.id in world.directory.kept
        assert world.directory.kept[done.provider.id].tags == {"env": "prod"}

    anyio.run(scene)


def test_policies_of_an_isolated_provider_are_signed() -> None:
    async def scene() -> None:
        world = World()
        certificates = (policy_certificate("root"),)
        done = making(world, InitialPolicy(SGX, "x", TEXT.encode()), signers=certificates)
        await done.run()
        assert done.proven
        assert done.provider is not None
        assert done.provider.trust_model is TrustModel.ISOLATED
        deployed = await world.services().policies.deployed(done.provider.id, SGX)
        assert deployed.signer is not None

    anyio.run(scene)


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"version= 1.0;nonsense", "has 1 error"), (b"\xff", "not UTF-8"), (b" ", "empty")],
)
def test_nothing_is_made_where_a_text_cannot_be_sent(data: bytes, words: str) -> None:
    async def scene() -> None:
        world = World()
        broken = making(
            world, InitialPolicy(TDX, "a", TEXT.encode()), InitialPolicy(SGX, "file x", data)
        )
        with pytest.raises(PolicyError, match=words) as caught:
            await broken.run()
        assert "SgxEnclave" in caught.value.summary
        assert "file x" in caught.value.summary
        assert "Nothing was made" in caught.value.hint
        assert "fresh" not in world.cloud.known

    anyio.run(scene)


def test_nothing_is_made_where_another_provider_does_not_answer_or_no_key_signs() -> None:
    async def scene() -> None:
        world = World()
        world.open.faults.fail_before("get_policy", UnreachableError("gone"))
        copied = making(world, InitialPolicy(SGX, "provider open", source=world.open.provider))
        with pytest.raises(UnreachableError):
            await copied.run()
        new = NewProvider(
            subscription=world.cloud.subscription,
            resource_group="tests",
            name="fresh",
            location="tst",
            signing_certificates=(policy_certificate("root"),),
        )
        text = InitialPolicy(SGX, "file x", TEXT.encode())
        with pytest.raises(UsageError, match="No key"):
            await world.services().making.prepare("Simulated", new, (text,)).run()
        assert "fresh" not in world.cloud.known

    anyio.run(scene)


def test_a_policy_that_fails_holds_no_other_and_is_gone_on_with() -> None:
    async def scene() -> None:
        world = World()
        done = making(
            world,
            InitialPolicy(SGX, "file x", TEXT.encode()),
            InitialPolicy(TDX, "file y", OTHER.encode()),
        )

        def fail_the_first() -> None:
            if done.policies[0].status is StepStatus.RUNNING:
                made = world.cloud.known["fresh"]
                made.faults.fail_before("set_policy", RejectedError("no", status=400))

        await done.run(fail_the_first)
        first, second = done.policies
        assert not done.proven
        assert (first.status, second.status) == (StepStatus.FAILED, StepStatus.DONE)
        assert first.error is not None
        made = done.provider
        await done.run()
        assert done.proven
        assert done.provider is made, "it is made once"
        assert made is not None
        assert (await world.services().policies.deployed(made.id, SGX)).text == TEXT

    anyio.run(scene)


def test_a_private_provider_is_closed_once_all_is_proven_and_not_before() -> None:
    async def scene() -> None:
        world = World()
        certificates = (policy_certificate("root"),)
        initial = InitialPolicy(SGX, "x", TEXT.encode())
        done = making(world, initial, signers=certificates, access=CLOSED)
        refusal = RejectedError("no", status=400)
        world.cloud.first_fault = ("set_policy", refusal)
        await done.run()
        assert not done.proven
        made = world.cloud.known["fresh"]
        assert made.provider.public_network_access == OPEN, "what is left must still reach it"
        await done.run()
        assert done.proven
        assert read_policy(made.policies[SGX]).text == TEXT
        assert made.provider.public_network_access == CLOSED
        assert world.directory.kept[made.provider.id].public_network_access == CLOSED

    anyio.run(scene)


def test_a_private_provider_that_stays_open_is_not_proven() -> None:
    async def scene() -> None:
        world = World()
        done = making(world, InitialPolicy(SGX, "x", TEXT.encode()), access=CLOSED)

        def fail_over() -> None:
            world.cloud.failed_over = done.closing is StepStatus.RUNNING

        await done.run(fail_over)
        assert done.closing is StepStatus.FAILED
        assert not done.proven
        assert done.left == 0
        await done.run()
        assert done.proven

    anyio.run(scene)


def test_a_private_provider_without_policies_is_never_open() -> None:
    async def scene() -> None:
        world = World()
        done = making(world, access=CLOSED)
        await done.run()
        assert done.proven
        assert not done.has_steps
        assert world.cloud.known["fresh"].provider.public_network_access == CLOSED

    anyio.run(scene)
