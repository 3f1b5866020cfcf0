"""What to do about evidence that fails a check, by the check's id (spec evidence, check ids)."""

from __future__ import annotations

from typing import Final

_UNCHANGED: Final = "Send the evidence as the machine made it: a copy may be cut or changed."
_TOGETHER: Final = "Read the quote, its registers and the event log again, all of one start."
_SAME_TPM: Final = "Let the machine's own TPM make the keys and the quote again."
_AS_KEPT: Final = "Send the runtime claims byte for byte as the machine's HCL report holds them."
_RENEW: Final = "Take fresh evidence and the vendor's present documents, or attest at their time."
_UPDATE: Final = "Update the machine's firmware and microcode, then take fresh evidence."
_ROOT: Final = (
    "Use evidence of known hardware or of this sandbox, or name its root in the trust anchors "
    "(under Settings, or `sealwright evidence anchors`)."
)
TCB_CHECK: Final = "tcb"
"""Id of the check that says how the vendor rates the platform."""
_HINTS: Final = (
    ("chain.root", _ROOT),
    ("chain.validity", _RENEW),
    ("chain.product", "Give the certificate of this chip: ask the machine's host for it."),
    ("chain.key", "Give the certificate of this TPM's key."),
    ("chain", "Give the whole chain as the host's certificate service answers it."),
    ("chip", "Give the certificate of this chip at its reported TCB, from its host."),
    ("crl", "The vendor revoked a key of the machine: replace the machine or renew its key."),
    ("collateral", _RENEW),
    ("qe-identity", _UPDATE),
    ("module", _UPDATE),
    (TCB_CHECK, _UPDATE),
    ("report-data.custom-claims", _UNCHANGED),
    ("report-data", "Attach the data that the evidence was made for, or make evidence for these."),
    ("init-data", "Attach the data that the machine was started with."),
    ("pcr-quote.nonce", "Ask the TPM again, with the present nonce."),
    ("pcr-quote.mask", "Let the TPM quote all registers that the policy asks for."),
    ("pcr-quote", _TOGETHER),
    ("event-log", _TOGETHER),
    ("certify", _SAME_TPM),
    ("key", _SAME_TPM),
    ("policy-bits.vmpl", "Take the report that the paravisor keeps in the virtual TPM."),
    ("endorsement", "Start the machine with an image that Microsoft endorses, and send its word."),
)
"""The first prefix that fits; those with a dot before the family they belong to."""
_ISOLATION: Final = "isolation."


def hint_for(check: str) -> str:
    """A sentence about what to do; `check` is the id of a check that failed."""
    if check == f"{_ISOLATION}report-data":
        return _AS_KEPT
    name = check.removeprefix(_ISOLATION)
    return next(
        (hint for id_, hint in _HINTS if name == id_ or name.startswith(f"{id_}.")), _UNCHANGED
    )
