"""Install the programs: Debian 12's with apt, newer ones unpacked into a folder."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from .catalogue import installed
from .roots import ROOTS
from .tools import output, run, say
from .unpacking import unpack

HOST_PACKAGES = [
    *("chromium", "fonts-dejavu-core"),
    *("vim-tiny", "less", "procps"),  # the terminal's tests run these on the embedded engine
    *("docker.io", "podman", "runc", "uidmap", "iptables", "netavark", "tini", "busybox-static"),
    *("openssl", "openssh-client", "openssh-server", "nginx-light", "haproxy"),
]


def install() -> None:
    """Install what is missing, then run every program once."""
    missing = [name for name in HOST_PACKAGES if not is_installed(name)]
    if missing:
        say(f"installing {' '.join(missing)}")
        # A third party's source list may fail. If that matters, the installation fails too.
        run("apt-get", "-q", "update", check=False)
        run("apt-get", "-q", "-y", "--no-install-recommends", "install", *missing)
    absent = [root for root in ROOTS if not root.folder().exists()]
    if absent:
        unpack(absent)
    with tempfile.TemporaryDirectory() as place:
        for engine in installed():
            said = output(*engine.entering(Path(place)), engine.command()[0], "--version")
            say(f"{engine.name}: {said.strip()}")
    say(f"browser: {output('chromium', '--version', '--no-sandbox').strip()}")


def is_installed(package: str) -> bool:
    """Return whether dpkg has this package installed and configured."""
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.startswith("ii")
