from io import BytesIO

import matplotlib
import numpy as np
import pytest
from made_patient import TARGET
from PIL import Image

from locoregional.errors import GeometryError, MaskError
from locoregional.imaging.volume import Volume
from locoregional.report.marks import Layer
from locoregional.report.palette import MARGIN_CLASSES, colour_of
from locoregional.report.pictures.anatomy import approval_panel, plan_in_planes
from locoregional.report.pictures.margin_map import class_shares, margin_colours, margin_map
from locoregional.report.pictures.organ_panel import organ_panel
from locoregional.report.pictures.plots import Curve, PathPoint, RiskBar, path_trade_off, risk_bars, time_course, zone_growth
from locoregional.report.pictures.time_course import LogPanel, generator_log


def opened(data):
    return np.asarray(Image.open(BytesIO(data)).convert("RGB")).astype(int)


def like(picture, colour, *, within=60):
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return np.abs(picture - wanted).max(axis=-1) < within


def test_plan_shows_every_layer_in_its_place(patient):
    picture = opened(plan_in_planes(patient.ct, TARGET, layers=patient.layers, needles=[patient.needle]))
    h, w = picture.shape[0] * 465 // 1000, picture.shape[1] // 2
    axial = picture[:h, :w]
    lesion = np.argwhere(like(axial, colour_of("lesion"), within=45))
    assert np.allclose(lesion.mean(axis=0) / (h, w), 0.5, atol=0.06), "the lesion is the target, in the middle"
    needle = np.argwhere(like(axial, colour_of("needle"), within=45))
    assert needle.mean(axis=0)[1] < w / 2, "the needle comes from the patient's right, which is on the left"
    assert needle.mean(axis=0)[0] < h / 2, "and from the front, which is on top"


def test_approval_shows_the_same_slices_plain_and_outlined(patient):
    picture = opened(approval_panel(patient.ct, patient.layers[-1], count=3))
    half = picture.shape[0] // 2
    yellow = like(picture, colour_of("lesion"), within=45)
    assert yellow[half:].sum() > 20 * max(1, yellow[:half].sum())


def test_empty_lesion_is_refused(patient):
    nothing = Layer("Lesion", patient.ct.on(np.zeros(patient.ct.shape, bool)), role="lesion")
    with pytest.raises(MaskError, match="no voxel"):
        approval_panel(patient.ct, nothing)
    with pytest.raises(MaskError, match=r"not 0\.\.1"):
        Layer("Zone", Volume(np.full((2, 2, 2), 3.0), np.eye(4)))


def sphere_points(n=3000):
    k = np.arange(n) + 0.5
    z, turn = 1 - 2 * k / n, np.pi * (1 + 5**0.5) * k
    return np.stack([np.sqrt(1 - z**2) * np.cos(turn), np.sqrt(1 - z**2) * np.sin(turn), z], axis=1)


def test_shares_of_the_margin_classes():
    assert np.allclose(class_shares([-1.0, 0.0, 4.9, 5.0, 9.9, 10.0, 12.0, 30.0]), [1 / 8, 2 / 8, 2 / 8, 3 / 8])
    assert np.allclose(class_shares([-1.0, 7.0], area_mm2=[1.0, 3.0]), [0.25, 0, 0.75, 0])
    assert margin_colours([-1.0, 11.0]).tolist()[0] == [0x9B, 0x1B, 0x3B]


@pytest.mark.parametrize(
    ("side", "column", "row"), [((1, 0, 0), 0.75, 0.5), ((-1, 0, 0), 0.25, 0.5), ((0, 0, 1), 0.5, 0.0), ((0, -1, 0), 0.5, 0.5)]
)
def test_thin_spot_is_drawn_on_its_side(side, column, row):
    directions = sphere_points()
    margin = np.where(directions @ np.array(side) > 0.85, -2.0, 12.0)
    picture = opened(margin_map(10 * directions + [-60, 20, -300], margin))
    globe = picture[:, : int(0.6 * picture.shape[1])]
    thick, thin = like(globe, MARGIN_CLASSES[3][3], within=25), like(globe, MARGIN_CLASSES[0][3], within=25)
    places = np.argwhere(thick | thin)
    low, size = places.min(axis=0), np.ptp(places, axis=0)
    at = (np.argwhere(thin).mean(axis=0) - low) / size
    assert at[1] == pytest.approx(column, abs=0.05)
    assert at[0] == pytest.approx(row, abs=0.12)


