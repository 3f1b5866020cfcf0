"""Exports providers in the forms of other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio

from sealwright.claims.attestation_type import MAIN_TYPES, AttestationType
from sealwright.errors import UsageError
from sealwright.services.exports import scripts, templates
from sealwright.services.exports.model import ExportedPolicy, ExportedProvider, ExportForm
from sealwright.services.model import PolicyState, TrustModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.model import Provider
    from sealwright.services.policies.policies import PoliciesService
    from sealwright.services.signers import SignersService

_WRITERS: Final = {
    ExportForm.BICEP: templates.bicep_file,
    ExportForm.ARM: templates.arm_file,
    ExportForm.TERRAFORM: templates.terraform_file,
    ExportForm.AZ: scripts.az_script,
    ExportForm.POWERSHELL: scripts.powershell_script,
}


class ExportService:
    """One provider or many, as they are deployed now."""

    def __init__(self, policies: PoliciesService, signers: SignersService) -> None:
        self._policies = policies
        self._signers = signers

    async def export(self, providers: Sequence[Provider], form: ExportForm) -> str:
        """The providers in one file.

        Raises:
            UsageError: none of them can be made by anyone.
            ServiceError: something of them cannot be read, so the file would not be the truth.
        """
        own = [each for each in providers if each.trust_model is not TrustModel.SHARED]
        if not own:
            raise UsageError("Shared providers belong to the service and are not exported.")
        exported = [await self._read(provider) for provider in own]
        return _WRITERS[form](exported)

    async def _read(self, provider: Provider) -> ExportedProvider:
        found: dict[AttestationType, ExportedPolicy] = {}

        async def one(kind: AttestationType) -> None:
            deployed = await self._policies.deployed(provider.id, kind)
            deployed.require()
            if deployed.state is PolicyState.CUSTOM:
                signed = deployed.signer is not None
                found[kind] = ExportedPolicy(kind, deployed.text, deployed.jws, signed)

        try:
            async with anyio.create_task_group() as group:
                for kind in MAIN_TYPES:
                    group.start_soon(one, kind)
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        signers: tuple[bytes, ...] = ()
        if provider.trust_model is TrustModel.ISOLATED:
            listed = await self._signers.list(provider.id)
            signers = tuple(each.certificate.der for each in listed.signers)
        policies = tuple(found[kind] for kind in MAIN_TYPES if kind in found)
        return ExportedProvider(provider, policies, signers)
