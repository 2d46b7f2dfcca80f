# SPDX-License-Identifier: Apache-2.0
"""What the CDK CLI says, sorted: the imports, the stacks and failures stay, the rest passes."""

_PASSING = ("_IN_PROGRESS ", ": start: ", ": success: ", "Bundling asset ")
_LASTING = ("Custom::PersonalizeDatasetImportJob", "AWS::CloudFormation::Stack")


def is_passing(line: str) -> bool:
    """Whether a line only says that something has begun or goes on, or is about another resource."""
    if any(part in line for part in _PASSING):
        return True
    cells = _complete(line)
    return bool(cells) and cells[4] not in _LASTING


def shorten(line: str) -> str:
    """Return what of a line fits a terminal and can be understood without its surroundings.

    The CLI's count of resources is left out: it does not always reach its end.
    """
    if line.startswith("Bundling asset "):
        path = line.removeprefix("Bundling asset ").partition("/Code/Stage")[0].rstrip(". ")
        return f"Putting the code of the function {path} together, without Docker"
    cells = _complete(line)
    if not cells:
        return line
    _, _, _, status, kind, path = cells
    return f"{status}  {kind}  {path.partition(' (')[0]}"


def _complete(line: str) -> list[str]:
    """Return the cells of the event of a resource that is complete; none for any other line.

    The CLI writes `STACK | 3/38 | TIME | STATUS | TYPE | PATH (LOGICAL ID)`.
    """
    cells = [cell.strip() for cell in line.split(" | ")]
    return cells if len(cells) == 6 and cells[3].endswith("_COMPLETE") else []
