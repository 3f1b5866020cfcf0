"""What is exported of a provider."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.claims.attestation_type import AttestationType
    from sealwright.services.model import Provider


class ExportForm(StrEnum):
    """A form of another tool."""

    BICEP = "bicep"
    ARM = "arm"
    TERRAFORM = "terraform"
    AZ = "az"
    POWERSHELL = "powershell"

    @property
    def words(self) -> str:
        """Its name for people."""
        return _WORDS[self]

    @property
    def ending(self) -> str:
        """The ending of its files."""
        return _ENDINGS[self]


_WORDS = {
    ExportForm.BICEP: "Bicep",
    ExportForm.ARM: "ARM template",
    ExportForm.TERRAFORM: "Terraform",
    ExportForm.AZ: "Azure CLI script",
    ExportForm.POWERSHELL: "PowerShell script",
}
_ENDINGS = {
    ExportForm.BICEP: ".bicep",
    ExportForm.ARM: ".json",
    ExportForm.TERRAFORM: ".tf",
    ExportForm.AZ: ".sh",
    ExportForm.POWERSHELL: ".ps1",
}


@dataclass(frozen=True, slots=True)
class ExportedPolicy:
    """A policy as the provider stores it. A signed one can only be sent as it is."""

    attestation_type: AttestationType
    text: str
    jws: str
    signed: bool


@dataclass(frozen=True, slots=True)
class ExportedProvider:
    """A provider with its custom policies and, for Isolated ones, its signers as DER."""

    provider: Provider
    policies: tuple[ExportedPolicy, ...]
    signers: tuple[bytes, ...]

    @property
    def place(self) -> tuple[str, str]:
        """Subscription and resource group."""
        return self.provider.subscription, self.provider.resource_group

    @property
    def unusual(self) -> dict[str, str]:
        """Settings that are not what a new provider has, by their names in Resource Manager."""
        settings = {
            "publicNetworkAccess": self.provider.public_network_access,
            "tpmAttestationAuthentication": self.provider.tpm_attestation_authentication,
        }
        return {name: value for name, value in settings.items() if value != "Enabled"}
