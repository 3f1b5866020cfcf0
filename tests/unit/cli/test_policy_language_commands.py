"""`policy lint|format|eval|test|diff --semantic` through the dispatcher, as a shell sees them."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sealwright.cli.dispatch import run

if TYPE_CHECKING:
    from argparse import Namespace
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.secret import Secret
    from sealwright.services.bundle import Services
    from sealwright.services.ports import PretendedMachines, Signer

RESOURCES = Path(__file__).parents[3] / "resources"
GOOD = """version=1.0;

authorizationrules {
    [type=="x-ms-sgx-is-debuggable", value==false] => permit();
};

issuancerules {
    => issue(type="tier", value="gold");
};
"""


class World:
    """Nothing but the bundled files; any other wish is a failure."""

    def services(self, home: str | None) -> AbstractAsyncContextManager[Services]:
        raise AssertionError(home)

    def key_file_signer(
        self, key: bytes, certificates: bytes, passphrase: Secret[str] | None
    ) -> Signer:
        raise AssertionError(key, certificates, passphrase)

    def resource(self, name: str) -> bytes:
        return (RESOURCES / name).read_bytes()

    def machines(self, home: str | None) -> AbstractContextManager[PretendedMachines | None]:
        raise AssertionError(home)

    def anchors(self, home: str | None) -> tuple[TrustAnchor, ...]:
        raise AssertionError(home)

    def anchors_file(self, home: str | None) -> str:
        raise AssertionError(home)

    def program(self) -> list[str]:
        raise AssertionError

    def sandbox(self, home: str | None, command: str, arguments: Namespace) -> int:
        raise AssertionError(home, command, arguments)


class Shell:
    """Runs commands in a folder and reads what they print."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_bytes(text.encode())
        return str(path)

    def run(self, *arguments: str) -> tuple[int, str]:
        code = run(arguments, World())
        return code, self._capture.readouterr().out

    def complaint(self, *arguments: str) -> str:
        assert run(arguments, World())
        return self._capture.readouterr().err

    def json(self, *arguments: str) -> tuple[int, Any]:
        code, text = self.run(*arguments, "--format", "json")
        return code, json.loads(text)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capsys)


def test_lint_says_where_and_how_to_fix(shell: Shell) -> None:
    path = shell.file("p.policy", GOOD.replace("value==false", "value=false"))
    code, document = shell.json("policy", "lint", path, "--type", "sgx")
    assert code == 1
    (file,) = document["files"]
    assert (file["path"], file["version"], file["attestationType"], file["ok"]) == (
        path,
        "1.0",
        "SgxEnclave",
        False,
    )
    found = file["diagnostics"][0]
    assert found["code"] == "SW004"
    assert found["range"]["start"] == {"line": 4, "column": 43, "offset": 77}
    assert found["fix"]["edits"] == [{"range": found["range"], "newText": "=="}]
    _, text = shell.run("policy", "lint", path)
    assert f"{path}:4:43: error SW004" in text
    assert "\n" + " " * 46 + "^\n" in text


def test_the_mark_stands_below_its_sign_also_behind_wide_ones(shell: Shell) -> None:
    rule = '\t[type=="\U0001f600e\u0301\u65e5", value="\U0001f600"] => permit();'
    path = shell.file("p.policy", "version=1.0;\nauthorizationrules {\n" + rule + "\n};\n")
    _, text = shell.run("policy", "lint", path)
    excerpt, mark = next(
        (line, below)
        for line, below in itertools.pairwise(text.splitlines())
        if below.strip().startswith("^")
    )
    assert excerpt == "    " + rule
    # The emoji and the ideograph take two places each, the accent none.
    assert mark == "    \t" + " " * len('[type=="@@eNN", value') + "^"


def test_lint_warns_without_failing(shell: Shell) -> None:
    path = shell.file("p.policy", GOOD.replace("issue(", "Issue("))
    code, document = shell.json("policy", "lint", path)
    assert code == 0
    assert [each["code"] for each in document["files"][0]["diagnostics"]] == ["SW201"]


