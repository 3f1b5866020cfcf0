"""Words for people about the fixed names of the language (spec policy-language, 3 to 10)."""

from __future__ import annotations

from typing import Final, NamedTuple

from sealwright.claims.claim import CUSTOM_CLAIM, POLICY_ISSUER, SERVICE_ISSUER
from sealwright.policy.syntax import AUTHORIZATION, CONFIGURATION, ISSUANCE


class Signature(NamedTuple):
    """How something is called and what it does; `insert` has `|` where writing goes on."""

    signature: str
    meaning: str
    insert: str = ""


SECTION_MEANINGS: Final = {
    CONFIGURATION: "Settings that hold before the rules run.",
    AUTHORIZATION: "Decides whether a token is given at all.",
    ISSUANCE: "Decides which claims a token has.",
}
ACTIONS: Final = {
    "permit": Signature("permit()", "Gives the token, unless a rule denies it.", "permit();|"),
    "deny": Signature("deny()", "Refuses the token, whatever other rules say.", "deny();|"),
    "add": Signature(
        "add(type=, value=)",
        "Adds a claim that later rules can test; it does not reach the token.",
        'add(type="|", value=);',
    ),
    "issue": Signature(
        "issue(type=, value=)",
        "Puts a claim into the token.",
        'issue(type="|", value=);',
    ),
    "issueproperty": Signature(
        "issueproperty(type=, value=)",
        "Sets how the token is made.",
        'issueproperty(type="|", value=);',
    ),
}
CALLS: Final = {
    "JmesPath": Signature(
        "JmesPath(json, query)", "The part of a JSON text that a JMESPath query selects."
    ),
    "JsonToClaimValue": Signature(
        "JsonToClaimValue(json)", "The values of a JSON text: one, or each of an array."
    ),
    "IsSubsetOf": Signature(
        "IsSubsetOf(part, whole)", "Whether every value of one is in the other."
    ),
    "AppendString": Signature("AppendString(first, second)", "Both texts, one after the other."),
    "NegateBool": Signature("NegateBool(boolean)", "True for false and false for true."),
    "ContainsOnlyValue": Signature(
        "ContainsOnlyValue(values, value)", "Whether there are values and all of them are this one."
    ),
}
PROPERTY_MEANINGS: Final = {
    "type": "The name of the claim.",
    "value": "The value of the claim.",
    "issuer": "Who the claim comes from.",
    "valueType": "String, Integer or Boolean.",
}
ISSUERS: Final = {
    SERVICE_ISSUER: "Claims that the service took from the evidence.",
    POLICY_ISSUER: "Claims that rules of this policy added.",
    CUSTOM_CLAIM: "Claims that the client sent along.",
}
