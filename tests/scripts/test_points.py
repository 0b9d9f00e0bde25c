"""Where a source can be broken, and how: a table of small sources."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from scripts.mutation.points import Mutant, find_points


def mutants(source: str) -> list[Mutant]:
    """All mutants of a source, in order."""
    data = source.encode()
    found = find_points(data, "package/module.py")
    return [point.mutant(change, data) for point in found for change in point.changes]


def broken(source: str) -> list[str]:
    """The whole source of each mutant."""
    return [mutant.applied(source.encode()).decode() for mutant in mutants(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # comparisons: the boundary, where there is one, and the negation
        ("a < b", ["a <= b", "a >= b"]),
        ("a <= b", ["a < b", "a > b"]),
        ("a > b", ["a >= b", "a <= b"]),
        ("a >= b", ["a > b", "a < b"]),
        ("a == b", ["a != b"]),
        ("a != b", ["a == b"]),
        ("a is b", ["a is not b"]),
        ("a is not b", ["a is b"]),
        ("a in b", ["a not in b"]),
        ("a not in b", ["a in b"]),
        ("a == b != c", ["a != b != c", "a == b == c"]),
        ("(a) == (b)", ["(a) != (b)"]),
        ("(a  # a == b\n == b)", ["(a  # a == b\n != b)"]),
        ("a is \\\n not b", ["a is b"]),
        ("é == ü", ["é != ü"]),
        # conditions
        ("if a: b", ["if not (a): b"]),
        ("if a == b: c", ["if a != b: c"]),
        ("if not a: b", ["if  a: b"]),
        ("while a: b", ["while not (a): b"]),
        ("while True: a", ["while False: a"]),
        ("a if b else c", ["a if not (b) else c"]),
        ("[a for a in b if c]", ["[a for a in b if not (c)]"]),
        ("match a:\n case b if c: d", ["match a:\n case b if not (c): d"]),
        ("if (a := b): c", ["if (not (a := b)): c"]),
        ("a and b and c", ["a or b and c", "a and b or c"]),
        ("a or b", ["a and b"]),
        ("x = not a", ["x =  a"]),
        # arithmetic
        ("a + b", ["a - b"]),
        ("a - b", ["a + b"]),
        ("a * b", ["a // b"]),
        ("a // b", ["a * b"]),
        ("a / b", ["a * b"]),
        ("a % b", ["a * b"]),
        ("a & b", ["a | b"]),
        ("a << b", ["a >> b"]),
        ("a >> b", ["a << b"]),
        ("def f(): a | b", ["def f(): a & b"]),
        ("a += b", ["a -= b"]),
        ("(a + b) * c", ["(a - b) * c", "(a + b) // c"]),
        # constants
        ("a = 7", ["a = 8"]),
        ("a = -1", ["a = -2"]),
        ("a = 0xff", ["a = 0x100"]),
        ("a = 0o7", ["a = 0o10"]),
        ("a = 65_536", ["a = 65537"]),
        ("a = True", ["a = False"]),
        ("a = False", ["a = True"]),
        ("a: int = 7", ["a: int = 8"]),
        ("def f(a=7, *, b=8): c", ["def f(a=8, *, b=8): c", "def f(a=7, *, b=9): c"]),
        # statements
        ("f(a)", ["pass"]),
        ("await f(a)", ["pass"]),
        ("f(\n  a,\n)\nb", ["pass\nb"]),
        ("f(a == b)", ["pass", "f(a != b)"]),
        ("raise a", ["pass"]),
        ("del a.b", ["pass"]),
        ("def f(): a.b = c", ["def f(): pass"]),
        ("def f(): a[b] = c", ["def f(): pass"]),
        ("def f(): a.b: int = c", ["def f(): pass"]),
        ("for a in b: break", ["for a in b: continue"]),
        ("for a in b: continue", ["for a in b: break"]),
        # returned values
        ("def f(): return a", ["def f(): return None"]),
        ("def f(): return 'a'", ["def f(): return None"]),
        ("def f(): return 0.5", ["def f(): return None"]),
        ("def f(): return (\n a\n)", ["def f(): return (\n None\n)"]),
        ("def f(): return a, b", ["def f(): return None"]),
        ("def f(): return 7", ["def f(): return 8"]),
        ("def f(): return True", ["def f(): return False"]),
        ("def f(): return a == b", ["def f(): return None", "def f(): return a != b"]),
    ],
)
def test_a_source_is_broken_in_these_ways(source: str, expected: list[str]) -> None:
    assert broken(source) == expected
    for each in expected:
        ast.parse(each)


@pytest.mark.parametrize(
    "source",
    [
        "'''A docstring: 1 < 2.'''",
        "import a",
        "a = 'text'",
        "a = b'bytes'",
        "a = 0.5",
        "a = None",
        "a = b | c",
        "a = b + 'text'",
        "a += f'{b}'",
        "a = b",
        "a.b = c",
        "a = f'{b + 1 == 2}'",
        "a = Literal[1, 2]",
        "a: Literal[1]",
        "a: b[1]",
        "def f(a: b[1] = c) -> d[1]: e",
        "__all__ = [*a, b + 1]",
        "assert a == 1",
        "if TYPE_CHECKING:\n  a = 1",
        "if typing.TYPE_CHECKING:\n  a = 1",
        "def __repr__(self): return f(1)",
        "@a(1)\ndef f(): b",
        "@a(frozen=True)\nclass C(b[1], c=True): d",
        "class C:\n  def __init__(self): self.a = b",
        "logger.debug('a', 1)",
        "self._log.warning('a', 1)",
        "logging.info('a')",
        "def f(): return",
        "def f(): return None",
    ],
)
def test_a_source_is_left_alone(source: str) -> None:
    assert broken(source) == []


@pytest.mark.parametrize("source", ["log.append(a)", "a.info(b)", "warnings.warn(a)"])
def test_a_call_that_is_no_logging_call_is_dropped(source: str) -> None:
    assert broken(source) == ["pass"]


def test_the_rest_of_a_type_checking_block_is_not_left_out() -> None:
    assert broken("if TYPE_CHECKING:\n  a = 1\nelse:\n  a = 2") == [
        "if TYPE_CHECKING:\n  a = 1\nelse:\n  a = 3"
    ]


def test_a_mutant_says_where_and_what() -> None:
    source = "class C:\n    def f(self):\n        return g(\n            a, 1\n        )\n"
    returned, number = mutants(source)
    assert (returned.path, returned.line, returned.function) == ("package/module.py", 3, "C.f")
    assert returned.description == "the returned value became `None`"
    assert (returned.before, returned.after) == ("return g( a, 1 )", "return None")
    assert (number.line, number.description) == (4, "`1` became `2`")
    assert (number.before, number.after) == ("a, 1", "a, 2")


def test_every_mutant_of_a_whole_module_compiles_and_is_another_program() -> None:
    path = Path(__file__).parents[2] / "hyper_jupyter" / "protocol" / "frames.py"
    source = path.read_text(encoding="utf-8")
    original = ast.dump(ast.parse(source))
    found = broken(source)
    assert len(found) > 50
    for each in found:
        compile(each, "mutant", "exec")
        assert ast.dump(ast.parse(each)) != original
