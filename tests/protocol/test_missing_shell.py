"""Which shell a container lacks: what runtimes said."""

from __future__ import annotations

import pytest

from hyper_jupyter.protocol.missing_shell import missing_shell


@pytest.mark.parametrize(
    ("message", "shell"),
    [
        ('runc create failed: exec: "bash": executable file not found in $PATH', "bash"),
        ('exec: "/bin/bash": stat /bin/bash: no such file or directory: unknown', "bash"),
        ("crun: executable file `zsh` not found in $PATH: No such file or directory", "zsh"),
        ('exec: "nosuch": executable file not found in $PATH', ""),
        ('exec: "sh": executable file not found in $PATH', ""),
        ('exec: "bash": permission denied', ""),
        ("bash: not found", ""),
    ],
)
def test_the_shell_is_read_from_the_runtime_s_message(message: str, shell: str) -> None:
    assert missing_shell(message) == shell
