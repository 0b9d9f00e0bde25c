"""What the engines are given: an image, and certificates."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from .tools import output


def make_certificates(folder: Path) -> None:
    """Make a CA, and certificates signed by it: folders ``server`` and ``client`` of PEM files."""
    new = ("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    signed = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "3650")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)

    def openssl(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=folder)

    ca = ("-x509", "-days", "3650", "-keyout", "ca-key.pem", "-out", "ca.pem")
    openssl(*new, *ca, "-subj", "/CN=engines", "-addext", "keyUsage=critical,keyCertSign")
    for name, use in (("server", "serverAuth"), ("client", "clientAuth")):
        (folder / name).mkdir()
        lines = ["subjectAltName=DNS:localhost,IP:127.0.0.1", f"extendedKeyUsage={use}", ""]
        (folder / "extensions").write_text("\n".join(lines))
        wish = f"{name}/wish.pem"
        openssl(*new, "-keyout", f"{name}/key.pem", "-out", wish, "-subj", f"/CN={name}")
        out = ("-extfile", "extensions", "-out", f"{name}/cert.pem")
        openssl("openssl", "x509", "-req", "-in", wish, *signed, *out)
        (folder / wish).unlink()
        shutil.copy(folder / "ca.pem", folder / name)


def busybox_image() -> bytes:
    """Return the root file system of the image ``busybox``, as a tar archive."""
    applets = output("/bin/busybox", "--list").split()
    folders = {"bin": 0o755, "dev": 0o755, "etc": 0o755, "proc": 0o755, "root": 0o700}
    folders |= {"sys": 0o755, "tmp": 0o1777}
    files = {
        "bin/busybox": Path("/bin/busybox").read_bytes(),
        "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
        "etc/group": b"root:x:0:\nnogroup:x:65534:\n",
    }
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, mode in folders.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            archive.addfile(entry)
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755 if name.startswith("bin/") else 0o644
            archive.addfile(entry, io.BytesIO(content))
        for applet in applets:
            if applet == "busybox":
                continue
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(entry)
    return made.getvalue()
