"""The places in a source file that can be broken, and how.

No I/O, no randomness: bytes in, points out, in the order of the source. A change replaces the
bytes of an operator, a condition, a value or a statement and leaves the rest of the file as it is.

Left out, because breaking it says nothing about the tests or only crashes the import:

* annotations, decorators, the bases of classes, ``Literal[...]``, ``__all__``;
* blocks under ``if TYPE_CHECKING``, asserts (they are for the type checker);
* texts: strings, f-strings and what is in them, sums with a text, logging calls, ``__repr__``;
* numbers with a fraction (nearly all are time limits);
* ``|`` outside functions (there it joins types), assignments to attributes in ``__init__``.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Change", "Mutant", "Point", "find_points"]


@dataclass(frozen=True, slots=True)
class Change:
    """One way to break a point.

    Attributes:
        description: what was changed, such as "`<` became `<=`".
        replacement: the source text that takes the point's place.
    """

    description: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one change.

    Attributes:
        path: the file, relative to the root of the tree, with slashes.
        line: the line where the change begins, from 1.
        function: the qualified name of the function or class around it; empty in the module.
        description: what was changed.
        before: the lines that the change touches, with single spaces.
        after: the same lines after the change.
        start: the first byte that is replaced.
        end: the first byte after those.
        replacement: what takes their place.
    """

    path: str
    line: int
    function: str
    description: str
    before: str
    after: str
    start: int
    end: int
    replacement: str

    def applied(self, source: bytes) -> bytes:
        """Return the source with the change."""
        return source[: self.start] + self.replacement.encode() + source[self.end :]


@dataclass(frozen=True, slots=True)
class Point:
    """A place that can be broken, and the ways to break it.

    Attributes:
        path: the file.
        line: the line where it begins, from 1.
        function: the qualified name of what is around it.
        start: its first byte.
        end: the first byte after it.
        changes: at least one.
    """

    path: str
    line: int
    function: str
    start: int
    end: int
    changes: tuple[Change, ...]

    def mutant(self, change: Change, source: bytes) -> Mutant:
        """Return the mutant that makes this change."""
        first = source.rfind(b"\n", 0, self.start) + 1
        last = source.find(b"\n", self.end)
        rest = source[self.end :] if last < 0 else source[self.end : last]
        after = source[first : self.start] + change.replacement.encode() + rest
        return Mutant(
            path=self.path,
            line=self.line,
            function=self.function,
            description=change.description,
            before=_on_one_line(source[first : self.end] + rest),
            after=_on_one_line(after),
            start=self.start,
            end=self.end,
            replacement=change.replacement,
        )


def find_points(source: bytes, path: str) -> list[Point]:
    """Return all points of a file, in the order of the source.

    Args:
        source: UTF-8.
        path: what the points give as their file.
    """
    finder = _Finder(source, path)
    finder.visit(ast.parse(source))
    return sorted(finder.points, key=lambda point: (point.start, point.end))


def _on_one_line(text: bytes) -> str:
    return " ".join(text.decode().split())


