"""Which tissue is where: structures, CT numbers and injected layers on the grid of a simulation."""

import numpy as np
import pytest

from locoregional.ablation.dissection import Dissection
from locoregional.ablation.tissue_map import CLASSES, through_vessels, tissue_map
from locoregional.case import Case, Lesion
from locoregional.case.disease import Patient
from locoregional.case.lesion import Organ
from locoregional.case.stored import ArrayStore
from locoregional.errors import PlanningError
from locoregional.imaging.resample import isotropic_grid_around
from locoregional.imaging.volume import Volume
from locoregional.physics.tissue import tissue

SHAPE = (40, 40, 40)
AFFINE = np.diag([1.0, 1.0, 1.0, 1.0])[[2, 1, 0, 3]]
GRID_MM = 31.0  # odd, so that its voxels lie on those of the image


def _case(organ, *, hu, masks, lesion):
    store = ArrayStore()

    def put(array, **words):
        return store.put(Volume(array, AFFINE, **words))

    whole = {"body": np.ones(SHAPE, bool), **masks}
    where = tuple(float(n) for n in Volume(lesion, AFFINE).grid.to_lps(np.argwhere(lesion).mean(axis=0)))
    case = Case(
        Patient("p"),
        lesions=(Lesion("L1", Organ(organ), 8.0, where, put(lesion)),),
        images={"planning": put(hu.astype(np.int16), modality="CT", unit="HU")},
        structures={name: put(mask) for name, mask in whole.items()},
        store=store,
    )
    return case, isotropic_grid_around(np.array(where), size_mm=GRID_MM, spacing_mm=1.0)


def _ball(radius, middle=(20, 20, 20)):
    z, y, x = np.ogrid[:40, :40, :40]
    return (z - middle[0]) ** 2 + (y - middle[1]) ** 2 + (x - middle[2]) ** 2 <= radius**2


def _of(found, name):
    return found.labels == CLASSES.index(name)


def test_lung_is_graded_and_its_rim_is_no_shell_of_gas():
    lesion = _ball(4)
    hu = np.full(SHAPE, -800.0)
    hu[:, :, 32:] = 40.0  # chest wall
    hu[:, :, 31] = -450.0  # half a voxel of it, which an outline of the lung leaves out
    hu[lesion] = 30.0
    lung = np.zeros(SHAPE, bool)
    lung[:, :, :31] = True
    case, grid = _case("lung", hu=hu, masks={"lung": lung & ~lesion}, lesion=lesion)
    found = tissue_map(case, case.lesions[0], grid)
    k = found.properties.medium.conductivity_w_mk
    assert not _of(found, "air").any()
    aerated = _of(found, "lung") & (k < 0.25)
    assert aerated.sum() > 0.5 * _of(found, "lung").sum()
    assert found.properties.electric_conductivity_s_m[aerated].max() < 0.1
    assert k[_of(found, "tumour")] == pytest.approx(tissue("tumour").conductivity_w_mk)
    assert 0.27 < k[_of(found, "lung")].max() < 0.3874  # the half filled rim lies between
    heat = found.properties.medium.full("volumetric_heat_capacity_j_m3k")
    assert heat[aerated].mean() == pytest.approx((1.0 - 840.0 / 1040.0) * 1050.0 * 3886.0, rel=0.05)


def test_lytic_and_mineral_parts_of_a_bone_lesion_and_cement():
    lesion = _ball(6)
    hu = np.full(SHAPE, 250.0)
    hu[lesion] = 50.0
    hu[lesion & (np.arange(40)[:, None, None] > 23)] = 600.0
    cement = _ball(4, (20, 20, 31))
    hu[cement] = 2600.0
    case, grid = _case("bone", hu=hu, masks={"bone": np.ones(SHAPE, bool)}, lesion=lesion)
    found = tissue_map(case, case.lesions[0], grid)
    assert _of(found, "tumour").sum() == pytest.approx((lesion & (hu == 50.0)).sum(), rel=0.2)
    assert _of(found, "cement").sum() == pytest.approx(cement.sum(), rel=0.3)
    assert found.properties.electric_conductivity_s_m[_of(found, "cement")].max() == 0.0
    assert any("cement" in w for w in found.words)
    outlined = np.zeros(SHAPE, bool)
    outlined[30:] = True
    case, grid = _case("bone", hu=np.minimum(hu, 900.0), masks={"bone": np.ones(SHAPE, bool), "cement": outlined}, lesion=lesion)
    assert _of(tissue_map(case, case.lesions[0], grid), "cement").any()


def test_dissection_lies_between_liver_and_colon():
    lesion = _ball(4)
    hu = np.full(SHAPE, 50.0)
    liver, colon = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    liver[:, :, :28], colon[:, :, 28:] = True, True
    case, grid = _case("liver", hu=hu, masks={"liver": liver, "colon": colon}, lesion=lesion)
    plain = tissue_map(case, case.lesions[0], grid)
    gas = tissue_map(case, case.lesions[0], grid, dissections=[Dissection("colon", "carbon_dioxide", 4.0)])
    layer = _of(gas, "carbon_dioxide")
    assert layer.sum() == pytest.approx(4 * grid.shape[0] * grid.shape[1], rel=0.01)
    assert _of(plain, "bowel")[layer].all()
    assert not (gas.structures["colon"] & layer).any()
    assert gas.properties.medium.conductivity_w_mk[layer] == pytest.approx(0.017)
    assert (gas.labels[~layer] == plain.labels[~layer]).all()
    salty = tissue_map(case, case.lesions[0], grid, dissections=[Dissection("colon", "saline", 4.0)])
    assert any("do not use it for radiofrequency" in w for w in salty.words)
    with pytest.raises(PlanningError, match="no outline of stomach"):
        tissue_map(case, case.lesions[0], grid, dissections=[Dissection("stomach")])


def test_narrow_vessels_become_what_surrounds_them_and_wide_ones_cool():
    lesion = _ball(4, (20, 20, 12))
    hu = np.full(SHAPE, 60.0)
    y, x = np.ogrid[:40, :40]
    wide = np.broadcast_to((y - 20) ** 2 + (x - 22) ** 2 <= 2.6**2, SHAPE)
    thin = np.zeros(SHAPE, bool)
    thin[:, 28, 10] = True
    case, grid = _case("adrenal", hu=hu, masks={"adrenal": np.ones(SHAPE, bool), "vessels": wide | thin}, lesion=lesion)
    found = tissue_map(case, case.lesions[0], grid)
    blood = _of(found, "blood")
    assert blood.sum() == pytest.approx(wide[5:35, 5:35].sum(), rel=0.2)
    assert set(np.unique(found.labels)) == {CLASSES.index(n) for n in ("adrenal", "tumour", "blood")}
    assert (found.properties.medium.sink_w_m3k[blood] > 0).all()
    dead = np.zeros(found.labels.shape, bool)
    dead[:, 10:20] = True
    assert through_vessels(dead, found)[dead].all()


def test_beyond_the_image_tissue_goes_on():
    lesion = _ball(4, (6, 20, 20))
    case, grid = _case("soft_tissue", hu=np.full(SHAPE, 45.0), masks={}, lesion=lesion)
    found = tissue_map(case, case.lesions[0], grid)
    assert set(np.unique(found.labels)) == {CLASSES.index("muscle"), CLASSES.index("tumour")}
    assert any("image ends" in w for w in found.words)
    assert found.properties.medium.conductivity_w_mk.min() > 0.45
