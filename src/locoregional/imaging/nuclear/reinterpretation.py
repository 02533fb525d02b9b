"""A scan of one nuclide that the scanner was told is another: undo its isotope, apply the true one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from locoregional.errors import UnitsError
from locoregional.imaging.nuclear.activity import ActivityMap
from locoregional.nuclides import nuclide

__all__ = ["reinterpreted"]


def reinterpreted(
    activity: ActivityMap, *, as_nuclide: str = "Y-90", selected_positron_fraction: float | None = None
) -> ActivityMap:
    """Activity of the nuclide that was in the patient, from a scan with another one selected on the scanner.

    With ``s`` the selected nuclide and ``y`` the true one, ``f`` positrons per decay, ``T`` half-life, ``t`` the start of the
    frame of a slice after the instant that the scanner corrected to, ``D`` its duration, and ``m`` the time from that instant to
    the one the values hold for, each slice is multiplied by::

        f_s / f_y  *  g(T_y) 2^(t / T_y) 2^(-m / T_y)  /  ( g(T_s) 2^(t / T_s) 2^(-m / T_n) )

        g(T) = x / (1 - exp(-x)),  x = ln 2  D / T         (activity at the start of the frame over its mean in the frame)

    ``T_s`` is the half-life that the scanner used; ``T_n`` is that of the tables for ``s``, by which the map was moved since.
    Scanners whose correction leaves out ``g`` write a duration that does not matter: for Y-90 and 30 minutes ``g`` is 1.003.

    Parameters
    ----------
    activity : ActivityMap
        As read, of the nuclide that the file names.
    as_nuclide : str
        What was in the patient.
    selected_positron_fraction : float, optional
        Positrons per decay that the scanner used, where the file does not say; else that of the tables is used and said so.

    Returns
    -------
    ActivityMap
        Holds for the same instant; each step is in ``assumed``.

    Raises
    ------
    UnitsError
        If a positron fraction is not known, or the times of the slices are not.
    """
    selected, true = nuclide(activity.nuclide), nuclide(as_nuclide)
    if selected.name == true.name:
        raise UnitsError(f"the scan is of {true.name} already", where="as_nuclide", remedy="Use it as it was read.")
    timing = activity.timing
    if timing is None:
        raise UnitsError(
            f"when the slices were acquired is not known, so the decay correction for {selected.name} cannot be undone",
            where="timing",
            remedy="Read the DICOM series, not a converted file.",
        )
    before = timing.factors(half_life_s=timing.half_life_s) * 2.0 ** (-timing.moved_s / selected.half_life_s)
    after = timing.factors(half_life_s=true.half_life_s) * 2.0 ** (-timing.moved_s / true.half_life_s)
    decay = after / before
    ratio, words = 1.0, []
    fraction = timing.positron_fraction
    if activity.absolute:
        if true.positron_fraction is None:
            raise UnitsError(
                f"the positron fraction of {true.name} is not known", where="as_nuclide", remedy="Give a PET nuclide."
            )
        if selected_positron_fraction is not None:
            fraction, origin = selected_positron_fraction, "given"
        elif fraction is not None:
            origin = "of the file"
        elif selected.positron_fraction is not None:
            fraction = float(selected.positron_fraction)
            origin = f"of tables, {selected.positron_fraction.status}, as the file names none"
        else:
            raise UnitsError(
                f"the positron fraction that the scanner used for {selected.name} is not known",
                where="selected_positron_fraction",
                remedy="Give it from the isotope table of the scanner.",
            )
        if not 0 < fraction <= 1:
            raise UnitsError(f"a positron fraction of {fraction:g}", where="selected_positron_fraction", remedy="Give 0 to 1.")
        ratio = fraction / float(true.positron_fraction)
        words.append(
            f"positron fraction {fraction:g} of {selected.name} ({origin}) replaced by {float(true.positron_fraction):g} of "
            f"{true.name}: values times {ratio:.6g}"
        )
    words.insert(0, f"isotope re-interpretation: scanned as {selected.name}, taken to be {true.name}")
    words.append(
        f"decay correction with a half-life of {timing.half_life_s:g} s undone and made again with {true.half_life_s:g} s: "
        f"values times {decay.min():.6g} to {decay.max():.6g}"
    )
    array = (activity.volume.array * (ratio * decay)[:, None, None]).astype(np.float32)
    return replace(
        activity,
        volume=activity.volume.on(array),
        nuclide=true.name,
        assumed=activity.assumed + tuple(words),
        timing=replace(
            timing, half_life_s=true.half_life_s, positron_fraction=_fraction(true.name) if activity.absolute else None
        ),
    )


def _fraction(name: str) -> float | None:
    found = nuclide(name).positron_fraction
    return None if found is None else float(found)
