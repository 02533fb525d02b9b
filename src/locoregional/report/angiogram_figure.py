"""Runs before and after an embolization as curves and maps."""

from __future__ import annotations

import tempfile
from pathlib import Path

from locoregional.case import Case, Outcome
from locoregional.report.document import Figure

__all__ = ["angiogram_figure"]


def angiogram_figure(case: Case, outcome: Outcome) -> Figure | None:
    """Curves of tumour and artery before and after, with maps; None where the outcome holds no angiograms.

    Parameters
    ----------
    case, outcome
        Patient, and what was observed.
    """
    if outcome.angiograms is None:
        return None
    from locoregional.measures.devascularisation.pair import devascularisation_of
    from locoregional.measures.devascularisation.picture import draw_devascularisation

    found = devascularisation_of(outcome.angiograms, case.store)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "angiograms.png"
        draw_devascularisation(found, path)
        data = path.read_bytes()
    words = (
        "Before (above) and after (below): contrast in tumour and feeding artery over time; area under the curve, peak opacity "
        "and time to peak of each pixel, with the outlines that were measured."
    )
    return Figure(data, words, "Time-density curves and maps of two angiographic runs, before and after embolization.")
