"""What to do about a check of a token that does not hold, by the check's id.

A check without a word of its own takes that of its row (spec tokens, 8).
"""

from __future__ import annotations

from typing import Final

_REFUSE: Final = "Refuse the token: the service writes no such header."
_POINTS_ELSEWHERE: Final = (
    "Refuse the token: it points to keys that are not its issuer's. Nothing was fetched from there."
)
_OTHER_KEY: Final = (
    "Fetch the provider's keys again. If they are still like this, do not trust the key and ask "
    "the operator of the provider."
)
_EVIDENCE: Final = (
    "Do not trust the key: its evidence was changed or is not from genuine hardware. Fetch the "
    "provider's keys again over a connection you trust."
)
_PRACTICE: Final = (
    "Use it for practice only: no hardware vendor stands behind it. A token of the service itself "
    "ends at a vendor's root."
)

ADVICE: Final = {
    "shape": "Copy the token whole: three parts with two dots, nothing before or after it.",
    "shape.duplicate": "Refuse the token: two readers would read two different things.",
    "shape.number": "Refuse the token: two readers would read two different numbers.",
    "shape.depth": "Refuse the token: it is built to exhaust its reader.",
    "shape.size": "Refuse the token: it is larger than any the service issues.",
    "header": _REFUSE,
    "header.algorithm": (
        "Refuse the token. The service signs with RS256; only tokens for policy tests are "
        "unsecured, and those prove nothing."
    ),
    "header.kid": "Refuse the token, or look for its certificate (`x5c`, `x5t`) if it is a TPM's.",
    "issuer-choice": _POINTS_ELSEWHERE,
    "issuer-choice.url": (
        "Refuse the token: the service names its own key set (`https://…/certs`) in each."
    ),
    "key-set": _OTHER_KEY,
    "key-set.kid": (
        "Fetch the provider's keys again; for an old token, give the key set that was saved at "
        "its time."
    ),
    "key-set.origin": "Check the token with the keys that the provider publishes.",
    "signature": "Get the token again from where it was issued: it was changed on its way.",
    "signature.length": "Get the token again: its signature was cut off or replaced.",
    "signature.strength": "Ask for a token that is signed with a key of 2048 bits or more.",
    "signature.value": (
        "Refuse the token: header or claims were changed after it was signed, or somebody else "
        "signed it."
    ),
    "times": "Ask for a new token; to check an old one, choose its own time.",
    "times.clock": "Set this computer's clock, then check again.",
    "times.issued": "Check this computer's clock; if it is right, refuse the token.",
    "times.lifetime": (
        "Ask who issued it. Rely on its age instead: say in your rules how old a token may be."
    ),
    "times.not-before": "Check this computer's clock, or wait until the token is valid.",
    "times.form": "Refuse the token: the service always writes whole seconds.",
    "times.order": "Refuse the token: the service issues none that has expired already.",
    "issuer": "Choose the provider that issued it, or refuse the token if that is not yours.",
    "certificate": _OTHER_KEY,
    "certificate.subject": (
        "Refuse the token for this issuer: the same service key signs for all providers, so only "
        "the name in the certificate tells whose token it is."
    ),
    "certificate.validity": "Check at the token's own time, or fetch the provider's keys again.",
    "certificate.root": "Add the root only if you know whose it is; Microsoft's own are pinned.",
    "key-attestation": _EVIDENCE,
    "key-attestation.evidence": (
        "Only TLS and the provider's name vouch for this key. Say in your rules whether that is "
        "enough."
    ),
    "key-attestation.debug": (
        "Keys of 2020 and 2021 were made in debug enclaves. Accept them for old tokens only."
    ),
    "key-attestation.identity": "Compare the enclave's signer with the one that you expect.",
    "key-attestation.endorsement": (
        "Do not trust the key: nobody known here endorses the image that holds it. Fetch the "
        "provider's keys again."
    ),
    "key-attestation.host-data": "Compare with the container policy that Microsoft publishes.",
    "key-attestation.report-data": (
        "Do not trust the key: the evidence was made for another one. Fetch the keys again."
    ),
    "key-attestation.tcb": "Give Intel's collateral of that date to judge the platform's firmware.",
    "key-attestation.chain.root": (
        "Do not trust the key: no hardware vendor known here stands at the end of its chain."
    ),
    "schema": "Ask who issued it: the service does not write claims like these.",
    "schema.type": "Use a token of the kind of environment that you expect.",
    "schema.nested-type": "Ask who issued it: confidential VMs stand on SEV-SNP or TDX.",
    "schema.names": "Refuse the token: two names of one fact contradict each other.",
    "schema.consistency": "Refuse the token: its claims contradict each other.",
    "binding.nonce": "Refuse the token: it answers another request, or is replayed.",
    "binding": "Refuse the token: it was issued for other data or another peer.",
    "relying-party": "Compare the claim with your rules; one of the two is out of date.",
    "relying-party.debug": "Give no secrets to this environment: its memory can be read.",
    "relying-party.policy-hash": "Find out who changed the provider's policy, and when.",
    "relying-party.policy-signer": "Find out who changed the provider's policy, and when.",
    "relying-party.age": "Ask for a new token.",
}


_WARNED: Final = {
    "key-attestation.chain.root": _PRACTICE,
    "key-attestation.endorsement": _PRACTICE,
}
"""Where a warning means something else than a failure does."""


def advice_for(check: str, *, warned: bool = False) -> str:
    """What to do when the check with this id fails, or warns; empty when nothing is known."""
    parts = check
    while parts:
        if warned and parts in _WARNED:
            return _WARNED[parts]
        if parts in ADVICE:
            return ADVICE[parts]
        parts = parts.rpartition(".")[0]
    return ""