def test_margins_must_belong_to_points():
    with pytest.raises(GeometryError, match="belong"):
        margin_map(np.zeros((5, 3)), np.zeros(4))


def test_diagrams_are_pictures_and_leave_no_global_trace():
    before = dict(matplotlib.rcParams)
    t = np.linspace(0, 600, 20)
    curve = Curve("zone", t, t / 20, t / 25, t / 15)
    pictures = [
        time_course([curve], [curve], lethal_c=60.0),
        zone_growth([curve], chosen_s=400.0, needed_mm=25.0),
        risk_bars([RiskBar("Gallbladder", 40.0, 38.0, 47.0, 45.0)], xlabel="temperature [°C]", title="Heat"),
        path_trade_off([PathPoint("A", 80, 10, 0.9, True), PathPoint("", 70, 5, 0.8)], xlabel="x", ylabel="y"),
    ]
    assert all(opened(p).shape[0] > 200 for p in pictures)
    assert dict(matplotlib.rcParams) == before
    assert like(opened(pictures[2]), "#9b1b3b", within=20).any(), "an interval beyond the limit stands out"
    with pytest.raises(GeometryError, match="belong"):
        time_course([Curve("bad", [1, 2], [1])])


def test_an_organ_is_shown_from_top_to_bottom(patient):
    organ, *rest = patient.layers
    data = organ_panel(patient.ct, organ, outlined=[layer for layer in rest if layer.role == "lesion"], count=8)
    drawn = like(opened(data), organ.colour)
    panels = [panel.sum() for row in np.array_split(drawn, 2, axis=0) for panel in np.array_split(row, 4, axis=1)]
    assert min(panels) > 30  # the outline is on every slice
    with pytest.raises(MaskError, match="no voxel"):
        organ_panel(patient.ct, Layer("Liver", patient.masks["liver"].on(np.zeros(patient.ct.shape, bool))))


def test_the_generator_log_shows_each_reading_and_refuses_a_curve_of_another_clock():
    heat = LogPanel("Tip", "°C", (("", (37, 90, 110)),), from_zero=False)
    power = LogPanel("Power", "W", (("", (50, 48, 40)),), 60.0, "limit")
    picture = opened(generator_log((heat, power), time_s=(0, 60, 120), end_s=180.0))
    assert like(picture, "#d55e00").sum() > 100
    assert like(picture, "#0072b2").sum() > 100
    taller = opened(generator_log((heat, power, power), time_s=(0, 60, 120)))
    assert taller.shape[0] > picture.shape[0]
    with pytest.raises(GeometryError, match="2 values at 3 times"):
        generator_log((LogPanel("Power", "W", (("", (1, 2)),)),), time_s=(0, 60, 120))


def test_cold_bars_run_down_from_body_temperature():
    bars = [RiskBar("Nerve", 4.0, threshold=10.0), RiskBar("Skin", 12.0, threshold=0.0)]
    picture = opened(risk_bars(bars, xlabel="lowest temperature [°C]", title="Cold", above_is_bad=False, start=37.0))
    red, blue = like(picture, "#9b1b3b", within=20), like(picture, "#1f5fa8", within=20)
    assert red.any()
    assert blue.any()
    assert np.argwhere(red)[:, 1].mean() < np.argwhere(blue)[:, 1].mean(), "the colder one lies farther left"
    warm = opened(risk_bars([RiskBar("Bowel", 44.0, threshold=45.0, alert=True)], xlabel="", title="", start=37.0))
    assert like(warm, "#9b1b3b", within=20).any(), "an alert by dose stands out below the temperature limit"
