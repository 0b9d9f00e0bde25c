"""The engines: their names, their command lines, and how they are shut off from each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .roots import EXPERIMENTAL, FORKY, TRIXIE, Root

PLACE = "/mnt"  # where an engine sees its own folder of DIR

# Runs as the first process of the namespaces: $1 is the root to enter, $2 the folder to put at
# /mnt, $3 which version of control groups the engine sees ("machine" or "2"), the rest the command.
# It enters the root by pivot_root, because runc fails in a chroot. What an engine keeps is in
# memory: on a disk it waits several times for each container, and nobody needs its data again.
ENTER = r"""
set -eu
root=$1 place=$2 groups=$3 new=$2/root
shift 3
/bin/busybox ip link set lo up
mkdir -p "$new"
if [ "$root" = / ]; then
    mount --rbind / "$new"
else
    mount --bind "$root" "$new"
    mount --rbind /sys "$new/sys"
    mount --rbind /dev "$new/dev"
fi
if [ "$groups" = 2 ]; then
    umount -l -R "$new/sys/fs/cgroup"
    mount -t cgroup2 cgroup2 "$new/sys/fs/cgroup"
fi
mount -t proc proc "$new/proc"
mkdir -p "$new/etc/docker"
mount -o remount,ro,bind "$new"
for folder in run tmp var etc/docker; do
    mount -t tmpfs -o mode=0755 tmpfs "$new/$folder"
done
chmod 1777 "$new/tmp"
mkdir -p "$new/var/lib" "$new/var/tmp"
ln -s /run "$new/var/run"
mount --bind "$place" "$new/mnt"
for folder in data exec; do
    mkdir -p "$new/mnt/$folder"
    mount -t tmpfs -o mode=0711 tmpfs "$new/mnt/$folder"
done
cd "$new"
pivot_root . .
/bin/busybox umount -l .
cd /
exec "$@"
"""


# The command that follows finds the socket of descriptor $1 where systemd's protocol puts it.
ACTIVATE = 'from=$1; shift; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&"$from"'


@dataclass(frozen=True)
class Engine:
    """One engine.

    Attributes:
        name: its name in engines.json and in the tests' reports.
        kind: "docker" or "podman".
        suite: the root that its programs are in; None for the machine's own.
        cgroup2: whether it sees control groups of version 2 alone, as Podman 6 demands. Otherwise
            it sees the machine's.
    """

    name: str
    kind: str
    suite: Root | None = None
    cgroup2: bool = False

    @property
    def required(self) -> bool:
        """Whether it is an error that the engine is not there."""
        return self.suite is None or self.suite.required

    def root(self) -> Path:
        """Return the folder that is the engine's root."""
        return Path("/") if self.suite is None else self.suite.folder()

    def entering(self, place: Path) -> list[str]:
        """Return the prefix that runs a command in the engine's root, with place at /mnt."""
        return [
            *("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"),
            *("sh", "-c", ENTER, "enter", str(self.root()), str(place)),
            "2" if self.cgroup2 else "machine",
            # Reaps the shims and monitors that outlive their parents.
            *("/usr/bin/tini", "--"),
        ]

    def command(self) -> list[str]:
        """Return the engine's command line, to be run in its own root."""
        if self.kind == "docker":
            return [
                "dockerd",
                f"--host=unix://{PLACE}/engine.sock",
                f"--data-root={PLACE}/data",
                f"--exec-root={PLACE}/exec",
                f"--pidfile={PLACE}/engine.pid",
                f"--config-file={PLACE}/daemon.json",
                "--storage-driver=vfs",
                "--host=fd://",
                "--tlsverify",
                f"--tlscacert={PLACE}/tls/ca.pem",
                f"--tlscert={PLACE}/tls/cert.pem",
                f"--tlskey={PLACE}/tls/key.pem",
            ]
        return [
            "podman",
            f"--root={PLACE}/data",
            f"--runroot={PLACE}/exec",
            f"--tmpdir={PLACE}/tmp",
            f"--network-config-dir={PLACE}/networks",
            "--storage-driver=vfs",
            "--cgroup-manager=cgroupfs",
            "--events-backend=file",
            f"--runtime={'crun' if self.cgroup2 else 'runc'}",  # crun refuses hybrid cgroups
            "system",
            "service",
            "--time=0",
            f"unix://{PLACE}/engine.sock",
        ]

    def settings(self) -> dict[str, str]:
        """Return the engine's configuration files: name in its folder to content."""
        if self.kind == "docker":
            return {"daemon.json": "{}\n"}
        # By default podman asks for higher limits, which need CAP_SYS_RESOURCE: root may lack it.
        lines = ["[containers]", 'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]']
        if self.cgroup2:
            lines.append("pids_limit = 0")  # a hybrid machine's version 2 has no such controller
        return {
            "containers.conf": "".join(f"{line}\n" for line in lines),
            # As Docker does it by itself: registries of this machine need no TLS.
            "registries.conf": '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n',
        }


ENGINES = (
    Engine("docker", "docker"),
    Engine("docker26", "docker", TRIXIE),
    Engine("docker-forky", "docker", FORKY),
    Engine("podman", "podman"),
    Engine("podman5", "podman", TRIXIE),
    Engine("podman-forky", "podman", FORKY, cgroup2=True),
    Engine("podman-experimental", "podman", EXPERIMENTAL, cgroup2=True),
)


def installed() -> list[Engine]:
    """Return the engines whose root is there."""
    return [engine for engine in ENGINES if engine.root().exists()]
