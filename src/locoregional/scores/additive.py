"""Additive scores: items with allowed answers, points that add up, bands; what is not known widens the result."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import inf

from locoregional.errors import CaseError
from locoregional.scores.finding import worst_status

__all__ = ["Answer", "Band", "Interval", "Item", "ItemScore", "Score", "ScoreTable", "evaluate", "yes_no"]


@dataclass(frozen=True)
class Interval:
    """Numbers that an answer stands for.

    Attributes
    ----------
    low, high : float
        Ends, in the unit of the item.
    low_in, high_in : bool
        Whether each end belongs to it.
    """

    low: float = -inf
    high: float = inf
    low_in: bool = True
    high_in: bool = True

    def holds(self, value: float) -> bool:
        """Whether a number lies in it."""
        above = value >= self.low if self.low_in else value > self.low
        return above and (value <= self.high if self.high_in else value < self.high)


@dataclass(frozen=True)
class Answer:
    """One allowed answer of an item.

    Attributes
    ----------
    key : str
        Name of the answer.
    points : int
        What it adds.
    words : str
        What it means.
    also : tuple of str
        Other names that mean the same (a level, a tumour).
    interval : Interval or None
        Numbers it stands for, where the item is a number.
    status : str
        Status of this answer, mostly that of its item.
    caveat : str
        Shown whenever the answer is used.
    """

    key: str
    points: int
    words: str
    also: tuple[str, ...]
    interval: Interval | None
    status: str
    caveat: str


@dataclass(frozen=True)
class Item:
    """One item of a score.

    Attributes
    ----------
    key, words : str
        Name, and what is asked.
    answers : tuple of Answer
        Everything allowed.
    source, where, status : str
        Key of ``references.bib`` that was read, the place in it, and how sure that is.
    """

    key: str
    words: str
    answers: tuple[Answer, ...]
    source: str
    where: str
    status: str

    def answer(self, text: str) -> Answer:
        """Answer called ``text``, by its key or one of its other names.

        Raises
        ------
        CaseError
            Listing what is allowed.
        """
        wanted = _plain(text)
        for answer in self.answers:
            if wanted in (_plain(answer.key), *map(_plain, answer.also)):
                return answer
        allowed = ", ".join(a.key + (f" ({', '.join(a.also)})" if a.also else "") for a in self.answers)
        raise CaseError(f"{text!r} is no answer for {self.key}", where=self.words, remedy=f"Use one of: {allowed}.")

    def answer_at(self, value: float) -> Answer:
        """Answer that a number falls in.

        Raises
        ------
        CaseError
            If the published item has no answer for it.
        """
        for answer in self.answers:
            if answer.interval is not None and answer.interval.holds(value):
                return answer
        allowed = "; ".join(a.words for a in self.answers)
        raise CaseError(f"{value:g} has no answer in the table for {self.key}", where=self.words, remedy=f"It has: {allowed}.")


@dataclass(frozen=True)
class Band:
    """Points that mean the same.

    Attributes
    ----------
    name, words, advice : str
        Short name, what it means, and what the source advises.
    low, high : int
        Points, both ends included.
    source, where, status : str
        As in `Item`.
    """

    name: str
    low: int
    high: int
    words: str
    advice: str
    source: str
    where: str
    status: str


@dataclass(frozen=True)
class ScoreTable:
    """A published additive score as data.

    Attributes
    ----------
    name, title : str
        Short and full name.
    primary : str
        Key of the paper that the score belongs to.
    applies_to : str
        Whom it was made for.
    more_is : str
        ``worse`` or ``better``: what more points mean.
    items : tuple of Item
        In the published order.
    bands : tuple of Band
        From low to high, without gaps.
    caveats : tuple of str
        Shown with each result.
    """

    name: str
    title: str
    primary: str
    applies_to: str
    more_is: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    caveats: tuple[str, ...]

    def item(self, key: str) -> Item:
        """Item of a name.

        Raises
        ------
        CaseError
            Listing the items.
        """
        for item in self.items:
            if item.key == key:
                return item
        raise CaseError(f"{self.name} has no item {key!r}", where=self.title, remedy=f"It has {', '.join(self._keys)}.")

    def at(self, key: str, value: float | None) -> str | None:
        """Answer of an item that a number falls in; None if it is not known."""
        return None if value is None else self.item(key).answer_at(value).key

    def among(self, key: str, values: Collection[int] | int | None) -> tuple[str, ...] | None:
        """Answers of an item that a number, or several that are still possible, fall in; None if nothing is known."""
        if values is None:
            return None
        numbers = (values,) if isinstance(values, int) else values
        return tuple(dict.fromkeys(self.item(key).answer_at(number).key for number in numbers))

    @property
    def _keys(self) -> tuple[str, ...]:
        return tuple(item.key for item in self.items)


@dataclass(frozen=True)
class ItemScore:
    """What one item adds.

    Attributes
    ----------
    key, words : str
        Item.
    answer : str or None
        The answer; None while more than one is possible.
    possible : tuple of str
        Answers that can still be right.
    points_low, points_high : int
        Least and most that it can add.
    source, where, status : str
        As in `Item`; the status is that of the weakest answer possible.
    """

    key: str
    words: str
    answer: str | None
    possible: tuple[str, ...]
    points_low: int
    points_high: int
    source: str
    where: str
    status: str


@dataclass(frozen=True)
class Score:
    """Result of an additive score.

    Attributes
    ----------
    name, title : str
        Of the table.
    points_low, points_high : int
        Least and most points that the answers allow.
    points : int or None
        The points; None while they are a range.
    band : str or None
        Band, where the whole range lies in one.
    band_words, advice : str
        What the band means and what the source advises; empty without a band.
    bands_possible : tuple of str
        Bands that the range reaches.
    missing : tuple of str
        Items that leave it open.
    items : tuple of ItemScore
        Every item.
    status : str
        Weakest status among the items answered and the band.
    source : str
        Key of the paper that the score belongs to.
    caveats : tuple of str
        What the reader must know.
    """

    name: str
    title: str
    points_low: int
    points_high: int
    points: int | None
    band: str | None
    band_words: str
    advice: str
    bands_possible: tuple[str, ...]
    missing: tuple[str, ...]
    items: tuple[ItemScore, ...]
    status: str
    source: str
    caveats: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Points and band as one sentence."""
        points = f"{self.points}" if self.points is not None else f"{self.points_low} to {self.points_high}"
        band = self.band_words or f"open: {' or '.join(self.bands_possible)}".replace("_", " ")
        return f"{self.title}: {points} points, {band}"


