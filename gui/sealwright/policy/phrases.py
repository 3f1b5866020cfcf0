"""Words for tests and values, shared by explanations, traces and the builder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.claim import CUSTOM_CLAIM, POLICY_ISSUER, SERVICE_ISSUER
from sealwright.policy.facts import Wanted, literal_value
from sealwright.policy.literals import literal_text
from sealwright.policy.syntax import Call, Expression, Literal, Reference, Test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.claims.claim import ClaimValue

OPERATORS: Final = {
    "==": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
}
_NOUNS: Final = {
    "x-ms-sgx-mrsigner": "the signer",
    "x-ms-sgx-mrenclave": "the enclave measurement",
    "x-ms-sgx-svn": "the security version",
    "x-ms-sgx-product-id": "the product",
    "x-ms-sevsnpvm-launchmeasurement": "the launch measurement",
    "x-ms-sevsnpvm-guestsvn": "the guest version",
    "x-ms-sevsnpvm-hostdata": "the host data",
    "x-ms-attestation-type": "the kind of evidence",
    "attester_tcb_status": "the platform status",
    "tdx_mrtd": "the TD measurement",
}
_SWITCHES: Final = {
    "x-ms-sgx-is-debuggable": "debugging",
    "x-ms-sevsnpvm-is-debuggable": "debugging",
    "tdx_td_attributes_debug": "debugging",
    "secureBootEnabled": "secure boot",
    "secureboot": "secure boot",
    "vbsEnabled": "virtualization-based security",
    "iommuEnabled": "the IOMMU",
    "x-ms-sevsnpvm-migration-allowed": "migration",
    "x-ms-sevsnpvm-smt-allowed": "simultaneous multithreading",
}
_ISSUERS: Final = {
    SERVICE_ISSUER: "from the service",
    POLICY_ISSUER: "from a rule above",
    CUSTOM_CLAIM: "from the client",
}
_LONG: Final = 20
_HEAD: Final = 4


def value_words(value: ClaimValue) -> str:
    """A value as it stands in a sentence; long ones are cut."""
    if isinstance(value, str):
        return f"{value[:_HEAD]}…" if len(value) > _LONG else value or "empty"
    return literal_text(value)


def claim_noun(name: str) -> str:
    """A claim as it stands in a sentence."""
    return _NOUNS.get(name, f"`{name}`")


def comparison_words(name: str, operator: str, value: ClaimValue) -> str:
    """`the signer is ab12…`, `debugging is off`."""
    if name in _SWITCHES and isinstance(value, bool) and operator in {"==", "!="}:
        on = value is (operator == "==")
        return f"{_SWITCHES[name]} is {'on' if on else 'off'}"
    return f"{claim_noun(name)} {OPERATORS[operator]} {value_words(value)}"


def condition_words(wanted: Wanted) -> str:
    """What one condition asks for."""
    parts = [_test_words(wanted, test) for test in wanted.values]
    if not parts:
        parts = [f"{claim_noun(wanted.claim_type)} is present"] if wanted.claim_type else []
    known = {"type": wanted.claim_type, "issuer": wanted.issuer}
    for test in wanted.condition.tests:
        literal = literal_value(test.expression)
        taken = test.comparison == "==" and literal and literal == known.get(test.property)
        if test.property != "value" and not taken:
            whose = "its" if parts else "any claim's"
            word = f"{whose} {test.property} {OPERATORS[test.comparison]} {_words(test.expression)}"
            parts.append(word)
    origin = ""
    if wanted.issuer:
        origin = f" ({_ISSUERS.get(wanted.issuer, f'from `{wanted.issuer}`')})"
    if wanted.condition.negated:
        return _absence(wanted, parts) + origin
    return (" and ".join(parts) or "there is any claim") + origin


def _absence(wanted: Wanted, parts: Sequence[str]) -> str:
    if not parts:
        return "there is no claim"
    if not wanted.claim_type or len(parts) > 1:
        return f"there is no claim where {' and '.join(parts)}"
    if not wanted.values:
        return f"{claim_noun(wanted.claim_type)} is absent"
    (test,) = wanted.values
    return f"no `{wanted.claim_type}` {OPERATORS[test.comparison]} {_words(test.expression)}"


def _test_words(wanted: Wanted, test: Test) -> str:
    value = literal_value(test.expression)
    if value is not None and wanted.claim_type:
        return comparison_words(wanted.claim_type, test.comparison, value)
    noun = claim_noun(wanted.claim_type) if wanted.claim_type else "any claim"
    return f"{noun} {OPERATORS[test.comparison]} {_words(test.expression)}"


def _words(expression: Expression) -> str:
    if isinstance(expression, Literal):
        return value_words(expression.value)
    if isinstance(expression, Reference):
        return f"the {expression.property} of `{expression.name}`"
    return expression_text(expression)


def expression_text(expression: Expression) -> str:
    """An expression as a policy writes it."""
    if isinstance(expression, Literal):
        return literal_text(expression.value)
    if isinstance(expression, Reference):
        return f"{expression.name}.{expression.property}"
    assert isinstance(expression, Call)  # noqa: S101 - the third of three
    inner = ", ".join(expression_text(each) for each in expression.arguments)
    return f"{expression.function}({inner})"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(parts) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"
