"""Real container engines for the tests: install, start and stop them.

    scripts/engines install                as root on Debian 12; quick if all is installed
    scripts/engines start DIR [--require]  start all, sockets in DIR; write DIR/engines.json
    scripts/engines stop DIR               end them; afterwards DIR can be deleted

If an engine does not come up, ``start`` leaves it out of the list and prints one line on standard
error. With ``--require`` that is a failure, and nothing is left running. An engine of Debian
experimental is never required.

DIR/engines.json is a list of {"name", "kind", "socket", "tls", "version", "api_version",
"lowest_api_version", "pid"}:

    docker        Docker Engine of Debian 12       podman               Podman of Debian 12
    docker26      Docker Engine of Debian 13       podman5              Podman of Debian 13
    docker-forky  Docker Engine of Debian forky    podman-forky         Podman of Debian forky
                                                   podman-experimental  Podman of experimental

The programs of suites newer than Debian 12 are unpacked into folders, one for each suite, in
$HYPER_JUPYTER_ENGINES_CACHE, by default ${XDG_CACHE_HOME:-~/.cache}/hyper-jupyter-engines. The
Debian 12 system is not changed by them.

Each engine has its own mount, process and network namespaces, a read-only root, and its folder of
DIR at /mnt. So engines cannot disturb each other, reach no network, and leave no mount, process or
bridge behind: the kernel ends everything with the namespace's first process. They only share the
cgroup tree. Images and containers are in memory.

The Docker Engines also listen on 127.0.0.1 of this machine, with TLS, and accept only clients that
have DIR/certificates/client. That socket is made here and handed to them, as systemd would do.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .installing import install
from .starting import start
from .stopping import stop
from .tools import EnginesError, say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the three verbs; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="engines",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("install")
    starting = verbs.add_parser("start")
    starting.add_argument("folder", type=Path, metavar="DIR")
    starting.add_argument("--require", action="store_true")
    stopping = verbs.add_parser("stop")
    stopping.add_argument("folder", type=Path, metavar="DIR")
    options = parser.parse_args(arguments)
    try:
        if os.geteuid() != 0:
            raise EnginesError("must be run as root")
        if options.verb == "install":
            install()
        elif options.verb == "start":
            start(options.folder.resolve(), require=options.require)
        else:
            stop(options.folder.resolve())
    except EnginesError as failure:
        say(str(failure))
        return 1
    except subprocess.CalledProcessError as error:
        words = " ".join(str(word) for word in error.cmd[:3])
        say(f"{words} … ended with status {error.returncode}")
        return 1
    return 0
