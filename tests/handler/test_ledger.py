# SPDX-License-Identifier: Apache-2.0
"""The ledger of a resource: entries that are only ever created where there is none."""

import pytest

from dataset_import.polling import PollingError
from tests.handler.clock import START
from tests.handler.schedules import THROTTLED, Bench


@pytest.fixture
def bench() -> Bench:
    """Make a bench with an empty ledger."""
    return Bench()


def test_an_empty_ledger_has_no_news(bench: Bench) -> None:
    """There is neither a bookmark nor a first entry."""
    assert list(bench.ledger().news()) == []
    assert bench.schedules.calls == [("find", bench.name), ("find", f"{bench.name}-1")]


def test_entries_are_read_in_the_order_of_their_numbers(bench: Bench) -> None:
    """From the first one, if there is no bookmark."""
    entries = [bench.put(1), bench.put(2), bench.put(3)]

    assert list(bench.ledger().news()) == entries


def test_what_has_been_read_is_no_news(bench: Bench) -> None:
    """Only what was written since is, and the bookmark is looked for once."""
    ledger = bench.ledger()
    bench.put(1)
    first = list(ledger.news())
    added = bench.put(2)
    bench.schedules.calls.clear()

    assert [entry.number for entry in first] == [1]
    assert list(ledger.news()) == [added]
    assert list(ledger.news()) == []
    assert ("find", bench.name) not in bench.schedules.calls


def test_reading_begins_one_entry_before_the_bookmark(bench: Bench) -> None:
    """The one before tells whom there is to take over from; what is older need not be read."""
    for number in range(1, 8):
        bench.put(number)
    bench.mark(6)

    assert [entry.number for entry in bench.ledger().news()] == [5, 6, 7]
    assert bench.schedules.count("find") == 5


def test_the_entry_before_the_bookmark_may_have_expired(bench: Bench) -> None:
    """Entries expire one by one, each before the next."""
    bench.mark(6)
    bench.put(6)
    bench.put(7)

    assert [entry.number for entry in bench.ledger().news()] == [6, 7]


def test_a_bookmark_may_be_at_an_entry_that_never_came(bench: Bench) -> None:
    """A process has died between the two; its successor writes that entry."""
    bench.put(4)
    bench.mark(5)
    ledger = bench.ledger()

    assert [entry.number for entry in ledger.news()] == [4]
    assert ledger.append(bench.event, bench.state(), START) == bench.entry(5)


def test_a_bookmark_may_lag_behind(bench: Bench) -> None:
    """Of two who write it at once the slower one may come last; the entries lead on."""
    for number in (1, 2, 3):
        bench.put(number)
    bench.mark(2)

    assert [entry.number for entry in bench.ledger().news()] == [1, 2, 3]


def test_a_request_reads_on_after_its_own_entry(bench: Bench) -> None:
    """It knows its number, and needs no bookmark."""
    for number in (1, 2, 3):
        bench.put(number)

    assert [entry.number for entry in bench.ledger(read=2).news()] == [3]
    assert ("find", bench.name) not in bench.schedules.calls


def test_the_entry_after_ones_own_may_not_be_there(bench: Bench) -> None:
    """That is the usual case, and one look."""
    bench.put(2)

    assert list(bench.ledger(read=2).news()) == []
    assert bench.schedules.calls == [("find", f"{bench.name}-3")]


def test_nothing_is_appended_to_a_ledger_that_has_not_been_read(bench: Bench) -> None:
    """Whoever could not read does not know what came before."""
    assert bench.ledger().append(bench.event, bench.state(), START) is None
    assert bench.schedules.kept == {}


def test_a_ledger_that_could_not_be_read_is_read_from_the_beginning(bench: Bench) -> None:
    """An error on the way skips nothing."""
    entries = [bench.put(1), bench.put(2)]
    bench.schedules.errors["find"].append(THROTTLED)
    ledger = bench.ledger()

    with pytest.raises(PollingError):
        list(ledger.news())
    assert ledger.append(bench.event, bench.state(), START) is None
    assert list(ledger.news()) == entries


