"""What a report is made of, before anyone decides how it looks: plain frozen values that HTML and PDF render alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from locoregional.imaging.volume import Volume
from locoregional.report.document_checks import STATUSES, VERDICTS, DocumentError, one_of
from locoregional.report.marks import Layer, NeedleLine, Point, Surface
from locoregional.report.numbers import decimals_for, format_interval, format_value, with_unit
from locoregional.report.option_blocks import Matrix, OptionCard, Options, RuleLine, Rules

__all__ = [
    "Answer",
    "Badge",
    "Block",
    "Callout",
    "Cell",
    "DocumentError",
    "Figure",
    "Fold",
    "KeyNumbers",
    "Matrix",
    "Number",
    "OptionCard",
    "Options",
    "Paragraph",
    "Report",
    "RuleLine",
    "Rules",
    "Said",
    "Scene3D",
    "Section",
    "SliceStack",
    "Source",
    "Sources",
    "Table",
]

BANNER = "Research software: not a medical device. Not for clinical decisions."
CALLOUTS = ("good", "caution", "blocked", "assumed", "unchecked", "note")


@dataclass(frozen=True)
class Number:
    """A number that says its unit, its interval and who says so.

    Attributes
    ----------
    label : str
        What it is.
    value : float or str
        The number in ``unit``, or a word such as "not known".
    unit : str
        Unit of ``units.KNOWN_UNITS``; "1" for a pure number.
    low, high : float or None
        Interval of chance ``level``.
    source, where, status : str
        Key of the report's sources, place in it, and one of ``verified, unverified, borrowed, computed, assumed, measured``.
    verdict : str
        ``good``, ``caution``, ``blocked`` or ``neutral``: its colour.
    decimals : int or None
        Decimals to show; chosen from the interval when None.
    note : str
        A few words under it.
    """

    label: str
    value: float | str
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    level: float = 0.9
    source: str = ""
    where: str = ""
    status: str = ""
    verdict: str = "neutral"
    decimals: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Check interval, status and verdict."""
        one_of(self.status, STATUSES, where=self.label)
        one_of(self.verdict, VERDICTS, where=self.label)
        if not self.unit:
            raise DocumentError("a number needs a unit", where=self.label, remedy='Use "1" for a pure number.')
        if self.low is not None and self.high is not None and self.low > self.high:
            raise DocumentError(f"interval {self.low}..{self.high} is upside down", where=self.label)
        if not 0 < self.level < 1:
            raise DocumentError(f"interval level {self.level} is not between 0 and 1", where=self.label)

    @property
    def places(self) -> int | None:
        """Decimals to show."""
        if self.decimals is not None or isinstance(self.value, str):
            return self.decimals
        return decimals_for(self.value, low=self.low, high=self.high) if self.low is not None else None

    @property
    def text(self) -> str:
        """Value with unit."""
        if isinstance(self.value, str):
            return self.value
        return with_unit(format_value(self.value, decimals=self.places), self.unit)

    @property
    def interval(self) -> str:
        """Interval in words, empty where there is none."""
        return format_interval(self.low, self.high, unit=self.unit, level=self.level, decimals=self.places)

    def __str__(self) -> str:
        """Value, unit and interval."""
        return f"{self.text} ({self.interval})" if self.interval else self.text


@dataclass(frozen=True)
class Badge:
    """A short coloured word, for example in a table cell."""

    text: str
    verdict: str = "neutral"

    def __post_init__(self) -> None:
        """Check the verdict."""
        one_of(self.verdict, VERDICTS, where=self.text)


@dataclass(frozen=True)
class Said:
    """Words with their source, in a table cell."""

    text: str
    source: str = ""
    where: str = ""
    status: str = ""

    def __post_init__(self) -> None:
        """Check the status."""
        one_of(self.status, STATUSES, where=self.text)


