"""The set-up script: old syntax, right package names, and locks that hold everywhere."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from steps import interpreter, suite, system

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = [ROOT / "packaging" / "dev.py", *sorted((ROOT / "packaging" / "steps").glob("*.py"))]
LOCKS = [ROOT / "packaging" / "requirements.txt", ROOT / "packaging" / "requirements-dev.txt"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_parses_and_imports_only_the_standard_library_under_python_3_8(
    script: Path,
) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= sys.stdlib_module_names | {"steps"}


def _pins(lock: Path) -> dict[str, str]:
    pattern = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
    return dict(pattern.findall(lock.read_text(encoding="utf-8")))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_has_a_hash_for_each_package_and_names_no_place(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9-]+==)", text)[1:]
    assert len(blocks) == len(_pins(lock))
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|index-url|find-links", text)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
@pytest.mark.parametrize(
    ("package", "system"),
    [("secretstorage", "linux"), ("jeepney", "linux"), ("pywin32-ctypes", "win32")],
)
def test_lock_has_what_only_one_system_needs_and_says_so(
    lock: Path, package: str, system: str
) -> None:
    pin = re.compile(rf"^{package}==\S+ ; sys_platform == '{system}'", re.MULTILINE)
    assert pin.search(lock.read_text(encoding="utf-8"))


def test_program_is_locked_to_the_versions_that_are_tested() -> None:
    run, dev = (_pins(lock) for lock in LOCKS)
    assert run.items() <= dev.items()


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    declared = [
        *project["project"]["dependencies"],
        *(item for name in ("build", "lint", "test", "bundle") for item in groups[name]),
    ]
    names = {re.split(r"[<>=;\[ ]", line)[0].lower() for line in declared}
    assert names <= _pins(LOCKS[1]).keys()


@pytest.mark.parametrize(
    ("identifier", "version", "glib"),
    [
        ("debian", "12", "libglib2.0-0"),
        ("debian", "13", "libglib2.0-0t64"),
        ("debian", "", "libglib2.0-0t64"),
        ("ubuntu", "22.04", "libglib2.0-0"),
        ("ubuntu", "24.04", "libglib2.0-0t64"),
    ],
)
def test_package_names_follow_the_release(identifier: str, version: str, glib: str) -> None:
    release = {"ID": identifier, "VERSION_ID": version}
    names = system.package_names(system.OFFSCREEN, system.APT, release)
    assert names[-1] == glib
    assert "libegl1" in names


def test_fedora_names_are_split_into_packages() -> None:
    assert system.package_names(system.FONTS, system.DNF, {}) == [
        "dejavu-sans-fonts",
        "dejavu-sans-mono-fonts",
    ]


def test_os_release_is_read_without_its_quotes(tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    file.write_text('# note\nID=ubuntu\nVERSION_ID="24.04"\n', encoding="utf-8")
    assert system.os_release(str(file)) == {"ID": "ubuntu", "VERSION_ID": "24.04"}


def test_a_stub_that_is_named_python_but_does_not_start_is_no_python(tmp_path: Path) -> None:
    stub = tmp_path / "python3.12"
    stub.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n", encoding="utf-8")
    stub.chmod(0o755)
    assert not interpreter.suits([str(stub)])
    assert not interpreter.suits([str(tmp_path / "absent")])
    assert interpreter.suits([sys.executable])


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("3 10 cpython 0", False),
        ("3 11 cpython 0", True),
        ("3 14 cpython 0", True),
        ("3 15 cpython 0", False),
        ("3 13 cpython 1", False),
        ("3 11 pypy 0", False),
    ],
)
def test_only_supported_pythons_suit(tmp_path: Path, words: str, *, fits: bool) -> None:
    stub = tmp_path / "python"
    stub.write_text(f"#!/bin/sh\necho {words}\n", encoding="utf-8")
    stub.chmod(0o755)
    assert interpreter.suits([str(stub)]) is fits


def test_outcomes_are_counted_from_the_report(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(
        "<testsuites><testsuite><testcase/><testcase><failure/></testcase>"
        "<testcase><error/></testcase><testcase><skipped/></testcase></testsuite></testsuites>",
        encoding="utf-8",
    )
    assert suite.read_report(report) == suite.Count(passed=1, failed=2, skipped=1)
    assert suite.read_report(tmp_path / "absent.xml") == suite.Count()
