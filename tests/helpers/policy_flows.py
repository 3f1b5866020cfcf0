"""Policies in which rules make and read each other's claims, with what breaks when they are edited.

They need not pass any check: what matters is that everything that can follow from several rules
does follow somewhere.
"""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = [
    "one", "two", "made-3", "hvciEnabled", "x-ms-sgx-svn", "x-ms-sgx-is-debuggable", "tdx_mrtd",
    "tdx_td_attributes_debug", "x-ms-sevsnpvm-is-debuggable", "x-ms-sgx-mrsignor",
    "secureBootEnabled",
]  # fmt: skip
_ISSUERS = ['issuer=="AttestationPolicy"', 'issuer=="AttestationService"', 'issuer=="CustomClaim"']

names = st.sampled_from(NAMES)
kinds = st.one_of(names.map(lambda name: f'type=="{name}"'), st.just(""))
tests = st.lists(
    st.sampled_from([*_ISSUERS, "value==true", "value==false", "value!=true", "value>=2"]),
    max_size=2,
)


@st.composite
def conditions(draw: st.DrawFn, label: str) -> str:
    inside = ", ".join(filter(None, [draw(kinds), *draw(tests)]))
    return f"{draw(st.sampled_from(['', '', '!', label]))}[{inside}]"


@st.composite
def flow_rules(draw: st.DrawFn) -> str:
    """One rule of any section, on one line or two."""
    asked = [draw(conditions(f"c{place}:")) for place in range(draw(st.integers(0, 2)))]
    made = draw(names)
    action = draw(
        st.sampled_from([
            "permit()", "permit()", "deny()", f'add(type="{made}", value=true)',
            f'issue(type="{made}", value="a")', "add(claim=c0)", "issue(claim=c1)",
            "add(type=c0.type, value=1)", f'add(type="{made}", value=c0.value)',
            f'issueproperty(type="{made}", value=1)',
        ])
    )  # fmt: skip
    return f"{' && '.join(asked)}{draw(st.sampled_from([' ', chr(10)]))}=> {action};"


@st.composite
def flow_policies(draw: st.DrawFn) -> str:
    """A policy whose sections may be missing, doubled, misspelt or in the wrong order."""
    titles = draw(
        st.sampled_from([
            ("configurationrules", "authorizationrules", "issuancerules"),
            ("authorizationrules", "issuancerules"),
            ("authorizationrules", "issuancerules"),
            ("issuancerules", "authorizationrules"),
            ("authorizationrules", "authorizationrules"),
            ("issuancerules",),
            ("authorizationrule", "issuancerules"),
        ])
    )  # fmt: skip
    parts = [f"version={draw(st.sampled_from(['1.0', '1.1', '1.2', '9.9']))};"]
    for title in titles:
        rules = draw(st.lists(flow_rules(), max_size=5))
        parts += [f"{title} {{", *rules, "};"]
    return "\n".join(parts) + "\n"
