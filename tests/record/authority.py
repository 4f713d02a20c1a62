"""A throwaway time-stamp authority: its certificates, its responses (RFC 3161 in CMS, written here), its server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
SHA256, SHA512, ECDSA_SHA256 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3", "1.2.840.10045.4.3.2"


def tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(size)]) + size + content


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def integer(number: int) -> bytes:
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1))


def oid(text: str) -> bytes:
    first, second, *rest = [int(part) for part in text.split(".")]
    found = b""
    for number in (40 * first + second, *rest):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | number & 0x7F)
        found += bytes(reversed(groups))
    return tlv(0x06, found)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificate(
    issuer: str,
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    days: int,
    usage: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    """A certificate by a root, from a day before NOW until so many days after it; the root's own without `usage`."""
    builder = x509.CertificateBuilder(
        issuer_name=named(issuer),
        subject_name=named(subject),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=NOW - timedelta(days=1),
        not_valid_after=NOW + timedelta(days=days),
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(by, hashes.SHA256())


class Authority:
    """A root and, under it, one that stamps."""

    def __init__(
        self, name: str = "Root", days: int = 10, usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING
    ) -> None:
        root, self.key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self.root = certificate(name, name, root, root, 20)
        self.own = certificate(name, "Stamps", self.key, root, days, usage)

    @property
    def roots(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)

    def response(self, request: bytes, at: datetime = NOW, nonce: int = 0, *, falling: bool = False) -> bytes:
        """The answer to DER of a request; with `falling` the certificates stand in the order that DER has not."""
        imprint, its_nonce = parts_of(request)
        info = sequence(
            *(integer(1), oid("1.2.3.4"), imprint, integer(7)),
            tlv(0x18, at.strftime("%Y%m%d%H%M%SZ").encode()),
            integer(nonce or its_nonce),
        )
        certificates = sorted((c.public_bytes(Encoding.DER) for c in (self.own, self.root)), reverse=falling)
        sha256 = sequence(oid(SHA256))
        own_digest = sequence(sequence(sequence(tlv(0x04, self.own.fingerprint(hashes.SHA256())))))
        attributes = b"".join(
            sorted(
                sequence(oid(kind), tlv(0x31, value))
                for kind, value in (
                    (CONTENT_TYPE, oid(TST_INFO)),
                    (MESSAGE_DIGEST, tlv(0x04, hashlib.sha256(info).digest())),
                    (SIGNING_CERTIFICATE, own_digest),
                )
            )
        )
        signer = sequence(
            integer(1),
            sequence(self.own.issuer.public_bytes(), integer(self.own.serial_number)),
            *(sha256, tlv(0xA0, attributes), sequence(oid(ECDSA_SHA256))),
            tlv(0x04, self.key.sign(tlv(0x31, attributes), ec.ECDSA(hashes.SHA256()))),
        )
        content = sequence(
            *(integer(3), tlv(0x31, sha256), sequence(oid(TST_INFO), tlv(0xA0, tlv(0x04, info)))),
            *(tlv(0xA0, *certificates), tlv(0x31, signer)),
        )
        return sequence(sequence(integer(0)), sequence(oid(SIGNED_DATA), tlv(0xA0, content)))


def refusal(words: str) -> bytes:
    return sequence(sequence(integer(2), sequence(tlv(0x0C, words.encode()))))


def parts_of(request: bytes) -> tuple[bytes, int]:
    """Imprint and nonce of a request: version, imprint, nonce, TRUE, all of them short."""
    assert request[:5] == bytes([0x30, len(request) - 2, 0x02, 0x01, 0x01])
    imprint = request[5 : 5 + 2 + request[6]]
    rest = request[5 + len(imprint) :]
    assert rest[0] == 0x02
    assert rest[2 + rest[1] :] == b"\x01\x01\xff"
    return imprint, int.from_bytes(rest[2 : 2 + rest[1]])


@contextmanager
def served(
    answer: Callable[[bytes], tuple[int, dict[str, str], bytes]], content_type: str = "application/timestamp-query"
) -> Iterator[str]:
    """The address of a server that answers what is posted as that type with status, headers and body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == content_type
            status, headers, content = answer(body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
