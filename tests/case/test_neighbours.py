"""Distances of a lesion to outlined structures, on masks whose distance is known."""

import numpy as np
import pytest

from locoregional.case.neighbours import REACH_MM, distances_mm
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((60, 80, 80), spacing_mm=(1.5, 1.0, 1.0))


def ball(centre_mm, radius_mm):
    s, r, c = np.ogrid[:60, :80, :80]
    inside = (s * 1.5 - centre_mm[0]) ** 2 + (r - centre_mm[1]) ** 2 + (c - centre_mm[2]) ** 2 <= radius_mm**2
    return Volume(inside, GRID.affine)


LESION = ball((45, 40, 30), 8)


@pytest.mark.parametrize("gap", [0.0, 4.0, 9.0, 20.0])
def test_the_gap_between_two_balls_is_found_within_a_voxel(gap):
    other = ball((45, 40, 30 + 8 + gap + 6), 6)
    assert distances_mm(LESION, {"gallbladder": other})["gallbladder"] == pytest.approx(gap, abs=1.0)


def test_parts_of_the_bowel_count_as_one_and_gas_alone_as_unknown():
    near, far = ball((45, 40, 52), 5), ball((45, 40, 65), 5)
    assert distances_mm(LESION, {"colon": far, "duodenum": near})["bowel"] == pytest.approx(9.0, abs=1.0)
    assert "bowel" not in distances_mm(LESION, {"bowel_gas": near})


def test_a_part_of_the_bowel_says_how_near_it_is_but_never_how_far():
    far, nowhere = ball((45, 40, 65), 5), Volume(np.zeros(GRID.shape, bool), GRID.affine)
    assert "bowel" not in distances_mm(LESION, {"duodenum": far})
    assert "bowel" not in distances_mm(LESION, {"duodenum": far, "colon": far, "small_bowel": nowhere})
    whole = distances_mm(LESION, {"duodenum": far, "colon": far, "small_bowel": far})
    assert whole["bowel"] == pytest.approx(22.0, abs=1.0)
    assert distances_mm(LESION, {"duodenum": ball((45, 40, 50), 5)})["bowel"] == pytest.approx(7.0, abs=1.0)


def test_the_skin_is_where_the_body_ends_and_what_is_out_of_reach_is_capped():
    body = Volume(np.ones(GRID.shape, bool), GRID.affine)
    body.array[:, :, 50:] = False
    assert distances_mm(LESION, {"body": body})["skin"] == pytest.approx(11.5, abs=1.0)
    nowhere = Volume(np.zeros(GRID.shape, bool), GRID.affine)
    assert distances_mm(LESION, {"heart": nowhere}) == {"heart": REACH_MM}
    assert distances_mm(nowhere, {"heart": LESION}) == {}
