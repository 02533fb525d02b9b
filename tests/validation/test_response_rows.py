"""The table on response: every cut-off, example and shape holds; what misses is the voxels' own loss."""

from locoregional.sources import bibliography
from locoregional.validation import response


def test_cut_offs_examples_and_repeats_hold():
    found = [*response._cuts(), *response._examples(), *response._repeats(), *response._shapes()]
    assert len(found) > 25
    assert [row.name for row in found if row.verdict != "holds"] == []
    assert all(row.source in bibliography() for row in found if row.source != "exact solution")


def test_coarse_voxels_blunt_a_peak_and_the_row_shows_it():
    found = {row.name: row for row in response._peaks()}
    missed = [name for name, row in found.items() if row.verdict == "misses"]
    assert missed == ["SULpeak of a Gaussian of 10 g/ml, standard deviation 8 mm, 4 mm voxels"]
    assert found[missed[0]].value < found[missed[0]].reference


def test_a_cut_is_found_from_either_side():
    from locoregional.measures.response.category import Category

    for low, high in ((0.0, 10.0), (10.0, 0.0)):
        place = response._cut(lambda x: Category.PR if x < 7 else Category.SD, category=Category.PR, low=low, high=high)
        assert abs(place - 7) < 1e-9
