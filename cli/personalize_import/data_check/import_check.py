# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import BinaryIO

from personalize_import.data_check.block_check import BlockResult, check_block
from personalize_import.data_check.blocks import BLOCK_BYTES, BLOCK_CELLS, Batch, Lines
from personalize_import.data_check.columns import Columns
from personalize_import.data_check.counts import (
    MOST_EXACT_IDS,
    EventCounts,
    FewValues,
    HashCounts,
    UserCounts,
)
from personalize_import.data_check.headers import LONGEST_HEADER, HeaderCheck
from personalize_import.data_check.slow_lines import has_open_end
from personalize_import.data_check.sources import Source
from personalize_import.data_rules.advice_rules import MOST_CATEGORIES, ColumnTotals
from personalize_import.data_rules.dataset_type import Dataset, DatasetType
from personalize_import.data_rules.finding import Finding, Findings
from personalize_import.data_rules.line_rules import LINE_LONG
from personalize_import.data_rules.schema import Schema
from personalize_import.data_rules.total_rules import MOST_EVENT_TYPES_AND_FIELDS, Totals


@dataclass
class ImportCheck:
    """Checks the files of one import, one after the other.

    Attributes:
        schema: What the data should look like.
        dataset: The dataset that it is for.
        findings: Where to put what is found.
        progress: Called with the number of bytes that have been read since the last call.
        block_bytes: How many bytes to check at once.
        jobs: How many blocks to check at the same time.
        advice: Whether to count what only advice needs.
        records: How many records have been checked.
    """

    schema: Schema
    dataset: Dataset
    findings: Findings
    progress: Callable[[int], None]
    block_bytes: int = BLOCK_BYTES
    jobs: int = 1
    advice: bool = False
    records: int = 0
    _batch: Batch = field(default_factory=Batch)
    _batch_columns: Columns | None = None
    _running: deque[Future[BlockResult]] = field(default_factory=deque)
    _events: EventCounts = field(default_factory=EventCounts)
    _has_events: bool = False
    _column_totals: ColumnTotals = field(default_factory=ColumnTotals)
    _categories: dict[str, FewValues] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._headers = HeaderCheck(self.schema, self.dataset, self.findings, self.advice)
        self._ids = HashCounts(MOST_EXACT_IDS)
        self._users = UserCounts()
        self._event_types = FewValues(MOST_EVENT_TYPES_AND_FIELDS)

    def check(self, sources: Iterable[Source]) -> None:
        """Check all files.

        Raises:
            OSError: One cannot be read.
        """
        with ThreadPoolExecutor(self.jobs) as executor:
            self._executor = executor
            for source in sources:
                with source.open() as file:
                    self._check_file(file, source.name)
            self._flush(goes_on=False)
            while self._running:
                self._merge(self._running.popleft().result())
        self._headers.report_stray()

    def totals(self) -> Totals:
        """What has been counted in all files."""
        ids, repeated = self._ids.totals()
        exact = self._ids.exact
        unique = self._events.unique()
        if self._counts_users:
            exact = self._events.exact
            ids, repeated = self._events.users() if exact else self._users.totals()
        return Totals(
            records=self.records,
            ids=ids if ids else None,
            repeated_ids=repeated,
            exact=exact,
            events=self._events.events if self._has_events else None,
            unique_events=unique,
            exact_events=self._events.exact,
            event_types=self._event_types.count,
            complete=self._headers.complete,
        )

    def column_totals(self) -> ColumnTotals:
        """What has been counted for advice."""
        self._column_totals.categories = {name: few.count for name, few in self._categories.items()}
        self._column_totals.event_types = self._event_types.counts
        self._column_totals.complete = self._headers.complete
        return self._column_totals

    @property
    def _counts_users(self) -> bool:
        return self._has_events and self.dataset.kind is DatasetType.INTERACTIONS

    def _check_file(self, file: BinaryIO, name: str) -> None:
        line = file.readline(LONGEST_HEADER)
        self.progress(len(line))
        columns = self._headers.check(line, name)
        if columns is not None:
            self._check_lines(file, name, columns)

    def _check_lines(self, file: BinaryIO, name: str, columns: Columns) -> None:
        if self._batch_columns is not columns:
            self._flush(goes_on=False)
            self._batch_columns = columns
        lines = Lines(file, columns.width, self.block_bytes)
        read = 0
        while True:
            data, first, counts = lines.next()
            self.progress(lines.read - read)
            read = lines.read
            for number in lines.too_long:
                self.findings.add(Finding(LINE_LONG, name, number, value="more than 8 MiB"))
                self.records += 1
            lines.too_long.clear()
            if not data:
                break
            self._batch.add(name, first, data, counts)
            if self._batch.size >= self.block_bytes or self._batch.rows * columns.width >= BLOCK_CELLS:
                self._flush(goes_on=True)

    def _flush(self, *, goes_on: bool) -> None:
        """Check the lines that were collected."""
        if not self._batch.rows or self._batch_columns is None:
            return
        block = self._batch.take(goes_on=goes_on)
        columns = self._batch_columns
        if goes_on and has_open_end(block):
            result = check_block(block, columns, self.findings.most_examples)
            if result.rest:
                self._batch.put_back(block, result.rest)
            self._drain(0)
            self._merge(result)
            return
        self._running.append(self._executor.submit(check_block, block, columns, self.findings.most_examples))
        del block
        self._drain(self.jobs)

    def _drain(self, most: int) -> None:
        while len(self._running) > most:
            self._merge(self._running.popleft().result())

    def _merge(self, result: BlockResult) -> None:
        self.findings.extend(result.findings)
        for rule, count in result.more:
            self.findings.add_more(rule, count)
        self.records += result.records
        self._column_totals.records += result.rows
        for name, empty in result.empty.items():
            self._column_totals.empty[name] = self._column_totals.empty.get(name, 0) + empty
        for ids in result.ids:
            self._ids.add(ids)
        for events in result.events:
            self._has_events = True
            self._events.add(*events)
            if self._counts_users:
                self._users.add_events(*events)
        self._event_types.add(result.event_types)
        for name, values in result.categories.items():
            self._categories.setdefault(name, FewValues(MOST_CATEGORIES, separated=True)).add(
                (value, 1) for value in values
            )
