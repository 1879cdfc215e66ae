"""A certificate authority for one control plane, with keys that live as long as its folder."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = datetime.timedelta(days=7)
# Certificates begin in the past, so that a clock that is a little off does no harm.
CLOCK_MARGIN = datetime.timedelta(hours=1)
AUTHORITY_NAME = "sandbox-authority"
LOOPBACK = ipaddress.ip_address("127.0.0.1")


@dataclass(frozen=True)
class KeyPair:
    """Paths of a PEM certificate and its PEM private key."""

    certificate: Path
    key: Path


class Authority:
    """Issues certificates signed by the authority whose files are in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = self.pair("ca")

    def pair(self, stem: str) -> KeyPair:
        """Return the paths of the pair with that file name, issued or not."""
        return KeyPair(self.folder / f"{stem}.crt", self.folder / f"{stem}.key")

    def client_context(self, client: KeyPair) -> ssl.SSLContext:
        """Return what a Python client needs to call a server of this authority as ``client``."""
        context = ssl.create_default_context(cafile=str(self.files.certificate))
        context.load_cert_chain(client.certificate, client.key)
        return context

    def create(self) -> None:
        """Make the authority's own key and certificate."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY_NAME)])
        builder = (
            _builder(name, name, key.public_key(), key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
        )
        _write(self.files, builder.sign(key, hashes.SHA256()), key)

    def issue_server(self, name: str, host_names: Sequence[str] = ("localhost",)) -> KeyPair:
        """Issue a certificate for a server on 127.0.0.1, also valid as a client's."""
        names: list[x509.GeneralName] = [x509.DNSName(host) for host in host_names]
        names.append(x509.IPAddress(LOOPBACK))
        return self._issue(name, (), x509.SubjectAlternativeName(names))

    def issue_client(self, user: str, groups: Sequence[str], file_name: str) -> KeyPair:
        """Issue a certificate that Kubernetes reads as ``user`` (CN) in ``groups`` (O)."""
        return self._issue(user, groups, None, file_name)

    def _issue(
        self,
        common_name: str,
        organizations: Sequence[str],
        alternative_names: x509.SubjectAlternativeName | None,
        file_name: str | None = None,
    ) -> KeyPair:
        authority = x509.load_pem_x509_certificate(self.files.certificate.read_bytes())
        signer = serialization.load_pem_private_key(self.files.key.read_bytes(), password=None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                *(x509.NameAttribute(NameOID.ORGANIZATION_NAME, name) for name in organizations),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
        if alternative_names is not None:
            usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
        builder = (
            _builder(subject, authority.subject, key.public_key(), signer.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        )
        if alternative_names is not None:
            builder = builder.add_extension(alternative_names, critical=False)
        files = self.pair(file_name or common_name)
        _write(files, builder.sign(signer, hashes.SHA256()), key)
        return files


def create_signing_key(files: KeyPair) -> None:
    """Write the key pair that signs service account tokens; its public half is a bare key."""
    key = ec.generate_private_key(ec.SECP256R1())
    _write_private(files.key, key)
    files.certificate.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
) -> x509.CertificateBuilder:
    # Both key identifiers: from 3.13 on, Python refuses chains without them.
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
        .not_valid_before(now - CLOCK_MARGIN)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write(files: KeyPair, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    _write_private(files.key, key)
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
