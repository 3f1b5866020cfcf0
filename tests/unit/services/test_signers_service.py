"""Signers: proven changes, and none that locks the provider by accident."""

from __future__ import annotations

import anyio
import pytest

from helpers.issuing import certificate, rsa_key
from helpers.memory_vault import policy_certificate
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import (
    BadAnswerError,
    KeyMaterialError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from sealwright.services.changes.steps import StepId, StepStatus

SGX = AttestationType.SGX_ENCLAVE


def test_signers_are_listed_with_the_key_that_is_here() -> None:
    async def scene() -> None:
        world = World()
        world.isolated.certificates.append(policy_certificate("elsewhere"))
        found = await world.services().signers.list(world.isolated.provider.id)
        assert [signer.key_here for signer in found.signers] == ["root", ""]
        assert [signer.certificate.subject for signer in found.keys_here] == ["CN=root"]

    anyio.run(scene)


def test_added_signer_is_proven_and_can_sign() -> None:
    async def scene() -> None:
        world = World()
        key = world.vault.hold("second")
        signers, id_ = world.services().signers, world.isolated.provider.id
        run = await signers.add(id_, key.certificate.der, signing_key="root")
        outcome = await run.run()
        assert outcome.proven
        assert outcome.result == "IsPresent"
        assert world.log.rows[-1].what == "Add policy signer CN=second"
        assert world.log.rows[-1].before == "1 certificate"
        assert world.log.rows[-1].after == "2 certificates"
        uses = {use.key.name: use.signs_for for use in await world.services().keys.list()}
        assert uses["second"] == ()
        await signers.list(id_)
        uses = {use.key.name: use.signs_for for use in await world.services().keys.list()}
        assert [provider.id for provider in uses["second"]] == [id_]

    anyio.run(scene)


@pytest.mark.parametrize(
    ("fault", "stops_at"),
    [
        ("wrong_thumbprint", StepId.RESULT),
        ("algorithm_none", StepId.RESULT),
        ("keep", StepId.READ_BACK),
    ],
)
def test_lying_answer_is_no_proof(fault: str, stops_at: StepId) -> None:
    async def scene() -> None:
        world = World()
        setattr(world.isolated.faults, fault, True)
        signers = world.services().signers
        run = await signers.add(
            world.isolated.provider.id, policy_certificate("second"), signing_key="root"
        )
        outcome = await run.run()
        assert outcome.failed is not None
        assert outcome.failed.id is stops_at
        assert not outcome.proven

    anyio.run(scene)


def test_lost_answer_is_not_sent_twice() -> None:
    async def scene() -> None:
        world = World()
        world.isolated.faults.fail_after("add_certificate", UnreachableError("cut"))
        run = await world.services().signers.add(
            world.isolated.provider.id, policy_certificate("second"), signing_key="root"
        )
        assert not (await run.run()).proven
        outcome = await run.run()
        assert outcome.proven
        assert world.isolated.calls.count("add_certificate") == 1
        assert outcome.steps[2].status is StepStatus.SKIPPED

    anyio.run(scene)


def test_signers_that_moved_meanwhile_stop_the_change() -> None:
    async def scene() -> None:
        world = World()
        run = await world.services().signers.add(
            world.isolated.provider.id, policy_certificate("second"), signing_key="root"
        )
        world.isolated.certificates.append(policy_certificate("third"))
        outcome = await run.run()
        assert outcome.failed is not None
        assert isinstance(outcome.failed.error, RejectedError)
        assert "add_certificate" not in world.isolated.calls

    anyio.run(scene)


def test_last_signer_is_never_removed() -> None:
    async def scene() -> None:
        world = World()
        (der,) = world.isolated.certificates
        signers, id_ = world.services().signers, world.isolated.provider.id
        sha256 = (await signers.list(id_)).signers[0].certificate.sha256
        with pytest.raises(UsageError, match="last signer"):
            await signers.remove(id_, sha256, signing_key="root", typed_name="isolated")
        assert world.isolated.certificates == [der]

    anyio.run(scene)


def test_last_signer_with_a_key_here_goes_only_with_the_name_typed() -> None:
    async def scene() -> None:
        world = World()
        world.isolated.certificates.append(policy_certificate("elsewhere"))
        signers, id_ = world.services().signers, world.isolated.provider.id
        sha256 = (await signers.list(id_)).signers[0].certificate.sha256
        assert await signers.needs_typed_name(id_, sha256)
        with pytest.raises(UsageError, match="on this computer") as caught:
            await signers.remove(id_, sha256, signing_key="root")
        assert "`isolated`" in caught.value.summary
        run = await signers.remove(id_, sha256, signing_key="root", typed_name="isolated")
        outcome = await run.run()
        assert outcome.proven
        assert outcome.result == "IsAbsent"
        assert len(world.isolated.certificates) == 1

    anyio.run(scene)


def test_other_signers_go_without_the_name() -> None:
    async def scene() -> None:
        world = World()
        world.isolated.certificates.append(policy_certificate("elsewhere"))
        signers, id_ = world.services().signers, world.isolated.provider.id
        sha256 = (await signers.list(id_)).signers[1].certificate.sha256
        assert not await signers.needs_typed_name(id_, sha256)
        run = await signers.remove(id_, sha256.upper(), signing_key="root")
        assert (await run.run()).proven

    anyio.run(scene)


def test_providers_without_signers_say_so() -> None:
    async def scene() -> None:
        world = World()
        signers = world.services().signers
        for simulated in (world.open, world.shared):
            with pytest.raises(UsageError, match="takes no signers"):
                await signers.add(
                    simulated.provider.id, policy_certificate("second"), signing_key="root"
                )

    anyio.run(scene)


def test_key_that_is_not_trusted_cannot_add_itself() -> None:
    async def scene() -> None:
        world = World()
        key = world.vault.hold("stranger")
        with pytest.raises(UsageError, match="does not trust"):
            await world.services().signers.add(
                world.isolated.provider.id, key.certificate.der, signing_key="stranger"
            )

    anyio.run(scene)


@pytest.mark.parametrize(
    ("der", "words"),
    [
        (certificate(rsa_key("short", 1024), "short", ca=True), "1024 bits"),
        (certificate(rsa_key("leaf"), "leaf"), "no CA certificate"),
        (b"garbage", "not a certificate"),
    ],
)
def test_certificates_that_could_never_sign_are_refused(der: bytes, words: str) -> None:
    async def scene() -> None:
        world = World()
        with pytest.raises(KeyMaterialError, match=words):
            await world.services().signers.add(world.isolated.provider.id, der, signing_key="root")

    anyio.run(scene)


def test_certificates_answer_that_does_not_verify_is_not_listed() -> None:
    async def scene() -> None:
        world = World()
        world.clock.advance(days=-1)
        answer = await world.isolated.get_certificates()
        world.clock.advance(days=2)

        async def old() -> object:
            return answer

        world.isolated.get_certificates = old  # type: ignore[assignment, method-assign]  # a stand-in
        with pytest.raises(BadAnswerError, match="not proven") as caught:
            await world.services().signers.list(world.isolated.provider.id)
        assert "differ by 2 days" in caught.value.hint

    anyio.run(scene)


def test_leaf_below_a_trusted_ca_may_sign() -> None:
    async def scene() -> None:
        world = World()
        root = policy_certificate("root")
        leaf = certificate(rsa_key("below"), "below", issuer="root", issuer_key=rsa_key("root"))
        world.vault.hold("below", chain=(leaf, root))
        world.vault.hold("alone", chain=(leaf,), label="below")
        forged = certificate(rsa_key("forged"), "forged", issuer="root", issuer_key=rsa_key("x"))
        world.vault.hold("forged", chain=(forged,))
        review = await world.services().policies.review_reset(world.isolated.provider.id, SGX)
        accepted = {choice.key.name: choice.accepted for choice in review.choices}
        assert accepted == {"below": True, "alone": True, "root": True, "forged": False}

    anyio.run(scene)
