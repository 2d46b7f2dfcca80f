# SPDX-License-Identifier: Apache-2.0
"""A certificate for the loopback address. Each instance has a new one, which only its clients trust."""

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Certificate:
    """The paths of the certificate, its key, and a bundle of the certificate with the system's roots."""

    certificate: Path
    key: Path
    bundle: Path


def make(folder: Path) -> Certificate:
    """Write a self-signed certificate for localhost and the loopback addresses into a folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = Certificate(folder / "tls.crt", folder / "tls.key", folder / "ca-bundle.pem")
    pem = _signed(key).public_bytes(serialization.Encoding.PEM)
    made.certificate.write_bytes(pem)
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    # AWS_CA_BUNDLE and SSL_CERT_FILE replace the system's store, so the bundle contains its roots.
    roots = ssl.get_default_verify_paths().cafile
    made.bundle.write_bytes(pem + (Path(roots).read_bytes() if roots and Path(roots).exists() else b""))
    return made


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "embedded AWS")])
    now = datetime.datetime.now(datetime.UTC)
    names = [
        x509.DNSName("localhost"),
        x509.DNSName("*.localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # An hour back: clocks differ between a machine and its containers.
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
