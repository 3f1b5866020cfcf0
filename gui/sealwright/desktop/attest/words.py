"""Words of the Attest panel."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("attest", text)


def type_words(name: str) -> str:
    """An attestation type with the hardware behind it."""
    return {
        "SgxEnclave": tr("SgxEnclave \u00b7 SGX quote"),
        "OpenEnclave": tr("OpenEnclave \u00b7 SGX report"),
        "Tpm": tr("Tpm \u00b7 TPM or VBS enclave"),
        "SevSnpVm": tr("SevSnpVm \u00b7 AMD SEV-SNP"),
        "TdxVm": tr("TdxVm \u00b7 Intel TDX"),
        "AzureGuest": tr("AzureGuest \u00b7 Azure VM"),
    }.get(name, name)
