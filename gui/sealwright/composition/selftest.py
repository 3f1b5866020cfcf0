"""`sealwright selftest`: the main job on a throw-away home, without or with a window.

It opens services and windows, and leaves nothing behind. Qt is loaded in this process for
`--window` only; without it, another process is asked for the platform's name.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sealwright.cli.outcome import guarded
from sealwright.cli.output import Output
from sealwright.composition.display import want_display
from sealwright.errors import AppError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealwright.services.bundle import Services
    from sealwright.services.ports import VaultChoice
    from sealwright.services.selftest import SelftestReport, SelftestStep
    from sealwright.store.home import Home

DONE, FAILED = 0, 1
_PLATFORM_ONLY = "--print-qt-platform"
_PLATFORM_PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for."""

    form: str = "text"
    window: bool = False
    screenshots: str = ""
    platform_only: bool = False


def run(arguments: Sequence[str]) -> int:
    """Run the self-test; `arguments` are what follows the word `selftest`."""
    return guarded(arguments, lambda: _wish(arguments), _run)


def _wish(arguments: Sequence[str]) -> Wish:
    from argparse import ArgumentParser  # noqa: PLC0415 - not when another module is run

    parser = ArgumentParser(
        prog="sealwright selftest",
        description="Do the whole main job on a throw-away home, and say what this system is like.",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--window", action="store_true", help="do it in a real window")
    parser.add_argument("--screenshots", metavar="DIR", default="", help="keep pictures (--window)")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.add_argument("--home", help="taken and not used: the home is always a new one")
    parser.add_argument(_PLATFORM_ONLY, dest="platform_only", action="store_true")
    read = parser.parse_args(arguments)
    if read.screenshots and not read.window:
        raise UsageError("There is nothing to take pictures of.", hint="Add --window.")
    return Wish(read.format, read.window, read.screenshots, read.platform_only)


def _run(wish: Wish) -> int:
    output = Output(wish.form)
    if wish.platform_only:
        output.result({}, _qt_platform() + "\n")
        return DONE
    if wish.window:
        want_display("Set QT_QPA_PLATFORM=offscreen to do it in a window that nobody sees.")
    from sealwright.store.home import find_home  # noqa: PLC0415 - only where a home is wanted

    with tempfile.TemporaryDirectory(prefix="sealwright-selftest-") as folder:
        home = find_home(folder)
        report = _in_window(home, wish, output) if wish.window else _in_services(home, output)
    for step in report.steps:
        if not step.ok:
            output.note(f"{step.title}: {step.detail}")
    output.result(_document(report), _text(report))
    return DONE if report.ok else FAILED


def _document(report: SelftestReport) -> dict[str, object]:
    return {
        "ok": report.ok,
        "steps": [asdict(step) for step in report.steps],
        "keyring": report.keyring,
        "qtPlatform": report.qt_platform,
        "resources": report.resources,
    }


def _text(report: SelftestReport) -> str:
    lines = [
        f"{'ok' if step.ok else 'FAILED':6}  {step.seconds:6.2f} s  {step.title}: {step.detail}"
        for step in report.steps
    ]
    lines += [
        f"keyring      {report.keyring}",
        f"Qt platform  {report.qt_platform}",
        f"resources    {report.resources}",
        "all of it works" if report.ok else "not all of it works",
    ]
    return "\n".join(lines) + "\n"


def _in_services(home: Home, output: Output) -> SelftestReport:
    import anyio  # noqa: PLC0415 - only where a loop runs

    from sealwright.composition.opening import services_of  # noqa: PLC0415 - heavy
    from sealwright.services.selftest import MainJob, SelftestReport  # noqa: PLC0415 - as above

    async def job() -> SelftestReport:
        async with services_of(home) as services:
            main_job = MainJob(services, lambda step: _tell(output, step))
            try:
                steps = await main_job.run()
            finally:
                left = await _clean(services.vault)
        platform = await anyio.to_thread.run_sync(_other_process_platform)
        return SelftestReport((*steps, left), main_job.keyring, platform, _resources())

    return anyio.run(job)


def _in_window(home: Home, wish: Wish, output: Output) -> SelftestReport:
    """Let the desktop do it; the secrets are removed afterwards, whatever happened there."""
    import anyio  # noqa: PLC0415 - only where a loop runs

    from sealwright.composition.opening import kept_in, open_services  # noqa: PLC0415 - heavy
    from sealwright.desktop.selftest.run import Place, rehearse  # noqa: PLC0415 - it imports Qt
    from sealwright.services.selftest import SelftestReport, settle_vault  # noqa: PLC0415 - as above
    from sealwright.store.resources import resource  # noqa: PLC0415 - as above

    keyring: list[str] = []

    async def opened() -> Services:
        services = await open_services(home)
        keyring.append((await settle_vault(services))[0])
        return services

    async def clean() -> SelftestStep:
        kept = kept_in(home)
        try:
            return await _clean(kept.stores)
        finally:
            await kept.database.close()

    if wish.screenshots:
        Path(wish.screenshots).mkdir(parents=True, exist_ok=True)
    icons = {path.stem: path.read_bytes() for path in resource("icons").glob("*.svg")}
    place = Place(str(home.root), icons, wish.screenshots)
    try:
        steps, platform = rehearse(place, opened, lambda step: _tell(output, step))
    finally:
        left = anyio.run(clean)
    return SelftestReport((*steps, left), "".join(keyring) or "not reached", platform, _resources())


async def _clean(vault: VaultChoice) -> SelftestStep:
    """Remove every secret of the throw-away home; a step that says what is left."""
    from sealwright.services.selftest import SelftestStep  # noqa: PLC0415 - heavy

    step = SelftestStep("clean", "Remove its secrets", ok=True, detail="nothing left", seconds=0)
    try:
        left = await vault.purge()
    except AppError as error:
        return replace(step, ok=False, detail=f"{error.summary} {error.hint}".strip())
    if left:
        return replace(step, ok=False, detail="still in the secret store: " + ", ".join(left))
    return step


def _tell(output: Output, step: SelftestStep) -> None:
    if output.json:
        return
    output.note(f"… {step.title}")


def _qt_platform() -> str:
    from sealwright.desktop.selftest.run import platform_name  # noqa: PLC0415 - it imports Qt

    return platform_name()


def _other_process_platform() -> str:
    """Qt's platform as a window would get it; the reason, when there would be none."""
    frozen = bool(getattr(sys, "frozen", False))
    program = [sys.executable] if frozen else [sys.executable, "-m", "sealwright"]
    try:
        done = subprocess.run(  # noqa: S603 - this program itself
            [*program, "selftest", _PLATFORM_ONLY],
            capture_output=True,
            text=True,
            timeout=_PLATFORM_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"none: {error}"
    if done.returncode == 0:
        return done.stdout.strip()
    return "none: " + (done.stderr.strip().splitlines() or ["Qt does not start"])[-1]


def _resources() -> str:
    from sealwright.store.resources import resources_folder  # noqa: PLC0415 - only here

    return str(resources_folder())