def test_lint_explains(shell: Shell) -> None:
    code, text = shell.run("policy", "lint", "--explain", "sw004")
    assert code == 0
    assert text.startswith("# SW004: ")
    assert shell.run("policy", "lint", "--explain", "SW999")[0] == 2
    assert shell.run("policy", "lint")[0] == 2


def test_format_checks_writes_and_prints(shell: Shell) -> None:
    path = shell.file("p.policy", GOOD.replace("\n    ", " "))
    assert shell.run("policy", "format", path) == (0, GOOD)
    assert shell.run("policy", "format", path, "--check") == (1, f"{path}\n")
    assert shell.run("policy", "format", path, "--write")[0] == 0
    assert Path(path).read_text() == GOOD
    assert shell.run("policy", "format", path, "--check") == (0, "")


def test_format_refuses_what_does_not_parse(shell: Shell) -> None:
    path = shell.file("p.policy", "version=1.0;authorizationrules{=>permit()};")
    code, document = shell.json("policy", "format", path, "--write")
    assert code == 2
    assert document["error"]["code"] == "PolicyParsingError"
    assert document["error"]["details"]["diagnostics"][0]["code"] == "SW002"


def test_eval_decides(shell: Shell) -> None:
    path = shell.file("p.policy", GOOD)
    claim = {"type": "x-ms-sgx-is-debuggable", "value": False, "issuer": "AttestationService"}
    claims = shell.file("c.json", json.dumps([claim]))
    code, document = shell.json("policy", "eval", path, "--claims", claims)
    assert code == 0
    assert document["decision"] == "permit"
    assert document["decidedBy"]["section"] == "authorizationrules"
    assert document["outgoing"] == [
        {
            "type": "tier",
            "value": "gold",
            "valueType": "String",
            "issuer": "AttestationPolicy",
        }
    ]
    assert document["trace"][0]["conditions"] == [{"negated": False, "matched": [0], "missed": []}]
    nothing = shell.file("none.json", "[]")
    code, text = shell.run("policy", "eval", path, "--claims", nothing, "--trace")
    assert code == 1
    assert "there is no `x-ms-sgx-is-debuggable`" in text
    assert 'issued: tier = "gold"' in shell.run("policy", "eval", path, "--claims", claims)[1]


def test_eval_tells_a_failed_rule_from_a_bad_text(shell: Shell) -> None:
    claims = shell.file("c.json", '[{"type": "a", "value": 1}]')
    failing = shell.file(
        "f.policy",
        'version=1.2;authorizationrules{[type=="a",value==JmesPath("","x")]=>permit();};',
    )
    code, document = shell.json("policy", "eval", failing, "--claims", claims)
    assert (code, document["error"]["code"]) == (1, "PolicyEvaluationError")
    details = document["error"]["details"]
    assert (details["section"], details["rule"]) == ("authorizationrules", 1)
    assert details["range"]["start"] == {"line": 1, "column": 32, "offset": 31}
    rests = shell.file(
        "r.policy",
        'version=1.2;authorizationrules{[type=="a",value==JsonToClaimValue("1.0")]=>permit();};',
    )
    words = shell.complaint("policy", "eval", rests, "--claims", claims)
    assert "rests on: whole_fractions_fail" in words
    bad = shell.file("b.policy", "version=1.0;")
    code, document = shell.json("policy", "eval", bad, "--claims", claims)
    assert (code, document["error"]["code"]) == (2, "PolicyParsingError")
    assert document["error"]["details"]["diagnostics"][0]["code"] == "SW102"
    broken = shell.file("x.json", "[")
    assert shell.run("policy", "eval", failing, "--claims", broken)[0] == 2


CASES = """policy: p.policy
attestationType: SgxEnclave
cases:
  - name: release
    claims: {x-ms-sgx-is-debuggable: false}
    expect: {decision: permit, issued: {tier: gold}}
  - name: debug
    claims: {x-ms-sgx-is-debuggable: true}
    expect: {decision: %s}
"""


