"""An application whose key stays on a PKCS#11 token: SoftHSM, real msal, over TLS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from helpers.entra import Entra, play
from helpers.issuing import certificate, rsa_key
from helpers.served_sandbox import ServedSandbox, served_sandbox
from helpers.softhsm import PIN, SoftHsm
from sealwright.errors import AppError, KeyMaterialError, PinError, SignInError, StorageError
from sealwright.secret import Secret
from sealwright.services.ports import AccountProfile, Method, Pkcs11Key
from sealwright.vault.pkcs11_child import Pkcs11Token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARM = "https://management.azure.com/.default"
ATTEST = "https://attest.azure.net/.default"
ROOT, LEAF = rsa_key("token root"), rsa_key("token leaf")
ROOT_DER = certificate(ROOT, "Contoso root", ca=True)
LEAF_DER = certificate(LEAF, "automation", issuer="Contoso root", issuer_key=ROOT)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    home = tmp_path_factory.mktemp("entra")
    with served_sandbox(home, "--operator", "--provider", "plain:AAD") as running:
        yield running


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """One token with one key, its certificate and the issuer's."""
    found = SoftHsm(tmp_path / "hsm", monkeypatch)
    found.add_token("ops")
    found.add_key("ops", "automation", LEAF, LEAF_DER, ROOT_DER)
    return found


def account(stage: Entra, hsm: SoftHsm, *, keep_pin: bool = False) -> AccountProfile:
    profile = stage.profile(
        Method.PKCS11,
        stage.ready["tenant"],
        client_id=stage.ready["clientId"],
        module=hsm.module,
        token="ops",  # noqa: S106 - the label of a device
        key="automation",
    )
    return replace(profile, keep_pin=keep_pin)


async def trusted(stage: Entra) -> None:
    """Register a certificate on the application."""
    pem = load_der_x509_certificate(LEAF_DER).public_bytes(Encoding.PEM)
    await stage.operate("proofs", {"certificate": pem.decode()})


async def opens(stage: Entra, profile: AccountProfile) -> None:
    (subscription,) = await stage.cloud_of(profile).management().subscriptions()
    assert subscription.id == stage.ready["subscription"]
    assert (await stage.directory.bearer(stage.cloud, profile, ATTEST)).reveal()


def test_the_pin_lasts_for_the_session_only(served: ServedSandbox, hsm: SoftHsm) -> None:
    async def scene(stage: Entra) -> None:
        await trusted(stage)
        done = await stage.sign_in(account(stage, hsm), secret=Secret(PIN))
        await opens(stage, done)
        assert all(PIN not in one.reveal() for one in stage.vault.kept.values())

        # The tokens of before are still good; a new one wants the PIN again, and says how.
        stage.restarted()
        await opens(stage, done)
        stage.vault.kept.clear()
        stage.restarted()
        with pytest.raises(PinError, match="wants its PIN") as caught:
            await stage.directory.bearer(stage.cloud, done, ARM)
        assert "account renew" in caught.value.hint
        await opens(stage, await stage.sign_in(done, secret=Secret(PIN)))

    play(served, scene)


def test_a_kept_pin_outlives_the_session_until_it_is_wrong(
    served: ServedSandbox, hsm: SoftHsm
) -> None:
    async def scene(stage: Entra) -> None:
        await trusted(stage)
        done = await stage.sign_in(account(stage, hsm, keep_pin=True), secret=Secret(PIN))
        cache = f"account/{done.id}/cache"
        await stage.vault.remove(cache)
        stage.restarted()
        await opens(stage, done)

        hsm.change_pin("ops", "97531864")
        await stage.vault.remove(cache)
        stage.restarted()
        with pytest.raises(PinError, match="wrong"):
            await stage.directory.bearer(stage.cloud, done, ARM)
        assert all(PIN not in one.reveal() for one in stage.vault.kept.values())
        # Nothing tries a wrong PIN again: the token would lock itself.
        with pytest.raises(PinError, match="wrong"):
            await stage.directory.bearer(stage.cloud, done, ATTEST)

        await opens(stage, await stage.sign_in(done, secret=Secret("97531864")))
        await stage.directory.forget(done)
        assert stage.vault.kept == {}

    play(served, scene)