_COMPARISONS: Final[dict[type[ast.cmpop], tuple[str, ...]]] = {
    ast.Lt: ("<", "<=", ">="),
    ast.LtE: ("<=", "<", ">"),
    ast.Gt: (">", ">=", "<="),
    ast.GtE: (">=", ">", "<"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
"""An operator, then its replacements: the boundary first, where it has one, then the negation."""

_ARITHMETIC: Final[dict[type[ast.operator], tuple[str, str]]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"),
    ast.Mod: ("%", "*"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
_LOGGERS: Final = {"log", "logger", "logging"}
_LEVELS: Final = {"critical", "debug", "error", "exception", "info", "log", "warning"}
_FILLING: Final = re.compile(rb"(?:#[^\n]*|[\s()\\])*")
"""What may be between an operand and its operator."""


class _Finder(ast.NodeVisitor):
    def __init__(self, source: bytes, path: str) -> None:
        self._source = source
        self._path = path
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._names: list[str] = []
        self._functions = 0
        self.points: list[Point] = []

    # -- places ------------------------------------------------------------------------------

    def _start(self, node: ast.expr | ast.stmt) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def _text(self, node: ast.expr | ast.stmt) -> str:
        return self._source[self._start(node) : self._end(node)].decode()

    def _add(self, start: int, end: int, *changes: Change) -> None:
        line = self._source.count(b"\n", 0, start) + 1
        name = ".".join(self._names)
        self.points.append(Point(self._path, line, name, start, end, changes))

    def _add_node(self, node: ast.expr | ast.stmt, *changes: Change) -> None:
        self._add(self._start(node), self._end(node), *changes)

    def _add_operator(
        self, left: ast.expr, right: ast.expr, operator: str, others: Iterable[str]
    ) -> None:
        """Add the operator between two operands."""
        gap = self._source[self._end(left) : self._start(right)]
        filling = _FILLING.match(gap)
        assert filling is not None
        words = (re.escape(word.encode()) for word in operator.split())
        found = re.compile(_FILLING.pattern.join(words)).match(gap, filling.end())
        assert found is not None, (self._path, left.lineno, operator, gap)
        start = self._end(left)
        changes = (Change(f"`{operator}` became `{other}`", other) for other in others)
        self._add(start + found.start(), start + found.end(), *changes)

    def _add_drop(self, node: ast.stmt, noun: str) -> None:
        self._add_node(node, Change(f"{noun} was dropped", "pass"))

    def _add_inverted(self, test: ast.expr) -> None:
        """Add a condition, unless its own operator has the same change."""
        alone = isinstance(test, ast.Compare) and len(test.ops) == 1
        negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        if not alone and not negated and not isinstance(test, ast.Constant):
            change = Change("the condition was inverted", f"not ({self._text(test)})")
            self._add_node(test, change)

    def _visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    # -- what is around ----------------------------------------------------------------------

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._names.append(node.name)
        self._visit_all(node.body)
        self._names.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.name == "__repr__":
            return
        self._names.append(node.name)
        self._functions += 1
        self._visit_all([*node.args.defaults, *node.args.kw_defaults, *node.body])
        self._functions -= 1
        self._names.pop()

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Assert(self, _node: ast.Assert) -> None:
        pass

    def visit_JoinedStr(self, _node: ast.JoinedStr) -> None:
        pass  # before Python 3.12 the places in it are wrong, too

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not (isinstance(node.value, ast.Name) and node.value.id == "Literal"):
            self.generic_visit(node)

    # -- statements --------------------------------------------------------------------------

    def visit_Expr(self, node: ast.Expr) -> None:
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call):
            if _logs(call):
                return
            self._add_drop(node, "the call")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            return
        self._drop_assignment(node, node.targets)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._drop_assignment(node, [node.target])
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        operator, other = _ARITHMETIC.get(type(node.op), ("", ""))
        if operator and not _is_text(node.value):
            self._add_operator(node.target, node.value, f"{operator}=", [f"{other}="])
        self.generic_visit(node)

    def _drop_assignment(self, node: ast.stmt, targets: Sequence[ast.expr]) -> None:
        """Add an assignment that outlasts its function: to an attribute or an item."""
        kept = all(isinstance(target, ast.Attribute | ast.Subscript) for target in targets)
        if kept and self._functions and self._names[-1] != "__init__":
            self._add_drop(node, "the assignment")

    def visit_Delete(self, node: ast.Delete) -> None:
        self._add_drop(node, "the deletion")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._add_drop(node, "the raise")
        self.generic_visit(node)

    def visit_Break(self, node: ast.Break) -> None:
        self._add_node(node, Change("`break` became `continue`", "continue"))

    def visit_Continue(self, node: ast.Continue) -> None:
        self._add_node(node, Change("`continue` became `break`", "break"))

    def visit_Return(self, node: ast.Return) -> None:
        value = node.value
        if value is None:
            return
        # A truth value, a number and None have changes of their own, or none.
        if not isinstance(value, ast.Constant) or isinstance(value.value, str | bytes | float):
            self._add_node(value, Change("the returned value became `None`", "None"))
        self.visit(value)

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" in self._text(node.test):
            self._visit_all(node.orelse)
            return
        self._add_inverted(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._add_inverted(node.test)
        self.generic_visit(node)

    def visit_match_case(self, node: ast.match_case) -> None:
        if node.guard is not None:
            self._add_inverted(node.guard)
        self.generic_visit(node)

    # -- expressions -------------------------------------------------------------------------

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._add_inverted(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._add_inverted(test)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = itertools.pairwise([node.left, *node.comparators])
        for (left, right), kind in zip(operands, node.ops, strict=True):
            operator, *others = _COMPARISONS[type(kind)]
            self._add_operator(left, right, operator, others)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in itertools.pairwise(node.values):
            self._add_operator(left, right, words[0], words[1:])
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            start = self._start(node)
            self._add(start, start + len("not"), Change("`not` was dropped", ""))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        operator, other = _ARITHMETIC.get(type(node.op), ("", ""))
        types = isinstance(node.op, ast.BitOr) and not self._functions
        if operator and not types and not _is_text(node.left) and not _is_text(node.right):
            self._add_operator(node.left, node.right, operator, [other])
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._add_node(node, Change(f"`{value}` became `{not value}`", str(not value)))
        elif isinstance(value, int):
            written = self._text(node)
            bases = {"0x": hex, "0o": oct, "0b": bin}
            more = bases.get(written[:2].lower(), str)(value + 1)
            self._add_node(node, Change(f"`{written}` became `{more}`", more))


def _logs(call: ast.Call) -> bool:
    """Return whether it writes to a log of the package ``logging``."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in _LEVELS:
        return False
    holder = function.value
    name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
    return str(name).strip("_").lower() in _LOGGERS


def _is_text(node: ast.expr) -> bool:
    constant = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    return constant or isinstance(node, ast.JoinedStr)
