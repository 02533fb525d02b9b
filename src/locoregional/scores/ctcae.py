"""CTCAE 5.0 grades of the events that follow these procedures, from what is known of the event.

The definitions are retold in own words in ``tables/ctcae5``; thresholds are those of the National Cancer Institute's
document (key ``ctcae5``), read in the transcription of ``oncohub_ctcae5``. A grade asks for findings (yes or no) and numbers;
what is not answered leaves a range of grades.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from locoregional.errors import CaseError, SourceError
from locoregional.scores.finding import refuse_outside
from locoregional.scores.grade_rule import Rule, read_rule
from locoregional.scores.table_file import read_toml, refuse_unsourced
from locoregional.scores.three_valued import any_of

__all__ = [
    "LIVER_TOXICITY",
    "POST_EMBOLIZATION",
    "Event",
    "EventGrade",
    "Grade",
    "ctcae_event",
    "ctcae_events",
    "ctcae_grade",
    "measure_words",
    "worst_grade",
]

POST_EMBOLIZATION = ("fever", "pain", "nausea", "vomiting", "fatigue")
"""Events that make up the post-embolization syndrome; it is graded by its parts."""

LIVER_TOXICITY = ("bilirubin_increased", "alt_increased", "ast_increased", "hypoalbuminaemia", "ascites", "hepatic_failure")
"""Events by which a liver is followed after embolization or radioembolization."""

_FILES = (
    "vessels_bleeding", "heart_chest", "infection", "liver_gut", "blood_general", "bone_nerve_skin",
    "liver_after_radioembolization",
)  # fmt: skip
_CONTEXT = {"baseline_abnormal", "anticoagulated"}  # true of a patient without any event
_ENDS = {4: ("threat to life, urgent treatment", "life_threatening"), 5: ("death", "death")}


@dataclass(frozen=True)
class Grade:
    """Definition of one grade of an event.

    Attributes
    ----------
    number : int
        1 to 5.
    words : str
        What it means, in short.
    when : tuple of Rule
        Any one of them makes the grade.
    """

    number: int
    words: str
    when: tuple[Rule, ...]


@dataclass(frozen=True)
class Event:
    """An adverse event with its grades.

    Attributes
    ----------
    name, title : str
        Short name, and title in words.
    scale : str
        ``CTCAE 5.0``, or the other scale it belongs to.
    source, where, status : str
        Key of ``references.bib``, class and term there, and how sure its grades are.
    meddra : str
        MedDRA code.
    grades : tuple of Grade
        From low to high; grades that the event does not have are left out.
    caveats : tuple of str
        What the reader must know.
    """

    name: str
    title: str
    scale: str
    source: str
    where: str
    status: str
    meddra: str
    grades: tuple[Grade, ...]
    caveats: tuple[str, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """Findings and numbers that its grades ask for."""
        return tuple(dict.fromkeys(name for grade in self.grades for rule in grade.when for name in rule.names))


@dataclass(frozen=True)
class EventGrade:
    """Grade of an event, as far as it is known.

    Attributes
    ----------
    name, title, scale : str
        Of the event.
    low, high : int
        Lowest and highest grade that the answers allow; 0 is no event.
    grade : int or None
        The grade; None while it is a range.
    words : str
        What the lowest grade means; with ``grade`` given, the definition met.
    missing : tuple of str
        Findings and numbers that could still raise the grade, or decide it.
    source, where, status : str
        Key of ``references.bib``, class and term, and how sure the definition is.
    caveats : tuple of str
        What the reader must know.
    """

    name: str
    title: str
    scale: str
    low: int
    high: int
    grade: int | None
    words: str
    missing: tuple[str, ...]
    source: str
    where: str
    status: str
    caveats: tuple[str, ...]

    @property
    def summary(self) -> str:
        """Grade as one sentence."""
        grade = f"grade {self.grade}" if self.grade is not None else f"grade {self.low} to {self.high}"
        return f"{self.title}: {self.scale} {grade} ({'at least ' if self.grade is None else ''}{self.words})"


@cache
def _events() -> dict[str, Event]:
    found: dict[str, Event] = {}
    for file in _FILES:
        for name, raw in read_toml(f"ctcae5/{file}").items():
            grades = {int(n): Grade(int(n), g["words"], tuple(map(read_rule, g["when"]))) for n, g in raw.items() if n.isdigit()}
            grades |= {n: Grade(n, _ENDS[n][0], (read_rule(_ENDS[n][1]),)) for n in raw["ends"]}
            ordered = tuple(grades[n] for n in sorted(grades))
            said = {"source": "ctcae5", "where": f"{raw['class']} (read in oncohub_ctcae5)", "status": "verified", **raw}
            refuse_unsourced(said, f"{file}: {name}")
            event = Event(
                name=name,
                title=raw["title"],
                scale=raw.get("scale", "CTCAE 5.0"),
                source=said["source"],
                where=said["where"],
                status=said["status"],
                meddra=raw.get("meddra", ""),
                grades=ordered,
                caveats=tuple(raw.get("caveats", ())),
            )
            unknown = set(event.measures) - set(measure_words())
            if unknown:
                raise SourceError(f"{name} asks for {sorted(unknown)}", where=file, remedy="Describe them in measures.toml.")
            found[name] = event
    return found


def measure_words() -> dict[str, str]:
    """Findings and numbers that grades ask for, by name, in words with their unit."""
    raw = read_toml("ctcae5/measures")
    numbers = {name: f"{m['words']} [{m['unit']}]" for name, m in raw["numbers"].items()}
    return {**raw["findings"], **numbers}


def ctcae_events() -> tuple[str, ...]:
    """Names of all events."""
    return tuple(_events())


def ctcae_event(name: str) -> Event:
    """Event of a name.

    Raises
    ------
    CaseError
        Listing the events.
    """
    event = _events().get(name.strip().lower().replace("-", "_"))
    if event is None:
        raise CaseError(f"no event is called {name!r}", where="CTCAE", remedy=f"Known: {', '.join(_events())}.")
    return event


def ctcae_grade(event: str, **answers: bool | float | None) -> EventGrade:
    """Grade of an event from findings and numbers.

    Parameters
    ----------
    event : str
        Name of the event, for example ``pneumothorax``.
    **answers : bool, float or None
        By finding or number (`Event.measures`): yes or no, the value in the unit of its name, or None if it is not known.
        ``present=False`` says that there was no event: grade 0, refused where another answer says otherwise.

    Returns
    -------
    EventGrade
        With a range of grades while findings are open.

    Raises
    ------
    CaseError
        If the event, a finding or a number does not exist, a number is impossible, or ``present=False`` is contradicted.
    """
    asked = ctcae_event(event)
    known = _checked(asked, answers)
    met = {grade.number: any_of(rule.holds(known) for rule in grade.when) for grade in asked.grades}
    low = max((n for n, truth in met.items() if truth), default=0)
    high = max((n for n, truth in met.items() if truth is not False), default=0)
    words = next((g.words for g in asked.grades if g.number == low), "no event")
    if known.get("present") is False:
        if low:
            raise CaseError(f"no event, but grade {low} is met: {words}", where=asked.name, remedy="Correct one of the two.")
        high = 0
    elif known.get("present") and not low:
        high, words = max(high, asked.grades[0].number), "there, but no definition is met yet"
    open_rules = [rule for g in asked.grades if low < g.number <= high for rule in g.when if rule.holds(known) is None]
    missing = tuple(dict.fromkeys(name for rule in open_rules for name in rule.names if known.get(name) is None))
    return EventGrade(
        name=asked.name,
        title=asked.title,
        scale=asked.scale,
        low=low,
        high=high,
        grade=low if low == high else None,
        words=words,
        missing=missing,
        source=asked.source,
        where=asked.where,
        status=asked.status,
        caveats=asked.caveats,
    )


def worst_grade(grades: Iterable[EventGrade]) -> tuple[int, int]:
    """Lowest and highest grade that the worst of several events can have, for example of `POST_EMBOLIZATION`."""
    seen = tuple(grades)
    return max((g.low for g in seen), default=0), max((g.high for g in seen), default=0)


def _checked(event: Event, answers: Mapping[str, bool | float | None]) -> dict[str, bool | float | None]:
    """Answers that fit the event; ``present = False`` answers its findings."""
    raw = read_toml("ctcae5/measures")
    unknown = [name for name in answers if name not in event.measures and name != "present"]
    if unknown:
        allowed = ", ".join(event.measures)
        raise CaseError(f"{event.name} does not ask for {unknown[0]!r}", where="CTCAE", remedy=f"It asks for: {allowed}.")
    known = dict(answers)
    for name, value in answers.items():
        if name in raw["numbers"]:
            limits = raw["numbers"][name]
            refuse_outside(name, None if value is None else float(value), low=limits["low"], high=limits["high"])
        elif not isinstance(value, bool | None):
            raise CaseError(
                f"{name} = {value!r} is neither yes nor no", where=event.name, remedy="Give yes or no, or leave it out."
            )
    if known.get("present") is False:
        silent = [name for name in event.measures if name in raw["findings"] and name not in _CONTEXT]
        known = {**dict.fromkeys(silent, False), **{k: v for k, v in known.items() if v is not None}}
    return known
