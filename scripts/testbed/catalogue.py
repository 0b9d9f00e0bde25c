"""The engines: their names, their command lines, and how they are shut off from each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .roots import newer_root

PLACE = "/mnt"  # where an engine sees its own folder of DIR

# Runs as the first process of the namespaces: $1 is the root to enter, $2 the folder to put at
# /mnt, the rest the command. It enters the root by pivot_root, because runc fails in a chroot.
ENTER = r"""
set -eu
root=$1 place=$2 new=$2/root
shift 2
/bin/busybox ip link set lo up
mkdir -p "$new"
if [ "$root" = / ]; then
    mount --rbind / "$new"
else
    mount --bind "$root" "$new"
    mount --rbind /sys "$new/sys"
    mount --rbind /dev "$new/dev"
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
    """One engine: its name in engines.json, its kind, and whether it is the newer one."""

    name: str
    kind: str
    newer: bool

    def root(self) -> Path:
        """Return the folder that is the engine's root."""
        return newer_root() if self.newer else Path("/")

    def entering(self, place: Path) -> list[str]:
        """Return the prefix that runs a command in the engine's root, with place at /mnt."""
        return [
            *("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"),
            *("sh", "-c", ENTER, "enter", str(self.root()), str(place)),
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
            "--runtime=runc",  # crun refuses hybrid cgroups
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
        limits = 'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]'
        return {"containers.conf": f"[containers]\n{limits}\n"}


ENGINES = (
    Engine("docker", "docker", newer=False),
    Engine("docker26", "docker", newer=True),
    Engine("podman", "podman", newer=False),
    Engine("podman5", "podman", newer=True),
)