def test_a_certificate_that_the_application_lacks_is_refused(
    served: ServedSandbox, hsm: SoftHsm
) -> None:
    async def scene(stage: Entra) -> None:
        other = rsa_key("token of another")
        hsm.add_key("ops", "other", other, certificate(other, "other"), number="d4")
        profile = replace(account(stage, hsm), key="other")
        with pytest.raises(SignInError, match="certificate"):
            await stage.sign_in(profile, secret=Secret(PIN))
        assert stage.vault.kept == {}

    play(served, scene)


# --- what can be wrong with a token -------------------------------------------------------------


def refusal(hsm: SoftHsm, pin: str | None = PIN, **fields: str) -> AppError:
    """What the token says when it is asked for a signer."""
    place = Pkcs11Key(**{"module": hsm.module, **fields})

    async def ask() -> None:
        await Pkcs11Token().signer(place, None if pin is None else Secret(pin))

    with pytest.raises(AppError) as caught:
        anyio.run(ask)
    assert caught.value.hint
    assert PIN not in f"{caught.value} {caught.value.hint} {caught.value.details}"
    return caught.value


def test_what_is_wrong_is_named_with_what_there_is(hsm: SoftHsm, tmp_path: Path) -> None:
    no_module = refusal(hsm, module=str(tmp_path / "nothing.so"))
    assert isinstance(no_module, StorageError)
    assert "cannot be used as a PKCS#11 module" in no_module.summary

    no_token = refusal(hsm, token="lost")  # noqa: S106 - the label of a device
    assert "No token `lost`" in no_token.summary
    assert "`ops`" in no_token.hint

    no_key = refusal(hsm, key="lost")
    assert isinstance(no_key, KeyMaterialError)
    assert "no key `lost`" in no_key.summary
    assert "`automation`" in no_key.hint

    assert "wants its PIN" in refusal(hsm, None).summary

    # SoftHSM counts as the standard's flags do: it says low, and no number.
    wrong = refusal(hsm, "000000")
    assert isinstance(wrong, PinError)
    assert "wrong" in wrong.summary
    assert "few tries are left" in wrong.hint


def test_several_tokens_and_keys_have_to_be_told_apart(hsm: SoftHsm) -> None:
    hsm.add_key("ops", "bare", rsa_key("bare"), number="b2")
    curve = ec.generate_private_key(ec.SECP256R1())
    hsm.add_key("ops", "curve", curve, certificate(curve, "curve"), number="b3")
    without = refusal(hsm, key="bare")
    assert "no certificate for the key `bare`" in without.summary
    assert "not of RSA" in refusal(hsm, key="curve").summary
    assert "2 keys" in refusal(hsm).summary

    hsm.add_token("spare")
    several = refusal(hsm)
    assert "2 tokens" in several.summary
    assert "`spare`" in several.hint
    assert "holds no private key" in refusal(hsm, token="spare").summary  # noqa: S106 - a label


def test_the_only_key_with_a_certificate_needs_no_name(hsm: SoftHsm) -> None:
    hsm.add_key("ops", "bare", rsa_key("bare"), number="b2")

    async def ask(key: str) -> tuple[bytes, ...]:
        signer = await Pkcs11Token().signer(Pkcs11Key(hsm.module, key=key), Secret(PIN))
        assert len(await signer.sign(b"to be signed")) == 256
        return signer.certificate_chain

    assert anyio.run(ask, "") == (LEAF_DER, ROOT_DER)
    assert anyio.run(ask, "A1") == (LEAF_DER, ROOT_DER)
