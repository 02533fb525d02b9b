"""When the radiopharmaceutical was given, on the clock of the scanner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from locoregional.errors import DicomError
from locoregional.imaging.dicom_file import tag_name
from locoregional.imaging.dicom_lookup import Lookup
from locoregional.imaging.nuclear.clock import date_time, on_clock, time_on_day

__all__ = ["Administration", "administration_of"]

MINUTE_S = 60.0
"""Two records of one injection that differ by less agree: many are typed by hand to the minute."""

DAY_KNOWN_BELOW_S = 12 * 3600.0
"""A nuclide with a shorter half-life cannot have been given a day earlier and still be imaged; the day then needs no saying."""

MOST_HALF_LIVES = 10.0
"""After so many half-lives a thousandth is left: the dates of a header were then changed, not the patient imaged so late."""


@dataclass(frozen=True)
class Administration:
    """Instant of the administration.

    Attributes
    ----------
    instant : datetime
        On the clock of the file, without zone.
    words : tuple of str
        How it was found.
    """

    instant: datetime
    words: tuple[str, ...]


def administration_of(
    header: Lookup, *, scan: datetime, zone: tzinfo | None, infusion: datetime | None, half_life_s: float
) -> Administration | None:
    """Instant of the administration; None where neither header nor caller gives one.

    Of ``RadiopharmaceuticalStartDateTime`` (0018,1078) and ``RadiopharmaceuticalStartTime`` (0018,1072) a file has one or both.

    Parameters
    ----------
    header : Lookup
        Of any slice.
    scan : datetime
        Start of the scan, on the clock of the file.
    zone : tzinfo or None
        Of that clock.
    infusion : datetime or None
        What the caller says, with its time zone; believed.
    half_life_s : float
        Of the nuclide.

    Raises
    ------
    DicomError
        If the two elements contradict each other, the day cannot be known, or the instant cannot be true.
    UnitsError
        If ``infusion`` cannot be put on the clock of the file.
    """
    if infusion is not None:
        instant = on_clock(infusion, zone, where="infusion")
        return _plausible(
            Administration(instant, (f"administered {infusion:%Y-%m-%d %H:%M %z}, as given",)), scan, half_life_s, ""
        )
    item = header.item("RadiopharmaceuticalInformationSequence")
    if item is None:
        return None
    where = header.where
    whole, own_zone = date_time(item, "RadiopharmaceuticalStartDateTime")
    written = item.text("RadiopharmaceuticalStartTime")
    clock = time_on_day(written, scan.date(), where=where) if written else None
    if whole is not None and own_zone is not None and zone is not None:
        whole = whole.replace(tzinfo=own_zone).astimezone(zone).replace(tzinfo=None)
    if whole is not None and clock is not None:
        apart = abs((whole - clock).total_seconds()) % 86400.0
        if min(apart, 86400.0 - apart) > MINUTE_S:
            raise DicomError(
                f"{tag_name('RadiopharmaceuticalStartDateTime')} says {whole:%H:%M:%S}, "
                f"{tag_name('RadiopharmaceuticalStartTime')} says {clock:%H:%M:%S}",
                where=where,
                remedy="Give infusion= with its time zone.",
            )
    if whole is not None:
        if own_zone is not None and zone is None and clock is None:
            raise DicomError(
                f"{tag_name('RadiopharmaceuticalStartDateTime')} names its time zone, the other times of the file do not",
                where=where,
                remedy="Give timezone=, the zone of the clock of the scanner.",
            )
        words = (
            f"administered {whole:%Y-%m-%d %H:%M:%S} on the clock of the file ({tag_name('RadiopharmaceuticalStartDateTime')})"
        )
        return _plausible(Administration(whole, (words,)), scan, half_life_s, where)
    if clock is None:
        return None
    if half_life_s > DAY_KNOWN_BELOW_S:
        raise DicomError(
            f"the administration is given by its time of day alone ({tag_name('RadiopharmaceuticalStartTime')}), and the day "
            f"matters with a half-life of {half_life_s / 3600:.1f} h",
            where=where,
            remedy="Give infusion= with its time zone.",
        )
    words = f"administered at {clock:%H:%M:%S} on the day of the scan ({tag_name('RadiopharmaceuticalStartTime')} names no day)"
    if clock > scan:
        clock -= timedelta(days=1)
        words = f"administered at {clock:%H:%M:%S} on the day before the scan, which began earlier in the day than that"
    return _plausible(Administration(clock, (words,)), scan, half_life_s, where)


def _plausible(found: Administration, scan: datetime, half_life_s: float, where: str) -> Administration:
    elapsed_s = (scan - found.instant).total_seconds()
    if not -MINUTE_S <= elapsed_s <= MOST_HALF_LIVES * half_life_s:
        when = "after the scan began" if elapsed_s < 0 else f"{elapsed_s / half_life_s:.0f} half-lives before the scan"
        raise DicomError(
            f"the administration lies {when} ({found.instant:%Y-%m-%d %H:%M:%S} and {scan:%Y-%m-%d %H:%M:%S})",
            where=where or "infusion",
            remedy="The dates may have been changed when names were removed; give infusion= with its time zone.",
        )
    return found
