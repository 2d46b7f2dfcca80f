# SPDX-License-Identifier: Apache-2.0
"""Draw the pictures of the documentation: `make pictures`.

`python -m docs.pictures --drawn` leaves out the recordings, which deploy.
"""

import sys
from pathlib import Path

from docs.pictures import choices, recordings, states, timeline

DOCS = Path(__file__).parents[1]
DRAWN = {"timeline.svg": timeline.draw, "status-states.svg": states.draw, "choices.svg": choices.draw}


def main() -> None:
    """Write all pictures."""
    pictures = dict(DRAWN)
    if "--drawn" not in sys.argv:
        pictures |= {"demo.svg": recordings.demo, "status.svg": recordings.status}
    for name, draw in pictures.items():
        print(f"docs/{name} ...", flush=True)
        (DOCS / name).write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
