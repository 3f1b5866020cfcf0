"""The pretended machines of a sandbox: made when they are first needed, kept in its file."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sealwright.evidence.synthetic.quotes import SandboxPlatform
from sealwright.evidence.synthetic.roots import SandboxRoots
from sealwright.evidence.synthetic.snp_reports import SandboxSnpPlatform, new_snp_platform
from sealwright.evidence.synthetic.tpm import SandboxTpm, new_tpm
from sealwright.sandbox.issuing import platform_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.evidence.basis.trust import TrustAnchor
    from sealwright.sandbox.state import State

_SNP: Final = "platform-amd"
_TPM: Final = "platform-tpm"


class Machines:
    """The pretended machines in a sandbox's file. Blocking; making them all takes a second."""

    def __init__(self, state: State) -> None:
        self._state = state

    def roots(self) -> SandboxRoots:
        """All of them, made where they are not there yet."""
        return SandboxRoots(
            platform_of(self._state), snp_platform_of(self._state), tpm_of(self._state)
        )

    def anchors(self) -> tuple[TrustAnchor, ...]:
        """The roots of those that were made, each for its own use."""
        return known_anchors(self._state)

    def certificates(self) -> tuple[bytes, ...]:
        """Certificates (DER) that their evidence does not bring along."""
        return own_certificates(self._state)

    def close(self) -> None:
        """Close the file."""
        self._state.close()


def snp_platform_of(state: State) -> SandboxSnpPlatform:
    """The AMD machine, and the publisher of its images."""
    return _snp(_kept(state, _SNP, lambda: new_snp_platform().dump()))


def tpm_of(state: State) -> SandboxTpm:
    """The virtual TPM, and the secure kernel beside it."""
    return _tpm(_kept(state, _TPM, lambda: new_tpm().dump()))


@lru_cache(maxsize=4)
def _snp(raw: bytes) -> SandboxSnpPlatform:
    return SandboxSnpPlatform.restore(raw)


@lru_cache(maxsize=4)
def _tpm(raw: bytes) -> SandboxTpm:
    return SandboxTpm.restore(raw)


@lru_cache(maxsize=8)
def _anchors(machine: SandboxPlatform | SandboxSnpPlatform | SandboxTpm) -> tuple[TrustAnchor, ...]:
    """Asked for at every attestation."""
    return (machine.anchor(),) if isinstance(machine, SandboxPlatform) else machine.anchors()


def _kept(state: State, name: str, make: Callable[[], bytes]) -> bytes:
    kept = state.lasting_fact(name)
    if kept is None:
        made = make()
        with state.writing():
            kept = state.fact(name)
            if kept is None:
                state.put_fact(name, made)
                kept = made
    return kept


def own_anchors(state: State) -> tuple[TrustAnchor, ...]:
    """The roots of all that this sandbox judges by, each for its own use."""
    return (
        *_anchors(platform_of(state)),
        *_anchors(snp_platform_of(state)),
        *_tpm_anchors(state),
    )


def known_anchors(state: State) -> tuple[TrustAnchor, ...]:
    """The roots of the machines that were made; others cannot have made evidence."""
    intel = () if state.lasting_fact("platform") is None else _anchors(platform_of(state))
    amd = () if state.lasting_fact(_SNP) is None else _anchors(snp_platform_of(state))
    return (*intel, *amd, *_tpm_anchors(state))


def own_certificates(state: State) -> tuple[bytes, ...]:
    """Certificates (DER) that evidence does not bring along: of the vTPM's authority."""
    kept = state.lasting_fact(_TPM)
    return () if kept is None else (_tpm(kept).root,)


def _tpm_anchors(state: State) -> tuple[TrustAnchor, ...]:
    kept = state.lasting_fact(_TPM)
    return () if kept is None else _anchors(_tpm(kept))
