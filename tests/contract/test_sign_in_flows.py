"""A person signs in, by browser or device code: real msal, over TLS, at a served sandbox."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import anyio
import anyio.lowlevel
import pytest

from helpers.entra import ARM, ATTEST, NOBODY, OWNER, READER, Entra, play, reads, served_tenants
from sealwright.errors import SignInError
from sealwright.identity.person import has_broker
from sealwright.services.ports import Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.served_sandbox import ServedSandbox


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    with served_tenants(tmp_path_factory.mktemp("entra")) as running:
        yield running


def test_a_person_signs_in_with_the_browser(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.BROWSER))

        assert (done.name, done.tenant) == (OWNER, stage.ready["tenant"])
        assert "code_challenge_method=S256" in stage.prompts[0].url
        assert "Signed in" in stage.browser.pages[-1]
        await reads(stage, done)

    play(served, scene)


def test_a_restart_asks_nobody_and_opens_nothing(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.BROWSER))
        stage.restarted()
        stage.browser.seen.clear()
        await reads(stage, done)
        posts = stage.http.count("oauth2/v2.0/token")
        await stage.directory.bearer(stage.cloud, done, ATTEST)
        assert stage.http.count("oauth2/v2.0/token") == posts
        assert stage.browser.seen == []
        assert all("refresh_token" not in repr(value) for value in stage.vault.kept.values())

    play(served, scene)


def test_sign_out_forgets_everything(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.BROWSER))
        assert stage.vault.kept
        await stage.directory.forget(done)
        assert stage.vault.kept == {}
        with pytest.raises(SignInError) as caught:
            await stage.directory.bearer(stage.cloud, done, ARM)
        assert caught.value.needs_person

    play(served, scene)


def test_declining_at_the_browser_is_said_so(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        stage.browser.user = ""
        with pytest.raises(SignInError, match="declined"):
            await stage.sign_in(stage.profile(Method.BROWSER))
        assert stage.vault.kept == {}

    play(served, scene)


def test_a_machine_without_a_broker_uses_the_browser() -> None:
    assert not has_broker("https://login.microsoftonline.com")
    assert not has_broker("https://127.0.0.1:5000")


def test_calling_the_browser_off_closes_the_door(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        shown = asyncio.Event()
        loop = asyncio.get_running_loop()

        def forgotten(_url: str) -> bool:
            loop.call_soon_threadsafe(shown.set)
            return True

        stage.directory._open = forgotten  # noqa: SLF001 - the browser of this scene
        # As the window calls it off: by cancelling the task.
        task = asyncio.ensure_future(stage.sign_in(stage.profile(Method.BROWSER)))
        await shown.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        place = urlsplit(parse_qs(urlsplit(stage.prompts[0].url).query)["redirect_uri"][0])
        with pytest.raises(OSError, match=r"."):
            await anyio.connect_tcp("127.0.0.1", place.port or 0)

    play(served, scene)


def test_another_person_at_the_page_takes_the_account_over(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.BROWSER))
        stage.browser.user = NOBODY
        other = await stage.sign_in(done)
        assert other.name == NOBODY
        assert await stage.cloud_of(other).management().subscriptions() == ()

    play(served, scene)


def test_a_foreign_answer_does_not_end_the_wait(served: ServedSandbox) -> None:
    """Only the answer with our own `state` counts: another page on this computer cannot push in."""

    async def scene(stage: Entra) -> None:
        import httpx  # noqa: PLC0415 - only here

        turned: list[int] = []

        def pushy(url: str) -> bool:
            place = httpx.URL(url).params["redirect_uri"]
            with httpx.Client(trust_env=False) as client:
                turned.append(client.post(place, data={"code": "x", "state": "y"}).status_code)
                turned.append(client.get(f"{place}/?code=x&state=y").status_code)
            return stage.browser.open(url)

        stage.directory._open = pushy  # noqa: SLF001 - the browser of this scene
        done = await stage.sign_in(stage.profile(Method.BROWSER))
        assert turned == [400, 400]
        assert done.name == OWNER

    play(served, scene)


@pytest.mark.filterwarnings("ignore:Attempted too soon")  # The waits are the test's own.
def test_a_person_signs_in_with_a_device_code(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        stage.browser.user = READER
        polls = 0

        async def elsewhere(_seconds: float) -> None:
            nonlocal polls
            polls += 1
            if polls == 2:
                prompt = stage.prompts[0]
                said = await anyio.to_thread.run_sync(
                    stage.browser.enter_code, prompt.url, prompt.code
                )
                assert "signed in" in said
            await anyio.lowlevel.checkpoint()

        stage._pause = elsewhere  # noqa: SLF001 - the person of this scene
        stage.restarted()
        done = await stage.sign_in(stage.profile(Method.DEVICE_CODE))
        assert polls == 2
        assert done.name == READER
        assert stage.prompts[0].code not in repr(stage.prompts[0])
        token = await stage.directory.bearer(stage.cloud, done, ATTEST)
        assert token.reveal().count(".") == 2

    play(served, scene)


@pytest.mark.parametrize(("user", "words"), [("", "declined"), (None, "expired")])
def test_a_device_code_that_fails_says_how(
    served: ServedSandbox, user: str | None, words: str
) -> None:
    async def scene(stage: Entra) -> None:
        async def elsewhere(_seconds: float) -> None:
            prompt = stage.prompts[0]
            if user is None:
                await stage.operate("clock", {"offsetSeconds": 1000})
            else:
                stage.browser.user = user
                await anyio.to_thread.run_sync(stage.browser.enter_code, prompt.url, prompt.code)

        stage._pause = elsewhere  # noqa: SLF001 - the person of this scene
        stage.restarted()
        try:
            with pytest.raises(SignInError, match=words):
                await stage.sign_in(stage.profile(Method.DEVICE_CODE))
        finally:
            await stage.operate("clock", {})

    play(served, scene)


@pytest.mark.filterwarnings("ignore:Attempted too soon")  # The waits are the test's own.
def test_polling_in_haste_is_slowed_down(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        waits: list[float] = []

        async def impatient(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 4:
                prompt = stage.prompts[0]
                await anyio.to_thread.run_sync(stage.browser.enter_code, prompt.url, prompt.code)

        stage._pause = impatient  # noqa: SLF001 - the clock of this scene
        stage.restarted()
        # The authority's clock stands still, so that no machine is slow enough to be patient.
        await stage.operate("clock", {"fixed": datetime.now(UTC).isoformat()})
        try:
            await stage.sign_in(stage.profile(Method.DEVICE_CODE))
        finally:
            await stage.operate("clock", {})
        assert waits == [5.0, 5.0, 10.0, 15.0]

    play(served, scene)
