"""What Entra refuses, and what the program says of it; accounts and tenants beside each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from helpers.entra import ARM, ATTEST, NOBODY, OWNER, READER, Entra, play, reads, served_tenants
from sealwright.azure.failures import activation_page
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import RefusedError, RoleError, SignInError, UnreachableError
from sealwright.identity.entra_errors import sign_in_error
from sealwright.identity.entra_meanings import MEANINGS
from sealwright.services.ports import Method
from sealwright.tokens.policy_jws import unsecured_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.served_sandbox import ServedSandbox

TEXT = "version= 1.0;authorizationrules{=> permit();};issuancerules{};"
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


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    with served_tenants(tmp_path_factory.mktemp("entra")) as running:
        yield running


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


# --- signed in, but no active role -------------------------------------------------------------


def test_a_role_that_is_missing_or_asleep_is_said_with_where_to_activate_it(
    served: ServedSandbox,
) -> None:
    async def scene(stage: Entra) -> None:
        stage.browser.user = READER
        cloud = stage.cloud_of(await stage.sign_in(stage.profile(Method.BROWSER)))
        (mine,) = [one for one in stage.ready["providers"] if one["trustModel"] == "AAD"][:1]
        found = await cloud.management().providers(stage.ready["subscription"])
        provider = next(each for each in found if each.attest_uri == mine["attestUri"])

        api = cloud.attestation(provider.attest_uri)
        with pytest.raises(RoleError) as at_provider:
            await api.set_policy(AttestationType.SGX_ENCLAVE, unsecured_policy(TEXT))
        with pytest.raises(RoleError) as at_manager:
            await cloud.management().delete(provider)

        for caught, status in ((at_provider, 401), (at_manager, 403)):
            error = caught.value
            assert error.status == status
            assert error.summary.endswith("no role that is active now allows it.")
            assert "Privileged Identity Management" in error.hint
            assert error.activation.startswith("https://portal.azure.com/#view/")
            assert error.details["activate a role"] == error.activation
            assert error.details["service message"]

    play(served, scene)


@pytest.mark.parametrize(
    ("host", "portal"),
    [
        ("one.ugv.attest.azure.us", "https://portal.azure.us/"),
        ("management.usgovcloudapi.net", "https://portal.azure.us/"),
        ("management.chinacloudapi.cn", "https://portal.azure.cn/"),
        ("one.weu.attest.azure.net", "https://portal.azure.com/"),
    ],
)
def test_roles_are_activated_in_the_portal_of_their_cloud(host: str, portal: str) -> None:
    assert activation_page(host).startswith(f"{portal}#view/Microsoft_Azure_PIMCommon/")


def test_every_number_has_words_what_to_do_and_its_correlation_id() -> None:
    known = {50020, 50055, 50057, 50076, 50079, 50105, 50129, 53000, 53003, 65001, 90094, 530003}
    assert known < set(MEANINGS)
    for number in MEANINGS:
        answer = {
            "error": "invalid_grant",
            "error_codes": [number],
            "error_description": f"AADSTS{number}: Entra's own words. Trace ID: t-1 Correlation "
            "ID: c-1 Timestamp: 2026-11-28 12:00:00Z",
        }
        error = sign_in_error(answer)
        assert isinstance(error, SignInError)
        assert error.summary.endswith("."), number
        assert error.hint.endswith("."), number
        assert "Entra's own words" not in error.summary
        assert error.details["correlation id"] == error.request_id == "c-1"
        assert error.details["error"] == f"AADSTS{number}"
        assert error.details["Entra ID said"].endswith("Entra's own words.")
    assert "activate your membership" in MEANINGS[50105].hint
