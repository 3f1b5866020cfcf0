"""A changed model written into a text: only what differs changes, comments stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright.policy import format_policy, model_text, parse, read_model
from sealwright.policy.writing.builder import IssuedClaim, PolicyModel, Requirement
from sealwright.policy.writing.builder_edits import text_with

HAND = """version=1.0;
authorizationrules {
    // nobody looks inside
    [type=="x-ms-sgx-is-debuggable", value==true] => deny(); // ever
    [type=="a", value==1] && /* no comment of ours */
    [type=="b"] => permit();
};
"""
TEXT = HAND.replace(" /* no comment of ours */", " // and so\n")

_names = st.sampled_from(["x-ms-sgx-svn", "x-ms-sgx-mrsigner", "a", "b c", 'd"e'])
_values = st.one_of(st.booleans(), st.integers(-5, 5), st.sampled_from(["", "v", "w"]))
_required = st.one_of(
    st.builds(Requirement, _names),
    st.builds(Requirement, _names, st.sampled_from(["==", "!=", ">="]), _values),
)
_issued = st.one_of(
    st.builds(lambda name, source: IssuedClaim(name, source=source), _names, _names),
    st.builds(lambda name, value: IssuedClaim(name, value=value), _names, _values),
)
_models = st.builds(
    PolicyModel,
    version=st.just("1.1"),
    denials=st.lists(_required, max_size=3).map(tuple),
    requirements=st.lists(_required, max_size=4).map(tuple),
    issued=st.lists(_issued, max_size=3).map(tuple),
    settings=st.lists(st.tuples(_names, _values), max_size=2).map(tuple),
).map(lambda model: model._replace(permits=bool(model.requirements)))


@given(_models, _models)
def test_the_text_says_what_the_changed_model_says(before: PolicyModel, after: PolicyModel) -> None:
    text = model_text(before)
    changed = text_with(parse(text), after)
    read = read_model(parse(changed))
    assert read.outside == ()
    assert read.model == after
    # What was in the canonical layout is still.
    assert format_policy(changed) == changed


@given(_models)
def test_nothing_to_change_changes_nothing(model: PolicyModel) -> None:
    text = model_text(model)
    assert text_with(parse(text), model) == text


def changed(text: str, **new: object) -> str:
    model = read_model(parse(text)).model
    return text_with(parse(text), model._replace(**new))  # type: ignore[arg-type]  # fields by name


def test_comments_stay_where_a_neighbour_changes() -> None:
    deny = Requirement("c", "==", 2)
    model = read_model(parse(TEXT)).model
    found = changed(TEXT, denials=(*model.denials, deny))
    assert found == TEXT.replace("// ever\n", '// ever\n    [type=="c", value==2] => deny();\n')
    found = changed(TEXT, requirements=(Requirement("a", "==", 9), Requirement("b")))
    assert found == TEXT.replace("value==1", "value==9")


def test_a_denial_goes_before_what_permits() -> None:
    text = 'version=1.0;\nauthorizationrules {\n    [type=="a"] => permit();\n};\n'
    found = changed(text, denials=(Requirement("d"),))
    assert found.index("deny()") < found.index("permit()")


def test_rules_of_another_shape_stay_as_they_are() -> None:
    hand = '    [type=="x"] && [type=="y"] => deny();\n'
    text = TEXT.replace("    // nobody", f"{hand}    // nobody")
    found = changed(text, denials=())
    assert hand in found
    assert "is-debuggable" not in found


def test_a_setting_raises_the_version_and_makes_its_section() -> None:
    found = changed(TEXT, settings=(("x-ms-sgx-tcbidentifier", "14"),))
    assert found.startswith("version=1.1;\nconfigurationrules {\n")
    assert read_model(parse(found)).model.settings == (("x-ms-sgx-tcbidentifier", "14"),)


@pytest.mark.parametrize("text", ["", "\n", "// to come\n"])
def test_an_empty_text_becomes_the_whole_policy(text: str) -> None:
    model = PolicyModel(requirements=(Requirement("a"),))
    assert text_with(parse(text), model) == model_text(model)
