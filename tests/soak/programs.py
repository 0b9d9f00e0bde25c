"""What the containers of the soak run: shell scripts for busybox and for this machine's shell.

All end after a number of lines, or when they get SIGUSR1, with a last line.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Pace", "flood", "long_lines", "same_line"]

SAME = b"the same line again\n"
"""The line that :func:`same_line` prints."""


@dataclass(frozen=True)
class Pace:
    """How fast lines are printed.

    Attributes:
        lines: printed at once.
        pause: seconds after them.
        most: lines after which the program ends.
    """

    lines: int = 500
    pause: float = 0.1
    most: int = 10_000_000


def flood(pace: Pace) -> str:
    """Number lines of both streams, and repeat on stdout what is typed, numbered too."""
    return f"""
exec 3<&0
( n=0; while read -r line; do n=$((n + 1)); echo "typed $n $line"; done ) <&3 3<&- &
reader=$!
exec 3<&-
{_loop(pace, 'echo "out $i ........................"; [ $((i % 5)) -ne 0 ] || echo "err $i" >&2')}
kill $reader
echo "end $i"
echo "end $i" >&2
"""


def same_line(pace: Pace) -> str:
    """Print one line again and again."""
    return _loop(pace, f'echo "{SAME.decode().strip()}"')


def long_lines(pace: Pace, size: int = 20_000) -> str:
    """Number lines that are longer than what engines keep of a line in one piece (16 KiB)."""
    return f"""
x=$(head -c {size} /dev/zero | tr '\\0' x)
{_loop(pace, 'echo "$i $x $i"')}
"""


def _loop(pace: Pace, body: str) -> str:
    return f"""
stop=
trap 'stop=1' USR1
i=0
while [ -z "$stop" ] && [ $i -lt {pace.most} ]; do
  j=0
  while [ $j -lt {pace.lines} ] && [ $i -lt {pace.most} ]; do
    i=$((i + 1)); j=$((j + 1))
    {body}
  done
  sleep {pace.pause}
done"""
