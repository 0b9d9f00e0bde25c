"""Download the packages of newer suites of Debian, and unpack them into folders of their own.

apt runs with its own lists and state. So it checks the signatures, and the machine's apt does not
get to know the newer suites. No maintainer scripts run: this module makes the files that are needed
from them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from .roots import Root, cache
from .tools import EnginesError, output, run, say

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def unpack(roots: Sequence[Root]) -> None:
    """Make the folders of these roots; a root that is not required may stay away.

    Raises:
        subprocess.CalledProcessError: a suite or one of its packages cannot be had.
    """
    work = cache() / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    address = mirror()
    # The network and one processor are busy with different roots at the same time.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made: list[Future[None]] = []
        for root in roots:
            say(f"unpacking the engines of Debian {root.name} into {root.folder()}")
            try:
                archives = download(root, work / root.name, address)
            except subprocess.CalledProcessError:
                if root.required:
                    raise
                say(f"Debian {root.name} does not have its engine now: left out")
                continue
            made.append(pool.submit(fill, root, work / root.name / "root", archives))
        for each in made:
            each.result()
    shutil.rmtree(work)


def download(root: Root, work: Path, address: str) -> list[Path]:
    """Have apt download a root's packages and what they depend on; return the archives."""
    for folder in ("lists/partial", "archives/partial", "sources.d", "preferences.d"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    (work / "preferences").write_text(root.preferences)
    lines = [f"deb [signed-by={KEYRING}] {address} {suite} main\n" for suite in root.sources]
    (work / "sources.list").write_text("".join(lines))
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
        *("--no-install-recommends", "--download-only", "install", *root.packages),
    )
    return sorted((work / "archives").glob("*.deb"))


def fill(root: Root, folder: Path, archives: list[Path]) -> None:
    """Unpack the archives into a folder and make it a root; then give it its name."""
    folder.mkdir()
    # The links of the merged /usr come first. Otherwise other packages make folders in their place.
    archives = sorted(archives, key=lambda archive: not archive.name.startswith("base-files_"))
    for archive in archives:
        run("dpkg-deb", "-x", str(archive), str(folder))
    masters = folder / "usr/share/base-passwd"
    for name in ("passwd", "group"):
        shutil.copy(masters / f"{name}.master", folder / "etc" / name)
    for name in ("iptables", "ip6tables", "iptables-save", "iptables-restore"):
        link = folder / "usr/sbin" / name
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to("xtables-nft-multi")
    for name in ("proc", "sys", "dev", "run", "tmp", "var", "mnt"):
        (folder / name).mkdir(exist_ok=True)
    folder.rename(root.folder())  # last: so a folder of this name is always complete


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
