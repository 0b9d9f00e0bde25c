"""The arguments of the magics, without IPython."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

import pytest

from hyper_jupyter.magics.arguments import (
    Completes,
    Parser,
    UsageFault,
    UsageShown,
    add_wait,
    attach_parser,
    check_wait,
    connect_options,
    connect_parser,
    detach_parser,
    doctor_parser,
    sessions_parser,
    split,
)

PARSERS = [attach_parser, connect_parser, detach_parser, doctor_parser, sessions_parser]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  web  --logs ", ["web", "--logs"]),
        ("run x sh -c 'echo $i; ls'", ["run", "x", "sh", "-c", "echo $i; ls"]),
        ('"two words" it\\ is', ["two words", "it is"]),
    ],
)
def test_a_line_is_split_as_by_a_shell(line: str, words: list[str]) -> None:
    assert split(line) == words


@pytest.mark.parametrize("line", ["'web", '"web', "web \\"])
def test_a_line_that_ends_inside_a_quote_is_refused(line: str) -> None:
    with pytest.raises(UsageFault, match="the line ends inside a quote"):
        split(line)


def test_attaching_takes_all_streams_and_no_log_unless_told_otherwise() -> None:
    assert vars(attach_parser().parse_args(["web"])) == {
        "container": "web", "no_stdin": False, "no_stdout": False, "no_stderr": False,
        "logs": False, "no_stream": False, "detach_keys": None, "ws": False, "host": None,
        "wait": False, "timeout": None, "layout": None, "height": None, "tail": None,
        "place": "cell", "save": None,
        "resume": True, "follow_restarts": False, "follow_name": False,
    }  # fmt: skip


@pytest.mark.parametrize(("text", "tail"), [("0", 0), ("50", 50), ("all", "all")])
def test_a_tail_is_a_number_of_lines_or_all(text: str, tail: object) -> None:
    assert attach_parser().parse_args(["web", "--tail", text]).tail == tail


def test_options_may_stand_on_both_sides_of_the_container() -> None:
    arguments = attach_parser().parse_args(
        ["--no-stdin", "web", "--height", "5", "--layout", "tabs", "--detach-keys", "ctrl-a"]
    )
    assert (arguments.container, arguments.no_stdin) == ("web", True)
    assert (arguments.height, arguments.layout, arguments.detach_keys) == (5, "tabs", "ctrl-a")


@pytest.mark.parametrize(
    ("parser", "words", "message"),
    [
        (attach_parser, [], "the following arguments are required: CONTAINER"),
        (attach_parser, ["-1"], "unrecognized arguments: -1\n"),
        (attach_parser, ["-1", "web"], "unrecognized arguments: -1\n"),
        (sessions_parser, ["-1"], "unrecognized arguments: -1\n"),
        (attach_parser, ["web", "--nonsense"], "unrecognized arguments: --nonsense"),
        (attach_parser, ["web", "--layout", "grid"], "invalid choice: 'grid'"),
        (attach_parser, ["web", "--place", "window"], "invalid choice: 'window'"),
        (attach_parser, ["web", "--height", "1"], "1 is not between 2 and 200"),
        (attach_parser, ["web", "--height", "201"], "201 is not between 2 and 200"),
        (attach_parser, ["web", "--height", "tall"], "'tall' is not a number"),
        (attach_parser, ["web", "--tail", "-1"], "'-1' is neither a number of lines nor all"),
        (attach_parser, ["web", "--tail", "\u0665"], "is neither a number of lines nor all"),
        (attach_parser, ["web", "--timeout", "soon"], "'soon' is not a number"),
        (attach_parser, ["web", "--timeout", "-1"], "-1 is not between 0 and a billion seconds"),
        (attach_parser, ["web", "--timeout", "nan"], "nan is not between 0 and a billion seconds"),
        (sessions_parser, ["one", "two"], "unrecognized arguments: two"),
    ],
)
def test_what_is_not_understood_is_an_error_and_not_the_end_of_the_kernel(
    parser: Callable[[], Parser], words: list[str], message: str
) -> None:
    made = parser()
    with pytest.raises(UsageFault, match=message) as caught:
        made.parse_args(words)
    assert caught.value.hint == f"See {made.prog} --help."


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("--log", "--logs"),  # no abbreviations
        ("--follow-restart", "--follow-restarts"),
        ("--heigth=5", "--height"),
        ("--no-stout", "--no-stdout"),
    ],
)
def test_an_option_that_does_not_exist_is_answered_with_those_like_it(
    word: str, meant: str
) -> None:
    with pytest.raises(UsageFault, match=f"^unrecognized arguments: {word}") as caught:
        attach_parser().parse_args(["web", word])
    assert re.match(rf"Did you mean {meant}( or --no-std\w+)*\? See ", caught.value.hint)


@pytest.mark.parametrize("parser", PARSERS)
def test_help_is_handed_over_and_not_printed(
    parser: Callable[[], Parser], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageShown) as caught:
        parser().parse_args(["--help"])
    assert str(caught.value) == parser().format_help()
    assert "\x1b" not in str(caught.value)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("parser", PARSERS)
def test_the_arguments_of_a_parser_are_those_of_its_help(parser: Callable[[], Parser]) -> None:
    made = parser()
    assert made.arguments[0].option_strings == ["-h", "--help"]
    listed = [line.lstrip() for line in made.format_help().splitlines()]
    options = [each for each in made.arguments if each.option_strings]
    assert len(options) == sum(line.startswith("-") for line in listed)
    assert all(any(each.option_strings[-1] in line for line in listed) for each in options)


def test_a_parser_knows_what_completion_asks_for() -> None:
    parser = Parser(prog="%x")
    parser.add_argument("container", completes=Completes.CONTAINER)
    parser.add_argument("-z", "--zone", action="append")
    parser.add_argument("-v", action="count")
    parser.add_argument("-q", completes=Completes.IMAGE)
    assert [each.dest for each in parser.arguments] == ["help", "container", "zone", "v", "q"]
    assert parser.repeatable == {"zone", "v"}
    assert parser.completes == {"container": Completes.CONTAINER, "q": Completes.IMAGE}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {"host": None, "verify": True, "timeout": 10.0}),
        (["tcp://x:1", "--skip-verify", "--timeout", "3"], {"host": "tcp://x:1", "verify": False}),
        (["--tls", "certs"], {"tls": "certs", "context": None}),
        (["--context", "far"], {"context": "far", "region": None}),
        (["--region", "us-west-1"], {"region": "us-west-1"}),
    ],
)
def test_the_words_of_an_endpoint_are_the_arguments_of_connect(
    words: list[str], expected: dict[str, object]
) -> None:
    options = connect_options(connect_parser().parse_args(words))
    assert {name: getattr(options, name) for name in expected} == expected


def test_the_doctor_takes_the_timeout_of_the_engine_in_use() -> None:
    assert connect_options(doctor_parser().parse_args([])).timeout is None
    assert connect_options(doctor_parser().parse_args(["--timeout", "3"])).timeout == 3


@pytest.mark.parametrize(
    ("words", "valid"),
    [
        ([], True),
        (["--wait"], True),
        (["--wait", "--timeout", "0"], True),
        (["--timeout", "0"], False),
        (["--timeout", "3"], False),
    ],
)
def test_a_timeout_needs_wait(words: list[str], valid: bool) -> None:
    parser = Parser(prog="%x")
    add_wait(parser)
    arguments: argparse.Namespace = parser.parse_args(words)
    if valid:
        check_wait(arguments)
        return
    with pytest.raises(UsageFault, match="--timeout needs --wait"):
        check_wait(arguments)