def test_test_files_run(shell: Shell) -> None:
    shell.file("p.policy", GOOD)
    shell.file("p.policytest.yaml", CASES % "deny")
    code, document = shell.json("policy", "test", str(shell.folder))
    assert code == 0
    assert [case["ok"] for case in document["files"][0]["cases"]] == [True, True]
    shell.file("p.policytest.yaml", CASES % "permit")
    report = shell.folder / "junit.xml"
    code, text = shell.run("policy", "test", str(shell.folder), "--junit", str(report))
    assert code == 1
    assert "FAILED" in text
    assert "rule 1 of authorizationrules, line 4, did not fire" in text
    assert 'failures="1"' in report.read_text()
    shell.file("p.policytest.yaml", "cases: [")
    assert shell.run("policy", "test", str(shell.folder))[0] == 2


def test_semantic_diff_sees_through_blanks(shell: Shell) -> None:
    first = shell.file("a.policy", GOOD)
    second = shell.file("b.policy", GOOD.replace("\n    ", "\n\n  // note\n"))
    assert shell.run("policy", "diff", first, second)[0] == 1
    assert shell.json("policy", "diff", first, second, "--semantic") == (
        0,
        {
            "equal": True,
            "hunks": [],
            "versions": None,
            "newlyRequired": [],
            "noLongerRequired": [],
            "decisions": [],
        },
    )
    code, document = shell.json("policy", "diff", first, shell.file("e.policy", ""), "--semantic")
    assert code == 2
    assert "e.policy` holds no policy" in document["error"]["message"]
    third = shell.file("c.policy", GOOD.replace("gold", "silver"))
    code, document = shell.json("policy", "diff", first, third, "--semantic")
    assert code == 1
    assert document["hunks"][0]["kind"] == "changed"


def test_the_hooks_for_pre_commit_are_commands_that_work(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shell.folder)
    name = shell.file("p.policy", GOOD)
    case = "{name: a, claims: {x-ms-sgx-is-debuggable: false}, expect: {decision: permit}}"
    shell.file("p.policytest.yaml", f"policy: p.policy\ncases: [{case}]\n")
    hooks = yaml.safe_load((RESOURCES.parent / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert len(hooks) == 3
    for hook in hooks:
        program, *words = hook["entry"].split()
        files = [name] if hook.get("pass_filenames", True) else []
        assert program == "sealwright"
        assert re.search(hook["files"], "policies/p.policy")
        code, text = shell.run(*words, *hook.get("args", []), *files)
        assert code == 0, text


def test_of_an_endless_line_only_the_place_is_shown(shell: Shell) -> None:
    filling = "a" * 50_000
    path = shell.file(
        "p.policy", f'version=1.0;authorizationrules{{/*{filling}*/[type="b"]=>permit();'
    )
    code, text = shell.run("policy", "lint", path)
    assert code == 1
    excerpt, carets = text.splitlines()[1:3]
    assert excerpt.startswith("    version=1.0;")
    assert len(excerpt) < 250
    assert carets.startswith(" " * 35 + "^")
    shown = [line for line in text.splitlines() if line.strip().startswith("…")]
    assert shown
    assert all(len(line) < 250 for line in shown)
    marked = next(at for at, line in enumerate(text.splitlines()) if "SW004" in line)
    excerpt, carets = text.splitlines()[marked + 1 : marked + 3]
    assert excerpt[carets.index("^")] == "="


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ("[" * 5_000, "nested deeper"),
        (f'[{{"type":"a","value":{"9" * 5_000}}}]', "more than 40 digits"),
        ('[{"type":"a","type":"b","value":1}]', "twice"),
        ("\ufeff[", "Not JSON"),
    ],
)
def test_claims_that_cannot_be_read_say_why(shell: Shell, claims: str, words: str) -> None:
    policy = shell.file("p.policy", GOOD)
    code, document = shell.json("policy", "eval", policy, "--claims", shell.file("c.json", claims))
    assert (code, document["error"]["code"]) == (2, "Usage")
    assert words in document["error"]["message"]
    assert "sys." not in document["error"]["message"]
