"""What is underlined, with an emoji and a tab before it on the same line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealwright.claims import Catalogue
from sealwright.policy import parse
from sealwright.policy.checking.linter import lint

RESOURCES = Path(__file__).parents[2] / "resources"
CATALOGUE = Catalogue.from_json((RESOURCES / "claims.json").read_text("utf-8"))
BEFORE = '\t[type=="\U0001f512\U0001f600"] => deny();\t'


@pytest.mark.parametrize(
    ("rule", "code", "underlined"),
    [
        ('[type="a"] => permit();', "SW004", "="),
        ('[type=="a"] && permit();', "SW003", "&&"),
        ("=> premit();", "SW013", "premit"),
        ('[type=="a", value==<id>] => permit();', "SW011", "<id>"),
        ("[type==\u201ca\u201d] => permit();", "SW005", "\u201ca\u201d"),
        ('c:[type=="a"] => add(claim=d);', "SW109", "d"),
        ('[type=="a"] => add(claim=d);', "SW109", "d"),
        ('[type=="a", value=="\\q\U0001f600"] => permit();', "SW007", "\\q"),
        ('[type=="x-ms-sgx-svn", value=="2"] => permit();', "SW306", '"2"'),
        ('[type==" x-ms-sgx-svn"] => permit();', "SW310", '" x-ms-sgx-svn"'),
        ('=> add("x", value=1);', "SW010", '"x"'),
        ('[type=="a", value==0x10] => permit();', "SW016", "0x10"),
        ("[value==true] => permit();", "SW204", "[value==true]"),
        ("=> permit()", "SW002", ")"),
    ],
)
def test_underlined(rule: str, code: str, underlined: str) -> None:
    text = f"version=1.0;\nauthorizationrules {{\n{BEFORE}{rule}\n}};\n"
    policy = parse(text)
    (found,) = [each for each in lint(policy, CATALOGUE) if each.code == code]
    assert text[found.span.start : found.span.end] == underlined
    line, column, offset = policy.position(found.span.start)
    assert line == 3
    assert text.split("\n")[2][column - 1 :].startswith(underlined)
    assert offset == found.span.start
