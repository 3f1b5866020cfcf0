"""The archive: a zip with `manifest.json`, its signature, and one file for each policy and signer.

Invariants
- The manifest names every other member with its SHA-256; a member too many or too few is told.
- The signature covers the manifest's exact bytes, so it covers everything.
- Sizes and counts are limited before anything is unpacked: an archive may come from anywhere.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from sealwright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FORMAT: Final = "sealwright-backup"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.jws"
ARCHIVE_MOST: Final = 512 * 2**20
_MEMBERS_MOST: Final = 100_000
_UNPACKED_MOST: Final = 1024 * 2**20
_HINT: Final = "Choose a file that `sealwright backup create` wrote."


@dataclass(frozen=True, slots=True)
class SavedPolicy:
    """What stood at one attestation type."""

    type: str
    state: str
    """`default`, `custom` or `none`."""
    policy_hash: str
    token_hash: str
    signer: str
    """SHA-256 of the signer certificate; empty when unsigned."""
    text: str
    """Member with the policy text; empty for the default and for none."""
    jws: str
    """Member with the JWS that the provider stored."""


@dataclass(frozen=True, slots=True)
class SavedSigner:
    """A certificate that the provider trusted."""

    sha256: str
    subject: str
    certificate: str
    """Member with the DER."""


@dataclass(frozen=True, slots=True)
class SavedProvider:
    """One provider as it was."""

    id: str
    name: str
    cloud: str
    attest_uri: str
    trust_model: str
    location: str
    subscription: str
    resource_group: str
    tags: Mapping[str, str]
    public_network_access: str
    tpm_attestation_authentication: str
    policies: tuple[SavedPolicy, ...]
    signers: tuple[SavedSigner, ...]
    missing: tuple[str, ...]
    """What could not be read, in words."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What an archive holds. `members` are the files beside manifest and signature, by name."""

    created: str
    """RFC 3339."""
    providers: tuple[SavedProvider, ...]
    members: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class ReadArchive:
    """An archive as it was found: nothing of it is checked yet."""

    backup: Backup
    manifest: bytes
    signature: str
    """The JWS over the manifest; empty when unsigned."""
    named: Mapping[str, str]
    """SHA-256 by member, as the manifest says."""


def manifest_of(created: datetime, backup: Backup) -> bytes:
    """The manifest's bytes: what is signed."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "providers": [asdict(each) for each in backup.providers],
        "files": {name: _digest(data) for name, data in sorted(backup.members.items())},
    }
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8")


def pack(manifest: bytes, signature: str, members: Mapping[str, bytes]) -> bytes:
    """The archive's bytes; equal contents make equal archives."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, MANIFEST, manifest)
        if signature:
            _write(archive, SIGNATURE, signature.encode("ascii"))
        for name, data in sorted(members.items()):
            _write(archive, name, data)
    return buffer.getvalue()


def unpack(data: bytes) -> ReadArchive:
    """Read an archive.

    Raises:
        UsageError: it is no archive of ours, damaged, or too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _members(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # The last two: a way of packing that `zipfile` does not know, and a password.
        raise UsageError("The archive cannot be read: it is damaged.", hint=_HINT) from error
    manifest = members.pop(MANIFEST, None)
    if manifest is None:
        raise UsageError("The archive has no manifest: it is no backup.", hint=_HINT)
    signature = members.pop(SIGNATURE, b"").decode("ascii", "replace")
    try:
        created, providers, named = _read_manifest(json.loads(manifest))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError("The manifest of the archive cannot be read.", hint=_HINT) from error
    return ReadArchive(Backup(created, providers, members), manifest, signature, named)


def wrong_members(read: ReadArchive) -> tuple[str, ...]:
    """Members that are missing, not named, or not what the manifest says."""
    found = {name: _digest(data) for name, data in read.backup.members.items()}
    names = sorted(found.keys() | read.named.keys())
    return tuple(name for name in names if found.get(name) != read.named.get(name))


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # A fixed time: the archive says when it was made in its manifest.
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    archive.writestr(info, data)


def _members(archive: zipfile.ZipFile) -> dict[str, bytes]:
    infos = archive.infolist()
    if len(infos) > _MEMBERS_MOST or sum(info.file_size for info in infos) > _UNPACKED_MOST:
        raise UsageError("The archive is too large to be a backup.", hint=_HINT)
    return {info.filename: archive.read(info) for info in infos if not info.is_dir()}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read_manifest(
    document: dict[str, object],
) -> tuple[str, tuple[SavedProvider, ...], dict[str, str]]:
    if document["format"] != FORMAT or document["version"] != VERSION:
        raise ValueError
    providers, files = document["providers"], document["files"]
    if not isinstance(providers, list) or not isinstance(files, dict):
        raise TypeError
    named = {str(name): str(value) for name, value in files.items()}
    return str(document["created"]), tuple(_provider(each) for each in providers), named


def _provider(value: dict[str, object]) -> SavedProvider:
    texts = {
        name: _text(value[name])
        for name in SavedProvider.__dataclass_fields__
        if name not in ("tags", "policies", "signers", "missing")
    }
    tags = _dict(value["tags"])
    return SavedProvider(
        **texts,
        tags={name: _text(each) for name, each in tags.items()},
        policies=tuple(SavedPolicy(**_texts(each)) for each in _list(value["policies"])),
        signers=tuple(SavedSigner(**_texts(each)) for each in _list(value["signers"])),
        missing=tuple(_text(each) for each in _list(value["missing"])),
    )


def _texts(value: object) -> dict[str, str]:
    return {name: _text(each) for name, each in _dict(value).items()}


def _dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
