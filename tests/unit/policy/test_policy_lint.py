"""Every finding has a page whose bad example draws it and whose good one does not."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from sealwright.claims import AttestationType, Catalogue
from sealwright.policy import Severity, parse
from sealwright.policy.catalogue import SEVERITIES
from sealwright.policy.checking.linter import lint

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOGUE = Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))
PAGES = {page.stem: page.read_text("utf-8") for page in (RESOURCES / "lint").glob("SW*.md")}
WITHOUT_EXAMPLE = {"SW021", "SW207", "SW304"}
SGX = AttestationType.SGX_ENCLAVE
PAIR = '=>add(type="nameN",value=1);[type=="nomeN"]=>deny();'
LONG = ("a" * 400_000, "b" * 400_000)


def codes(text: str, kind: AttestationType | None = None) -> list[str]:
    return [each.code for each in lint(parse(text), CATALOGUE, kind)]


def rule(text: str, version: str = "1.0") -> str:
    return f"version={version};authorizationrules{{{text}}};"


def test_every_code_has_a_page() -> None:
    assert set(PAGES) == set(SEVERITIES)
    for code, page in PAGES.items():
        assert page.startswith(f"# {code}: ")
        assert "\n## Why\n" in page


@pytest.mark.parametrize("code", sorted(set(SEVERITIES) - WITHOUT_EXAMPLE))
def test_the_examples_of_a_page(code: str) -> None:
    bad, good = re.findall(r"```\n(.*?)```", PAGES[code], re.DOTALL)
    assert code in codes(bad)
    assert code not in codes(good)
    assert not [each for each in codes(good) if SEVERITIES[each] is Severity.ERROR]


FIXED_IN_ONE = [
    "SW002",
    "SW003",
    "SW004",
    "SW005",
    "SW007",
    "SW008",
    "SW009",
    "SW010",
    "SW012",
    "SW013",
    "SW017",
    "SW018",
    "SW022",
    "SW026",
    "SW105",
    "SW106",
    "SW107",
    "SW109",
    "SW116",
    "SW117",
    "SW118",
    "SW122",
    "SW201",
    "SW202",
    "SW203",
    "SW206",
    "SW208",
    "SW209",
    "SW210",
    "SW211",
    "SW301",
    "SW302",
    "SW306",
    "SW307",
    "SW309",
    "SW310",
    "SW312",
    "SW315",
    "SW317",
    "SW318",
    "SW407",
    "SW408",
    "SW409",
]


@pytest.mark.parametrize("code", FIXED_IN_ONE)
def test_the_fix_of_a_bad_example(code: str) -> None:
    text = re.findall(r"```\n(.*?)```", PAGES[code], re.DOTALL)[0]
    found = [each for each in lint(parse(text), CATALOGUE) if each.code == code]
    while found:
        assert found[0].fix is not None
        text = found[0].fix.apply(text)
        found = [each for each in lint(parse(text), CATALOGUE) if each.code == code]
    assert not [each for each in codes(text) if SEVERITIES[each] is Severity.ERROR]


def fixed(text: str, code: str) -> str:
    """The text after the fix of its first finding of that code."""
    fix = next(each.fix for each in lint(parse(text), CATALOGUE) if each.code == code)
    assert fix is not None
    return fix.apply(text)


PERMIT = '    // who may\n    [type=="x-ms-sgx-svn", value>=2] => permit();\n'
DENY = '    // no\n    // debugging\n    [type=="$is-debuggable", value==true] => deny(); // x\n'


def test_a_denial_moves_up_with_its_comments() -> None:
    assert fixed(rule(f"\n{PERMIT}{DENY}"), "SW409") == rule(f"\n{DENY}{PERMIT}")


def test_a_denial_on_a_line_of_others_moves_up() -> None:
    text = rule('=> permit();  [type=="x-ms-sgx-svn",value<2] => deny();')
    assert fixed(text, "SW409") == rule('[type=="x-ms-sgx-svn",value<2] => deny(); => permit();')


def test_a_denial_stays_below_what_adds_the_claim_it_may_need() -> None:
    added = '    [type=="x-ms-sgx-svn"] => add(type="seen", value=1);\n'
    denial = '    [type=="seen", value==1] => deny();\n'
    found = lint(parse(rule(f"\n{PERMIT}{added}{denial}")), CATALOGUE)
    assert [each.fix for each in found if each.code == "SW409"] == [None]
    assert fixed(rule(f"\n{added}{PERMIT}{denial}"), "SW409") == rule(f"\n{added}{denial}{PERMIT}")


@pytest.mark.parametrize(
    ("name", "verb", "meant"),
    [
        ("x-ms-sgx-is-debuggable", "permit", "false"),
        ("x-ms-sgx-is-debuggable", "deny", "true"),
        ("secureBootEnabled", "permit", "true"),
        ("secureBootEnabled", "deny", "false"),
    ],
)
def test_the_value_that_was_meant_is_the_safe_one(name: str, verb: str, meant: str) -> None:
    text = rule(f'[type=="{name}"] => {verb}();')
    assert fixed(text, "SW408") == rule(f'[type=="{name}", value=={meant}] => {verb}();')


def test_whoever_forgets_the_value_of_a_denial_is_told_one_thing() -> None:
    text = rule(f'[type=="x-ms-sgx-is-debuggable"] => deny();{PERMIT}')
    assert codes(text, SGX) == ["SW408"]


def test_no_value_is_offered_where_both_can_be_meant() -> None:
    found = lint(parse(rule('[type=="x-ms-azurevm-is-windows"] => permit();')), CATALOGUE)
    assert [each.fix for each in found if each.code == "SW408"] == [None]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('\n    [type=="a"] permit();\n', '\n    [type=="a"] => permit();\n', "SW003"),
        ('\n    [type=="a"]permit();\n', '\n    [type=="a"] => permit();\n', "SW003"),
        ("\n    permit();\n", "\n    => permit();\n", "SW003"),
        (
            '\n  => permit(); // so [type=="a"] => deny();\n',
            '\n  => permit(); // so\n    [type=="a"] => deny();\n',
            "SW211",
        ),
        (
            '\n  // so [type=="a"] => deny();\n',
            '\n  // so\n  [type=="a"] => deny();\n',
            "SW211",
        ),
    ],
)
def test_fixes_leave_no_odd_blanks(before: str, after: str, code: str) -> None:
    assert fixed(rule(before), code) == rule(after)


def test_a_condition_of_any_type_reads_every_added_claim() -> None:
    assert "SW406" not in codes(rule('=>add(type="a",value=1);[value==1]=>permit();'))
    assert "SW406" in codes(rule('=>add(type="a",value=1);[type=="b"]=>permit();'))


def test_two_claims_that_share_a_name_are_told_apart_unless_none_may_exist() -> None:
    added = '=>add(type="x-ms-sgx-svn",value=1);'
    assert "SW315" in codes(rule(f'{added}[type=="x-ms-sgx-svn"]=>permit();', "1.2"))
    assert "SW315" not in codes(rule(f'{added}![type=="x-ms-sgx-svn"]=>permit();', "1.2"))


def test_a_blank_on_either_side_of_a_type() -> None:
    for name in (" x-ms-sgx-svn", "x-ms-sgx-svn ", "x-ms-sgx-svn\t"):
        assert "SW310" in codes(rule(f'[type=="{name}", value>=2] => permit();'))


def test_what_only_shows_with_a_type() -> None:
    text = rule('[type=="x-ms-sevsnpvm-vmpl", value==0] => permit();')
    assert "SW304" in codes(text, SGX)
    assert "SW304" not in codes(text, AttestationType.SEV_SNP_VM)
    assert "SW407" in codes(rule("=> permit();"), SGX)
    assert "SW407" not in codes(rule("=> permit();"), AttestationType.TPM)


def test_debugging_may_be_refused_by_the_former_name() -> None:
    for text in (
        '[type=="$is-debuggable", value==false] => permit();',
        '[type=="$is-debuggable", value==true] => deny(); => permit();',
    ):
        assert "SW407" not in codes(rule(text), SGX)
    assert "SW407" in codes(rule('[type=="$is-debuggable", value==true] => permit();'), SGX)


def test_claims_of_clients_and_of_rules_are_not_unknown() -> None:
    assert codes(rule('[type=="my-zone", issuer=="CustomClaim"] => permit();'), SGX) == ["SW407"]
    assert "SW301" in codes(rule('[type=="my-zone"] => permit();'), SGX)
    assert codes(rule('=>add(type="my-zone",value=1);[type=="my-zone"] => permit();')) == []


def test_a_correct_policy_draws_no_warning() -> None:
    digest = "ab" * 32
    text = f"""version=1.1;
