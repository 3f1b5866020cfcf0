"""Each way of signing in, by real msal, over TLS, at a served sandbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import anyio
import anyio.lowlevel
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from helpers.entra import NOBODY, OWNER, READER, Entra, play
from helpers.served_sandbox import ServedSandbox, served_sandbox
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import BadAnswerError, RefusedError, SignInError, UnreachableError
from sealwright.identity.person import has_broker
from sealwright.secret import Secret
from sealwright.services.ports import AccountProfile, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

ARM = "https://management.azure.com/.default"
ATTEST = "https://attest.azure.net/.default"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("entra")
    options = ("--operator", "--tenant", "fabrikam", "--provider", "plain:AAD")
    with served_sandbox(home, *options) as running:
        yield running


async def reads(stage: Entra, profile: AccountProfile) -> None:
    """See that an account really opens ARM and the data plane."""
    cloud = stage.cloud_of(profile)
    (subscription,) = await cloud.management().subscriptions()
    assert subscription.id == stage.ready["subscription"]
    uri = next(one["attestUri"] for one in stage.ready["providers"] if one["name"] == "plain")
    assert (await cloud.attestation(uri).get_policy(AttestationType.SGX_ENCLAVE)).token


# --- a person ---------------------------------------------------------------------------------


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


# --- refusals of Entra ------------------------------------------------------------------------


REFUSALS = (
    (50020, "not known in this tenant", False),
    (50057, "disabled", False),
    (50076, "Multi-factor", True),
    (50079, "set up", True),
    (50105, "not assigned", False),
    (53000, "compliant", False),
    (53003, "Conditional Access blocks", False),
    (65001, "agreed", True),
    (70043, "too long ago", True),
    (90094, "administrator", False),
    (500011, "not known in this tenant yet", False),
)


def test_each_refusal_says_what_to_do(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.BROWSER))
        stage.browser.seen.clear()
        for number, words, person in REFUSALS:
            await stage.obstacle(OWNER, number)
            # msal holds a refusal for a minute: a program that was started again does not.
            stage.restarted()

            with pytest.raises(SignInError, match=words) as caught:
                await stage.directory.bearer(stage.cloud, done, ATTEST)

            error = caught.value
            assert error.needs_person is person
            assert error.hint
            assert error.details["error"] == f"AADSTS{number}"
            assert error.details["correlation id"] == error.request_id != ""
        assert stage.browser.seen == []  # Nobody was asked unasked.

    play(served, scene)


def test_signing_in_again_clears_multi_factor(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.BROWSER))
        await stage.obstacle(OWNER, 50076)
        with pytest.raises(SignInError) as caught:
            await stage.directory.bearer(stage.cloud, done, ATTEST)
        assert "capolids" in caught.value.claims

        again = await stage.sign_in(done, claims=caught.value.claims)

        assert "capolids" in stage.prompts[-1].url
        assert f"login_hint={OWNER.replace('@', '%40')}" in stage.prompts[-1].url
        await reads(stage, again)

    play(served, scene)


def test_a_block_shows_at_the_browser_as_well(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        await stage.obstacle(OWNER, 53003)
        with pytest.raises(SignInError, match="Conditional Access blocks"):
            await stage.sign_in(stage.profile(Method.BROWSER))

    play(served, scene)


def test_revocation_ends_the_session_at_once(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.BROWSER))
        await reads(stage, done)
        await stage.obstacle(OWNER, 0, revoke=True)

        # The access token is still good by its time: ARM's claims challenge finds out.
        with pytest.raises(SignInError, match="revoked") as caught:
            await stage.cloud_of(done).management().subscriptions()
        assert caught.value.needs_person

        await reads(stage, await stage.sign_in(done))

    play(served, scene)


def test_a_claims_challenge_is_answered_where_the_sign_in_allows_it(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'
        done = await stage.sign_in(stage.profile(Method.BROWSER), claims=claims)
        await stage.operate("people", {"wantedContext": "c1"})
        await reads(stage, done)

        await stage.operate("people", {"wantedContext": "c2"})
        with pytest.raises(RefusedError):
            await stage.cloud_of(done).management().subscriptions()

    play(served, scene)


def test_throttling_names_the_wait(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.BROWSER))
        fault = {"kind": "status", "status": 429, "retryAfter": 17, "path": "oauth2/v2.0/token"}
        await stage.operate("faults", {"faults": [fault]})
        with pytest.raises(UnreachableError, match="no more requests") as caught:
            await stage.directory.bearer(stage.cloud, done, ATTEST)
        assert "17 seconds" in caught.value.hint

    play(served, scene)


# --- tenants and several accounts -------------------------------------------------------------


def test_one_account_in_two_tenants_and_a_stranger_in_none(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.BROWSER))
        tenants = await stage.cloud_of(done).management().tenants()
        assert [one.domain for one in tenants] == [
            "fabrikam.sandbox.invalid",
            "sandbox.invalid",
        ]
        moved = replace(done, tenant=tenants[0].id)
        stage.browser.seen.clear()
        (there,) = await stage.cloud_of(moved).management().subscriptions()
        assert there.tenant_id == tenants[0].id
        assert stage.browser.seen == []

        home = stage.ready["subscription"]
        with pytest.raises(RefusedError) as caught:
            await stage.cloud_of(moved).management().resource_groups(home)
        assert caught.value.service_code == "InvalidAuthenticationTokenTenant"
        assert "tenant" in caught.value.hint

        stage.browser.user = READER
        reader = await stage.sign_in(replace(stage.profile(Method.BROWSER), id="second"))
        stranger = replace(reader, tenant=tenants[0].id)
        with pytest.raises(SignInError, match="not known in this tenant"):
            await stage.directory.bearer(stage.cloud, stranger, ARM)

    play(served, scene)


def test_two_accounts_at_once_keep_apart(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        owner = await stage.sign_in(stage.profile(Method.BROWSER))
        stage.browser.user = NOBODY
        other = await stage.sign_in(replace(stage.profile(Method.BROWSER), id="second"))
        assert (owner.name, other.name) == (OWNER, NOBODY)

        await reads(stage, owner)
        assert await stage.cloud_of(other).management().subscriptions() == ()
        await stage.directory.forget(owner)
        assert await stage.cloud_of(other).management().subscriptions() == ()

    play(served, scene)


# --- applications -----------------------------------------------------------------------------


def application(stage: Entra, method: Method, **fields: str) -> AccountProfile:
    return stage.profile(
        method, stage.ready["tenant"], **{"client_id": stage.ready["clientId"], **fields}
    )


def test_an_application_signs_in_with_its_secret(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        secret = Secret(str(stage.ready["clientSecret"]))
        done = await stage.sign_in(application(stage, Method.SECRET), secret=secret)
        await reads(stage, done)
        stage.restarted()
        await reads(stage, done)

    play(served, scene)


def test_a_wrong_secret_leaves_nothing_behind(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        with pytest.raises(SignInError, match="secret is wrong") as caught:
            await stage.sign_in(application(stage, Method.SECRET), secret=Secret("not the one"))
        assert "not the one" not in repr(caught.value.details)
        assert stage.vault.kept == {}

    play(served, scene)


def test_an_application_signs_in_with_a_certificate(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        key = stage.keys.hold("automation")
        with pytest.raises(SignInError, match="does not know this certificate"):
            await stage.sign_in(application(stage, Method.CERTIFICATE, key="automation"))
        pem = load_der_x509_certificate(key.certificate.der).public_bytes(Encoding.PEM)
        await stage.operate("proofs", {"certificate": pem.decode()})

        done = await stage.sign_in(
            replace(application(stage, Method.CERTIFICATE, key="automation"), id="again")
        )

        await reads(stage, done)

    play(served, scene)


def test_a_workload_signs_in_with_its_platforms_token(
    served: ServedSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in served.ready["managedIdentity"].items():
        monkeypatch.setenv(name, value)

    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.WORKLOAD))
        assert done.client_id == stage.ready["managedIdentity"]["AZURE_CLIENT_ID"]
        await reads(stage, done)

        other = application(stage, Method.WORKLOAD)
        with pytest.raises(SignInError, match="does not trust the subject"):
            await stage.sign_in(other)

    play(served, scene)


def test_a_machine_signs_in_with_its_managed_identity(
    served: ServedSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = served.ready["managedIdentity"]
    monkeypatch.setenv("IDENTITY_ENDPOINT", found["IDENTITY_ENDPOINT"])
    monkeypatch.setenv("IDENTITY_HEADER", found["IDENTITY_HEADER"])

    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(Method.MANAGED_IDENTITY))
        await reads(stage, done)
        monkeypatch.setenv("IDENTITY_HEADER", "wrong")
        with pytest.raises((SignInError, BadAnswerError)):
            await stage.sign_in(replace(stage.profile(Method.MANAGED_IDENTITY), id="other"))

    play(served, scene)
