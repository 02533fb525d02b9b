"""An activity map: how much of a radionuclide is where, and at which instant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from locoregional.errors import UnitsError
from locoregional.imaging.nuclear.timing import ScanTiming
from locoregional.imaging.volume import Volume
from locoregional.nuclides import decay_factor, nuclide, seconds_between

__all__ = ["ActivityMap"]


@dataclass(frozen=True, eq=False)
class ActivityMap:
    """Activity concentration, or counts in proportion to it, in patient space.

    Attributes
    ----------
    volume : Volume
        Values, ``Bq/ml`` or ``counts``; array (slice, row, column).
    nuclide : str
        ``Y-90``, ``Tc-99m`` ...
    reference : datetime or None
        Instant that the values hold for, with its time zone; None where it is not known (then counts are only relative).
    assumed : tuple of str
        What was assumed while reading.
    timing : ScanTiming or None
        When each slice was acquired and how its decay was corrected; None where that is not known.

    Raises
    ------
    UnitsError
        If the unit is no other than these two, the nuclide is unknown, or the instant has no time zone.
    """

    volume: Volume
    nuclide: str
    reference: datetime | None = None
    assumed: tuple[str, ...] = field(default=())
    timing: ScanTiming | None = None

    def __post_init__(self) -> None:
        """Check unit, nuclide and instant."""
        if self.volume.unit not in ("Bq/ml", "counts"):
            raise UnitsError(
                f"an activity map in {self.volume.unit or 'no unit'}",
                where="unit",
                remedy="Say whether the values are Bq/ml or counts; SUV and kBq/ml must be converted first.",
            )
        nuclide(self.nuclide)
        if self.reference is not None:
            seconds_between(self.reference, self.reference)

    @property
    def absolute(self) -> bool:
        """Whether the values are activities and not only counts."""
        return self.volume.unit == "Bq/ml"

    @property
    def total(self) -> float:
        """Whole activity [Bq], or the sum of all counts."""
        values = float(np.sum(self.volume.array, dtype=np.float64))
        return values * self.volume.grid.voxel_ml if self.absolute else values

    def at(self, instant: datetime) -> ActivityMap:
        """The same activity at another instant, by decay alone.

        Raises
        ------
        UnitsError
            If the instant of this map is not known.
        """
        if self.reference is None:
            raise UnitsError("the instant of this activity is not known", where="reference", remedy="Give it with its time zone.")
        elapsed_s = seconds_between(self.reference, instant)
        factor = decay_factor(time_s=elapsed_s, half_life_s=nuclide(self.nuclide).half_life_s)
        volume = self.volume.on(self.volume.array * np.float32(factor))
        timing = None if self.timing is None else self.timing.moved(elapsed_s)
        return replace(self, volume=volume, reference=instant, timing=timing)
