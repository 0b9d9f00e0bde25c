"""Whether the process of an exec has started: what real engines said, and what programs may say."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.session.rules.start_failure import start_failure

DOCKER_MISSING = (
    b"OCI runtime exec failed: exec failed: unable to start container process: "
    b'exec: "nosuch": executable file not found in $PATH: unknown\r\n'
)
DOCKER_FOLDER = (
    b"OCI runtime exec failed: exec failed: unable to start container process: "
    b'exec: "/etc": is a directory: unknown: permission denied\r\n'
)
PODMAN_MISSING = (
    b"Error: runc: exec failed: unable to start container process: "
    b'exec: "nosuch": executable file not found in $PATH: '
    b"OCI runtime attempted to invoke a command that was not found\n"
    b"Error: read unixpacket @->/proc/self/fd/13/attach: read: connection reset by peer\n"
)
PODMAN_FOLDER = (
    b'Error: runc: exec failed: unable to start container process: exec: "/etc": is a directory: '
    b"OCI runtime error\n"
)
PODMAN_CRUN = (
    b"Error: crun: executable file `nosuch` not found in $PATH: No such file or directory: "
    b"OCI runtime attempted to invoke a command that was not found\n"
)
NOT_FOUND = "OCI runtime attempted to invoke a command that was not found"
STEP = "The container has no program nosuch in its PATH: check the command"


def ended(code: int | None, pid: int = 0, **more: Any) -> dict[str, Any]:
    return {"Running": False, "ExitCode": code, "Pid": pid, **more}


NO_FILE = "executable file not found in $PATH"
CRUN_MISSING = "executable file `nosuch` not found in $PATH: No such file or directory"


@pytest.mark.parametrize(
    ("code", "begin", "pid_tells", "reason"),
    [
        (126, DOCKER_MISSING, True, f'exec: "nosuch": executable file not found in $PATH. {STEP}'),
        (127, DOCKER_MISSING, True, f'exec: "nosuch": executable file not found in $PATH. {STEP}'),
        (128, DOCKER_MISSING, True, f'exec: "nosuch": executable file not found in $PATH. {STEP}'),
        (126, DOCKER_FOLDER, True, 'exec: "/etc": is a directory: unknown: permission denied'),
        (
            127,
            PODMAN_MISSING,
            False,
            f'exec: "nosuch": executable file not found in $PATH: {NOT_FOUND}. {STEP}',
        ),
        (125, PODMAN_FOLDER, False, 'exec: "/etc": is a directory: OCI runtime error'),
        (
            127,
            PODMAN_CRUN,
            False,
            f"{CRUN_MISSING}: {NOT_FOUND}. {STEP}",
        ),
        (
            127,
            DOCKER_MISSING.replace(b"nosuch", b"bash"),
            True,
            f'exec: "bash": {NO_FILE}. The container has no bash. Most have sh',
        ),
        (126, b"", True, "the engine could not start the process"),
        (126, b"\x1b[31mred\x07\n", True, "[31mred"),
    ],
)
def test_what_never_started_has_the_engine_s_reason(
    code: int, begin: bytes, pid_tells: bool, reason: str
) -> None:
    assert start_failure(ended(code), begin, pid_tells=pid_tells) == reason


@pytest.mark.parametrize(
    ("inspected", "begin", "pid_tells"),
    [
        (ended(127, pid=3516), b"sh: nosuch: not found\n", True),
        (ended(126, pid=3549), b"", True),
        (ended(127), b"sh: nosuch: not found\n", False),
        (ended(126), b"", False),
        (ended(0), DOCKER_MISSING, True),
        (ended(1), PODMAN_MISSING, False),
        (ended(None), DOCKER_MISSING, True),
        ({"Running": True, "ExitCode": 126, "Pid": 0}, DOCKER_MISSING, True),
        (ended(127), b"all is well\n" + PODMAN_MISSING, False),
    ],
)
def test_what_has_run_has_no_reason(
    inspected: dict[str, Any], begin: bytes, pid_tells: bool
) -> None:
    assert start_failure(inspected, begin, pid_tells=pid_tells) == ""
