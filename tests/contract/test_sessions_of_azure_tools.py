"""Sessions of the Azure CLI and of Azure PowerShell: good, slow, broken and signed out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from helpers.azure_programs import AzurePrograms
from helpers.entra import Entra, play
from helpers.served_sandbox import ServedSandbox, served_sandbox
from sealwright.errors import BadAnswerError, SignInError, UnreachableError, UsageError
from sealwright.identity.directory import Directory
from sealwright.services.ports import Method
from sealwright.vault.pkcs11_child import Pkcs11Token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are scripts")

ARM = "https://management.azure.com/.default"
ATTEST = "https://attest.azure.net/.default"
BOTH = pytest.mark.parametrize("method", [Method.AZURE_CLI, Method.POWERSHELL])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    with served_sandbox(tmp_path_factory.mktemp("tools"), "--operator") as running:
        yield running


@pytest.fixture
def programs(
    tmp_path: Path, served: ServedSandbox, monkeypatch: pytest.MonkeyPatch
) -> AzurePrograms:
    made = AzurePrograms(tmp_path, served)
    monkeypatch.setenv("PATH", made.path)
    return made


@BOTH
def test_a_session_opens_arm_and_is_asked_once_for_each_scope(
    served: ServedSandbox, programs: AzurePrograms, method: Method
) -> None:
    async def scene(stage: Entra) -> None:
        done = await stage.sign_in(stage.profile(method))
        assert (done.name, done.tenant) == ("mira@contoso.com", stage.ready["tenant"])
        assert stage.prompts[0].seconds == 60

        (found,) = await stage.cloud_of(done).management().subscriptions()
        assert found.id == stage.ready["subscription"]
        asked = len(programs.calls)
        await stage.directory.bearer(stage.cloud, done, ARM)
        stage.restarted()  # The token is kept in the vault: the slow program is left alone.
        await stage.directory.bearer(stage.cloud, done, ARM)
        assert len(programs.calls) == asked
        await stage.directory.bearer(stage.cloud, done, ATTEST)
        assert len(programs.calls) == asked + 1

        await stage.directory.forget(done)
        assert stage.vault.kept == {}

    play(served, scene)


@BOTH
def test_nobody_signed_in_there_says_which_command(
    served: ServedSandbox, programs: AzurePrograms, method: Method
) -> None:
    async def scene(stage: Entra) -> None:
        programs.feel("signed out")
        with pytest.raises(SignInError, match="Nobody is signed in") as caught:
            await stage.sign_in(stage.profile(method))
        assert ("az login" in caught.value.hint) or ("Connect-AzAccount" in caught.value.hint)
        assert stage.vault.kept == {}

    play(served, scene)


@BOTH
def test_an_unreadable_answer_is_not_believed(
    served: ServedSandbox, programs: AzurePrograms, method: Method
) -> None:
    async def scene(stage: Entra) -> None:
        programs.feel("broken")
        with pytest.raises(BadAnswerError, match="cannot be read"):
            await stage.sign_in(stage.profile(method))

    play(served, scene)


def test_a_program_that_hangs_is_ended_with_the_wait(
    served: ServedSandbox, programs: AzurePrograms
) -> None:
    async def scene(stage: Entra) -> None:
        programs.feel("slow")
        hasty = Directory(stage.http, stage.vault, stage.keys, Pkcs11Token(), patience=0.5)
        with pytest.raises(UnreachableError, match="gave no token within"):
            await hasty.sign_in(
                stage.cloud, stage.profile(Method.AZURE_CLI), None, stage.prompts.append
            )

        with anyio.move_on_after(0.5) as waited:  # A person who calls it off.
            await stage.sign_in(stage.profile(Method.AZURE_CLI))
        assert waited.cancelled_caught

    play(served, scene)


def test_a_refusal_of_entra_comes_through(served: ServedSandbox, programs: AzurePrograms) -> None:
    async def scene(stage: Entra) -> None:
        programs.feel("refused")
        with pytest.raises(SignInError) as caught:
            await stage.sign_in(stage.profile(Method.AZURE_CLI))
        assert "AADSTS70043" in caught.value.details["it said"]

    play(served, scene)


def test_a_program_that_is_not_there_is_named(
    served: ServedSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    async def scene(stage: Entra) -> None:
        with pytest.raises(UsageError, match="not installed"):
            await stage.sign_in(stage.profile(Method.AZURE_CLI))

    play(served, scene)


def test_nothing_of_ours_reaches_a_shell(served: ServedSandbox, programs: AzurePrograms) -> None:
    async def scene(stage: Entra) -> None:
        with pytest.raises(UsageError, match="cannot be given"):
            await stage.sign_in(stage.profile(Method.POWERSHELL, "contoso'; whoami; '"))
        assert programs.calls == []

    play(served, scene)
