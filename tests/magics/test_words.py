"""Options and names of a line, mixed as docker lets them be."""

from __future__ import annotations

import pytest

from hyper_jupyter.magics.verbs import verb_parser
from hyper_jupyter.magics.words import options_first


@pytest.mark.parametrize(
    ("line", "sorted_line"),
    [
        ("rm web -f worker", "-f web worker"),
        ("rm -f web worker", "-f web worker"),
        ("rm web -- -f", "-- web -f"),
        ("stop web -t 3 db", "-t 3 web db"),
        ("stop web --time=3 db", "--time=3 web db"),
        ("stop web -t3 db", "-t3 web db"),
        ("stop web -t", "-t web"),
        ("kill web -9 db", "-9 web db"),
        ("logs web -f -n 5", "-f -n 5 web"),
        ("cp - web:/x -a", "-a - web:/x"),
        ("exec web ls -l", "web ls -l"),
        ("run -d web ls -l", "-d web ls -l"),
        ("top web -o pid", "web -o pid"),
    ],
)
def test_options_come_first_except_those_of_a_command(line: str, sorted_line: str) -> None:
    verb, *words = line.split()
    assert options_first(verb_parser(verb).arguments, words) == sorted_line.split()


def test_a_verb_takes_its_options_anywhere() -> None:
    arguments = verb_parser("rm").parse_args(["web", "-f", "worker"])
    assert (arguments.force, arguments.containers) == (True, ["web", "worker"])
