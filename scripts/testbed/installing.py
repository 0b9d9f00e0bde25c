"""Install the programs: Debian 12's with apt, newer ones unpacked into a folder."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from .catalogue import ENGINES
from .roots import KEYRING, NEWER_PACKAGES, NEWER_SUITE, cache, newer_root
from .tools import EnginesError, output, run, say

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
    if not newer_root().exists():
        say(f"unpacking the engines of Debian {NEWER_SUITE} into {newer_root()}")
        unpack_newer()
    with tempfile.TemporaryDirectory() as place:
        for engine in ENGINES:
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


def unpack_newer() -> None:
    """Download the newer engines and their dependencies, and unpack them into one folder.

    apt runs with its own lists and state, so it checks the signatures, and the machine's apt does
    not get to know the newer suite. No maintainer scripts run: this function makes the files that
    are needed from them.
    """
    work = cache() / "work"
    root = work / "root"
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("lists/partial", "archives/partial", "sources.d", "preferences.d", "root"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    (work / "preferences").touch()
    (work / "sources.list").write_text(
        f"deb [signed-by={KEYRING}] {mirror()} {NEWER_SUITE} main\n",
    )
    settings = {
        "Dir::State": work,
        "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work,
        "Dir::Cache::archives": work / "archives",
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": work / "sources.d",
        "Dir::Etc::preferences": work / "preferences",
        "Dir::Etc::preferencesparts": work / "preferences.d",
        "APT::Sandbox::User": "root",
        "APT::Keep-Downloaded-Packages": "true",
        "Acquire::Languages": "none",
    }
    private = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    run("apt-get", "-q", *private, "update")
    run(
        *("apt-get", "-q", "-y", *private),
        *("--no-install-recommends", "--download-only", "install", *NEWER_PACKAGES),
    )
    archives = sorted((work / "archives").glob("*.deb"))
    # The links of the merged /usr come first. Otherwise other packages make folders in their place.
    archives.sort(key=lambda archive: not archive.name.startswith("base-files_"))
    for archive in archives:
        run("dpkg-deb", "-x", str(archive), str(root))
    masters = root / "usr/share/base-passwd"
    for name in ("passwd", "group"):
        shutil.copy(masters / f"{name}.master", root / "etc" / name)
    for name in ("iptables", "ip6tables", "iptables-save", "iptables-restore"):
        link = root / "usr/sbin" / name
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to("xtables-nft-multi")
    for name in ("proc", "sys", "dev", "run", "tmp", "var", "mnt"):
        (root / name).mkdir(exist_ok=True)
    root.rename(newer_root())  # last: so a folder of this name is always complete
    shutil.rmtree(work)


def mirror() -> str:
    """Return the address from which this machine's apt takes Debian's main packages."""
    codename = "bookworm"
    wanted = ["$(ORIGIN)", "$(CODENAME)", "$(COMPONENT)", "$(REPO_URI)"]
    query = ("apt-get", "indextargets", "--format", " ".join(wanted), "Created-By: Packages")
    for attempt in range(2):
        for line in output(*query).splitlines():
            fields = line.split(" ")
            if fields[:3] == ["Debian", codename, "main"]:
                return fields[3]
        if attempt == 0:  # the fields come from package lists, which a new machine does not have
            run("apt-get", "-q", "update", check=False)
    raise EnginesError(f"apt has no source for Debian {codename} main")
