# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast
from collections.abc import Iterator

Place = tuple[int, int]
"""A line, counted from 1, and a byte in it, counted from 0: how `ast` tells where something is."""


def bare_source(source: str) -> str:
    """Return a module's source without what is of no use to a function, line for line.

    That is docstrings, the annotations of arguments and results, and imports for type checkers: together half
    of what a new process has to compile. A traceback still fits the original.
    """
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    # From the end, so that the places before stay where they are.
    for begin, end, instead in sorted(_useless(ast.parse(source), lines), reverse=True):
        _replace(lines, begin, end, instead)
    return b"".join(lines).decode()


def _useless(node: ast.AST, lines: list[bytes]) -> Iterator[tuple[Place, Place, bytes]]:
    """Find what to leave out, from where to where, and what to put in its place."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            # Something has to stay: a docstring may be all that a body has.
            yield _begin(node), _end(node), b'""'
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body):
            yield _begin(body[0]), _end(body[-1]), b"pass"
            return
        case ast.arg(annotation=ast.expr() as annotation):
            line, column = _begin(node)
            yield (line, column + len(node.arg.encode())), _end(annotation), b""
        case ast.FunctionDef(returns=ast.expr() as returns):
            line, column = _begin(returns)
            yield (line, lines[line - 1].rindex(b" ->", 0, column)), _end(returns), b""
    for child in ast.iter_child_nodes(node):
        yield from _useless(child, lines)


def _begin(node: ast.stmt | ast.expr | ast.arg) -> Place:
    return node.lineno, node.col_offset


def _end(node: ast.stmt | ast.expr) -> Place:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return node.end_lineno, node.end_col_offset


def _replace(lines: list[bytes], begin: Place, end: Place, instead: bytes) -> None:
    """Replace a passage, leaving as many lines as there were."""
    (first, column), (last, end_column) = begin, end
    rest = lines[last - 1][end_column:]
    lines[first - 1] = lines[first - 1][:column] + instead + (b"\n" if last > first else rest)
    for line in range(first + 1, last):
        lines[line - 1] = b"\n"
    if last > first:
        lines[last - 1] = rest
