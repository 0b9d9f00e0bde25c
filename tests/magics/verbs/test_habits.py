"""What users of the docker command type that is not here: each line is answered with what is."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from hyper_jupyter.magics.arguments import UsageFault, UsageShown, split
from hyper_jupyter.magics.verbs import (
    ALIASES,
    VERBS,
    find_verb,
    run_verb,
    verb_parser,
    verbs_text,
)


class Untouched:
    """An engine that must not be asked for anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was used")


def refusal(line: str) -> tuple[str, str]:
    """The message and the hint about a line that is not understood."""
    with pytest.raises(UsageFault) as caught:
        run_verb(Untouched, shlex.split(line))  # type: ignore[arg-type]
    return str(caught.value), caught.value.hint


# -- signals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "word", "instead"),
    [
        ("kill -1 web", "-1", "%hyper kill -s 1 web"),
        ("kill -9 web db", "-9", "%hyper kill -s 9 web db"),
        ("kill -HUP web", "-HUP", "%hyper kill -s HUP web"),
        ("kill -9", "-9", "%hyper kill -s 9 CONTAINER"),
    ],
)
def test_a_signal_in_a_shell_s_form_is_not_taken_for_a_container(
    line: str, word: str, instead: str
) -> None:
    assert refusal(line) == (
        f"unrecognized arguments: {word}",
        f"Signals are given with -s: {instead}",
    )


@pytest.mark.parametrize("verb", sorted(set(VERBS) - {"events", "ps", "resize"}))
def test_a_negative_number_is_the_name_of_nothing(verb: str) -> None:
    arguments = verb_parser(verb)._positionals._group_actions
    line = f"{verb} -1 {' '.join(['web'] * len(arguments))}"
    assert refusal(line)[0] == "unrecognized arguments: -1"


@pytest.mark.parametrize(("verb", "dest"), [("run", "image"), ("exec", "container")])
def test_the_arguments_of_a_command_may_be_negative_numbers(verb: str, dest: str) -> None:
    arguments = verb_parser(verb).parse_args(["it", "kill", "-9", "1"])
    assert getattr(arguments, dest) == "it"
    assert arguments.command == ["kill", "-9", "1"]


# -- what a shell reads -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("stop $(docker ps -aq)", "In two lines: ids = %hyper ps -aq, and %hyper stop {ids}."),
        (
            "rm -f $(%hyper ps -aq -f status=exited)",
            "In two lines: ids = %hyper ps -aq -f status=exited, and %hyper rm -f {ids}.",
        ),
        (
            "rmi `docker images -q`",
            "In two lines: ids = %hyper images -q, and %hyper rmi {ids}.",
        ),
        ("stop $(cat names)", "In two lines: ids = %hyper ps -aq, and %hyper rm {ids}."),
        ("run -v $(pwd):/x busybox", "The kernel's folder is a dot: -v .:/in."),
        ("ps -a | grep web", "The value is data: rows = %hyper ps -a, then for row in rows."),
    ],
)
def test_what_only_a_shell_reads_is_answered_with_python(line: str, hint: str) -> None:
    with pytest.raises(UsageFault, match="no shell reads this line") as caught:
        split(line)
    assert caught.value.hint == f"{hint} In quotes it is passed on as it is."


@pytest.mark.parametrize("folder", ["$PWD", "${PWD}", "$(pwd)", "`pwd`"])
def test_the_shell_s_folder_is_a_dot(folder: str) -> None:
    assert refusal(f"run --rm -v '{folder}/in:/work:ro' busybox ls")[1] == (
        "The kernel's folder is a dot: -v ./in:/work:ro"
    )


def test_a_command_may_hold_what_a_shell_reads() -> None:
    arguments = verb_parser("exec").parse_args(["web", "echo", "$(date)", "|", "cat"])
    assert arguments.command == ["echo", "$(date)", "|", "cat"]
    arguments = verb_parser("commit").parse_args(["-m", "`ls` | grep", "web"])
    assert arguments.message == "`ls` | grep"


# -- what is missing ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "missing"),
    [("run", "IMAGE"), ("create -i", "IMAGE"), ("exec", "CONTAINER, COMMAND")],
)
def test_only_what_is_needed_is_asked_for(line: str, missing: str) -> None:
    assert refusal(line)[0] == f"the following arguments are required: {missing}"


