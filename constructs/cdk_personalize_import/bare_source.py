# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast


def bare_source(source: str) -> str:
    """Return a module's source without its docstrings, line for line, so that a traceback fits the original.

    They are a third of the code that a function has to load, and nobody reads them there.
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str()), end_lineno=int() as end):
                first = node.lineno - 1
                # Something has to stay: a docstring may be all that a body has.
                lines[first] = f'{lines[first][: node.col_offset]}""\n'
                lines[first + 1 : end] = ["\n"] * (end - first - 1)
    return "".join(lines)