configurationrules {{
    => issueproperty(type="x-ms-sgx-tcbidentifier", value="azuredefault");
}};
authorizationrules {{
    // [type=="x-ms-sgx-svn", value<2] => deny();
    [type=="x-ms-sgx-is-debuggable", value==true] => deny();
    [type=="x-ms-sgx-mrsigner", value=="{digest}"] &&
    [type=="x-ms-sgx-svn", value>=2]
        => permit();
}};
issuancerules {{
    s:[type=="x-ms-sgx-svn"] => issue(type="level", value=s.value);
}};
"""
    assert codes(text, SGX) == []


def test_joined_conditions_are_not_contradictions() -> None:
    text = rule('[type=="a",value>=2,value<=2,value!=3]&&[type=="a",value==4]=>permit();')
    assert "SW401" not in codes(text)
    assert "SW401" in codes(rule('[type=="a",type=="b"]=>permit();'))
    assert "SW401" in codes(rule('[type=="a"]&&![type=="a"]=>permit();', "1.2"))
    for never in ("type==3", "issuer==true", "type>3"):
        assert codes(rule(f"[{never}]=>permit();")).count("SW401") == 1, never
    assert "SW401" not in codes(rule("[type!=3]=>permit();"))
    assert "SW401" in codes(rule('[type=="a",value==1,value>=2]=>permit();'))
    for never in (
        "value>5,value<6",
        "value>=7,value!=1,value<=6",
        "value!=2,value>1,value==2",
        'value=="a",value=="A"',
        "value==true,value!=true",
    ):
        assert "SW401" in codes(rule(f'[type=="a",{never}]=>permit();')), never
    for possible in (
        "value>5,value<7",
        "value>=7,value<=7",
        "value==3,value!=4,value<9",
        "value>1",
    ):
        assert "SW401" not in codes(rule(f'[type=="a",{possible}]=>permit();')), possible


def test_tests_without_number_in_one_selector_are_read_in_a_moment() -> None:
    # Pair by pair it would be ten billion comparisons.
    text = rule("[" + 'type=="a",' * 90_000 + "value!=1]=>permit();")
    assert "SW123" in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        rule("// " + "a => b( " * 100_000 + ";\n=>permit();"),
        rule("// " + "a" * 900_000 + ":;\n=>permit();"),
        rule(
            '[type=="' + "a" * 400_000 + '"]=>permit();=>add(type="' + "b" * 400_000 + '",value=1);'
        ),
        rule("".join(f'[type=="x-ms-sgx-{n:05}"]=>deny();' for n in range(2_000))),
        rule(
            "".join(
                f'=>add(type="name{n}",value=1);[type=="nome{n}"]=>deny();' for n in range(2_500)
            )
        ),
        rule('=>add(type="q",value=JmesPath("1","' + "a[0]" * 100_000 + '"));', "1.2"),
        rule('=>add(type="q",value=JmesPath("1","' + "!" * 100_000 + 'a"));', "1.2"),
    ],
    ids=["arrows", "word", "long names", "unknown", "many names", "long query", "deep query"],
)
def test_hostile_text_is_linted_in_bounded_time(text: str) -> None:
    started = time.perf_counter()
    assert lint(parse(text), CATALOGUE, SGX)
    assert time.perf_counter() - started < 20


BROKEN_ADDER = """version=1.1;
authorizationrules {
    s:[type=="x-ms-sgx-svn", value=2] => add(type="fresh", value=s.value);
    [type=="fresh", value==2] => permit();
    [type=="x-ms-sgx-is-debuggable", value=="true"] => deny();
};
"""


def test_a_slip_in_one_rule_says_nothing_about_the_others() -> None:
    assert codes(BROKEN_ADDER, SGX) == ["SW004", "SW306"]


def test_a_denial_with_a_value_of_the_wrong_type_is_one_finding() -> None:
    text = BROKEN_ADDER.replace("value=2", "value>=2")
    assert sorted(codes(text, SGX)) == ["SW306", "SW409"]


QUERIES = [
    ("Events[?PcrIndex == 20]", "SW208", "20", "Events[?PcrIndex == `20`]"),
    ("Events[?a == true].b", "SW209", "true", "Events[?a == `true`].b"),
    ("Events[?a].b | @ != null", "SW210", "@ != null", "Events[?a].b | [0] != `null`"),
    ("Events[?a].b | @ != `null`", "SW210", "@ != `null`", "Events[?a].b | [0] != `null`"),
    ("Events[?a == 'b\\\\c'].d = 1", "SW208", "=", ""),
    ("length(Events", "SW208", "s", ""),
]


@pytest.mark.parametrize(("query", "code", "underlined", "mended"), QUERIES)
def test_a_query_is_underlined_where_it_goes_wrong(
    query: str, code: str, underlined: str, mended: str
) -> None:
    text = rule(
        f'e:[type=="events"]=>add(type="a",value=JmesPath(e.value,"{query}"));'
        '[type=="a"]=>permit();',
        "1.2",
    )
    (found,) = [each for each in lint(parse(text), CATALOGUE) if each.code == code]
    assert text[found.span.start : found.span.end] == underlined
    if not mended:
        assert found.fix is None
        return
    assert found.fix is not None
    after = found.fix.apply(text)
    assert after == text.replace(query, mended)
    assert codes(after) == []


def test_a_placeholder_is_seen_in_what_is_issued_too() -> None:
    issued = 'issuancerules{=>issue(type="a",value="<tier>");};'
    assert "SW316" in codes(rule("=>permit();") + issued)


def test_a_denial_that_a_comment_swallowed_is_one_finding() -> None:
    text = (
        "version=1.0;\nauthorizationrules {\n    // no debugging "
        '[type=="x-ms-sgx-is-debuggable", value==true] => deny();\n'
        '    [type=="x-ms-sgx-svn", value>=2] => permit();\n};\n'
    )
    assert codes(text, SGX) == ["SW211"]
    assert codes(fixed(text, "SW211"), SGX) == []
    assert codes(text.replace("deny();", "deny()"), SGX) == ["SW407"]


def test_a_former_name_that_is_only_issued_is_a_hint_with_a_dollar_too() -> None:
    text = (
        "version=1.0;authorizationrules{=>permit();};"
        'issuancerules{c:[type=="x-ms-sgx-svn"]=>issue(type="$svn",value=c.value);};'
    )
    assert "SW303" in codes(text)
    assert "SW302" not in codes(text)


@pytest.mark.parametrize(
    ("text", "underlined"),
    [
        ("p:[{}]=>issue(claim=p);", "p"),
        ("p:[{}]=>issueproperty(claim=p);", "p"),
        ('p:[{}]=>issue(type="a",value=p.value);', "p.value"),
        ('p:[{}]=>issue(type="a",value=AppendString("x",JmesPath(p.value,"a")));', "p.value"),
        ('p:[{}]=>issue(type="a",value=p.type);', None),
        ('p:[{}]=>issue(type="a",value=IsSubsetOf(p.value,p.value));', None),
        ("p:[{}]=>add(claim=p);", None),
        ('p:[{},issuer=="AttestationPolicy"]=>issue(claim=p);', None),
        ('p:[{}]&&q:[type=="q"]=>issue(claim=q);', None),
    ],
)
def test_a_value_that_must_not_leave(text: str, underlined: str | None) -> None:
    issuing = text.format('type=="pcrs"')
    policy = f"version=1.2;authorizationrules{{=>permit();}};issuancerules{{{issuing}}};"
    found = [each.span for each in lint(parse(policy), CATALOGUE) if each.code == "SW319"]
    assert [policy[each.start : each.end] for each in found] == ([underlined] if underlined else [])
    in_authorization = f"version=1.2;authorizationrules{{{issuing}}};"
    assert "SW319" not in codes(in_authorization)
