"""Proofs of applications by a key on a PKCS#11 token, and what is remembered of its PIN.

Invariants
- A wrong PIN is tried once: it is dropped then, and the refusal is given again, without asking the
  token, until a person gives another one. Else a refresh in the background would lock the token.
- A PIN is kept in the vault only where the profile says so; else in memory, for this session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.errors import PinError
from sealwright.identity.assertions import signed_by
from sealwright.services.ports import Pkcs11Key

if TYPE_CHECKING:
    from sealwright.identity.client_credentials import Assertion
    from sealwright.secret import Secret
    from sealwright.services.ports import AccountProfile, CredentialVault, Pkcs11Keys


class HardwareProofs:
    """Makes the proofs of every account whose key stays on a token."""

    def __init__(self, tokens: Pkcs11Keys, vault: CredentialVault) -> None:
        self._tokens = tokens
        self._vault = vault
        self._pins: dict[str, Secret[str]] = {}
        self._refused: dict[str, PinError] = {}

    async def take(self, profile: AccountProfile, entry: str, pin: Secret[str] | None) -> None:
        """Use this PIN from now on; None where the token asks for it itself, or has it kept."""
        self._refused.pop(profile.id, None)
        if pin is None:
            return
        self._pins[profile.id] = pin
        if profile.keep_pin:
            await self._vault.put(entry, pin)

    def forget(self, profile: AccountProfile) -> None:
        """Forget what is in memory."""
        self._pins.pop(profile.id, None)
        self._refused.pop(profile.id, None)

    def of(self, profile: AccountProfile, entry: str) -> Assertion:
        """Makes the proof of an account; the token is asked only when one is needed."""

        async def make(address: str) -> Secret[str]:
            refused = self._refused.get(profile.id)
            if refused is not None:
                raise _again(refused)
            pin = self._pins.get(profile.id) or await self._vault.get(entry)
            place = Pkcs11Key(profile.module, profile.token, profile.key)
            try:
                signer = await self._tokens.signer(place, pin)
                return await signed_by(signer, profile.client_id)(address)
            except PinError as error:
                self._refused[profile.id] = error
                self._pins.pop(profile.id, None)
                await self._vault.remove(entry)
                raise

        return make


def _again(error: PinError) -> PinError:
    """The same refusal; raising the very object again would make its traceback grow."""
    return PinError(error.summary, hint=error.hint, details=error.details)
