"""A secret shows itself to nobody who does not ask for it."""

from __future__ import annotations

import pickle

import pytest

from sealwright.secret import Secret


def test_a_secret_hides_in_every_printed_form() -> None:
    secret = Secret("hunter2")
    shown = f"{secret!r} {secret!s} {secret} {secret:>30} {[secret]}"
    assert "hunter2" not in shown
    assert secret.reveal() == "hunter2"


def test_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(b"key"))
