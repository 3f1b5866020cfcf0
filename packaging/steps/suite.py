"""`dev.py test`: every test phase in a pytest process of its own, then one count of all.

The window tests and the commands from end to end take as long as all other phases that need no
window, so on a machine with two cores they run beside those. What drives a real window then has the
machine for itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Dict, List, NamedTuple, Optional, Sequence, Tuple
from xml.etree import ElementTree as ET

from steps import bundle, console, qt
from steps.console import ROOT, say, with_variables

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

REPORTS = ROOT / "build" / "test"
BUNDLE_TEST = "tests/e2e/test_bundle.py"
COMMANDS = ("tests/e2e/test_command_line.py", "tests/e2e/test_fleet_killed.py")
"""From end to end without a window."""
BENCHMARKS = "tests/benchmarks"
# Nothing of ours takes this long; what does hangs.
_LIMIT = 1500
_LIMIT_LONG = 4 * 3600


class Phase(NamedTuple):
    """One pytest process."""

    name: str
    paths: Sequence[str]
    options: Sequence[str] = ()
    beside: bool = False
    """Whether it runs beside the phases before it, where there are two cores."""


PHASES = (
    Phase("unit", ("tests/unit", "tests/golden")),
    Phase("fuzz", ("tests/fuzz",)),
    Phase("contract", ("tests/contract",)),
    Phase("conformance", ("tests/conformance",)),
    Phase("desktop", ("tests/desktop",), beside=True),
    Phase("commands", COMMANDS, beside=True),
    Phase("e2e", ("tests/e2e",), tuple("--ignore=" + path for path in (BUNDLE_TEST, *COMMANDS))),
    Phase("bundle", (BUNDLE_TEST,)),
)
_ALONE = ("e2e", "bundle")
NAMES = [phase.name for phase in PHASES]


class Count(NamedTuple):
    """What became of a number of tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, other: Count) -> Count:
        """Both together."""
        return Count(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )


def run(python: Path, *, only: Optional[List[str]], long: bool) -> int:
    """Run the phases in order, all of them whatever fails; 1 when anything did."""
    phases = [phase for phase in PHASES if not only or phase.name in only]
    qt.ensure(python, window=True)
    start = time.monotonic()
    counts = _counts(python, phases, long=long)
    total = Count()
    for count in counts:
        total = total.plus(count)
    say("\nall phases took {:.0f} s; {} skipped".format(time.monotonic() - start, total.skipped))
    say("{} passed, {} failed".format(total.passed, total.failed))
    return 1 if total.failed or not total.passed else 0


