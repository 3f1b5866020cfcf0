"""Makes evidence of any kind under a sandbox's own roots, with any field set by the user.

    made = synthesize(Kind.SGX_QUOTE, roots, {"debug": "true"}, when)
    found = examine(made.evidence, made.given(Trust(roots.anchors(), when)), made.kind)

`catalogue.SETTINGS[kind]` says what can be set. `made.files()` are the files that belong beside the
evidence, by the endings that the command line writes them under.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.evidence.examination import Kind
from sealwright.evidence.synthetic import azure_kinds, enclave_kinds, snp_kinds, tpm_kinds
from sealwright.evidence.synthetic.catalogue import SETTINGS
from sealwright.evidence.synthetic.settings import Values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sealwright.evidence.synthetic.made import Synthetic
    from sealwright.evidence.synthetic.roots import SandboxRoots

_MAKERS: Final[Mapping[Kind, Callable[[Values, SandboxRoots, datetime], Synthetic]]] = {
    Kind.SGX_QUOTE: enclave_kinds.make_sgx,
    Kind.OE_REPORT: enclave_kinds.make_oe_report,
    Kind.OE_EVIDENCE: enclave_kinds.make_oe_evidence,
    Kind.TDX_QUOTE: enclave_kinds.make_tdx,
    Kind.SNP_REPORT: snp_kinds.make_snp,
    Kind.SNP_ACI: snp_kinds.make_aci,
    Kind.HCL_REPORT: azure_kinds.make_hcl_report,
    Kind.VTPM_EVIDENCE: azure_kinds.make_vtpm,
    Kind.TPM_QUOTE: tpm_kinds.make_tpm_quote,
    Kind.TPM_EVENTLOG: tpm_kinds.make_log,
    Kind.AZURE_GUEST: azure_kinds.make_azure_guest,
    Kind.VBS_REPORT: tpm_kinds.make_vbs,
    Kind.AMD_CHAIN: snp_kinds.make_chain,
    Kind.COLLATERAL: enclave_kinds.make_collateral_file,
}


def synthesize(
    kind: Kind, roots: SandboxRoots, values: Mapping[str, str], when: datetime
) -> Synthetic:
    """Make one piece of evidence of the pretended machines.

    Args:
        kind: which.
        roots: of the sandbox.
        values: settings by name, as they are written on the command line.
        when: aware time at which it was made; collateral holds from a day before for 30 days.

    Raises:
        UsageError: a setting is unknown, or of another type or size.
    """
    return _MAKERS[kind](Values(SETTINGS[kind], values), roots, when)