# -- verbs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("connect unix:///x", "%hyper_connect HOST chooses the engine."),
        ("-H tcp://x ps", "%hyper_connect HOST chooses the engine."),
        ("detach web", "%hyper_detach leaves a session."),
        ("build .", "In a shell: !docker build …"),
        ("container nonsense", "There are: %hyper container prune."),
        (
            "volume",
            "There are: %hyper volume create, volume inspect, volume ls, volume prune, volume rm.",
        ),
        ("compose up -d", "In a shell: !docker compose …"),
        ("pss", "Did you mean ps?"),
        ("PS", "Did you mean ps?"),
        ("rum", "Did you mean rm, run or rmi?"),
        ("strat web", "Did you mean stats, start or restart?"),
        ("atach web", "Did you mean attach?"),
        ("nonsense", f"Verbs: {', '.join(VERBS)}."),
    ],
)
def test_a_verb_that_is_not_here_is_answered_with_the_next_step(line: str, hint: str) -> None:
    verb = line.split(maxsplit=1)[0]
    assert refusal(line) == (f"{verb!r} is not a verb of %hyper", hint)


OTHERS = "build push login compose stack service save load import export search context"


@pytest.mark.parametrize("verb", OTHERS.split())
def test_what_other_commands_do_is_left_to_a_shell(verb: str) -> None:
    assert refusal(verb)[1] == f"In a shell: !docker {verb} …"


def test_every_magic_that_a_hint_names_exists() -> None:
    magics = {"attach", "connect", "detach", "doctor", "sessions"}
    for verb in ("connect", "detach", "doctor", "sessions"):
        named = re.findall(r"%hyper_(\w+)", refusal(verb)[1])
        assert named
        assert set(named) <= magics


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("help", verbs_text()),
        ("help nonsense", verbs_text()),
        ("help run", verb_parser("run").format_help()),
    ],
)
def test_help_is_a_verb_too(line: str, text: str) -> None:
    with pytest.raises(UsageShown) as caught:
        run_verb(Untouched, line.split())  # type: ignore[arg-type]
    assert str(caught.value) == text


# -- flags --------------------------------------------------------------------------------

CREATED = "Create it in a shell: !docker run -d -i {}, then %hyper_attach NAME."


@pytest.mark.parametrize(
    ("line", "flag", "hint"),
    [
        ("run --gpus all busybox", "--gpus", CREATED.format("--gpus all …")),
        ("run --gpus=all busybox", "--gpus", CREATED.format("--gpus all …")),
        ("run -it --oom-kill-disable busybox", "--oom-kill-disable",
         CREATED.format("--oom-kill-disable …")),
        ("run --cidfile 'a b' busybox", "--cidfile",
         "The value is the id: cid = %hyper run -d …"),
        ("run -a stdout busybox", "-a",
         "Leave it out: all streams are attached. -d attaches none, and %hyper_attach chooses."),
        ("run --sig-proxy=false busybox", "--sig-proxy",
         "Leave it out: no signals are passed on here."),
        ("attach --sig-proxy=false web", "--sig-proxy",
         "Leave it out: no signals are passed on here."),
        ("create --gpus 'all the' busybox", "--gpus",
         "Create it in a shell: !docker create -i --gpus 'all the' …, then %hyper_attach NAME."),
        ("inspect -s web", "-s", "In a shell: !docker inspect -s …"),
        ("exec --env-file f web sh", "--env-file",
         "Name each variable, -e NAME=VALUE, or use client.exec(…, env=…)."),
        ("stop -s INT web", "-s", "Use %hyper kill -s SIGNAL NAME."),
        ("pull -a busybox", "-a", "Pull each tag by its name."),
    ],
)  # fmt: skip
def test_a_flag_of_docker_that_is_not_here_is_answered_with_the_next_step(
    line: str, flag: str, hint: str
) -> None:
    assert refusal(line) == (f"%hyper {line.split(maxsplit=1)[0]} has no {flag}", hint)


def test_flags_after_the_image_belong_to_the_command() -> None:
    arguments = verb_parser("run").parse_args(["busybox", "mkdir", "-p", "x"])
    assert arguments.command == ["mkdir", "-p", "x"]


def test_flags_that_are_not_here_are_not_offered() -> None:
    for verb in VERBS:
        parser = verb_parser(verb)
        assert "--gpus" not in parser.format_help()
        assert all("--gpus" not in each.option_strings for each in parser.arguments)


def test_the_short_form_of_help_is_the_host_name_where_docker_has_it_so() -> None:
    assert verb_parser("run").parse_args(["-h", "web", "busybox"]).option_hostname == "web"
    for line in ("run --help", "ps -h", "volume ls -h"):
        with pytest.raises(UsageShown):
            run_verb(Untouched, line.split())  # type: ignore[arg-type]


@pytest.mark.parametrize(("written", "verb"), sorted(ALIASES.items()))
def test_docker_s_other_names_of_a_verb_are_known(written: str, verb: str) -> None:
    assert find_verb([*written.split(), "x"]) == (verb, ["x"])
