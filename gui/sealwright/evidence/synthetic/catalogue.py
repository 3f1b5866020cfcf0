"""What can be set about each kind of synthetic evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.examination import Kind
from sealwright.evidence.intel.collateral import TcbStatus
from sealwright.evidence.synthetic.settings import (
    REGISTERS,
    Setting,
    choice,
    flag,
    number,
    octets,
    text,
)
from sealwright.evidence.synthetic.snp_reports import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_RECOGNISED: Final = "NotRecognised"
"""A TCB status of this form only: the platform reaches no level of the collateral."""

_DATA: Final = (
    octets("report_data", 64, "report data; by default the hash of runtime_data"),
    text("runtime_data", "", "text whose SHA-256 becomes the report data"),
)
_TCB: Final = (
    choice("tcb_status", (*TcbStatus, NOT_RECOGNISED), "how the collateral rates the platform"),
    text("advisories", "", "advisory ids of that rating, separated by blanks"),
    flag("revoked", "revoke the platform's certificate"),
)
_ENCLAVE: Final = (
    octets("mrenclave", 32, "measurement of the enclave"),
    octets("mrsigner", 32, "hash of the enclave's signer"),
    number("isvprodid", 1, 2, "product number"),
    number("isvsvn", 1, 2, "security version"),
    flag("debug", "the enclave can be debugged"),
    flag("kss", "key separation and sharing"),
    octets("configid", 64, "configuration id"),
    number("configsvn", 0, 2, "configuration security version"),
    octets("isvextprodid", 16, "extended product id"),
    octets("isvfamilyid", 16, "family id"),
    octets("cpusvn", 16, "CPU security version"),
    number("miscselect", 0, 4, "extended features of the enclave"),
    *_DATA,
    *_TCB,
)
_TD_REPORT: Final = (
    octets("mrtd", 48, "measurement of the initial TD"),
    *(octets(f"rtmr{at}", 48, f"run-time register {at}") for at in range(4)),
    octets("mrseam", 48, "measurement of the TDX module"),
    octets("mrsignerseam", 48, "signer of the TDX module; zeros for Intel"),
    octets("seam_attributes", 8, "attributes of the TDX module"),
    octets("xfam", 8, "extended features"),
    octets("tee_tcb_svn", 16, "security versions of the TDX module"),
    octets("mrconfigid", 48, "configuration id"),
    octets("mrowner", 48, "owner"),
    octets("mrownerconfig", 48, "owner's configuration"),
    octets("mrservicetd", 48, "service TD; only in reports 1.5"),
    flag("debug", "the TD can be debugged"),
    flag("septve_disable", "SEPT_VE_DISABLE", default=True),
    flag("migratable", "MIGRATABLE"),
    flag("protection_keys", "supervisor protection keys"),
    flag("key_locker", "Key Locker"),
    flag("perfmon", "performance monitoring"),
)
_SNP_REPORT: Final = (
    choice("version", ("3", "2", "5"), "version of the report"),
    choice("product", PRODUCTS, "kind of processor"),
    choice("signer", ("vcek", "vlek"), "key of the chip, or of the cloud"),
    octets("measurement", 48, "launch measurement"),
    octets("host_data", 32, "host data"),
    number("guest_svn", 2, 4, "guest security version"),
    number("vmpl", 0, 4, "privilege level"),
    flag("debug", "the host may debug the guest"),
    flag("smt_allowed", "hyper-threading allowed", default=True),
    flag("migrate_ma", "migration agent allowed"),
    flag("single_socket", "only on one socket"),
    octets("id_key_digest", 48, "hash of the id key"),
    octets("author_key_digest", 48, "hash of the author key"),
    octets("family_id", 16, "family id"),
    octets("image_id", 16, "image id"),
    octets("report_id", 32, "report id"),
    number("bootloader_svn", 4, 1, "boot loader's security version"),
    number("tee_svn", 0, 1, "TEE's security version"),
    number("snpfw_svn", 24, 1, "SNP firmware's security version"),
    number("microcode_svn", 219, 1, "microcode's security version"),
    number("fmc_svn", 1, 1, "FMC's security version; only on Turin"),
)
_SECURE_BOOT: Final = flag("secure_boot", "secure boot is on", default=True)
_BOOT: Final = (
    _SECURE_BOOT,
    flag("windows", "the guest runs Windows"),
    flag("boot_debugging", "boot debugging is on"),
    flag("kernel_debugging", "kernel debugging is on"),
    flag("hypervisor_debugging", "hypervisor debugging is on"),
    flag("test_signing", "test signing is on"),
    flag("flight_signing", "flight signing is on"),
    flag("code_integrity", "code integrity is on", default=True),
    flag("safe_mode", "Windows started in safe mode"),
    flag("win_pe", "the system is Windows PE"),
    flag("elam", "early-launch antimalware was loaded", default=True),
    flag("vbs", "virtualization-based security", default=True),
    flag("iommu", "an IOMMU is required", default=True),
    flag("hvci", "hypervisor-enforced code integrity", default=True),
    number("bitlocker", 4, 4, "how the volume was unlocked: 0 not, 4 by the TPM"),
)
_MACHINE: Final = (
    text("vm_id", "5EA15EA1-0000-4000-8000-000000000001", "id of the virtual machine"),
    octets("user_data", 64, "user data in the runtime claims"),
)
_NONCE: Final = text("nonce", "", "what the TPM is asked with")
_HARDWARE: Final = choice("hardware", ("snp", "tdx"), "hardware below the machine")


def _without(settings: tuple[Setting, ...], *names: str) -> tuple[Setting, ...]:
    return tuple(item for item in settings if item.name not in names)


_BELOW: Final = (
    *_SNP_REPORT,
    *_without(_TD_REPORT, *(item.name for item in _SNP_REPORT)),
    *_TCB,
)
SETTINGS: Final[Mapping[Kind, tuple[Setting, ...]]] = {
    Kind.SGX_QUOTE: _ENCLAVE,
    Kind.OE_REPORT: _ENCLAVE,
    Kind.OE_EVIDENCE: (
        *_without(_ENCLAVE, "report_data", "runtime_data"),
        text("custom_claims", "", "custom claims as name=value, separated by blanks"),
    ),
    Kind.TDX_QUOTE: (
        choice("version", ("4", "5"), "version of the quote"),
        choice("body", ("1.0", "1.5"), "version of the TD report; 1.5 only in quotes v5"),
        *_TD_REPORT,
        *_DATA,
        *_TCB,
    ),
    Kind.SNP_REPORT: (*_SNP_REPORT, *_DATA),
    Kind.SNP_ACI: (
        *_SNP_REPORT,
        *_DATA,
        text("policy_text", "package policy\n", "container policy whose hash is the host data"),
        flag("endorsed", "the image is endorsed", default=True),
    ),
    Kind.HCL_REPORT: (
        _HARDWARE,
        *_MACHINE,
        flag("secure_boot", "secure boot is on", default=True),
        *_BELOW,
    ),
    Kind.VTPM_EVIDENCE: (_HARDWARE, *_MACHINE, _NONCE, REGISTERS, *_BOOT, *_BELOW),
    Kind.TPM_QUOTE: (_NONCE, REGISTERS, *_BOOT),
    Kind.TPM_EVENTLOG: _BOOT,
    Kind.AZURE_GUEST: (
        choice("isolation", ("TrustedLaunch", "SevSnp", "Tdx"), "isolation of the machine"),
        text("os_type", "", "Linux or Windows; by default as `windows` says"),
        text("os_distro", "", "distribution"),
        text("os_build", "NotApplicable", "build"),
        number("os_version_major", 22, 4, "major version"),
        number("os_version_minor", 4, 4, "minor version"),
        text("client_nonce", "", "`nonce` in the client's payload"),
        *_MACHINE,
        *_BOOT,
        *_BELOW,
    ),
    Kind.VBS_REPORT: (
        octets("enclave_data", 64, "what the enclave reports"),
        octets("owner_id", 32, "owner"),
        octets("unique_id", 32, "hash of the image"),
        octets("author_id", 32, "author"),
        octets("family_id", 16, "family"),
        octets("image_id", 16, "image"),
        number("enclave_svn", 1, 4, "security version of the enclave"),
        number("secure_kernel_svn", 1, 4, "security version of the secure kernel"),
        number("platform_svn", 1, 4, "security version of the platform"),
        flag("debug", "the enclave can be debugged"),
        text("runtime_data", "", "text whose SHA-512 becomes the enclave data"),
        *_without(_BOOT, "windows"),
    ),
    Kind.AMD_CHAIN: (),
    Kind.COLLATERAL: (
        flag("td", "about TDX"),
        *_TCB,
        number("tcb_evaluation_data_number", 17, 2, "number of the evaluation data"),
    ),
}
