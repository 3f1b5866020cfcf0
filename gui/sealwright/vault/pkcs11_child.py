"""`Pkcs11Keys`, each question to the token answered by a process of its own."""

from __future__ import annotations

import base64
import importlib.util
import json
import sys
from typing import TYPE_CHECKING, Final

from sealwright.errors import AppError, KeyMaterialError, PinError, StorageError
from sealwright.secret import Secret
from sealwright.services.ports.hardware import Pkcs11Key
from sealwright.vault import child

if TYPE_CHECKING:
    from collections.abc import Mapping

ARGUMENT: Final = "--ask-token"
"""What the bundled program is started with to do this and nothing else."""
PATIENCE: Final = 120.0
"""Seconds: a reader with a key pad waits for the person."""
_ALGORITHM: Final = "RS256"
_REFUSALS: Final[Mapping[str, type[AppError]]] = {
    kind.__name__: kind for kind in (PinError, StorageError, KeyMaterialError)
}


class Pkcs11Token:
    """The port `Pkcs11Keys`."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience

    async def signer(self, place: Pkcs11Key, pin: Secret[str] | None) -> Pkcs11Signer:
        """The signer behind a key; logs in once, to see that it can."""
        chain = await _ask(place, pin, {"what": "chain"}, self._patience)
        return Pkcs11Signer(place, pin, chain, self._patience)


class Pkcs11Signer:
    """The port `Signer` over a key of a token. The PIN is here as long as the signer is."""

    def __init__(
        self,
        place: Pkcs11Key,
        pin: Secret[str] | None,
        chain: tuple[bytes, ...],
        patience: float,
    ) -> None:
        self._place = place
        self._pin = pin
        self._chain = chain
        self._patience = patience

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first."""
        return self._chain

    @property
    def algorithm(self) -> str:
        """JOSE name."""
        return _ALGORITHM

    async def sign(self, data: bytes) -> bytes:
        """Sign on the token; verified there with the certificate."""
        question = {"what": "sign", "data": _b64(data)}
        (signature,) = await _ask(self._place, self._pin, question, self._patience)
        return signature


async def _ask(
    place: Pkcs11Key, pin: Secret[str] | None, question: Mapping[str, str], patience: float
) -> tuple[bytes, ...]:
    """Put a question to the token; what is asked for, or the token's refusal."""
    import anyio  # noqa: PLC0415 - after the first paint

    if importlib.util.find_spec("pkcs11") is None:
        raise StorageError(
            "This installation lacks the library for PKCS#11.", hint="Install python-pkcs11."
        )
    whole = {
        **question,
        "module": place.module,
        "token": place.token,
        "key": place.key,
        "pin": None if pin is None else pin.reveal(),
    }
    command = child.command(ARGUMENT, "sealwright.vault.pkcs11_child")
    code = None
    try:
        with anyio.fail_after(patience):
            done = await anyio.run_process(
                command,
                input=json.dumps(whole).encode(),
                check=False,
                creationflags=child.NO_WINDOW,
            )
        code = done.returncode
        answer = json.loads(done.stdout)
    except TimeoutError:
        raise StorageError(
            f"The token did not answer within {patience:.0f} seconds.",
            hint="See whether its reader waits for a PIN or a touch, then try again.",
        ) from None
    except (OSError, ValueError) as error:
        # The library of the token's maker ended the process: nothing else does.
        raise StorageError(
            f"The PKCS#11 module `{place.module}` failed.",
            hint="See whether its maker has a newer one.",
            details={"reason": type(error).__name__, "exit code": str(code)},
        ) from None
    return _read(answer)


def _read(answer: Mapping[str, object]) -> tuple[bytes, ...]:
    match answer:
        case {"refused": str(kind), "summary": str(summary), "hint": str(hint)} if (
            kind in _REFUSALS
        ):
            found = answer.get("details")
            details = found if isinstance(found, dict) else {}
            raise _REFUSALS[kind](
                summary, hint=hint, details={str(k): str(v) for k, v in details.items()}
            )
        case {"found": list(found)}:
            return tuple(base64.b64decode(str(one)) for one in found)
        case _:
            raise StorageError("The answer of the token cannot be read.")


def main() -> int:
    """Answer the question on standard input; the exit code."""
    from sealwright.vault.pkcs11_token import chain_of, sign  # noqa: PLC0415 - in the child only

    output = child.put_output_aside()
    asked = json.loads(child.read_question())
    place = Pkcs11Key(str(asked["module"]), str(asked["token"]), str(asked["key"]))
    pin = None if asked["pin"] is None else Secret(str(asked["pin"]))
    answer: dict[str, object]
    try:
        if asked["what"] == "sign":
            found: tuple[bytes, ...] = (sign(place, pin, base64.b64decode(asked["data"])),)
        else:
            found = chain_of(place, pin)
    except tuple(_REFUSALS.values()) as error:
        refusal = next(name for name, kind in _REFUSALS.items() if isinstance(error, kind))
        answer = {
            "refused": refusal,
            "summary": error.summary,
            "hint": error.hint,
            "details": error.details,
        }
    else:
        answer = {"found": [_b64(one) for one in found]}
    child.write_answer(json.dumps(answer).encode(), output)
    return 0


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


if __name__ == "__main__":
    sys.exit(main())
