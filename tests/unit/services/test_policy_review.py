"""The Review sheet: what changes, who signs, what will be refused, how to go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.administrator import Administrator
from helpers.issuing import certificate, rsa_key
from helpers.memory_vault import policy_certificate
from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import UnreachableError, UsageError
from sealwright.services.model import TrustModel
from sealwright.services.policies.review import SignerNeed
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from helpers.simulated_provider import SimulatedProvider
    from sealwright.services.policies.review import Review

SGX = AttestationType.SGX_ENCLAVE
GOOD = "version= 1.0;\nauthorizationrules\n{\n    => permit();\n};\n"


def review(world: World, simulated: SimulatedProvider, data: bytes = GOOD.encode()) -> Review:
    async def scene() -> Review:
        return await world.services().policies.review(data, simulated.provider.id, SGX)

    return anyio.run(scene)


def codes(found: Review) -> set[str]:
    return {obstacle.code for obstacle in found.obstacles}


def test_trust_model_decides_who_signs() -> None:
    world = World()
    needs = {
        simulated.provider.trust_model: review(world, simulated).need
        for simulated in (world.shared, world.open, world.isolated)
    }
    assert needs == {
        TrustModel.SHARED: SignerNeed.IMPOSSIBLE,
        TrustModel.AAD: SignerNeed.OPTIONAL,
        TrustModel.ISOLATED: SignerNeed.REQUIRED,
    }


def test_shared_provider_takes_nothing() -> None:
    found = review(World(), (world := World()).shared)
    assert not found.possible
    assert codes(found) == {"shared"}

    async def scene() -> None:
        await world.services().policies.start(found, None)

    with pytest.raises(UsageError, match="nobody can change"):
        anyio.run(scene)


def test_isolated_provider_without_a_key_here_cannot_be_changed_from_here() -> None:
    world = World()
    anyio.run(world.vault.delete, "root")
    world.vault.hold("stranger")
    found = review(world, world.isolated)
    assert "no-key" in codes(found)
    assert not found.possible
    assert [choice.accepted for choice in found.choices] == [False]


def test_keys_that_sign_for_the_provider_come_first() -> None:
    world = World()
    world.vault.hold("a-stranger")
    found = review(world, world.isolated)
    assert [(choice.key.name, choice.accepted) for choice in found.choices] == [
        ("root", True),
        ("a-stranger", False),
    ]
    assert found.possible


def test_who_signed_what_is_deployed_is_proposed_and_what_is_expired_comes_last() -> None:
    world = World()
    last = world.clock.time.replace(year=2025)
    for name, der in (
        ("a-old", certificate(rsa_key("a-old"), "a-old", ca=True, last=last)),
        ("b-other", policy_certificate("b-other")),
    ):
        world.vault.hold(name, chain=(der,))
        world.isolated.certificates.append(der)
    first = [choice.key.name for choice in review(world, world.isolated).choices]
    world.isolated.policies[SGX] = Administrator("root").policy(GOOD)
    then = [choice.key.name for choice in review(world, world.isolated).choices]
    assert first == ["b-other", "root", "a-old"]
    assert then == ["root", "b-other", "a-old"]


def test_expired_signer_is_said_to_be_expired() -> None:
    world = World()
    world.clock.time = world.clock.time.replace(year=2049)
    last = world.clock.time.replace(year=2048)
    der = certificate(rsa_key("old"), "old", ca=True, last=last)
    world.vault.hold("old", chain=(der,))
    world.isolated.certificates.append(der)
    found = review(world, world.isolated)
    reasons = {choice.key.name: choice.reason for choice in found.choices}
    assert "expired on 2048-11-02" in reasons["old"]
    assert "expired" not in reasons["root"]


def test_change_is_shown_against_what_is_deployed() -> None:
    world = World()
    world.open.policies[SGX] = unsecured_policy(GOOD)
    changed = review(world, world.open, GOOD.replace("permit", "deny").encode())
    assert changed.diff is not None
    assert (changed.diff.added, changed.diff.removed) == (1, 1)
    assert "roll back" in changed.afterwards[-1]
    same = review(world, world.open)
    assert same.unchanged


def test_way_back_from_a_default_is_a_reset() -> None:
    world = World()
    assert "reset" in review(world, world.open).afterwards[-1]


def test_broken_policy_is_announced_as_refused_but_left_to_the_user() -> None:
    found = review(World(), World().open, b"version= 1.0;\nauthorizationrules{ permit( };\n")
    assert "policy-errors" in codes(found)
    assert any(each.severity == "error" for each in found.diagnostics)
    assert found.possible


@pytest.mark.parametrize(
    ("data", "code", "possible"),
    [
        (b"", "empty", False),
        (b" \r\n\t", "empty", False),
        (b"version= 1.0; // caf\xe9", "not-utf-8", False),
        (b"\xef\xbb\xbf" + GOOD.encode(), "byte-order-mark", True),
        (GOOD.replace("permit", "\u201cpermit\u201d").encode(), "smart-quotes", True),
    ],
)
def test_bad_input_is_named(data: bytes, code: str, *, possible: bool) -> None:
    found = review(World(), World().open, data)
    assert code in codes(found)
    assert found.possible is possible


def test_text_is_sent_as_it_is_byte_for_byte() -> None:
    async def scene() -> None:
        world = World()
        data = b"\xef\xbb\xbfversion= 1.0;\r\nauthorizationrules{=> permit();};\n"
        policies, id_ = world.services().policies, world.open.provider.id
        outcome = await (await policies.start(await policies.review(data, id_, SGX), None)).run()
        assert outcome.proven
        assert (await policies.deployed(id_, SGX)).text.encode() == data

    anyio.run(scene)


def test_unreadable_deployed_policy_is_said_and_leaves_no_way_back() -> None:
    world = World()
    world.open.faults.fail_before("get_policy", UnreachableError("cut"))
    found = review(world, world.open)
    assert found.deployed is None
    assert found.diff is None
    assert "deployed-unreadable" in codes(found)
    assert "no way back" in found.afterwards[-1]


def test_untrusted_answer_is_marked_and_kept_out_of_history() -> None:
    async def scene() -> None:
        world = World()
        answer = await world.open.get_policy(SGX)
        world.clock.advance(days=2)

        async def old(_: AttestationType) -> object:
            return answer

        world.open.get_policy = old  # type: ignore[assignment, method-assign]  # a stand-in
        found = await world.services().policies.deployed(world.open.provider.id, SGX)
        assert not found.trusted
        assert found.problem is not None
        assert "2 days" in found.problem.hint
        assert world.history.rows == []

    anyio.run(scene)


def test_a_review_says_what_the_editor_says() -> None:
    async def scene() -> None:
        world = World()
        text = b"version= 1.0;\nauthorizationrules{ => permit(); };\n"
        review = await world.services().policies.review(text, world.open.provider.id, SGX)
        assert {"SW402", "SW407"} <= {each.code for each in review.diagnostics}
        assert review.possible

    anyio.run(scene)
