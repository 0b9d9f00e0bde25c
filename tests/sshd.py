"""An ssh server of one's own on 127.0.0.1, and an ssh command that knows it."""

from __future__ import annotations

import getpass
import os
import select
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from tests.real_engines import skip_or_fail


class SshServer:
    """Runs sshd with its own keys and configuration until :meth:`close`.

    Attributes:
        url: its address, without a path.
        port: where it listens.
        bin: folder with an ``ssh`` that has the keys for it; to be put before PATH.
    """

    def __init__(self, folder: Path) -> None:
        sshd = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
        if sshd is None or shutil.which("ssh") is None:
            skip_or_fail("no sshd and ssh commands")
        for name in ("host", "user"):
            command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=30)
        with socket.create_server(("127.0.0.1", 0)) as reserved:
            port = reserved.getsockname()[1]
        (folder / "sshd_config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile {folder}/pid\n"
            f"AuthorizedKeysFile {folder}/user.pub\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
            "MaxStartups 100\nPermitUserEnvironment no\nAcceptEnv none\n"
        )
        key = (folder / "host.pub").read_text()
        (folder / "known").write_text(f"tests {key}")  # at whatever port it is reached
        (folder / "ssh_config").write_text(
            f"IdentityFile {folder}/user\nIdentitiesOnly yes\nUserKnownHostsFile {folder}/known\n"
            "GlobalKnownHostsFile /dev/null\nStrictHostKeyChecking yes\nHostKeyAlias tests\n"
        )
        self.bin = folder / "bin"
        self.bin.mkdir()
        own = self.bin / "ssh"
        own.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n')
        own.chmod(0o755)
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where its unprivileged part lives
        self.port: int = port
        self.url = f"ssh://{getpass.getuser()}@127.0.0.1:{port}"
        # It writes its number when it listens: to a pipe, so that this can be waited for.
        os.mkfifo(folder / "pid")
        listens = os.open(folder / "pid", os.O_RDONLY | os.O_NONBLOCK)
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sshd, "-D", "-e", "-f", str(folder / "sshd_config")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        ended = os.pidfd_open(self._process.pid)
        ready, _, _ = select.select([listens, ended], [], [], 20)
        os.close(listens)
        os.close(ended)
        assert ready == [listens], (folder / "log").read_text()

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)
