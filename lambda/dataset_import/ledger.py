# SPDX-License-Identifier: Apache-2.0
"""What is written down of a resource's requests: entry after entry, each a schedule with a number.

An entry is only ever created where there is none, so that of two who write at once one comes first and the
other one sees it: a request is taken over from, and an answer decided, exactly once, however late a write
arrives. Only the request that an entry belongs to changes it. Entries expire in the order of their numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dataset_import.polling import Polling
    from dataset_import.state import RequestState


class Ledger:
    """The entries of one resource, as far as they have been read.

    Args:
        polling: The schedules.
        name: The name of the ledger; entry 7 is the schedule `NAME-7`. A schedule of the name itself is a
            bookmark: it has the number of an entry that is, or is about to become, one of the last.
        read: The number of an entry after which reading begins; 0 begins at the bookmark.
    """

    def __init__(self, polling: Polling, name: str, read: int = 0) -> None:
        self._polling = polling
        self._name = name
        self._read = read
        self._bookmark = read or None

    @property
    def last_read(self) -> int | None:
        """The number of the last entry that has been read; None where nothing has been looked up yet."""
        return None if self._bookmark is None else self._read

    def news(self) -> Iterator[RequestState]:
        """Read the entries that have not been read yet.

        Raises:
            PollingError: The scheduler did not do as asked.
        """
        if self._bookmark is None:
            found = self._polling.find(self._name)
            self._bookmark = found.number if found else 1
            # The entry before it tells whether there is somebody to take over from.
            self._read = max(self._bookmark - 2, 0)
        while True:
            entry = self.entry(self._read + 1)
            if entry is None and self._read + 1 >= self._bookmark:
                return  # one before the bookmark may have expired already
            self._read += 1
            if entry:
                yield entry

    def entry(self, number: int) -> RequestState | None:
        """Read one entry; None where there is none, or none any more."""
        return self._polling.find(self._entry_name(number))

    def append(self, event: Mapping[str, Any], state: RequestState, now: float) -> RequestState | None:
        """Write the next entry, if all that came before it has been read.

        Returns:
            The entry with its number; None where there is news, which may change one's mind: read it.

        Raises:
            PollingError: The scheduler did not do as asked; whether there is an entry now is not known.
        """
        if self._bookmark is None:
            return None
        entry = state._replace(number=self._read + 1)
        # Before the entry, so that it is never too low where a process dies between the two.
        if entry.number > 1 and not entry.answer:
            self._mark(event, entry._replace(closed=True), now)
        if not self._polling.create(self._entry_name(entry.number), event, entry, now):
            return None
        self._read = entry.number
        return entry

    def rewrite(self, event: Mapping[str, Any], entry: RequestState, now: float) -> None:
        """Write an entry again, by the request that it belongs to.

        Raises:
            PollingError: The scheduler did not do as asked.
        """
        self._polling.update(self._entry_name(entry.number), event, entry, now)

    def _mark(self, event: Mapping[str, Any], bookmark: RequestState, now: float) -> None:
        if not self._polling.create(self._name, event, bookmark, now):
            self._polling.update(self._name, event, bookmark, now)

    def _entry_name(self, number: int) -> str:
        return f"{self._name}-{number}"
