"""What the claims of management tokens mean: those of answers, and of what administrators send.

The catalogue knows the claims that attestation deals with; these stand in no policy and in no
attestation token (spec rest-api, 4.4 to 4.8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAY_SIGN: Final = (
    "The certificates whose keys may sign policies. Empty for providers that trust no signers of"
    " their own."
)
_IS_THERE: Final = (
    "Whether the certificate is one of the provider's signers now: `IsPresent` or `IsAbsent`."
)
_ASKED_FOR: Final = "The certificate that is to become one of the provider's signers, or to go."

ANSWER_MEANINGS: Final[Mapping[str, str]] = {
    "x-ms-policy": "The stored policy as it was uploaded, in the wrapping of its upload.",
    "x-ms-policy-result": (
        "What was done: `Updated` says that the policy is stored, `Removed` that the default of"
        " the provider applies again."
    ),
    "x-ms-policy-token-hash": (
        "SHA-256 of the policy in its wrapping as the provider received it: compare it with what"
        " was sent."
    ),
    "x-ms-policycertificates-result": _IS_THERE,
    "x-ms-certificate-result": _IS_THERE,
    "x-ms-certificate-thumbprint": "SHA-1 of the certificate that was added or removed.",
    "x-ms-policy-certificates": _MAY_SIGN,
    "maa-policyCertificates": _MAY_SIGN,
    "aas-policyCertificates": _MAY_SIGN,
    "AttestationPolicy": "The text of the policy, in base64url.",
    "policyCertificate": _ASKED_FOR,
    "maa-policyCertificate": _ASKED_FOR,
    "aas-policyCertificate": _ASKED_FOR,
    "x-ms-policyCertificate": _ASKED_FOR,
}
"""By name; they mean this at the top of a token only."""
