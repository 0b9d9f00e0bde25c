"""An ssh command that a test wrote, and one that relays to a unix socket of this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

RELAY: Final = f"""#!{sys.executable} -P
import os, select, socket, sys
engine = socket.socket(socket.AF_UNIX)
engine.connect(sys.argv[-1].split("unix://")[1].split(" ")[0])
waiting = [0, engine.fileno()]
while True:
    for each in select.select(waiting, [], [])[0]:
        try:
            data = os.read(each, 65536)
            if each:
                if not data:
                    sys.exit()
                while data:
                    data = data[os.write(1, data):]
            elif data:
                engine.sendall(data)
            else:
                waiting.remove(0)
                engine.shutdown(socket.SHUT_WR)
        except OSError:
            sys.exit()
"""


def install_ssh(folder: Path, script: str) -> None:
    """Write a script, of sh where it does not say of what, as the ``ssh`` of a folder."""
    program = folder / "ssh"
    program.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