Cell = str | Number | Badge | Said
"""What may stand in a table: words, words with a source, a number with its unit and interval, or a badge."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text, with the keys of the sources it rests on."""

    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows under headings; columns named in ``numeric`` (by index) align right.

    One that is ``compact`` is a list on paper: a line for each row, under its first cell where the first column has no name.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    numeric: tuple[int, ...] = ()
    compact: bool = False

    def __post_init__(self) -> None:
        """Refuse ragged rows."""
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise DocumentError(f"row {i} has {len(row)} cells, not {len(self.columns)}", where=self.caption or "table")


@dataclass(frozen=True)
class Figure:
    """A picture.

    Attributes
    ----------
    data : bytes
        PNG or JPEG.
    caption : str
        Shown below it.
    alt : str
        What it shows, for those who do not see it; required.
    plot : bool
        True for diagrams on white whose colours have no fixed meaning: dark pages invert them.
    width_share : float
        Share of the text width, 0..1.
    """

    data: bytes
    caption: str
    alt: str
    plot: bool = False
    width_share: float = 1.0

    def __post_init__(self) -> None:
        """Require words and a known format."""
        if not self.alt.strip():
            raise DocumentError("a figure needs a description", where=self.caption or "figure", remedy="Give alt.")
        self.media_type  # noqa: B018  (raises on an unknown format)

    @property
    def media_type(self) -> str:
        """``image/png`` or ``image/jpeg``, by content."""
        if self.data.startswith(b"\x89PNG"):
            return "image/png"
        if self.data.startswith(b"\xff\xd8"):
            return "image/jpeg"
        raise DocumentError("a figure is neither PNG nor JPEG", where=self.caption or self.alt)


@dataclass(frozen=True)
class KeyNumbers:
    """Numbers that deserve size."""

    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Callout:
    """A box of points that must not be overlooked; kind is good, caution, blocked, assumed, unchecked or note."""

    kind: str
    title: str
    points: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check the kind."""
        one_of(self.kind, CALLOUTS, where=self.title)


@dataclass(frozen=True, eq=False)
class Scene3D:
    """A scene to turn with the mouse; ``still`` stands in on paper and where there is no 3-D.

    Attributes
    ----------
    surfaces : tuple of Surface
        What is shown.
    still : Figure
        Static picture of the same scene, with caption and alt.
    points : tuple of Point
        Labelled places.
    view_from : tuple of float
        LPS direction from the target to the eye.
    target_lps_mm : tuple of float or None
        Point around which the scene turns.
    needles : tuple of NeedleLine
        Along which one may look.
    """

    surfaces: tuple[Surface, ...]
    still: Figure
    points: tuple[Point, ...] = ()
    view_from: tuple[float, float, float] = (-0.5, -1.0, 0.35)
    target_lps_mm: tuple[float, float, float] | None = None
    needles: tuple[NeedleLine, ...] = ()


@dataclass(frozen=True, eq=False)
class SliceStack:
    """Images to scroll through in three planes and in the plane of the needle.

    Attributes
    ----------
    image : Volume
        CT in HU (or another modality; then window presets follow its values).
    target_lps_mm : tuple of float
        Where the crosshair starts.
    still : Figure
        Static picture that stands in on paper.
    layers : tuple of Layer
        Outlines.
    needles : tuple of NeedleLine
        Planned needles.
    reach_mm : float [mm]
        How far around target and needles images are embedded.
    window : str
        Name of the CT window to start with.
    """

    image: Volume
    target_lps_mm: tuple[float, float, float]
    still: Figure
    layers: tuple[Layer, ...] = ()
    needles: tuple[NeedleLine, ...] = ()
    reach_mm: float = 45.0
    window: str = "Soft tissue"


@dataclass(frozen=True)
class Source:
    """Where a number or rule comes from: key, citation, and a link for people (never fetched by the page)."""

    key: str
    citation: str
    doi: str = ""


@dataclass(frozen=True)
class Sources:
    """The numbered list of the report's sources goes here."""


