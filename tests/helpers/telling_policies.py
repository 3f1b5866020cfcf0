"""Generators of short policies on which the readings of the reference part, and their claims."""

from __future__ import annotations

from hypothesis import strategies as st

from helpers.policy_texts import settings_of
from sealwright.claims import CUSTOM_CLAIM, SERVICE_ISSUER, Claim

ISSUING = r"""
a:[type=="a"] => issue(type="r", value=a.value);
a:[type=="a"] => issue(type="r", value=AppendString(a.value, a.type));
a:[type=="a"] => issue(type="r", value=NegateBool(a.value));
a:[type=="a"] => issue(type="r", value=JmesPath(a.value, "k"));
a:[type=="a"] => issue(type="r", value=JmesPath(a.type, "@"));
a:[type=="a"] => issue(type="r", value=JsonToClaimValue(a.value));
a:[type=="a"] => issue(type="r", value=IsSubsetOf(a.value, JsonToClaimValue("[1,true]")));
a:[type=="a"] => issue(type="r", value=ContainsOnlyValue(a.value, "1"));
=> issue(type="r", value=JsonToClaimValue("[null,1]"));
=> issue(type="r", value=JsonToClaimValue("[]"));
=> issue(type="r", value=JsonToClaimValue("[2.0]"));
=> issue(type="r", value=JsonToClaimValue("9223372036854775808"));
=> issue(type="r", value=NegateBool(JsonToClaimValue("[true,true]")));
=> issue(type="r", value=NegateBool(JsonToClaimValue("[]")));
=> issue(type="r", value=NegateBool(JsonToClaimValue("\"true\"")));
=> issue(type="r", value=IsSubsetOf(JsonToClaimValue("[]"), 1));
=> issue(type="r", value=IsSubsetOf(1, JsonToClaimValue("null")));
=> issue(type="r", value=JmesPath("{\"b\":[1,0.1],\"a\":\"\u00df\"}", "@"));
=> issue(type="r", value=JmesPath("{\"true\":2,\"a\":1,\"a\":\"x\"}", "[true, a == true]"));
=> issue(type="r", value=JmesPath("{\"a\":1,\"a\":\"x\"}", "a"));
=> issue(type=JsonToClaimValue("\"\""), value=1);
=> issue(type="r", value=JmesPath("{\"a\":\"\u00df\"}", "equals_ignore_case(a, 'SS')"));
=> issue(type="r", value=JmesPath("[1]", "equals_ignore_case([0], 'a')"));
a:[type=="a"] => issue(claim=a);
b:[type=="b"] => issue(type="r", value=b.value);
a:[type=="a"] => issue(type=a.type, value=1);
a:[type=="a"] => issue(type=a.value, value=1);
a:[type=="a"] => issue(type="r", value=a.value, valueType="String");
p:[type=="pcrs"] => issue(claim=p);
p:[type=="pcrs"] => issue(type=p.value, value=1);
=> issue(type="pcrs", value=1);
[type=="a", value=="X"] => issue(type="r", value=1);
[type=="a", value!="1"] => issue(type="r", value=1);
[type=="a", issuer=="AttestationPolicy"] => issue(type="r", value=1);
a:[type=="a"] && [type=="b", value==a.value] => issue(type="r", value=a.value);
a:[type=="a"] && [type=="b", value!=a.value] => issue(type="r", value=a.value);
a:[type=="a"] && b:[type=="b", value>a.value] => issue(type="r", value=b.value);
a:[type=="a"] && b:[type=="b", value==a.value] && [type=="c", value==b.value] => issue(claim=a);
a:[type=="a"] && [type=="b", value==a.value, issuer==a.issuer] => issue(claim=a);
a:[type=="a"] && [value==a.value, type!=a.type] => issue(claim=a);
[type=="none"] && [type==AppendString(JsonToClaimValue("1"), "")] => issue(type="r", value=1);
[type=="b", value==NegateBool(JsonToClaimValue("1"))] => issue(type="r", value=1);
=> issueproperty(type="p", value=1);
a:[type=="a"] => issueproperty(type="omit_x5c", value=a.value);
=> issueproperty(type="report_validity_in_minutes", value=0);
=> issueproperty(type="report_validity_in_minutes", value=9);
""".strip().split("\n")
ADDING = r"""
a:[type=="a"] => add(claim=a);
a:[type=="a"] => add(type="b", value=a.value);
p:[type=="pcrs"] => add(type="b", value=p.value);
=> issue(type="b", value="x");
[type=="a", value=="x"] => deny();
[type=="required_pcr_mask", value==1] => deny();
=> deny();
""".strip().split("\n")


@st.composite
def telling_policies(draw: st.DrawFn) -> str:
    """A policy of few rules, each about a choice."""
    adding = draw(st.lists(st.sampled_from(ADDING), max_size=2))
    issuing = draw(st.lists(st.sampled_from(ISSUING), min_size=1, max_size=3))
    settings = draw(settings_of()) if draw(st.integers(0, 3)) == 0 else ""
    configuration = f"configurationrules {{ {settings} }};" if settings else ""
    verdicts = [*adding, "=> permit();"] if draw(st.booleans()) else ["=> permit();", *adding]
    return (
        f"version=1.2; {configuration} authorizationrules {{ {' '.join(verdicts)} }};"
        f" issuancerules {{ {' '.join(issuing)} }};"
    )


few_claims = st.lists(
    st.builds(
        Claim,
        st.sampled_from(["a", "a", "b", "c", "pcrs"]),
        st.sampled_from(
            ["x", "X", "x", 1, "1", True, 2, '{"k":"y","k":1}', '["x"]', "b", "true", ""]
        ),
        st.sampled_from([SERVICE_ISSUER, SERVICE_ISSUER, CUSTOM_CLAIM]),
        st.just(value=False),
    ),
    min_size=1,
    max_size=6,
)
"""Claims that these policies ask for."""

JOINING = r"""
a:[type=="a"] && [type=="b", value==a.value] => issue(type="r", value=a.value);
a:[type=="a"] && b:[type=="b", value!=a.value] => issue(type="r", value=b.value);
a:[type=="a"] && b:[type=="b", value>a.value] => issue(type="r", value=a.value);
a:[type=="a"] && b:[type=="b", value==a.value] && [type=="c", value>=b.value] => issue(claim=a);
a:[type=="a"] && [type=="b", value==a.value, issuer==a.issuer] => issue(claim=a);
a:[type=="a"] && b:[type=="b"] && [type=="c", value>=b.value, value<=a.value] => issue(claim=b);
a:[type=="a"] && ![type=="b", value==a.value] && [type=="c", value<a.value] => issue(claim=a);
""".strip().split("\n")
joining_policies = st.lists(st.sampled_from(JOINING), min_size=1, max_size=2).map(
    lambda rules: (
        f"version=1.2;authorizationrules{{=>permit();}};issuancerules{{{''.join(rules)}}};"
    )
)
"""Policies whose conditions refer to each other."""
joined_claims = st.lists(
    st.builds(
        Claim,
        st.sampled_from(["a", "b", "c"]),
        st.integers(1, 4),
        st.sampled_from([SERVICE_ISSUER, CUSTOM_CLAIM]),
        st.just(value=False),
    ),
    min_size=3,
    max_size=9,
)
"""Claims that they compare."""
