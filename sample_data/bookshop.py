# SPDX-License-Identifier: Apache-2.0
"""An invented bookshop: readers with favourite genres, who look at books and buy some of them."""

from random import Random
from typing import NamedTuple

SEED = 20260101
READERS = 300
BOOKS = 150
EVENTS = 5_000

# The sample ends here, whatever today's date: 2026-01-01T00:00:00Z, in epoch seconds.
END = 1_767_225_600
DAY = 86_400
EVENT_DAYS = 180  # how far the interactions reach back
CATALOGUE_DAYS = 3 * 365  # how far the books' publication reaches back

GENRES = ("crime", "fantasy", "history", "poetry", "romance", "science", "travel", "youth")
PUBLISHERS = ("Alder & Co", "Blue Heron", "Corner Press", "Dovetail")
COUNTRIES = ("AT", "CA", "DE", "FR", "GB", "US")
AGE_GROUPS = ("under 18", "18-29", "30-44", "45-59", "60+")

Row = tuple[str | int | None, ...]


class Bookshop(NamedTuple):
    """The rows of the three datasets; a None is a null."""

    interactions: list[Row]
    items: list[Row]
    users: list[Row]


class _Book(NamedTuple):
    id: str
    genres: tuple[str, ...]
    price: str
    publisher: str | None
    published: int


class _Reader(NamedTuple):
    id: str
    country: str
    age_group: str | None
    favourite: str


def generate(seed: int = SEED) -> Bookshop:
    """Make the sample: 5,000 interactions of 300 users with 150 items, the same for the same seed.

    That is more than Personalize asks for: 1,000 interactions, of 25 users with at least two each.
    """
    draw = _Draw(seed)
    books = [_book(draw, number) for number in range(BOOKS)]
    readers = [_reader(draw, number) for number in range(READERS)]

    # Everybody comes at least twice; the rest is shared unevenly, as it is in life.
    visitors = readers * 2 + [readers[draw.low(READERS)] for _ in range(EVENTS - 2 * READERS)]
    interactions = [_interaction(draw, reader, books) for reader in visitors]
    interactions.sort(key=lambda row: (row[2], row[0], row[1]))

    return Bookshop(
        interactions=interactions,
        items=[(b.id, "|".join(b.genres), b.price, b.publisher, b.published) for b in books],
        users=[(r.id, r.country, r.age_group) for r in readers],
    )


class _Draw:
    """Seeded chance that is the same on every platform and in every version of Python.

    Python promises that for `Random.random()` only, not for `choice`, `sample` or `shuffle`.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def below(self, end: int) -> int:
        return int(self._random() * end)

    def low(self, end: int) -> int:
        """Below `end` too, but small numbers come more often: what is popular, who is keen."""
        return int(self._random() * self._random() * end)

    def one_of(self, values: tuple[str, ...]) -> str:
        return values[self.below(len(values))]

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent


def _book(draw: _Draw, number: int) -> _Book:
    main, second = draw.one_of(GENRES), draw.one_of(GENRES)
    return _Book(
        id=f"book-{number:04}",
        genres=(main,) if main == second or draw.chance(50) else (main, second),
        price=f"{5 + draw.below(30)}.{draw.below(100):02}",
        publisher=None if draw.chance(10) else draw.one_of(PUBLISHERS),
        published=END - EVENT_DAYS * DAY - draw.below(CATALOGUE_DAYS * DAY),
    )


def _reader(draw: _Draw, number: int) -> _Reader:
    return _Reader(
        id=f"reader-{number:04}",
        country=draw.one_of(COUNTRIES),
        age_group=None if draw.chance(15) else draw.one_of(AGE_GROUPS),
        favourite=draw.one_of(GENRES),
    )


def _interaction(draw: _Draw, reader: _Reader, books: list[_Book]) -> Row:
    book = books[draw.low(BOOKS)]
    for _ in range(3):  # a few looks along the shelf for something in the favourite genre
        if reader.favourite in book.genres:
            break
        book = books[draw.low(BOOKS)]
    bought = draw.chance(20)
    time = END - 1 - draw.below(EVENT_DAYS * DAY)
    return (reader.id, book.id, time, "purchase" if bought else "view", book.price if bought else None)