@dataclass(frozen=True)
class Fold:
    """Details that open on demand (always open on paper)."""

    title: str
    blocks: tuple[Block, ...]
    opened: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not a tuple of blocks."""
        _tuple_of_blocks(self.blocks, where=self.title)


Block = Paragraph | Table | Figure | KeyNumbers | Callout | Options | Rules | Matrix | Scene3D | SliceStack | Sources | Fold
"""Anything a section may hold."""


def _tuple_of_blocks(blocks: object, *, where: str) -> None:
    if not isinstance(blocks, tuple) or not all(isinstance(b, Block) for b in blocks):
        raise DocumentError("blocks must be a tuple of blocks", where=where, remedy="A tuple of one needs a comma.")


@dataclass(frozen=True)
class Section:
    """A chapter: title, one leading sentence, blocks."""

    title: str
    blocks: tuple[Block, ...]
    lead: str = ""

    def __post_init__(self) -> None:
        """Refuse what is not a tuple of blocks."""
        _tuple_of_blocks(self.blocks, where=self.title)


@dataclass(frozen=True)
class Answer:
    """One question of the first minute: "Indicated?", its short answer, and one line of detail."""

    question: str
    answer: str
    verdict: str = "neutral"
    detail: str = ""

    def __post_init__(self) -> None:
        """Check the verdict."""
        one_of(self.verdict, VERDICTS, where=self.question)


@dataclass(frozen=True)
class Report:
    """A whole report.

    Attributes
    ----------
    title : str
        Name of the case.
    patient : str
        One line on the patient.
    date : datetime
        When it was made, with time zone.
    version : str
        Version of the software.
    headline : str
        The conclusion in one sentence.
    answers : tuple of Answer
        The first minute.
    sections : tuple of Section
        The rest.
    sources : tuple of Source
        Everything that numbers and rules cite, in order of the list.
    cover : Figure or None
        Picture beside the answers.
    banner, intervals : str
        Warning on every page, and what level intervals have.
    """

    title: str
    patient: str
    date: datetime
    version: str
    sections: tuple[Section, ...]
    headline: str = ""
    answers: tuple[Answer, ...] = ()
    sources: tuple[Source, ...] = ()
    cover: Figure | None = None
    banner: str = BANNER
    intervals: str = "Intervals are 90 % unless they say otherwise."

    def __post_init__(self) -> None:
        """Check the time zone and that every cited source is listed."""
        if self.date.tzinfo is None:
            raise DocumentError("the date of a report needs a time zone", where=self.title, remedy="Use an aware datetime.")
        missing = sorted({key for key in self.cited() if key and key not in {s.key for s in self.sources}})
        if missing:
            raise DocumentError(
                f"cites {missing}, which its sources do not list", where=self.title, remedy="Add them to sources."
            )

    def blocks(self) -> Iterator[Block]:
        """Every block, also those inside folds and options, in reading order."""
        todo: list[Block] = [block for section in self.sections for block in section.blocks]
        while todo:
            block = todo.pop(0)
            yield block
            if isinstance(block, Fold):
                todo[:0] = block.blocks
            elif isinstance(block, Options):
                todo[:0] = [inner for card in block.cards for inner in card.blocks]

    def cited(self) -> Iterator[str]:
        """Source keys in reading order, repeated as cited."""
        for block in self.blocks():
            if isinstance(block, Paragraph):
                yield from block.sources
            elif isinstance(block, KeyNumbers):
                yield from (n.source for n in block.numbers)
            elif isinstance(block, Table):
                yield from (cell.source for row in block.rows for cell in row if isinstance(cell, Number | Said))
            elif isinstance(block, Options):
                yield from (rule.source for card in block.cards for rule in card.rules)
            elif isinstance(block, Rules):
                yield from (rule.source for rule in block.lines)

    def number_of(self, key: str) -> int:
        """Position of a source in the list, from 1."""
        return [s.key for s in self.sources].index(key) + 1
