"""Answers that lie, over TLS and a relay: a foreign key, a wrong hash, a stale or forged read-back.

None of them is taken for proof, and what was typed is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.bad_days import (
    SGX,
    assert_stopped,
    deployed,
    new_text,
    player,
    served_providers,
    upload,
)
from helpers.wired import keys_at, resigned, unsecured
from sealwright.errors import BadAnswerError
from sealwright.services.changes.steps import StepId
from sealwright.services.tokens.key_source import KeyOrigin, KeySource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.bad_days import Play
    from helpers.served_sandbox import ServedSandbox
    from helpers.wired import Change, Wired


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    with served_providers(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def play(served: ServedSandbox) -> Play:
    return player(served)


@pytest.mark.parametrize(
    ("kind", "stops_at"), [("foreign-key", StepId.RESULT), ("wrong-hash", StepId.HASH)]
)
def test_lying_result(kind: str, stops_at: StepId, play: Play) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)
        await stage.fault(kind, method="PUT", path="^/policies", times=1)
        failed = assert_stopped(await run.run(), stops_at)
        assert isinstance(failed.error, BadAnswerError)
        assert any(row.holds is False for row in failed.rows)
        assert stage.world.log.rows[-1].result == "failed"
        outcome = await run.run()
        assert outcome.proven
        assert outcome.result_token

    play(scene)


def test_stale_read_back_is_waited_for(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        run = await upload(stage, new_text())

        async def stale() -> None:
            await stage.fault("stale", method="GET", path="^/policies", times=2)

        stage.wire.before["PUT"] = stale
        outcome = await run.run()
        assert outcome.proven
        assert outcome.steps[4].attempt == 3
        assert stage.world.pauses == [0.5, 1.0]

    play(scene)


def test_read_back_that_stays_stale_is_no_proof(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)

        async def stale() -> None:
            await stage.fault("stale", method="GET", path="^/policies")

        stage.wire.before["PUT"] = stale
        failed = assert_stopped(await run.run(), StepId.READ_BACK)
        assert (failed.attempt, failed.attempts) == (5, 5)
        await stage.no_faults()
        assert (await run.run()).proven
        assert stage.wire.count("PUT", "/policies/") == 1

    play(scene)


@pytest.mark.parametrize("names", [("x5c",), ("jwk",), ("x5c", "jwk"), ("kid", "x5c"), ("jku",)])
def test_key_that_the_token_names_itself_is_never_used(names: tuple[str, ...], play: Play) -> None:
    async def scene(stage: Wired) -> None:
        run = await upload(stage, new_text())
        stage.wire.answers["PUT"] = resigned(*names)
        failed = assert_stopped(await run.run(), StepId.RESULT)
        assert isinstance(failed.error, BadAnswerError)
        assert not any("stranger" in url for _, url in stage.wire.sent)
        assert not stage.world.shelf.all()

    play(scene)


def test_keys_are_those_that_the_metadata_name(play: Play) -> None:
    async def scene(stage: Wired) -> None:
        outcome = await (await upload(stage, new_text())).run()
        assert outcome.proven
        asked = [url.partition("?")[0] for _, url in stage.wire.sent if "/policies" not in url]
        uri = stage.provider.attest_uri
        named = asked.index(f"{uri}/.well-known/openid-configuration")
        assert asked[named + 1] == f"{uri}/certs"
        token = KeySource(KeyOrigin.PROVIDER, stage.provider.id)
        assert (await stage.services.tokens.verify(outcome.result_token, token)).valid

    play(scene)


@pytest.mark.parametrize("host", ["https://stranger.invalid", "{uri}.stranger.invalid"])
def test_keys_that_the_metadata_name_at_another_host_are_never_fetched(
    host: str, play: Play
) -> None:
    async def scene(stage: Wired) -> None:
        outcome = await (await upload(stage, new_text())).run()
        place = f"{host.format(uri=stage.provider.attest_uri)}/certs"
        token = KeySource(KeyOrigin.PROVIDER, stage.provider.id)
        for use in (
            lambda: stage.services.tokens.verify(outcome.result_token, token),
            lambda: stage.services.signers.list(stage.provider.id),
        ):
            stage.wire.metadata = keys_at(place)
            with pytest.raises(BadAnswerError) as caught:
                await use()
            assert place in caught.value.summary
            assert stage.provider.attest_uri in caught.value.summary
        assert not any("stranger" in url for _, url in stage.wire.sent)
        assert await deployed(stage)

    play(scene)


def test_result_without_a_signature_is_refused(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        run = await upload(stage, new_text())
        stage.wire.answers["PUT"] = unsecured
        failed = assert_stopped(await run.run(), StepId.RESULT)
        assert isinstance(failed.error, BadAnswerError)

    play(scene)


@pytest.mark.parametrize("change", [unsecured, resigned("x5c"), resigned("jwk")])
def test_forged_read_back_is_no_proof(change: Change, play: Play) -> None:
    async def scene(stage: Wired) -> None:
        run = await upload(stage, new_text())

        async def forge_next_read() -> None:
            stage.wire.answers["GET"] = change

        stage.wire.before["PUT"] = forge_next_read
        assert_stopped(await run.run(), StepId.READ_BACK)
        assert (await run.run()).proven

    play(scene)


@pytest.mark.parametrize("change", [unsecured, resigned("x5c"), resigned("jwk")])
def test_forged_policy_is_shown_as_not_trusted_and_no_change_builds_on_it(
    change: Change, play: Play
) -> None:
    async def scene(stage: Wired) -> None:
        stage.wire.answers["GET"] = change
        found = await stage.services.policies.deployed(stage.provider.id, SGX)
        assert not found.trusted
        assert stage.world.history.rows == []

    play(scene)
