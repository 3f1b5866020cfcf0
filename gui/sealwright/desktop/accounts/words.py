"""Words for the methods of signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from sealwright.services.ports.accounts import Method

if TYPE_CHECKING:
    from collections.abc import Mapping

ICONS = {
    Method.BROWSER: "globe",
    Method.DEVICE_CODE: "keyboard",
    Method.SECRET: "key",
    Method.CERTIFICATE: "cert",
    Method.PKCS11: "lock",
    Method.MANAGED_IDENTITY: "chip",
    Method.WORKLOAD: "cube",
    Method.AZURE_CLI: "terminal",
    Method.POWERSHELL: "terminal",
}


def tr(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate("accounts", text)


def method_words() -> Mapping[Method, tuple[str, str]]:
    """Each method with its name and one sentence, the usual one first."""
    return {
        Method.BROWSER: (
            tr("Browser"),
            tr("Opens this computer's browser. Sealwright never sees the password."),
        ),
        Method.DEVICE_CODE: (
            tr("Device code"),
            tr("Shows a code to enter in any browser, also on another device."),
        ),
        Method.AZURE_CLI: (
            tr("Azure CLI session"),
            tr("Uses the account of `az login`. The program takes some seconds."),
        ),
        Method.POWERSHELL: (
            tr("Azure PowerShell session"),
            tr("Uses the account of `Connect-AzAccount`. PowerShell takes some seconds."),
        ),
        Method.SECRET: (
            tr("Application with a secret"),
            tr("A service principal. The secret is kept where keys are kept."),
        ),
        Method.CERTIFICATE: (
            tr("Application with a certificate"),
            tr("A service principal that proves itself with a key of the Signers panel."),
        ),
        Method.PKCS11: (
            tr("Application with a smart card or HSM (PKCS#11)"),
            tr("A service principal whose key never leaves its token."),
        ),
        Method.MANAGED_IDENTITY: (
            tr("Managed identity"),
            tr("The identity that Azure gives to the machine this runs on."),
        ),
        Method.WORKLOAD: (
            tr("Workload identity"),
            tr("A federated token that the platform, such as Kubernetes, puts into a file."),
        ),
    }
