"""Which program a container lacks, and what to do: what runtimes said."""

from __future__ import annotations

import pytest

from hyper_jupyter.protocol.missing_program import missing_program_step

BASH = "The image has no bash. Most have sh."


@pytest.mark.parametrize(
    ("message", "step"),
    [
        ('runc create failed: exec: "bash": executable file not found in $PATH', BASH),
        ('exec: "/bin/bash": stat /bin/bash: no such file or directory: unknown', BASH),
        (
            "crun: executable file `zsh` not found in $PATH: No such file or directory",
            "The image has no zsh. Most have sh.",
        ),
        (
            'runc create failed: exec: "nosuch": executable file not found in $PATH',
            "The image has no program nosuch in its PATH: check the command.",
        ),
        (
            "crun: executable file `nosuch` not found in $PATH: No such file or directory",
            "The image has no program nosuch in its PATH: check the command.",
        ),
        (
            'exec: "/no/such": stat /no/such: no such file or directory',
            "The image has no file /no/such: check the command.",
        ),
        (
            "crun: executable file `/no/such` not found: No such file or directory",
            "The image has no file /no/such: check the command.",
        ),
        (
            'exec: "ls -l": executable file not found in $PATH',
            '"ls -l" was taken for one name: leave out the quotes around the command.',
        ),
        (
            'exec: "-it": executable file not found in $PATH',
            "What stands after the image is the command: put -it before the image.",
        ),
        ('exec: "bash": permission denied', ""),
        ('chdir to cwd ("/nosuch") set in config failed: no such file or directory', ""),
        ("bash: not found", ""),
    ],
)
def test_the_next_step_is_read_from_the_runtime_s_message(message: str, step: str) -> None:
    assert missing_program_step(message) == step


def test_an_exec_s_program_is_missing_in_its_container() -> None:
    message = 'exec: "nosuch": executable file not found in $PATH'
    step = "The container has no program nosuch in its PATH: check the command."
    assert missing_program_step(message, "container") == step
