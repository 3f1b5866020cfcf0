"""The certificates that this computer trusts.

Windows and macOS judge certificates themselves: `truststore` asks them. Elsewhere the trust is a
bundle of certificates, which `truststore` reads anew at every connection (some 60 ms each); here
it is read once.
"""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from typing import Final

import truststore

_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)
"""Where systems keep it, for a Python that was built on another one."""


def system_trust() -> ssl.SSLContext:
    """A client's context with the system's trust; blocking, some 60 ms."""
    if sys.platform in ("win32", "darwin"):
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_default_verify_paths()
    if not context.get_ca_certs() and not _has_folder():
        bundle = next((path for path in _BUNDLES if Path(path).is_file()), None)
        if bundle is not None:
            context.load_verify_locations(cafile=bundle)
    return context


def _has_folder() -> bool:
    """Whether OpenSSL's own folder holds certificates, which it looks up one by one."""
    folder = ssl.get_default_verify_paths().capath
    return bool(folder) and any(Path(str(folder)).glob("*.0"))
