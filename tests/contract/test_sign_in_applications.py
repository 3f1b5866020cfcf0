"""Applications, workloads and machines sign in, by real msal, at a served sandbox."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from helpers.entra import Entra, play, reads, served_tenants
from sealwright.errors import BadAnswerError, SignInError
from sealwright.secret import Secret
from sealwright.services.ports import AccountProfile, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.served_sandbox import ServedSandbox


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    with served_tenants(tmp_path_factory.mktemp("entra")) as running:
        yield running


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