def evaluate(table: ScoreTable, answers: Mapping[str, str | Collection[str] | None]) -> Score:
    """Score of a set of answers.

    Parameters
    ----------
    table : ScoreTable
        The score.
    answers : mapping of str to str, collection of str or None
        By item: the answer, several that are still possible, or None if nothing is known. Items left out count as None.

    Returns
    -------
    Score
        With a range of points where items are open.

    Raises
    ------
    CaseError
        If an item or an answer does not exist, listing what does.
    """
    for key in answers:
        table.item(key)
    items = tuple(_item_score(item, answers.get(item.key)) for item in table.items)
    low, high = sum(i.points_low for i in items), sum(i.points_high for i in items)
    reached = [b for b in table.bands if b.low <= high and low <= b.high]
    band = reached[0] if len(reached) == 1 else None
    known = [i.status for i in items if len(i.possible) < len(table.item(i.key).answers)]
    used = [*(known or [i.status for i in items]), *((band.status,) if band else ())]
    flagged = [table.item(i.key).answer(a).caveat for i in items for a in i.possible if i.answer == a]
    return Score(
        name=table.name,
        title=table.title,
        points_low=low,
        points_high=high,
        points=low if low == high else None,
        band=band.name if band else None,
        band_words=band.words if band else "",
        advice=band.advice if band else "",
        bands_possible=tuple(b.name for b in reached),
        missing=tuple(i.key for i in items if i.answer is None),
        items=items,
        status=worst_status(used),
        source=table.primary,
        caveats=tuple(c for c in (*flagged, *table.caveats) if c),
    )


def yes_no(value: bool | None) -> str | None:
    """Answer ``yes`` or ``no``; None if it is not known."""
    return None if value is None else ("yes" if value else "no")


def _item_score(item: Item, given: str | Collection[str] | None) -> ItemScore:
    if given is None:
        possible = item.answers
    elif isinstance(given, str):
        possible = (item.answer(given),)
    else:
        possible = tuple({a.key: a for a in map(item.answer, given)}.values())
    if not possible:
        raise CaseError(f"no answer is left for {item.key}", where=item.words, remedy="Give None if nothing is known.")
    points = [a.points for a in possible]
    return ItemScore(
        key=item.key,
        words=item.words,
        answer=possible[0].key if len(possible) == 1 else None,
        possible=tuple(a.key for a in possible),
        points_low=min(points),
        points_high=max(points),
        source=item.source,
        where=item.where,
        status=worst_status(a.status for a in possible),
    )


def _plain(text: str) -> str:
    """Text without case, spaces and hyphens, for comparison."""
    return text.strip().casefold().replace(" ", "_").replace("-", "_")
