"""Options and names of a line, mixed as docker lets them be."""

from __future__ import annotations

import pytest

from hyper_jupyter.magics.arguments import UsageFault
from hyper_jupyter.magics.verbs import verb_parser
from hyper_jupyter.magics.words import MagicLine, options_first, read_magic_line, switch_flags


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


@pytest.mark.parametrize(
    ("line", "without_values"),
    [
        ("run --rm=true -d=1 web", "run --rm -d web"),
        ("run --rm=false -d=F web", "run web"),
        ("run -dt=true web", "run -dt web"),
        ("run -dt=false web", "run -d web"),
        ("run -e=true web", "run -e=true web"),
        ("run --name=true web", "run --name=true web"),
        ("run --name --rm=true web", "run --name --rm=true web"),
        ("run --rm=maybe web", "run --rm=maybe web"),
        ("run web prog --rm=true", "run web prog --rm=true"),
        ("rm web --force=true", "rm web --force"),
        ("rm -- web --force=true", "rm -- web --force=true"),
        ("ps --nosuch=true", "ps --nosuch=true"),
    ],
)
def test_flags_may_have_docker_s_values(line: str, without_values: str) -> None:
    verb, *words = line.split()
    assert [verb, *switch_flags(verb_parser(verb).arguments, words)] == without_values.split()


def test_a_verb_takes_the_value_of_a_flag() -> None:
    parse = verb_parser("rm").parse_args
    assert parse(["web", "--force=true"]).force is True
    assert parse(["web", "-f=0"]).force is False
    with pytest.raises(UsageFault):
        parse(["web", "--force=maybe"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ps -a", MagicLine("ps -a")),
        ("rm web # not db", MagicLine("rm web ")),
        ("#", MagicLine("")),
        ("run a#b c", MagicLine("run a#b c")),
        ("ps;", MagicLine("ps", silent=True)),
        ("ps ;  # all", MagicLine("ps ", silent=True)),
        (r"exec web find -exec ls {} \;", MagicLine(r"exec web find -exec ls {} \;")),
        ("exec web curl http://x/?a=1&b=2;c", MagicLine("exec web curl http://x/?a=1&b=2;c")),
        ("""run a sh -c 'x | y > z; # $(d)' "`e` \\" # ;" """,
         MagicLine("""run a sh -c 'x | y > z; # $(d)' "`e` \\" # ;" """)),
        (r"run a echo \| \# \$(x", MagicLine(r"run a echo \| \# \$(x")),
        ("run a 'open", MagicLine("run a 'open")),
        ("run a open\\", MagicLine("run a open\\")),
    ],
)  # fmt: skip
def test_a_comment_and_a_semicolon_end_a_line_and_quotes_keep_them(
    line: str, expected: MagicLine
) -> None:
    assert read_magic_line(line) == expected


@pytest.mark.parametrize(
    ("line", "operator"),
    [
        ("ps | head", "|"),
        ("logs web |& tail", "|"),
        ("ps > out.txt", ">"),
        ("ps >>out.txt", ">>"),
        ("logs web 2>&1 | tail", "2>&1"),
        ("run -i cat <file", "<"),
        ("stop web && ls", "&&"),
        ("stop web || ls", "||"),
        ("stop web &", "&"),
        ("stop web; ls", ";"),
        ("stop web ;ls", ";"),
        ("rm -f $(docker ps -aq)", "$(…)"),
        ("run -v $(pwd):/data x", "$(…)"),
        ("rm `docker ps -aq`", "`…`"),
    ],
)
def test_what_only_a_shell_does_is_found(line: str, operator: str) -> None:
    assert read_magic_line(line).operator == operator
