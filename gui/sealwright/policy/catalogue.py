"""Every finding there can be: its code and how severe it is (spec policy-language, 3, 20 and 23).

A code keeps its meaning for ever; a new meaning gets a new code. `resources/lint/CODE.md` explains.
"""

from __future__ import annotations

from typing import Final

from sealwright.policy.diagnostics import Severity

_ERROR = Severity.ERROR
_WARNING = Severity.WARNING
_HINT = Severity.HINT

SEVERITIES: Final = {
    # The text and its tokens.
    "SW001": _ERROR,  # unexpected symbol
    "SW002": _ERROR,  # semicolon missing
    "SW003": _ERROR,  # `=>` missing
    "SW004": _ERROR,  # `=` used as comparison
    "SW005": _ERROR,  # typographic quote
    "SW006": _ERROR,  # string not closed on its line
    "SW007": _ERROR,  # escape that does not exist
    "SW008": _ERROR,  # block comment
    "SW009": _ERROR,  # character outside the language
    "SW010": _ERROR,  # positional argument
    "SW011": _ERROR,  # placeholder left in place
    "SW012": _ERROR,  # version line missing or malformed
    "SW013": _ERROR,  # unknown action
    "SW014": _ERROR,  # construct of another claim rule language
    "SW015": _ERROR,  # JSON policy of the preview
    "SW016": _ERROR,  # not a 64-bit decimal integer
    "SW017": _ERROR,  # `=` between section name and brace
    "SW018": _ERROR,  # unknown section
    "SW019": _ERROR,  # text outside a section
    "SW020": _ERROR,  # calls nested too deeply
    "SW021": _ERROR,  # text too large
    "SW022": _ERROR,  # `==` used as assignment
    "SW023": _ERROR,  # section not closed
    "SW024": _ERROR,  # action missing
    "SW025": _ERROR,  # unknown property
    "SW026": _ERROR,  # bare word where a value is expected
    # Static checks.
    "SW101": _ERROR,  # unknown version
    "SW102": _ERROR,  # authorizationrules missing
    "SW103": _ERROR,  # section repeated
    "SW104": _ERROR,  # section out of order
    "SW105": _ERROR,  # section not in this version
    "SW106": _ERROR,  # `!` not in this version
    "SW107": _ERROR,  # function call not in this version
    "SW108": _ERROR,  # action not allowed in the section
    "SW109": _ERROR,  # identifier not declared
    "SW110": _ERROR,  # identifier declared twice
    "SW111": _ERROR,  # identifier of a negated condition used
    "SW112": _ERROR,  # type missing
    "SW113": _ERROR,  # type not a non-empty string
    "SW114": _ERROR,  # value missing
    "SW115": _ERROR,  # issuer assigned
    "SW116": _ERROR,  # valueType at odds with the value
    "SW117": _ERROR,  # ordering of strings or booleans
    "SW118": _ERROR,  # unknown function
    "SW119": _ERROR,  # wrong number of arguments
    "SW120": _ERROR,  # argument of the wrong type
    "SW121": _ERROR,  # property assigned twice
    "SW122": _ERROR,  # wrong value of a known property claim
    "SW123": _ERROR,  # too many rules, conditions or tests
    # Legal, and rarely meant.
    "SW201": _WARNING,  # letter case of a keyword
    "SW202": _WARNING,  # letter case of a property
    "SW203": _WARNING,  # issue in authorizationrules
    "SW204": _WARNING,  # selector without a type test
    "SW205": _WARNING,  # empty selector
    "SW206": _HINT,  # identifier never used
    "SW207": _WARNING,  # version 1.2 outside TPM
    "SW208": _WARNING,  # invalid or empty literal query
    "SW209": _WARNING,  # unquoted true, false or null in a query
    "SW210": _WARNING,  # comparison of a list with null, always true
    "SW211": _WARNING,  # rule behind a comment sign
    # Against the claims catalogue.
    "SW301": _WARNING,  # unknown claim
    "SW302": _WARNING,  # deprecated claim tested
    "SW303": _HINT,  # deprecated claim issued
    "SW304": _WARNING,  # claim of another attestation type
    "SW305": _WARNING,  # claim of the token that conditions do not see
    "SW306": _WARNING,  # value of the wrong type
    "SW307": _WARNING,  # digest in upper case
    "SW308": _WARNING,  # digest of the wrong length
    "SW309": _WARNING,  # value outside the known ones
    "SW310": _WARNING,  # blank around a claim type
    "SW311": _WARNING,  # policy claim with the name of a service claim
    "SW312": _WARNING,  # unknown issuer or value type
    "SW314": _WARNING,  # claim needs a newer version
    "SW315": _WARNING,  # issuer missing where two claims share a name
    "SW316": _WARNING,  # placeholder in a string
    "SW317": _WARNING,  # property without effect
    "SW318": _WARNING,  # property value is clamped or unknown
    "SW319": _WARNING,  # read-only value issued
    # The way through the rules.
    "SW401": _WARNING,  # rule can never fire
    "SW402": Severity.INFO,  # unconditional permit
    "SW403": _WARNING,  # intermediate claim that nobody adds
    "SW404": _WARNING,  # no permit at all
    "SW405": _WARNING,  # everything denied
    "SW406": _HINT,  # intermediate claim never read
    "SW407": Severity.INFO,  # debuggable enclaves permitted
    "SW408": _WARNING,  # presence decides although the value matters
    "SW409": _WARNING,  # deny after permit
}