def _counts(python: Path, phases: Sequence[Phase], *, long: bool) -> List[Count]:
    """Run the phases; those beside others are told of once they have ended."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    if long or len(phases) == 1 or (os.cpu_count() or 1) < 2:  # noqa: PLR2004 - two cores
        return [_run_phase(python, phase, sys.stdout, long=long) for phase in phases]
    counts: List[Count] = []
    with ThreadPoolExecutor(1) as pool:
        beside = [
            (REPORTS / (phase.name + ".log"), pool.submit(_run_beside, python, phase))
            for phase in phases
            if phase.beside
        ]
        for phase in phases:
            if phase.name in _ALONE:
                counts += _ended(beside)
            if not phase.beside:
                counts.append(_run_phase(python, phase, sys.stdout, long=long))
        counts += _ended(beside)
    return counts


def _run_beside(python: Path, phase: Phase) -> Count:
    with (REPORTS / (phase.name + ".log")).open("w", encoding="utf-8") as out:
        return _run_phase(python, phase, out, long=False)


def _ended(beside: List[Tuple[Path, Future[Count]]]) -> List[Count]:
    """Let what runs beside end, and show what it printed."""
    counts = []
    while beside:
        log, running = beside.pop(0)
        counts.append(running.result())
        say(log.read_text(encoding="utf-8", errors="replace"))
    return counts


def benchmarks(python: Path, arguments: Sequence[str]) -> int:
    """Measure against the peers; arguments go to pytest, such as a file."""
    qt.ensure(python, window=True)
    paths = [word for word in arguments if not word.startswith("-")]
    line = [str(python), "-m", "pytest", "-q", "-s", "-m", "bench", *arguments]
    return _within(
        line + ([] if paths else [BENCHMARKS]), _environment(long=False), _LIMIT_LONG, sys.stdout
    )


def _tell(out: IO[str], text: str) -> None:
    print(text, file=out, flush=True)


def _run_phase(python: Path, phase: Phase, out: IO[str], *, long: bool) -> Count:
    paths = [path for path in phase.paths if (ROOT / path).exists()]
    if not paths:
        _tell(out, "\n==> {}: no tests".format(phase.name))
        return Count()
    _tell(out, "\n==> " + phase.name)
    start = time.monotonic()
    env = _environment(long=long)
    if phase.name == "bundle":
        try:
            env["SEALWRIGHT_BUNDLE"] = str(bundle.build(python))
        except console.StepError as error:
            console.fail(error)
            return Count(failed=1)
    count = _pytest(python, phase, paths, env, out, _LIMIT_LONG if long else _LIMIT)
    _tell(
        out,
        "    {}: {} passed, {} failed, {} skipped in {:.1f} s".format(
            phase.name, count.passed, count.failed, count.skipped, time.monotonic() - start
        ),
    )
    return count


def _environment(*, long: bool) -> Dict[str, str]:
    env = with_variables(QT_QPA_PLATFORM="offscreen")
    # The user's own Sealwright and desktop are no part of a test.
    for name in ("SEALWRIGHT_HOME", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
        env.pop(name, None)
    if long:
        env["SEALWRIGHT_LONG"] = "1"
    return env


def _pytest(  # noqa: PLR0913, PLR0917 - one run of one phase
    python: Path,
    phase: Phase,
    paths: Sequence[str],
    env: Dict[str, str],
    out: IO[str],
    limit: int,
) -> Count:
    report = REPORTS / (phase.name + ".xml")
    if report.exists():
        report.unlink()
    line = [str(python), "-m", "pytest", "-q", "--junitxml=" + str(report), *phase.options, *paths]
    if "SEALWRIGHT_LONG" in env:
        line += ["-m", ""]
    code = _within(line, env, limit, out)
    count = read_report(report)
    if code not in (0, 1, 5) or (code == 1 and not count.failed):
        _tell(out, "    {}: pytest ended with code {}".format(phase.name, code))
        return count.plus(Count(failed=1))
    return count


def _within(line: List[str], env: Dict[str, str], limit: int, out: IO[str]) -> int:
    """Run in a process group of its own, so that a hang takes its children along."""
    own_group = os.name != "nt"
    process = subprocess.Popen(
        line,
        cwd=str(ROOT),
        env=env,
        start_new_session=own_group,
        stdout=None if out is sys.stdout else out,
        stderr=None if out is sys.stdout else subprocess.STDOUT,
    )
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        _tell(out, "    still running after {} s: stopped".format(limit))
        return -1
    finally:
        if process.poll() is None:
            _stop(process, own_group=own_group)


def _stop(process: subprocess.Popen[bytes], *, own_group: bool) -> None:
    if own_group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def read_report(report: Path) -> Count:
    """Count the outcomes in a JUnit file; a missing or broken one counts nothing."""
    try:
        root = ET.parse(str(report)).getroot()  # noqa: S314 - our own pytest wrote it
    except (OSError, ET.ParseError):
        return Count()
    count = Count()
    for case in root.iter("testcase"):
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            count = count.plus(Count(failed=1))
        elif "skipped" in outcomes:
            count = count.plus(Count(skipped=1))
        else:
            count = count.plus(Count(passed=1))
    return count
