"""Bad days on the wire: TLS, a relay and a served sandbox between us and the provider.

Whatever happens, nothing is shown as proven that is not, nothing typed is lost, and trying again
is safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import pytest

from helpers.relay import Cut, relay_to
from helpers.served_sandbox import served_sandbox
from helpers.simulators import policy_certificate
from helpers.wired import keys_at, resigned, unsecured, wired
from sealwright.azure.exchange import Call, Exchange
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import BadAnswerError, RefusedError, RejectedError, UnreachableError
from sealwright.identity.anonymous import Anonymous
from sealwright.policy.digest import policy_hash
from sealwright.services.key_source import KeyOrigin, KeySource
from sealwright.services.steps import StepId, StepStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from helpers.served_sandbox import ServedSandbox
    from helpers.wired import Change, Wired
    from sealwright.services.steps import RunOutcome, Step
    from sealwright.services.upload import UploadRun

    Play = Callable[[Callable[[Wired], Awaitable[None]]], None]

SGX = AttestationType.SGX_ENCLAVE
OPEN, ISOLATED = "faultsopen", "faultsiso"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("served")
    providers = ("--provider", f"{OPEN}:AAD", "--provider", f"{ISOLATED}:Isolated")
    with served_sandbox(home, "--operator", *providers) as running:
        yield running


@pytest.fixture
def play(served: ServedSandbox) -> Play:
    """Run a scene against the isolated provider, through a relay of its own."""

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
    policies = stage.services.policies
    review = await policies.review(text.encode(), stage.provider.id, SGX)
    return await policies.start(review, "file")


async def deployed(stage: Wired) -> str:
    found = await stage.services.policies.deployed(stage.provider.id, SGX)
    found.require()
    return found.text


async def assert_kept(stage: Wired, text: str) -> None:
    """What was typed is in history, whatever became of it."""
    rows = await stage.services.policies.history(stage.provider.id, SGX)
    assert text in {row.text for row in rows if row.origin == "sent"}


def assert_stopped(outcome: RunOutcome, at: StepId) -> Step:
    assert not outcome.proven
    failed = outcome.failed
    assert failed is not None
    assert failed.id is at
    after = list(StepId)[list(StepId).index(at) + 1 :]
    later = {step.id: step.status for step in outcome.steps if step.id in after}
    assert set(later.values()) <= {StepStatus.WAITING}
    return failed


def test_good_day(play: Play) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        outcome = await (await upload(stage, text)).run()
        assert outcome.proven, outcome.failed
        assert await deployed(stage) == text
        assert outcome.policy_hash == policy_hash(text)
        assert outcome.request_id

    play(scene)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_then_allowed(status: int, play: Play) -> None:
    async def scene(stage: Wired) -> None:
        before, text = await deployed(stage), new_text()
        run = await upload(stage, text)
        await stage.fault("status", method="PUT", path="^/policies", status=status)
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, RefusedError)
        assert failed.error.status == status
        assert failed.request_id
        assert stage.world.log.rows[-1].result == "refused"
        assert await deployed(stage) == before
        await assert_kept(stage, text)
        await stage.no_faults()
        assert (await run.run()).proven
        assert await deployed(stage) == text

    play(scene)


def test_throttled_waits_as_told_and_commits_once(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)
        await stage.fault(
            "status", method="PUT", path="^/policies", status=429, retryAfter=1, times=1
        )
        begun = anyio.current_time()
        assert (await run.run()).proven
        assert anyio.current_time() - begun >= 1
        assert stage.wire.count("PUT", "/policies/") == 2
        assert await deployed(stage) == text

    play(scene)


def test_throttled_for_long_is_said_and_goes_on_later(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)
        await stage.fault("status", method="PUT", path="^/policies", status=429, retryAfter=900)
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, UnreachableError)
        assert "900 seconds" in failed.error.hint
        await stage.no_faults()
        assert (await run.run()).proven

    play(scene)


def test_a_service_that_fails_and_wants_time_is_waited_for_once(play: Play) -> None:
    """In all for half a minute: three such waits would keep a person for a minute and a half."""

    async def scene(stage: Wired) -> None:
        waits: list[float] = []

        async def noted(seconds: float) -> None:
            waits.append(seconds)
            await anyio.lowlevel.checkpoint()

        await stage.fault("status", method="GET", path="^/policies", status=503, retryAfter=20)
        exchange = Exchange(stage.wire, Anonymous(), "", pause=noted)
        address = f"{stage.relay.uri}/policies/Tpm?api-version=2022-08-01"
        with pytest.raises(UnreachableError):
            await exchange.send(Call("GET", address, "read", safe=True))
        await stage.no_faults()
        assert waits == [20.0]

    play(scene)


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after the commit"])
def test_server_error(
    committed: bool,  # noqa: FBT001 - a parameter of the test
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)
        await stage.fault(
            "status", method="PUT", path="^/policies", status=500, after=committed, times=1
        )
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, UnreachableError)
        assert (await deployed(stage) == text) is committed
        await assert_kept(stage, text)
        outcome = await run.run()
        assert outcome.proven
        assert stage.wire.count("PUT", "/policies/") == (1 if committed else 2)
        assert await deployed(stage) == text

    play(scene)


@pytest.mark.parametrize("where", list(Cut))
def test_cut_connection(where: Cut, play: Play) -> None:
    async def scene(stage: Wired) -> None:
        text = new_text()
        run = await upload(stage, text)

        async def cut() -> None:
            stage.relay.cut(where)

        stage.wire.before["PUT"] = cut
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, UnreachableError)
        assert stage.relay.cuts == 1
        await assert_kept(stage, text)
        committed = where is not Cut.BEFORE
        assert (await deployed(stage) == text) is committed
        outcome = await run.run()
        assert outcome.proven
        assert stage.wire.count("PUT", "/policies/") == (1 if committed else 2)
        result = next(step for step in outcome.steps if step.id is StepId.RESULT)
        assert (result.status is StepStatus.SKIPPED) is committed

    play(scene)


def test_reading_survives_a_cut(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        stage.relay.cut(Cut.INSIDE)
        found = await stage.services.policies.deployed(stage.provider.id, SGX)
        assert found.trusted
        assert stage.relay.cuts == 1

    play(scene)


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


def test_signer_is_added_once_when_the_answer_is_lost(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        signers, id_ = stage.services.signers, stage.provider.id
        der = policy_certificate("second")
        run = await signers.add(id_, der, signing_key="file")

        async def cut() -> None:
            stage.relay.cut(Cut.AFTER)

        stage.wire.before["POST"] = cut
        assert_stopped(await run.run(), StepId.SEND)
        assert (await run.run()).proven
        assert stage.wire.count("POST", "/certificates:add") == 1
        found = (await signers.list(id_)).signers
        gone = await signers.remove(
            id_,
            next(each.certificate.sha256 for each in found if each.certificate.der == der),
            signing_key="file",
        )
        await stage.fault("foreign-key", method="POST", path="^/certificates", times=1)
        assert_stopped(await gone.run(), StepId.RESULT)
        assert (await gone.run()).proven
        assert len((await signers.list(id_)).signers) == len(found) - 1

    play(scene)


def test_bad_policy_is_refused_with_its_place(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        before = await deployed(stage)
        text = "version= 1.0;\nauthorizationrules{ => permit( };\n"
        run = await upload(stage, text)
        failed = assert_stopped(await run.run(), StepId.SEND)
        assert isinstance(failed.error, RejectedError)
        assert failed.error.service_code == "PolicyParsingError"
        assert failed.error.details["line"] == "2"
        assert await deployed(stage) == before
        await assert_kept(stage, text)

    play(scene)


def test_clock_a_day_off_is_named(
    play: Play,
) -> None:
    async def scene(stage: Wired) -> None:
        stage.world.clock.advance(days=1)
        found = await stage.services.policies.deployed(stage.provider.id, SGX)
        assert not found.trusted
        assert found.problem is not None
        assert "1 day" in found.problem.hint

    play(scene)


def test_provider_gone_under_the_editor_loses_nothing(served: ServedSandbox) -> None:
    async def scene() -> None:
        with relay_to(served.attest_uri(OPEN)) as relay:
            async with wired(served, relay, OPEN) as stage:
                policies = stage.services.policies
                text = new_text()
                review = await policies.review(text.encode(), stage.provider.id, SGX)
                run = await policies.start(review, None)
                await stage.services.providers.delete(stage.provider.id, typed_name=OPEN)
                failed = assert_stopped(await run.run(), StepId.SEND)
                assert failed.error is not None
                assert failed.error.hint
                assert review.text == text

    anyio.run(scene)
