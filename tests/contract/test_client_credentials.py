"""Sign-in of an application at the sandbox's authority, through our own transport."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest

from sealwright.azure.http import HttpxTransport
from sealwright.azure.route import HttpOptions
from sealwright.errors import BadAnswerError, RefusedError, UnreachableError
from sealwright.identity.anonymous import Anonymous
from sealwright.identity.client_credentials import Application, ClientCredentials
from sealwright.sandbox.sandbox import open_sandbox
from sealwright.secret import Secret
from sealwright.store.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

    from sealwright.services.ports import HttpRequest, HttpResponse

ATTEST = "https://attest.azure.net/.default"
ARM = "https://management.azure.com/.default"


class Counting:
    """The real transport, counting what goes out."""

    def __init__(self, inner: HttpxTransport) -> None:
        self._inner = inner
        self.sent: list[str] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(request.method)
        return await self._inner.send(request)


class Memory:
    """Credentials in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret[str]] = {}

    async def get(self, name: str) -> Secret[str] | None:
        return self.kept.get(name)

    async def put(self, name: str, value: Secret[str]) -> None:
        self.kept[name] = value

    async def remove(self, name: str) -> None:
        self.kept.pop(name, None)


class Stage:
    """A sandbox's authority and an application that it knows."""

    def __init__(self, folder: Path) -> None:
        self.sandbox = open_sandbox(folder / "sandbox.db", SystemClock())
        who = self.sandbox.identity
        self.application = Application(
            who.authority, who.tenant, who.client_id, who.client_secret, "Pipeline"
        )

    def play(self, scene: Callable[[Counting], Coroutine[object, object, None]]) -> None:
        async def run() -> None:
            http = HttpxTransport(
                SystemClock(), HttpOptions(apps={"sandbox.invalid": self.sandbox.app})
            )
            try:
                await scene(Counting(http))
            finally:
                await http.aclose()

        anyio.run(run)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.sandbox.close()


def test_one_token_for_each_scope_and_no_more_questions(stage: Stage) -> None:
    async def scene(http: Counting) -> None:
        tokens = ClientCredentials(stage.application, http)
        first = await tokens.bearer(ATTEST)
        other = await tokens.bearer(ARM)
        assert first is not None
        assert other is not None
        assert first != other
        asked = len(http.sent)
        assert await tokens.bearer(ATTEST) == first
        assert len(http.sent) == asked
        assert tokens.account == "Pipeline"
        assert first.reveal() not in repr(first)

    stage.play(scene)


def test_token_opens_the_doors_of_the_sandbox(stage: Stage) -> None:
    from sealwright.azure.clouds import PUBLIC, AzureCloud  # noqa: PLC0415 - only here

    async def scene(http: Counting) -> None:
        who = stage.sandbox.identity
        settings = replace(PUBLIC, arm_endpoint=who.management, suffix="sandbox.invalid")
        signed_in = AzureCloud(settings, http, ClientCredentials(stage.application, http))
        (found,) = await signed_in.management().subscriptions()
        assert found.id == who.subscription
        nobody = AzureCloud(settings, http, Anonymous())
        with pytest.raises(RefusedError):
            await nobody.management().subscriptions()

    stage.play(scene)


def test_tokens_survive_in_the_vault(stage: Stage) -> None:
    async def scene(http: Counting) -> None:
        vault = Memory()
        first = await ClientCredentials(stage.application, http, vault).bearer(ATTEST)
        assert list(vault.kept) == [
            f"token-cache/{stage.application.tenant}/{stage.application.client_id}"
        ]
        posts = http.sent.count("POST")
        again = await ClientCredentials(stage.application, http, vault).bearer(ATTEST)
        assert again == first
        assert http.sent.count("POST") == posts

    stage.play(scene)


def test_wrong_secret_is_refused_with_what_to_do(stage: Stage) -> None:
    async def scene(http: Counting) -> None:
        wrong = replace(stage.application, secret=Secret("not the one"))
        with pytest.raises(RefusedError) as caught:
            await ClientCredentials(wrong, http).bearer(ATTEST)
        assert caught.value.service_code == "invalid_client"
        assert "secret" in caught.value.hint
        assert "not the one" not in str(caught.value) + repr(wrong)

    stage.play(scene)


def test_unknown_tenant_is_no_authority(stage: Stage) -> None:
    async def scene(http: Counting) -> None:
        wrong = replace(stage.application, tenant="11111111-2222-3333-4444-555555555555")
        with pytest.raises((BadAnswerError, RefusedError)) as caught:
            await ClientCredentials(wrong, http).bearer(ATTEST)
        assert caught.value.hint

    stage.play(scene)


def test_authority_that_does_not_answer_is_unreachable(stage: Stage) -> None:
    async def scene(http: Counting) -> None:
        gone = replace(stage.application, authority="https://gone.sandbox.invalid")
        with pytest.raises(UnreachableError):
            await ClientCredentials(gone, http).bearer(ATTEST)

    stage.play(scene)


def test_nobody_has_no_token() -> None:
    async def scene() -> None:
        assert await Anonymous().bearer(ATTEST) is None
        assert Anonymous().account == "not signed in"

    anyio.run(scene)
