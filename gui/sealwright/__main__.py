"""Composition root: builds the parts, wires them, and opens the window or runs a command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the program; the return value is the exit code."""
    sys.stdout.write("sealwright\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
