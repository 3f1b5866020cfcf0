"""Coverage-guided fuzzing of the policy language: `python tests/fuzz/fuzz_policy.py [OPTION ...]`.

Options are libFuzzer's: `-max_total_time=600`, a folder for the inputs found, a file to repeat.
Needs the package `atheris`, which is no requirement of the other tests.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["sealwright.policy"]):
    from fuzz.policy_target import hold, text_of


def one_input(data: bytes) -> None:
    """Put a text together from the bytes, the first two choose the edit."""
    text = text_of(data[2:])
    try:
        hold(text, int.from_bytes(data[:2], "big"))
    except Exception:
        sys.stderr.write(f"TEXT {text!r} CUT {int.from_bytes(data[:2], 'big')}\n")
        raise


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
