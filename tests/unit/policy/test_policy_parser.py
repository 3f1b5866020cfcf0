"""The parser loses nothing, never raises, and finds several errors at the right characters."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright.pace import CalledOffError, at_pace
from sealwright.policy import Policy, Severity, check, parse
from sealwright.policy.limits import DEFAULT_LIMITS, Limits
from sealwright.policy.reading.parser import read_chunk, reparse
from sealwright.policy.reading.piece import START
from sealwright.policy.reading.plain_rules import plain_rule
from sealwright.policy.syntax import Call, Literal, Reference, Rule

SAMPLE = """version=1.2; // first
configurationrules {
    => issueproperty(type="required_pcr_mask", value=15);
};
authorizationrules {
    c:[type=="a", value>=-5, issuer!="x"] && ![value==c.value] => permit();
    [] => deny();
};
issuancerules {
    e:[type=="events"] => add(type="s", value=JmesPath(e.value, "A[?b == 'c'].d"));
    s:[type=="s"] => issue(claim=s);
};
"""

FRAGMENTS = [
    "version=1.0;", "authorizationrules", "issuancerules{", "}", "};", "{", ";", "=>", "permit()",
    "deny();", 'c:[type=="a"]', "&&", "!", "issue(claim=c)", 'add(type="x", value=1)', "[", "]",
    "(", ")", "=", "==", ",", '"text', '"', "\\", "// note\n", "/* x", "*/", "\n", " ", "\ufeff",
    "\u201c", "<x>", "1.5", "0x1", "NOT EXISTS(", "||", "\U0001f600", "\r", "\x00", "f(",
]  # fmt: skip

any_text = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS)).map("".join))


def rules(policy: Policy) -> list[Rule]:
    return [placed.rule for section in policy.sections for placed in section.rules]


def underlined(text: str) -> list[tuple[str, str]]:
    policy = parse(text)
    return [(each.code, text[each.span.start : each.span.end]) for each in policy.syntax_errors]


@given(any_text)
def test_any_text_is_printed_back(text: str) -> None:
    policy = parse(text)
    assert str(policy) == text
    for problem in policy.syntax_errors:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)


@given(any_text, st.integers(0), st.integers(0), any_text)
def test_an_edit_gives_the_tree_of_the_new_text(
    before: str, first: int, second: int, new: str
) -> None:
    start, end = sorted((first % (len(before) + 1), second % (len(before) + 1)))
    after = before[:start] + new + before[end:]
    assert reparse(parse(before), start, end, new).chunks == parse(after).chunks


def test_an_edit_shares_what_it_does_not_touch() -> None:
    old = parse(SAMPLE)
    at = SAMPLE.index(">=-5")
    new = reparse(old, at, at + 2, "<")
    assert new.chunks[-1] is old.chunks[-1]
    assert new.chunks[0] is old.chunks[0]
    assert new.chunks != old.chunks


def test_the_tree_says_what_the_text_says() -> None:
    policy = parse(SAMPLE)
    assert policy.parses
    assert policy.version == "1.2"
    assert [section.name for section in policy.sections] == [
        "configurationrules",
        "authorizationrules",
        "issuancerules",
    ]
    configuration, permit, deny, add, copy = rules(policy)
    assert configuration.action.assigned("value") == Literal(15, 54, 56)
    assert [test.comparison for test in permit.conditions[0].tests] == ["==", ">=", "!="]
    assert permit.conditions[1].negated
    assert isinstance(permit.conditions[1].tests[0].expression, Reference)
    assert deny.conditions[0].tests == ()
    value = add.action.assigned("value")
    assert isinstance(value, Call)
    assert value.function == "JmesPath"
    assert copy.action.copy == "s"


def test_spans_count_in_the_whole_text() -> None:
    policy = parse(SAMPLE)
    (_, deny) = policy.section("authorizationrules")
    assert SAMPLE[deny.span.start : deny.span.end] == "[] => deny();"
    assert policy.position(deny.span.start) == (7, 5, deny.span.start)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"\\" \\\\ \\/ \\n \\u00e9 \\ud83d\\ude00"', '" \\ / \n \u00e9 \U0001f600'),
        ("\"a 'b' c\"", "a 'b' c"),
        ("-9223372036854775808", -9223372036854775808),
        ("007", 7),
        ("true", True),
    ],
)
def test_literals(text: str, expected: object) -> None:
    policy = parse(f'version=1.0;issuancerules{{=>issue(type="t",value={text});}};')
    assert policy.parses
    value = rules(policy)[0].action.assigned("value")
    assert isinstance(value, Literal)
    assert value.value == expected
    assert type(value.value) is type(expected)


RULE = "version=1.1;authorizationrules{%s};"


@pytest.mark.parametrize(
    ("rule", "code", "text"),
    [
        ('[type="a"]=>permit();', "SW004", "="),
        ('[type=="a", value=>5]=>permit();', "SW001", "=>"),
        ('[type=="a"]=>permit()', "SW002", ")"),
        ('[type=="a"] && permit();', "SW003", "&&"),
        ('[type=="a"] permit();', "SW003", "permit"),
        ("[type==\u201ca\u201d]=>permit();", "SW005", "\u201ca\u201d"),
        ('=>add(type="a\u201d, value=1);\n', "SW005", "\u201d"),
        ('[type=="a]=>permit();\n', "SW006", '"a]=>permit();'),
        ('[type=="\\d"]=>permit();', "SW007", "\\d"),
        ('[type=="\\ud800"]=>permit();', "SW007", "\\ud800"),
        ("/* no */=>permit();", "SW008", "/* no */"),
        ("\u00a0=>permit();", "SW009", "\u00a0"),
        ('=>add("a", value=1);', "SW010", '"a"'),
        ('[type=="a",value==<id>]=>permit();', "SW011", "<id>"),
        ("=>premit();", "SW013", "premit"),
        ('NOT EXISTS([type=="a"])=>permit();', "SW014", "NOT"),
        ('[type=="a"] || [type=="b"]=>permit();', "SW014", "||"),
        ('[type=="a"] or [type=="b"]=>permit();', "SW014", "or"),
        ('[type=="a",value=~"b"]=>permit();', "SW014", "=~"),
        ('[type=="a",value!~"b"]=>permit();', "SW014", "!~"),
        ('[type=="a",value==1+2]=>permit();', "SW014", "+"),
        ('([type=="a"])=>permit();', "SW014", "("),
        ('[type=="a"]=>issue(store="s",query="q");', "SW014", "store"),
        ('[type=="a"]&&=>permit();', "SW001", "&&"),
        ('[type=="a",value==0x1F]=>permit();', "SW016", "0x1F"),
        ('[type=="a",value==1.5]=>permit();', "SW016", "1.5"),
        ('[type=="a",value==9223372036854775808]=>permit();', "SW016", "9223372036854775808"),
        ('=>add(type=="a", value=1);', "SW022", "=="),
        ('=>(type="a");', "SW024", "("),
        ('[name=="a"]=>permit();', "SW025", "name"),
        ('[type=="a",value==True]=>permit();', "SW026", "True"),
        (";", "SW001", ";"),
    ],
)
def test_an_error_underlines_the_character_that_matters(rule: str, code: str, text: str) -> None:
    assert (code, text) in underlined(RULE % rule)


@pytest.mark.parametrize(
    "rule",
    [
        '[type="a"]=>permit();',
        '[type=="a", value=>5]=>permit();',
        '[type=="a", value=<5]=>permit();',
        '[type=="a"]=>permit()',
        '[type=="a"] && permit();',
        '[type=="a"] permit();',
        "[type==\u201ca\u201d]=>permit();",
        '=>add(type="a\u201d, value=1);\n',
        '[type=="\\d"]=>permit();',
        "/* no\n * way */=>permit();",
        "\u00a0=>permit();",
        '=>add("a", value=1);',
        '=>add("a", 1);',
        "=>premit();",
        '[type=="a"] && => permit();',
        '[type=="a"] and [type=="b"] => permit();',
        'EXISTS [type=="a"] => permit();',
        'NOT EXISTS [type=="a"] => permit();',
        '@RuleName = "first"\n=>permit();',
        '=>add(type=="a", value=1);',
        '[type=="a",value==True]=>permit();',
        'c[type=="a"]=>permit();',
        ";",
    ],
)
def test_a_fix_repairs_the_text(rule: str) -> None:
    text = RULE % rule
    for _ in range(3):
        problems = [each for each in parse(text).syntax_errors if each.fix]
        if not problems:
            break
        assert problems[0].fix is not None
        text = problems[0].fix.apply(text)
    assert parse(text).parses, text


def test_several_errors_in_one_run() -> None:
    text = RULE % '[type="a"]=>premit();\n[value==1,issuer=="x"}=>deny();\n=>deny()\n'
    assert [code for code, _ in underlined(text)] == ["SW004", "SW013", "SW001", "SW002"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "SW012"),
        ("// nothing\n", "SW012"),
        ("authorizationrules{=>permit();};", "SW012"),
        ("version=1;authorizationrules{};", "SW012"),
        ("version=-1.0;authorizationrules{};", "SW012"),
        ("version=1.-0;authorizationrules{};", "SW012"),
        ('{"$version": 1, "$allow-debuggable": true}', "SW015"),
        ("version=1.0;authorizationrules={};", "SW017"),
        ("version=1.0;authorizationrule{};", "SW018"),
        ("version=1.0;authorizationrules{};x", "SW018"),
        ("version=1.0;authorizationrules{};=>permit();", "SW019"),
        ("version=1.0;authorizationrules{};};", "SW019"),
        ("version=1.0;authorizationrules{=>permit();", "SW023"),
        ("version=1.0;authorizationrules{=>permit(); issuancerules{};", "SW023"),
        ("version=1.0;authorizationrules{=>permit();}", "SW002"),
        ("version=1.0 authorizationrules{=>permit();};", "SW002"),
        ('version=1.0;authorizationrules{[type=="a]=>permit();};', "SW006"),
        ('version=1.0;authorizationrules{[type=="a\nb"]=>permit();};issuancerules{};', "SW006"),
        ('version=1.0;authorizationrules{[type=="a]=>permit(); } ;\nissuancerules{};', "SW006"),
    ],
)
def test_broken_frames(text: str, code: str) -> None:
    assert [found for found, _ in underlined(text)] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        "{" * 1_000_000,
        "}" * 1_000_000,
        ";" * 1_000_000,
        "!" * 1_000_000,
        RULE % ("[" * 900_000),
        RULE % ("=>add(type=" + "f(" * 400_000),
        RULE % ('"' + "\\x" * 450_000),
        RULE % ("/*" * 450_000),
        RULE % ("<a " * 300_000),
        RULE % ("\u201c" * 300_000),
        RULE % ("=>deny();" * 100_000),
        RULE % ("|" * 900_000),
    ],
    ids=lambda text: text[30:42],
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    started = time.perf_counter()
    policy = parse(text)
    assert time.perf_counter() - started < 20
    assert str(policy) == text


def test_limits_are_inclusive() -> None:
    text = RULE % "=>permit();"
    assert parse(text, Limits(text_bytes=len(text))).parses
    (error,) = parse(text, Limits(text_bytes=len(text) - 1)).syntax_errors
    assert error.code == "SW021"
    depth = DEFAULT_LIMITS.call_depth
    good = RULE % ("=>add(type=" + "f(" * depth + "1" + ")" * depth + ",value=1);")
    assert parse(good).parses
    assert underlined(good.replace("1)", "f(1))"))[0][0] == "SW020"


@pytest.mark.parametrize(
    "rule",
    ["[", "[type", "[type=", "[type==", "[type==c", "[type==c.", "[type==f(", "c", "c:", "!", "!c",
     "=>", "=>add", "=>add(", "=>add(type", "=>add(type=", "=>add(claim", "=>add(claim=", "&&"],
)  # fmt: skip
def test_a_text_may_stop_anywhere(rule: str) -> None:
    """Found by fuzzing: the text ended behind the property of a test."""
    for text in (RULE.split("%", maxsplit=1)[0] + rule, RULE % rule, "version=1.0", rule):
        for length in range(len(text) + 1):
            assert any(each.severity is Severity.ERROR for each in check(parse(text[:length])))


def test_spelling_in_another_case_is_a_warning() -> None:
    policy = parse('Version=1.0;AuthorizationRules{[Type=="a"]=>Permit();};')
    assert policy.parses
    assert [each.code for each in policy.syntax_errors] == ["SW201", "SW201", "SW202", "SW201"]
    assert policy.sections[0].name == "authorizationrules"


def test_a_byte_order_mark_is_skipped_at_the_start_only() -> None:
    text = "\ufeffversion=1.0;authorizationrules{=>permit();};"
    assert parse(text).parses
    assert not parse(text[1:] + "\ufeff").parses


PLAIN = [
    '[type=="a"]=>permit();', "=>deny();", '[type=="a",value>=-5]&&[value!=true]=>permit();',
    's: [ issuer=="x" , type=="a" ]\r\n\t=> issue( type="b" , value = s . valueType ) ;',
    'c:[type=="a"]=>add(claim=c);', '=>issueproperty(type="omit_x5c",value=true);',
    "// note [type\n",
]  # fmt: skip
CUTS = [
    "", " ", "=", "!", "true", "false", "c", "1", "0", "_", '"', "\\", ",", ".", ":", ";", "}",
    "//\n", "(", ")", "[", "]", "&&", "valueType", "Value", "99999999999999999999", "\u201c", "<a>",
]  # fmt: skip
bent_rules = st.builds(
    lambda rule, at, length, new: rule[: at % len(rule)] + new + rule[at % len(rule) + length :],
    st.sampled_from(PLAIN),
    st.integers(0, 99),
    st.integers(0, 2),
    st.sampled_from(CUTS),
)


@given(st.lists(st.one_of(st.sampled_from(PLAIN), bent_rules), max_size=4))
def test_a_rule_read_at_a_stretch_is_the_one_that_its_tokens_make(found: list[str]) -> None:
    text = "version=1.2;authorizationrules{" + "".join(found) + "};"
    begin, state = 0, START
    for chunk in parse(text).chunks:
        # Not the tuples: there, true is 1.
        slowly = read_chunk(text, begin, state, DEFAULT_LIMITS)
        assert repr(chunk) == repr(slowly) or not chunk.text
        begin += len(chunk.text)
        state = chunk.after


@pytest.mark.parametrize("rule", PLAIN[:-1])
def test_the_plainest_rules_are_read_at_a_stretch(rule: str) -> None:
    assert plain_rule(rule, 0) is not None


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_is_left_as_it_was_found(*, collects: bool) -> None:
    seen = []
    inner = parse("version=1.0;")

    def call_off() -> None:
        seen.append(gc.isenabled())
        check(inner)
        seen.append(gc.isenabled())
        raise CalledOffError

    was = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        with at_pace(call_off), pytest.raises(CalledOffError):
            parse(SAMPLE)
        assert gc.isenabled() is collects
    finally:
        (gc.enable if was else gc.disable)()
    assert seen == [False, False]
