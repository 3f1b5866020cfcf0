"""Attestation types: the names the wire uses and every alias people know them by.

Source: spec rest-api, 2.1 AttestationType; cli, Commands.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class AttestationType(StrEnum):
    """A path segment of `/policies/{type}`; the value is what goes over the wire."""

    SGX_ENCLAVE = "SgxEnclave"
    OPEN_ENCLAVE = "OpenEnclave"
    TPM = "Tpm"
    SEV_SNP_VM = "SevSnpVm"
    TDX_VM = "TdxVm"
    AZURE_GUEST = "AzureGuest"
    PLUTON = "Pluton"
    KEY_GUARD = "KeyGuard"
    MDEP_TZ = "MdepTz"
    AI_HSM = "AiHsm"

    @property
    def label(self) -> str:
        """Short word for a chip or a table slot."""
        return _LABELS[self]

    @property
    def api_version(self) -> str:
        """The first version of the service's API that names the type."""
        return _VERSIONS.get(self, API_VERSION)

    @classmethod
    def parse(cls, text: str) -> AttestationType | None:
        """The type that `text` names in any case and by any alias; None when it names none."""
        return _BY_NAME.get(text.strip().lower())


MAIN_TYPES: Final = (
    AttestationType.SGX_ENCLAVE,
    AttestationType.OPEN_ENCLAVE,
    AttestationType.TPM,
    AttestationType.SEV_SNP_VM,
    AttestationType.TDX_VM,
    AttestationType.AZURE_GUEST,
)
"""The generally available types, in the fixed order of the provider table."""

API_VERSION: Final = "2022-08-01"
"""The version in which the data plane is called where a type needs no newer one."""

_VERSIONS: Final = {
    AttestationType.TDX_VM: "2025-06-01",
    AttestationType.AZURE_GUEST: "2025-06-01",
    AttestationType.PLUTON: "2026-03-11-preview",
    AttestationType.KEY_GUARD: "2026-03-11-preview",
    AttestationType.MDEP_TZ: "2026-03-11-preview",
    AttestationType.AI_HSM: "2026-03-11-preview",
}

_LABELS: Final = {
    AttestationType.SGX_ENCLAVE: "SGX",
    AttestationType.OPEN_ENCLAVE: "OE",
    AttestationType.TPM: "TPM",
    AttestationType.SEV_SNP_VM: "SNP",
    AttestationType.TDX_VM: "TDX",
    AttestationType.AZURE_GUEST: "Guest",
    AttestationType.PLUTON: "Pluton",
    AttestationType.KEY_GUARD: "KeyGuard",
    AttestationType.MDEP_TZ: "MdepTz",
    AttestationType.AI_HSM: "AiHsm",
}

_ALIASES: Final = {
    "sgx": AttestationType.SGX_ENCLAVE,
    "sgx-intelsdk": AttestationType.SGX_ENCLAVE,
    "oe": AttestationType.OPEN_ENCLAVE,
    "sgx-openenclavesdk": AttestationType.OPEN_ENCLAVE,
    "sevsnp": AttestationType.SEV_SNP_VM,
    "snp": AttestationType.SEV_SNP_VM,
    "tdx": AttestationType.TDX_VM,
    "azurevm": AttestationType.AZURE_GUEST,
    "guest": AttestationType.AZURE_GUEST,
    "vbs": AttestationType.TPM,
    "vbsenclave": AttestationType.TPM,
    "vsmenclave": AttestationType.TPM,
    "cyrescomponent": AttestationType.TPM,
}

_BY_NAME: Final = {**_ALIASES, **{member.value.lower(): member for member in AttestationType}}
