"""Certificates for one test run, made by the openssl command."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

from tests.real_engines import skip_or_fail

NEW = ("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Certificates:
    """A CA and the folders of who it vouches for, each with ca.pem, cert.pem and key.pem.

    Attributes:
        client: the user's folder.
        server: the engine's folder, for ``localhost`` and ``127.0.0.1``.
        elsewhere: the folder of an engine of another name.
        stranger: the folder of a user that another CA vouches for, which alone it knows.
    """

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            skip_or_fail("no openssl command")
        ours, other = folder / "ours", folder / "other"
        for authority in (ours, other):
            authority.mkdir()
            ca = ("-x509", "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=tests")
            openssl(authority, *NEW, *ca, "-addext", "keyUsage=critical,keyCertSign")
        here = "DNS:localhost,IP:127.0.0.1"
        self.client = issue(ours, "client", "clientAuth", here)
        self.server = issue(ours, "server", "serverAuth", here)
        self.elsewhere = issue(ours, "elsewhere", "serverAuth", "DNS:elsewhere.example")
        self.stranger = issue(other, "stranger", "clientAuth", here)

    def serving(self, *, client: bool = False, folder: Path | None = None) -> ssl.SSLContext:
        """The server's side; ``client`` wants the client's certificate, too."""
        folder = folder or self.server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        if client:
            context.load_verify_locations(folder / "ca.pem")
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def issue(authority: Path, name: str, use: str, subjects: str) -> Path:
    folder = authority / name
    folder.mkdir()
    (folder / "wish").write_text(f"subjectAltName={subjects}\nextendedKeyUsage={use}\n")
    openssl(folder, *NEW, "-keyout", "key.pem", "-out", "wish.pem", "-subj", f"/CN={name}")
    signed = ("-CA", "../ca.pem", "-CAkey", "../ca-key.pem", "-CAcreateserial")
    openssl(folder, "openssl", "x509", "-req", "-in", "wish.pem", *signed, "-extfile", "wish",
            "-out", "cert.pem")  # fmt: skip
    shutil.copy(authority / "ca.pem", folder)
    return folder


def openssl(folder: Path, *command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=30)
