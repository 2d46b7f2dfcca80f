# SPDX-License-Identifier: Apache-2.0
"""Sorts the output of the CDK CLI: lines about imports, stacks and failures are kept, others are replaced."""

_PASSING = ("_IN_PROGRESS ", ": start: ", ": success: ", "Bundling asset ")
_LASTING = ("Custom::PersonalizeDatasetImportJob", "AWS::CloudFormation::Stack")


def is_passing(line: str) -> bool:
    """Whether a line reports an operation in progress, or a complete resource that is no import or stack."""
    if any(part in line for part in _PASSING):
        return True
    cells = _complete(line)
    return bool(cells) and cells[4] not in _LASTING


def shorten(line: str) -> str:
    """Return the parts of a line that fit a terminal and are clear without the lines around it.

    The CLI's count of resources is omitted, because it does not always reach the total.
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
