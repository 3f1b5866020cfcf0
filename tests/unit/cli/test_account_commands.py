"""`account`, `cloud` and `network` on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sealwright.errors import SignInError
from sealwright.services.network import NetworkSettings, ProxyMode

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command_line import CommandLine


def names(sw: CommandLine) -> list[object]:
    items = sw("account", "list", "--format", "json").json["items"]
    assert isinstance(items, list)
    return [item["name"] for item in items]


def test_a_device_code_is_told_beside_the_result(sw: CommandLine) -> None:
    ran = sw("account", "add", "--method", "device-code", "--format", "json")
    assert ran.code == 0
    assert ran.json["name"] == "mira@contoso.com"
    assert "ABCD2345" in ran.err  # On standard error, so that the document stays whole.
    assert names(sw) == ["mira@contoso.com"]
    assert "mira@contoso.com" in sw("account", "list").text


def test_a_secret_comes_from_a_file_and_goes_nowhere_else(sw: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2-hunter2\n", encoding="utf-8")
    arguments = ("--method", "secret", "--tenant", "contoso.com", "--client-id", "app")
    ran = sw("account", "add", *arguments, "--secret-file", str(file))
    assert ran.code == 0
    (secret,) = sw.world.identity.secrets
    assert secret is not None
    assert secret.reveal() == "hunter2-hunter2"
    assert "hunter2" not in ran.text + ran.err

    assert sw("account", "add", *arguments, "--secret-file", str(tmp_path / "no")).code == 2


def test_a_refusal_is_an_error_with_what_to_do(sw: CommandLine) -> None:
    sw.world.identity.refusals.append(
        SignInError(
            "Conditional Access blocks this sign-in.",
            hint="Give the correlation id to an administrator.",
            details={"correlation id": "6f2e"},
        )
    )
    ran = sw("account", "add", "--format", "json")
    assert ran.code == 3
    assert ran.error["code"] == "SignIn"
    assert ran.error["hint"]
    details = ran.error["details"]
    assert isinstance(details, dict)
    assert details["correlation id"] == "6f2e"
    assert names(sw) == []


def test_a_refused_certificate_is_tried_again_with_the_key_that_was_kept(
    sw: CommandLine, tmp_path: Path
) -> None:
    file, word = tmp_path / "key.pfx", tmp_path / "word"
    file.write_bytes(b"key:app")
    word.write_text("passphrase\n", encoding="utf-8")
    method = ("--method", "certificate", "--tenant", "contoso.com", "--client-id", "app")
    arguments = ("account", "add", *method)
    imported = ("--pfx", str(file), "--passphrase-file", str(word))
    sw.world.identity.refusals.append(SignInError("The application does not know it."))
    assert sw(*arguments, *imported).code == 3

    again = sw(*arguments, *imported)
    assert again.code == 2
    assert '--key "sign-in app" and no --pfx' in again.err
    assert sw(*arguments, "--key", "sign-in app").code == 0


def test_an_account_is_used_renewed_switched_and_removed(sw: CommandLine) -> None:
    sw("account", "add")
    sw.world.identity.name = "pia@fabrikam.com"
    sw("account", "add")
    assert names(sw) == ["mira@contoso.com", "pia@fabrikam.com"]
    assert sw("account", "use", "PIA@fabrikam.com").code == 0
    assert names(sw)[0] == "pia@fabrikam.com"
    assert sw("account", "renew", "pia@fabrikam.com").code == 0
    switched = sw("account", "switch", "pia@fabrikam.com", "tailspin.com", "--format", "json")
    assert switched.json["tenant"] == "tailspin.com"
    assert sw("account", "remove", "pia@fabrikam.com", "--yes").code == 0
    assert names(sw) == ["mira@contoso.com"]
    assert sw("account", "remove", "nobody", "--yes").code == 2


def test_a_cloud_of_ones_own(sw: CommandLine) -> None:
    added = sw(
        *("cloud", "add", "Lab", "--authority", "https://login.lab.example/"),
        *("--arm-endpoint", "https://arm.lab.example", "--suffix", ".attest.lab.example"),
    )
    assert added.code == 0
    assert sw("account", "add", "--cloud", "lab").code == 0
    assert "https://login.lab.example " in sw("cloud", "list").text
    assert sw("cloud", "remove", "Lab", "--yes").code == 0
    assert names(sw) == []
    assert sw("account", "add", "--cloud", "Lab").code == 2


def test_proxy_and_trust(sw: CommandLine, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("hunter2-hunter2\n", encoding="utf-8")
    ca = tmp_path / "contoso.pem"
    ran = sw(
        *("network", "set", "--proxy", "http://proxy:3128", "--proxy-user", "mira"),
        *("--proxy-password-file", str(password), "--ca-file", str(ca)),
    )
    assert ran.code == 0
    settings, secret = sw.world.applied[-1]
    assert settings == NetworkSettings(
        ProxyMode.MANUAL, "http://proxy:3128", "mira", ca_files=(str(ca),)
    )
    assert secret is not None
    assert "hunter2" not in ran.text

    sw.world.proxy_script = "http://wpad/proxy.pac"
    assert "http://proxy:3128 as mira" in sw("network", "show").text
    sw("network", "set", "--system-proxy", "--no-ca-files")
    shown = sw("network", "show")
    assert "wpad" in shown.err
    assert str(ca) not in shown.text


@pytest.mark.parametrize(
    "words", [("network", "set", "--insecure"), ("account", "add", "--method", "password")]
)
def test_what_there_is_not_is_wrong_usage(sw: CommandLine, words: tuple[str, ...]) -> None:
    assert sw(*words).code == 2