def test_an_error_between_two_entries_skips_none(bench: Bench) -> None:
    """What has been read stays read, and the rest is news."""
    bench.put(1)
    bench.put(2)
    ledger = bench.ledger()
    unread = ledger.news()
    first = next(unread)
    bench.schedules.errors["find"].append(THROTTLED)

    with pytest.raises(PollingError):
        next(unread)
    assert first.number == 1
    assert [entry.number for entry in ledger.news()] == [2]


def test_the_first_entry_needs_no_bookmark(bench: Bench) -> None:
    """Most resources have one request in half a day, so that this is the only call."""
    ledger = bench.ledger()
    news = list(ledger.news())
    bench.schedules.calls.clear()

    entry = ledger.append(bench.event, bench.state(job_name="job-1"), START)

    assert news == []
    assert entry == bench.state(job_name="job-1")._replace(number=1)
    assert bench.schedules.kept == {f"{bench.name}-1": entry}
    assert bench.schedules.calls == [("create", f"{bench.name}-1")]


def test_the_bookmark_is_put_before_the_second_entry(bench: Bench) -> None:
    """Never after: a process that dies between the two must not leave it too low."""
    bench.put(1)
    ledger = bench.ledger()
    list(ledger.news())
    bench.schedules.calls.clear()

    entry = ledger.append(bench.event, bench.state(), START)

    assert entry == bench.entry(2)
    assert bench.schedules.calls == [("create", bench.name), ("create", f"{bench.name}-2")]
    assert bench.schedules.kept[bench.name] == bench.entry(2)._replace(closed=True)


def test_the_bookmark_moves_on(bench: Bench) -> None:
    """It is the one schedule that is written over."""
    bench.put(4)
    bench.mark(4)
    ledger = bench.ledger()
    list(ledger.news())

    ledger.append(bench.event, bench.state(), START)

    assert bench.schedules.kept[bench.name].number == 5
    assert bench.numbers == [4, 5]


def test_an_answer_does_not_move_the_bookmark(bench: Bench) -> None:
    """Reading has to begin before the entry of the request that it belongs to."""
    bench.put(1)
    ledger = bench.ledger()
    list(ledger.news())

    ledger.append(bench.event, bench.state(answer={"Status": "SUCCESS"}), START)

    assert list(bench.schedules.kept) == [f"{bench.name}-1", f"{bench.name}-2"]


def test_news_between_reading_and_appending_is_to_be_read_first(bench: Bench) -> None:
    """It may change one's mind; who was first stays."""
    ledger = bench.ledger()
    before = list(ledger.news())
    theirs = bench.put(1)

    assert before == []
    assert ledger.append(bench.event, bench.state("mine"), START) is None
    assert list(ledger.news()) == [theirs]
    assert ledger.append(bench.event, bench.state("mine"), START) == bench.entry(2)


def test_an_append_whose_reply_is_lost_may_have_been_written(bench: Bench) -> None:
    """Trying again tells: the entry is news then."""
    ledger = bench.ledger()
    list(ledger.news())
    bench.schedules.lost["create"].append(THROTTLED)

    with pytest.raises(PollingError):
        ledger.append(bench.event, bench.state(), START)
    assert ledger.append(bench.event, bench.state(), START) is None
    assert [entry.number for entry in ledger.news()] == [1]


def test_who_appends_twice_has_two_entries(bench: Bench) -> None:
    """One's own entry has been read."""
    ledger = bench.ledger()
    list(ledger.news())

    ledger.append(bench.event, bench.state(), START)
    ledger.append(bench.event, bench.state(answer={"Status": "SUCCESS"}), START)

    assert bench.numbers == [1, 2]
    assert list(ledger.news()) == []


def test_a_request_writes_its_own_entry_again(bench: Bench) -> None:
    """In its place."""
    entry = bench.put(3)
    changed = entry._replace(job_name="job-1")

    bench.ledger(read=3).rewrite(bench.event, changed, START)

    assert (bench.numbers, bench.entry(3)) == ([3], changed)


def test_an_entry_that_is_gone_is_not_written_again(bench: Bench) -> None:
    """It has expired, or its stack is gone."""
    with pytest.raises(PollingError):
        bench.ledger(read=3).rewrite(bench.event, bench.state(number=3), START)

    assert (bench.numbers, bench.ledger().entry(3)) == ([], None)
