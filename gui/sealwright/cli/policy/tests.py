"""`policy test`: runs policy test files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.inputs import policy_text, read_input, write_output
from sealwright.cli.policy.language import read_catalogue, refuse
from sealwright.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from sealwright.claims.claim import Claim
    from sealwright.cli.context import Context
    from sealwright.policy.policy_tests import PolicyTestReport
    from sealwright.policy.syntax import Policy

ENDING = ".policytest.yaml"


def _arguments(parser: ArgumentParser) -> None:
    what = f"test file, or folder that is searched for *{ENDING}"
    parser.add_argument("paths", metavar="PATH", nargs="+", help=what)
    parser.add_argument("--junit", metavar="F", help="write the results as JUnit XML")


def _run(arguments: Namespace, context: Context) -> int:
    from sealwright.policy.policy_tests import junit  # noqa: PLC0415 - after the options are read
    from sealwright.policy.shapes import tests_to_json  # noqa: PLC0415 - as above

    reports: list[PolicyTestReport] = []
    files: list[dict[str, Any]] = []
    for path in _test_files(arguments.paths):
        try:
            place, policy, report = _run_file(path, context)
        except _RefusedError as refused:
            return refuse(refused.error, refused.policy, refused.path, context)
        reports.append(report)
        files.append({**tests_to_json(path, report, policy), "policy": place})
    if arguments.junit:
        write_output(arguments.junit, junit(reports).encode("utf-8"))
    words = "".join(map(_words, files))
    context.output.result({"files": files}, words, output=arguments.junit)
    return HOLDS if all(each["ok"] for each in files) else DOES_NOT_HOLD


class _RefusedError(Exception):
    """A policy under test has errors; carries what is needed to report them."""

    def __init__(self, error: PolicyError, policy: Policy, path: str) -> None:
        super().__init__(path)
        self.error = error
        self.policy = policy
        self.path = path


def _run_file(path: str, context: Context) -> tuple[str, Policy, PolicyTestReport]:
    from time import monotonic  # noqa: PLC0415 - after the options are read

    from sealwright.policy.policy_tests import read_test_file, run_tests  # noqa: PLC0415 - as above
    from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - as above
    from sealwright.services.yaml_reading import read_yaml  # noqa: PLC0415 - as above

    data = read_yaml(read_input(path), f"`{path}`")
    file = read_test_file(data, read_catalogue(context))
    folder = os.path.dirname(path)  # noqa: PTH120 - pathlib costs 12 ms
    place = os.path.join(folder, file.policy)  # noqa: PTH118 - as above
    policy = parse(policy_text(place))

    def claims_of(files: tuple[str, ...]) -> Sequence[Claim]:
        from sealwright.cli.policy.evidence import evidence_of_case  # noqa: PLC0415 - as above

        places = [os.path.join(folder, name) for name in files]  # noqa: PTH118 - as above
        return evidence_of_case(places, context)

    try:
        return place, policy, run_tests(file, policy, claims_of, monotonic)
    except PolicyError as error:
        if not error.diagnostics:
            raise
        raise _RefusedError(error, policy, place) from error


def _test_files(paths: list[str]) -> Iterator[str]:
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112 - pathlib costs 12 ms
            yield path
            continue
        found = sorted(
            os.path.join(folder, name)  # noqa: PTH118 - as above
            for folder, _, names in os.walk(path)
            for name in names
            if name.endswith(ENDING)
        )
        if not found:
            raise UsageError(f"There is no *{ENDING} in `{path}`.")
        yield from found


def _words(file: dict[str, Any]) -> str:
    lines = []
    for case in file["cases"]:
        mark = "ok" if case["ok"] else "FAILED"
        lines.append(f"{mark:6}  {file['path']}: {case['name']}")
        if not case["ok"]:
            lines.append(f"        {case['failure']}")
            if case["turnedAt"]:
                lines.append(f"        at {case['turnedAt']}")
    for each in file["uncovered"]:
        line = each["range"]["start"]["line"]
        where = f"{each['section']} rule {each['rule']}, line {line}"
        lines.append(f"never {each['never']}: a condition of {where}")
    return "\n".join(lines) + "\n"


COMMANDS = {"test": Command(arguments=_arguments, run=_run)}
