"""Writes a certificate to a PKCS#11 token: `token_writer.py MODULE TOKEN PIN ID-HEX`, DER on stdin.

A program of its own: a module reads where its tokens are once, when it is loaded.
"""

from __future__ import annotations

import sys

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Attribute, CertificateType, ObjectClass, lib


def main() -> None:
    module, token, pin, number = sys.argv[1:]
    read = x509.load_der_x509_certificate(sys.stdin.buffer.read())
    with lib(module).get_token(token_label=token).open(rw=True, user_pin=pin) as session:
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.ID: bytes.fromhex(number),
                Attribute.SUBJECT: read.subject.public_bytes(),
                Attribute.VALUE: read.public_bytes(Encoding.DER),
            }
        )


if __name__ == "__main__":
    main()
