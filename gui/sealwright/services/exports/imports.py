"""Policies out of other tools' files: Terraform, the exported scripts, and every JWS form.

Nothing is run: what looks like a policy in one of these forms is taken, and says where it stood.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import TokenError, UsageError
from sealwright.services.exports.templates import TERRAFORM_NAMES
from sealwright.tokens.unwrap import unwrap

if TYPE_CHECKING:
    from collections.abc import Iterator

_TERRAFORM: Final = re.compile(r"\b(\w+_policy_base64)\s*=\s*(\"(?:[^\"\\]|\\.)*\")")
_AZ: Final = re.compile(r"printf %s ([A-Za-z0-9+/=]+) \| base64 -d > (\w+)\.policy\b")
_POWERSHELL: Final = re.compile(
    r"FromBase64String\('([A-Za-z0-9+/=]+)'\)\)\s*\n\s*Set-AzAttestationPolicy\b[^\n]*-Tee (\w+)"
)
_TEMPLATE: Final = re.compile(r"[\"']Microsoft\.Attestation/attestationProviders[\"'@]")
"""The type of a resource, as templates name it; a policy's comment may name a provider's path."""
_TYPES: Final = {name: kind for kind, name in TERRAFORM_NAMES.items()}


@dataclass(frozen=True, slots=True)
class ImportedPolicy:
    """A policy text that was found. `attestation_type` is None where the form does not say."""

    attestation_type: AttestationType | None
    text: str
    signed: bool
    where: str
    """Line and name of the place it stood."""


def import_policies(data: bytes) -> tuple[ImportedPolicy, ...]:
    """Every policy in a Terraform file, an exported script, a token or a bare text.

    Raises:
        UsageError: not UTF-8, a template of providers only, or nothing of it is a policy.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("The file is not UTF-8 text, so it holds no policy.") from None
    found = (*_terraform(text), *_scripts(text))
    if found:
        return found
    if _TEMPLATE.search(text):
        raise UsageError(
            "This template describes providers; their policies are set on the data plane, which a "
            "template cannot reach.",
            hint="Take the Terraform file or a script that the provider was exported as.",
        )
    try:
        policy = unwrap(text)
    except TokenError as error:
        raise UsageError(f"No policy was found: {error.summary}", hint=error.hint) from error
    return (ImportedPolicy(None, policy.text, policy.signed, "the whole file"),)


def _terraform(text: str) -> Iterator[ImportedPolicy]:
    for match in _TERRAFORM.finditer(text):
        name, quoted = match.groups()
        where = _where(text, match.start(), name)
        try:
            value = json.loads(quoted.replace("$${", "${").replace("%%{", "%{"))
        except ValueError:
            raise UsageError(f"The string at {where} cannot be read.") from None
        yield _found(_TYPES.get(name), str(value), where)


def _scripts(text: str) -> Iterator[ImportedPolicy]:
    for pattern in (_AZ, _POWERSHELL):
        for match in pattern.finditer(text):
            encoded, name = match.groups()
            where = _where(text, match.start(), name)
            try:
                content = base64.b64decode(encoded, validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError):
                raise UsageError(f"The policy at {where} is not the Base64 of a text.") from None
            yield _found(AttestationType.parse(name), content, where)


def _found(kind: AttestationType | None, content: str, where: str) -> ImportedPolicy:
    try:
        policy = unwrap(content)
    except TokenError as error:
        raise UsageError(
            f"The policy at {where} cannot be read: {error.summary}", hint=error.hint
        ) from error
    return ImportedPolicy(kind, policy.text, policy.signed, where)


def _where(text: str, at: int, name: str) -> str:
    return f"line {text.count(chr(10), 0, at) + 1} (`{name}`)"
