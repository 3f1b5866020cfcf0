"""Reads and checks one key in a process of its own, so that nothing stands still meanwhile.

The request and the answer go through the pipes of the process, never through files or arguments.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from sealwright.errors import KeyMaterialError
from sealwright.secret import Secret
from sealwright.vault import child
from sealwright.vault.material import Material, read_material

if TYPE_CHECKING:
    from collections.abc import Mapping

ARGUMENT: Final = "--check-key"
"""What the bundled program is started with to do this and nothing else."""

_PATIENCE: Final = 60.0
"""Seconds; checking 16,384 bits takes a few."""


def check_in_child(data: bytes, certificates: bytes, passphrase: Secret[str] | None) -> Material:
    """`read_material` in a child process; blocking, but without the interpreter lock.

    Raises:
        KeyMaterialError: says which rule refused it.
    """
    request = {
        "data": _b64(data),
        "certificates": _b64(certificates),
        "passphrase": None if passphrase is None else passphrase.reveal(),
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            child.command(ARGUMENT, "sealwright.vault.check_key"),
            input=json.dumps(request).encode("utf-8"),
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
            creationflags=child.NO_WINDOW,
        )
        answer = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        # The output of the child may hold the key: it is not kept in any message.
        raise KeyMaterialError(
            "The key could not be checked.",
            hint="Try again; if it happens again, the file may be damaged.",
            details={"check": "child", "reason": type(error).__name__},
        ) from None
    return _material(answer)


def main() -> int:
    """Answer the request on standard input; the exit code."""
    request = json.loads(child.read_question())
    passphrase = request["passphrase"]
    try:
        material = read_material(
            base64.b64decode(request["data"]),
            base64.b64decode(request["certificates"]),
            None if passphrase is None else Secret(str(passphrase)),
        )
    except KeyMaterialError as error:
        answer: dict[str, object] = {
            "refused": {
                "summary": error.summary,
                "hint": error.hint,
                "details": error.details,
            }
        }
    else:
        answer = {
            "pkcs8": _b64(material.pkcs8),
            "chain": [_b64(der) for der in material.chain],
            "bits": material.bits,
        }
    child.write_answer(json.dumps(answer).encode("utf-8"))
    return 0


def _material(answer: Mapping[str, object]) -> Material:
    match answer:
        case {"refused": {"summary": str(summary), "hint": str(hint), "details": dict(details)}}:
            raise KeyMaterialError(
                summary, hint=hint, details={str(k): str(v) for k, v in details.items()}
            )
        case {"pkcs8": str(pkcs8), "chain": list(chain), "bits": int(bits)}:
            certificates = tuple(base64.b64decode(str(der)) for der in chain)
            return Material(base64.b64decode(pkcs8), certificates, bits)
        case _:
            raise KeyMaterialError("The key could not be checked.", details={"check": "child"})


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


if __name__ == "__main__":
    sys.exit(main())
