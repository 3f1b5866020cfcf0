"""G8: the examination of evidence beside `dcap_qvl.verify` and beside the bare cryptography.

What a second core is worth is the machine's to say: a host that lends one and takes it back makes
every program slower. So two bare processes share the same files in the same rounds, and two loops.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA384

from benchmarks.rounds import measure, repeated, report, say
from helpers import vectors
from sealwright.cli.evidence.shapes import shape_of
from sealwright.evidence.basis.trust import Trust, parse_anchors
from sealwright.evidence.boot.boot_log import events_json
from sealwright.evidence.boot.event_log import parse_event_log, replay
from sealwright.evidence.boot.event_log_encode import Measured, encode_event_log
from sealwright.evidence.examination import Given, Kind
from sealwright.evidence.examine import examine
from sealwright.evidence.given_files import read_certificates, read_collateral
from sealwright.evidence.synthetic.boot import BootSettings, make_boot_log
from sealwright.evidence.synthetic.making import synthesize
from sealwright.evidence.synthetic.roots import new_roots
from sealwright.store.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ANCHORS = parse_anchors(resource("trust/anchors.json").read_bytes())
QUOTED = ("sgx-dcap-with-collateral", "tdx-v4-dcap-with-collateral")
_TIMES = 30
# An installed program has its bytecode.
_ENVIRONMENT = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}


def reported(data: bytes, given: Given) -> str:
    """Parse, verify, claims, and the report of the command line.

    Chains and the vendor's documents are verified once: they are those of thousands of quotes.
    """
    return json.dumps(shape_of(examine(data, given)))


@pytest.mark.parametrize("name", QUOTED)
def test_quotes(name: str) -> None:
    oracle = pytest.importorskip("dcap_qvl")
    data = vectors.read("evidence", f"{name}.bin")
    raw = vectors.read("evidence", f"{name}.collateral.json")
    when = datetime(2025, 6, 25, tzinfo=UTC)
    theirs = oracle.QuoteCollateralV3.from_json(raw.decode())

    given = Given(Trust(ANCHORS, when), collateral=read_collateral([raw]))

    def ours() -> str:
        return reported(data, given)

    def peer() -> object:
        return oracle.verify(data, theirs, int(when.timestamp()))

    assert json.loads(ours())["valid"] is True
    found = measure(
        {name: repeated(ours, _TIMES), "dcap_qvl.verify": repeated(peer, _TIMES)}, rounds=11
    )
    report(found, name, "dcap_qvl.verify", 1.4)


def bare(data: bytes, pem: bytes) -> None:
    """The signatures of an SNP report and its chain, and nothing else."""
    chain = x509.load_pem_x509_certificates(pem)
    for child, parent in zip(chain, (*chain[1:], chain[-1]), strict=True):
        child.verify_directly_issued_by(parent)
    key = chain[0].public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    r, s = (int.from_bytes(data[at : at + 72], "little") for at in (672, 744))
    key.verify(utils.encode_dss_signature(r, s), data[:672], ec.ECDSA(SHA384()))


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_snp() -> None:
    data = vectors.read("evidence", "snp-ms-milan.bin")
    parts = ("vcek", "ask", "ark")
    pem = b"".join(vectors.read("evidence", f"snp-ms-milan.{part}.pem") for part in parts)
    when = datetime(2026, 3, 1, tzinfo=UTC)

    given = Given(Trust(ANCHORS, when), certificates=read_certificates(pem))

    def ours() -> str:
        return reported(data, given)

    assert json.loads(ours())["valid"] is True
    cases: dict[str, Callable[[], object]] = {
        "SNP report": repeated(ours, _TIMES),
        "bare cryptography": repeated(partial(bare, data, pem), _TIMES),
    }
    report(measure(cases, rounds=11), "SNP report", "bare cryptography", 1.2)


BARE = """
import json, sys
from datetime import UTC, datetime
from sealwright.cli.evidence.shapes import shape_of
from sealwright.evidence.basis.trust import Trust, parse_anchors
from sealwright.evidence.examination import Given
from sealwright.evidence.examine import examine
from sealwright.store.resources import resource_bytes

given = Given(Trust(parse_anchors(resource_bytes("trust/anchors.json")), datetime.now(UTC)))
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        print(json.dumps(shape_of(examine(file.read(), given))))
"""
"""The same examination, with nothing of the command line around it."""
LOOP = "for each in range({}): each * each % 7"
_TURNS = 8_000_000

Started: TypeAlias = tuple[list[int], list[str]]
"""Cores, and what Python is started with on them."""


def run_beside(*started: Started) -> None:
    """Run processes at once; until the last has ended."""
    running = [
        subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            preexec_fn=partial(os.sched_setaffinity, 0, cores),  # noqa: PLW1509 - no threads here
        )
        for cores, arguments in started
    ]
    assert [each.wait() for each in running] == [0] * len(running)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be taken away")
def test_a_thousand_files(tmp_path: Path) -> None:
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        pytest.skip("this machine has one core")
    roots, now = new_roots(), datetime.now(UTC)
    names = []
    for number in range(1000):
        made = synthesize(Kind.SNP_ACI, roots, {"guest_svn": str(number)}, now)
        path = tmp_path / f"{number}.json"
        path.write_bytes(made.evidence)
        names.append(str(path))
    listed = ["-m", "sealwright", "--home", str(tmp_path / "home")]
    command = [*listed, "evidence", "inspect", *names, "--format", "json"]
    first, second = usable[:1], usable[1:2]
    halves = ["-c", LOOP.format(_TURNS // 2)]
    cases: dict[str, Callable[[], object]] = {
        "two cores": partial(run_beside, (usable[:2], command)),
        "one core": partial(run_beside, (first, command)),
        "two bare processes": partial(
            run_beside, (first, ["-c", BARE, *names[::2]]), (second, ["-c", BARE, *names[1::2]])
        ),
        "one bare process": partial(run_beside, (first, ["-c", BARE, *names])),
        "two loops": partial(run_beside, (first, halves), (second, halves)),
        "one loop": partial(run_beside, (first, ["-c", LOOP.format(_TURNS)])),
    }
    found = measure(cases, rounds=5)
    report(found, "two cores", "one core", 1 / 1.7)
    say("what the machine gives, by itself:")
    report(found, "two bare processes", "one bare process", 1 / 1.7)
    report(found, "two loops", "one loop", 1 / 1.7)
    found["ours"] = [a / b for a, b in zip(found["two cores"], found["one core"], strict=True)]
    bare = zip(found["two bare processes"], found["one bare process"], strict=True)
    found["the machine's"] = [a / b for a, b in bare]
    report(found, "ours", "the machine's", 1.03)


def test_event_log() -> None:
    settings = BootSettings(windows=True)
    inner = parse_event_log(make_boot_log(settings, b"\x30\x03key", b""))
    events = [Measured(event.register, event.type, event.data) for event in inner.events[1:]]
    one = len(encode_event_log(events))
    log = encode_event_log(events * ((1 << 20) // one + 1))
    text = events_json(parse_event_log(log))

    def ours() -> str:
        parsed = parse_event_log(log)
        replay(parsed, 0x000B)
        return events_json(parsed)

    def peer() -> Any:  # noqa: ANN401 - any JSON
        return json.loads(text)

    say(f"event log of {len(log)} bytes, {len(text)} bytes of JSON")
    found = measure({"event log": ours, "json.loads": peer}, rounds=11)
    report(found, "event log", "json.loads", 10)
