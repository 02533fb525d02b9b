"""How large the tumour is, with its interval."""

from __future__ import annotations

from math import pi

import numpy as np

from locoregional.case import Case, Lesion, Quantity
from locoregional.sources import read_facts

__all__ = ["tumour_volume"]


def tumour_volume(case: Case, lesion: Lesion) -> Quantity:
    """Volume of a lesion: of its mask, or of a sphere of its diameter.

    Parameters
    ----------
    case : Case
        The case, whose store holds the mask.
    lesion : Lesion
        The lesion.
    """
    error = read_facts("locoregional.measures")["contour.volume_error"]
    if lesion.mask is None:
        value = pi / 6 * lesion.diameter_mm**3 / 1000
        how = "sphere of the stated diameter; real lesions of that largest diameter are smaller"
        return Quantity("tumour_volume", "tumour volume, at most", value, "ml", 0.0, value, method=how)
    mask = case.tumour(lesion)
    value = float(np.count_nonzero(mask.array >= 0.5) * mask.grid.voxel_ml)
    assert error.high is not None
    share = error.high / 100
    how = f"voxels of the outline; an expert's outline errs by {float(error):g} % of the volume, by {error.high:g} % at most"
    return Quantity(
        "tumour_volume", "tumour volume", value, "ml", value * (1 - share), value * (1 + share), method=how, sources=(error.key,)
    )
