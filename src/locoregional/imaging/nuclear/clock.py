"""Dates and times of a header on the clock of the scanner, and the time zone of that clock."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from locoregional.errors import DicomError, UnitsError
from locoregional.imaging.dicom_file import shown, tag_name
from locoregional.imaging.dicom_lookup import Lookup

__all__ = ["anchored", "clock_of", "date_and_time", "date_time", "elapsed_s", "on_clock", "time_on_day", "zone_named"]

DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.(\d{1,6})\d*)?")
OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


def zone_named(name: str | tzinfo) -> tzinfo:
    """Time zone from ``+01:00`` or a name such as ``Europe/Vienna``.

    Raises
    ------
    UnitsError
        If there is no such zone.
    """
    if isinstance(name, tzinfo):
        return name
    if name in ("Z", "UTC"):
        return UTC
    offset = OFFSET.fullmatch(name.strip())
    if offset:
        sign, hours, minutes = offset.groups()
        shift = timedelta(hours=int(hours), minutes=int(minutes))
        if shift < timedelta(hours=15):
            return timezone(shift if sign == "+" else -shift)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnitsError(
            f"no time zone called {name!r} is known", where="timezone", remedy="Write +01:00 or Europe/Vienna."
        ) from error


def clock_of(header: Lookup, stated: str | tzinfo | None) -> tuple[tzinfo | None, tuple[str, ...]]:
    """Time zone of the clock of a file, and what is to be said about it; None where nobody says.

    Parameters
    ----------
    header : Lookup
        Of any of its slices.
    stated : str, tzinfo or None
        What the caller says; used only where the file says nothing.
    """
    written = header.text("TimezoneOffsetFromUTC")
    zone = None if stated is None else zone_named(stated)
    if written:
        if not OFFSET.fullmatch(written):
            raise DicomError(f"{tag_name('TimezoneOffsetFromUTC')} should be like +0100 but is {written!r}", where=header.where)
        words = f"the clock of the file is UTC{written}, as it says"
        if zone is not None:
            words += "; the time zone that was given was not needed"
        return zone_named(written), (words,)
    if zone is not None:
        return zone, (f"the file names no time zone; its clock was said to be {zone}",)
    return None, ()


def date_and_time(header: Lookup, name: str) -> datetime | None:
    """Instant on the clock of the file from ``<name>Date`` and ``<name>Time``, or ``<name>DateTime``; None where one is missing.

    Raises
    ------
    DicomError
        If one cannot be understood.
    """
    day, time = header.text(f"{name}Date"), header.text(f"{name}Time")
    if day and time:
        found, clock = DATE.fullmatch(day), TIME.fullmatch(time)
        if not found or not clock:
            raise DicomError(
                f"{tag_name(name + 'Date')} and {tag_name(name + 'Time')} are no instant: {day!r} {time!r}", where=header.where
            )
        return _instant(found, clock, f"{name}Date", header.where)
    return date_time(header, f"{name}DateTime")[0]


def date_time(header: Lookup, keyword: str) -> tuple[datetime | None, tzinfo | None]:
    """Wall-clock instant of one element of date and time, and the zone that it names for itself."""
    from pydicom.datadict import tag_for_keyword

    if tag_for_keyword(keyword) is None:
        return None, None
    written = header.text(keyword)
    if not written:
        return None, None
    wall, sign, offset = re.fullmatch(r"([^+&-]*)([+&-]?)(.*)", written, re.DOTALL).groups()  # type: ignore[union-attr]
    found = re.fullmatch(DATE.pattern + "(" + TIME.pattern + ")", wall.strip())
    clock = TIME.fullmatch(found.group(4)) if found else None
    zone_text = ("+" if sign == "&" else sign) + offset.strip()
    if not found or not clock or (sign and not OFFSET.fullmatch(zone_text)):
        raise DicomError(f"{tag_name(keyword)} is no date and time: {shown(written)}", where=header.where)
    return _instant(found, clock, keyword, header.where), zone_named(zone_text) if sign else None


def time_on_day(written: str, day: date, *, where: str) -> datetime:
    """Instant of a time of a header on a day.

    Raises
    ------
    DicomError
        If the time cannot be understood.
    """
    clock, found = TIME.fullmatch(written.strip()), DATE.fullmatch(f"{day:%Y%m%d}")
    if clock is None or found is None:
        raise DicomError(f"{written!r} is no time of day", where=where, remedy="Correct the header.")
    return _instant(found, clock, "AcquisitionTime", where)


def _instant(day: re.Match[str], clock: re.Match[str], keyword: str, where: str) -> datetime:
    year, month, date = (int(day.group(k)) for k in (1, 2, 3))
    hour, minute, second = (int(clock.group(k) or 0) for k in (1, 2, 3))
    fraction = int((clock.group(4) or "").ljust(6, "0"))
    leap = timedelta(seconds=max(0, second - 59)) if second == 60 else timedelta()
    try:
        return datetime(year, month, date, hour, minute, min(second, 59) if second == 60 else second, fraction) + leap
    except ValueError as error:
        raise DicomError(f"{tag_name(keyword)} is no instant: {error}", where=where) from error


def anchored(wall: datetime, zone: tzinfo | None) -> datetime | None:
    """Instant with the offset of its time zone on that day; None where the zone of the clock is not known."""
    if zone is None:
        return None
    there = wall.replace(tzinfo=zone)
    return there.replace(tzinfo=timezone(there.utcoffset() or timedelta()))


def elapsed_s(start: datetime, stop: datetime, zone: tzinfo | None) -> float:
    """Seconds from one time of a clock to another; a change of summer time counts where the zone is known."""
    first, last = anchored(start, zone), anchored(stop, zone)
    return ((stop - start) if first is None or last is None else (last - first)).total_seconds()


def on_clock(instant: datetime, zone: tzinfo | None, *, where: str) -> datetime:
    """What the clock of the file showed at an instant, without zone so that it can be compared with its other times.

    Raises
    ------
    UnitsError
        If the instant has no time zone, or the zone of the clock is not known.
    """
    if instant.tzinfo is None:
        raise UnitsError(f"{instant:%Y-%m-%d %H:%M} has no time zone", where=where, remedy="Write it as 2026-03-05T14:00+01:00.")
    if zone is None:
        raise UnitsError(
            "the file does not say in which time zone its clock was, so its times cannot be compared with this instant",
            where=where,
            remedy="Give timezone=, for example '+01:00' or 'Europe/Vienna': the zone of the clock of the scanner.",
        )
    return instant.astimezone(zone).replace(tzinfo=None)
