# SPDX-License-Identifier: Apache-2.0
"""What the CDK CLI says, sorted: what only begins is worth a moment, what is done or failed a line."""

_PASSING = ("_IN_PROGRESS ", ": start: ", ": success: ", "Bundling asset ")


def is_passing(line: str) -> bool:
    """Whether a line only tells that something has begun or goes on."""
    return any(words in line for words in _PASSING)


def shorten(line: str) -> str:
    """Leave of the event of a resource that is complete what fits a terminal; any other line stays as it is.

    The CLI writes `STACK | 3/38 | TIME | STATUS | TYPE | PATH (LOGICAL ID)`.
    """
    cells = [cell.strip() for cell in line.split(" | ")]
    if len(cells) != 6 or not cells[3].endswith("_COMPLETE"):
        return line
    _, count, _, status, kind, path = cells
    return f"{count:>5}  {status}  {kind}  {path.partition(' (')[0]}"
