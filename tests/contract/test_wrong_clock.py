"""This computer's clock is wrong: it is said so, and no role is blamed for it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from helpers.entra import ARM, Entra, play, reads, served_tenants
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import ClockError, SignInError
from sealwright.secret import Secret
from sealwright.services.ports import AccountProfile, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.served_sandbox import ServedSandbox

DAYS = int(timedelta(days=2).total_seconds())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    with served_tenants(tmp_path_factory.mktemp("clock")) as running:
        yield running


async def pipeline(stage: Entra) -> AccountProfile:
    profile = stage.profile(Method.SECRET, stage.ready["tenant"], client_id=stage.ready["clientId"])
    return await stage.sign_in(profile, secret=Secret(str(stage.ready["clientSecret"])))


def plain(stage: Entra) -> str:
    return str(next(one["attestUri"] for one in stage.ready["providers"] if one["name"] == "plain"))


@pytest.mark.parametrize(
    ("seconds", "side", "code"),
    [(DAYS, "behind", "ExpiredAuthenticationToken"), (-DAYS, "ahead of", "AuthenticationFailed")],
)
def test_a_token_that_the_clock_spoils_is_no_missing_role(
    served: ServedSandbox, seconds: int, side: str, code: str
) -> None:
    async def scene(stage: Entra) -> None:
        done = await pipeline(stage)
        await reads(stage, done)
        cloud = stage.cloud_of(done)
        await stage.operate("clock", {"offsetSeconds": seconds})
        try:
            with pytest.raises(ClockError, match=f"clock is 2 days {side} that of") as arm:
                await cloud.management().subscriptions()
            with pytest.raises(ClockError, match=f"clock is 2 days {side} that of") as data:
                await cloud.attestation(plain(stage)).get_policy(AttestationType.SGX_ENCLAVE)
        finally:
            await stage.operate("clock", {})
        assert arm.value.service_code == code
        assert data.value.service_code == "Unauthorized"
        for error in (arm.value, data.value):
            assert "Set this computer's clock" in error.hint
            assert {"this computer's clock", "the server's clock"} < error.details.keys()
        await reads(stage, done)

    play(served, scene)


def test_a_proof_that_the_clock_spoils_says_by_how_much(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        key = stage.keys.hold("automation")
        pem = load_der_x509_certificate(key.certificate.der).public_bytes(Encoding.PEM)
        await stage.operate("proofs", {"certificate": pem.decode()})
        profile = stage.profile(
            Method.CERTIFICATE,
            stage.ready["tenant"],
            client_id=stage.ready["clientId"],
            key="automation",
        )
        await stage.operate("clock", {"offsetSeconds": -DAYS})
        try:
            with pytest.raises(ClockError, match="clock is 2 days ahead of that of") as caught:
                await stage.sign_in(profile)
        finally:
            await stage.operate("clock", {})
        assert caught.value.details["error"] == "AADSTS700024"
        assert caught.value.request_id
        assert stage.vault.kept == {}
        await reads(stage, await stage.sign_in(replace(profile, id="again")))

    play(served, scene)


def test_a_refusal_with_another_reason_keeps_it_whatever_the_clock(served: ServedSandbox) -> None:
    async def scene(stage: Entra) -> None:
        profile = stage.profile(
            Method.SECRET, stage.ready["tenant"], client_id=stage.ready["clientId"]
        )
        await stage.operate("clock", {"offsetSeconds": DAYS})
        try:
            with pytest.raises(SignInError, match="secret is wrong"):
                await stage.sign_in(profile, secret=Secret("not the one"))
        finally:
            await stage.operate("clock", {})

    play(served, scene)


def test_a_token_kept_before_the_clock_was_set_back_is_asked_for_anew(
    served: ServedSandbox,
) -> None:
    """Else it would be sent for two days, though it ran out long ago."""

    async def scene(stage: Entra) -> None:
        done = await pipeline(stage)
        old = await stage.directory.bearer(stage.cloud, done, ARM)
        (entry,) = (name for name in stage.vault.kept if name.endswith("/cache"))
        kept = json.loads(stage.vault.kept[entry].reveal())
        for token in kept["AccessToken"].values():
            for name in ("cached_at", "expires_on"):
                token[name] = str(int(token[name]) + DAYS)
        stage.vault.kept[entry] = Secret(json.dumps(kept))
        stage.restarted()

        assert await stage.directory.bearer(stage.cloud, done, ARM) != old
        await reads(stage, done)

    play(served, scene)
