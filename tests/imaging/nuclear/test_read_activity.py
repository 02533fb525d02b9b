"""PET in every form that scanners write it: what is read is what was written, to the last digit."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from locoregional.errors import DicomError, UnitsError
from locoregional.imaging.nifti import write_nifti
from locoregional.imaging.nuclear.read import read_activity
from locoregional.imaging.nuclear.reinterpretation import reinterpreted
from locoregional.imaging.volume import Volume
from locoregional.nuclides import nuclide
from locoregional.validation.nuclear_files import camera_file, item, pet_frames, pet_slices, save_files

F18_S = 1.8295 * 3600
Y90_S = 64.1 * 3600
START = datetime(2026, 3, 5, 14, 0)
STORED = np.random.default_rng(1).integers(0, 30000, (4, 5, 6)).astype(np.int16)
SLOPES = [0.5, 2.0, 0.25, 4.0]
TRUE = STORED * np.array(SLOPES)[:, None, None]
BEDS_S = [0.0, 0.0, 300.0, 300.0]
F18 = item(CodeValue="C-111A1", CodingSchemeDesignator="SRT", CodeMeaning="^18^Fluorine")
GE68 = item(CodeValue="C-128A2", CodingSchemeDesignator="SRT", CodeMeaning="^68^Germanium")
Y90 = item(CodeValue="14691008", CodingSchemeDesignator="SCT", CodeMeaning="^90^Yttrium")


def pet(code=F18, half_life_s=F18_S, injected=None, factors=True, aim_s=0.0, **changes):
    """Slices whose decay factors aim at ``aim_s`` after the series, unless changed."""
    slices = pet_slices(
        STORED,
        **(
            {
                "slopes": SLOPES,
                "start": START,
                "acquired_s": BEDS_S,
                "duration_s": 180.0,
                "half_life_s": half_life_s,
                "injected": {"RadionuclideCodeSequence": code, "RadionuclidePositronFraction": 0.97} | (injected or {}),
            }
            | changes
        ),
    )
    if factors and changes.get("correction", "START") != "NONE":
        for ds, acquired in zip(slices, changes.get("acquired_s", BEDS_S), strict=True):
            x = np.log(2) * 180.0 / half_life_s
            ds.DecayFactor = f"{2 ** ((acquired - aim_s) / half_life_s) * x / (1 - np.exp(-x)):.8g}"
    return slices


def said(activity, words):
    return any(words in sentence for sentence in activity.assumed)


def test_slope_of_every_slice(tmp_path):
    found = read_activity(save_files(pet(), tmp_path))
    np.testing.assert_array_equal(found.volume.array, TRUE.astype(np.float32))
    assert (found.nuclide, found.volume.unit, found.reference) == ("F-18", "Bq/ml", None)
    assert said(found, "confirm this instant")
    assert said(found, "give timezone=")


def test_slices_in_falling_order_are_put_where_they_are(tmp_path):
    found = read_activity(save_files(pet(step_mm=-3.0), tmp_path)).volume
    places = found.grid.to_lps(np.moveaxis(np.indices(found.shape), 0, -1))
    k = np.rint(-places[..., 2] / 3.0).astype(int)
    r, c = np.rint((places[..., 1] + 20) / 4.0).astype(int), np.rint((places[..., 0] + 10) / 2.0).astype(int)
    np.testing.assert_array_equal(found.array, TRUE[k, r, c].astype(np.float32))
    assert found.grid.directions[2, 0] > 0


@pytest.mark.parametrize("kind", ["legacy converted PET", "enhanced PET"])
def test_slope_and_time_of_every_frame(tmp_path, kind):
    slices = pet(factors=False)
    many = read_activity(save_files([pet_frames(slices, kind=kind)], tmp_path / "many"), timezone="+01:00")
    single = read_activity(save_files(slices, tmp_path / "single"), timezone="+01:00")
    np.testing.assert_array_equal(many.volume.array, TRUE.astype(np.float32))
    assert many.reference == single.reference == datetime(2026, 3, 5, 14, 0, tzinfo=timezone(timedelta(hours=1)))
    np.testing.assert_array_equal(many.timing.start_s, BEDS_S)
    np.testing.assert_array_equal(many.timing.duration_s, 180.0)


def test_start_is_brought_to_any_instant(tmp_path):
    wanted = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)  # two hours before 14:00 at +01:00
    found = read_activity(save_files(pet(), tmp_path), reference=wanted, timezone="+01:00")
    np.testing.assert_allclose(found.volume.array, TRUE * 2 ** (7200 / F18_S), rtol=1e-6)
    assert found.reference == wanted
    np.testing.assert_allclose(found.at(datetime(2026, 3, 5, 13, 0, tzinfo=UTC)).volume.array, TRUE, rtol=1e-6)


def test_an_instant_from_elsewhere_needs_the_zone_of_the_clock(tmp_path):
    folder = save_files(pet(), tmp_path)
    with pytest.raises(UnitsError, match="timezone="):
        read_activity(folder, reference=datetime(2026, 3, 5, 11, 0, tzinfo=UTC))
    with pytest.raises(UnitsError, match="has no time zone"):
        read_activity(folder, reference=datetime(2026, 3, 5, 11, 0), timezone="+01:00")
    with pytest.raises(UnitsError, match="no time zone called"):
        read_activity(folder, timezone="Moon/Base")


def test_zone_of_the_file_wins(tmp_path):
    found = read_activity(save_files(pet(TimezoneOffsetFromUTC="-0500"), tmp_path), timezone="+01:00")
    assert found.reference == datetime(2026, 3, 5, 19, 0, tzinfo=UTC)
    assert said(found, "not needed")


def test_admin_needs_nothing_more_to_the_administration(tmp_path):
    injected = START - timedelta(hours=1)
    slices = pet(correction="ADMIN", administered=injected, aim_s=-3600.0)
    folder = save_files(slices, tmp_path)
    at_injection = read_activity(folder, reference="administration")
    np.testing.assert_array_equal(at_injection.volume.array, TRUE.astype(np.float32))
    np.testing.assert_allclose(read_activity(folder).volume.array, TRUE * 2 ** (-3600 / F18_S), rtol=1e-6)


def test_none_brings_each_slice_from_its_own_frame(tmp_path):
    found = read_activity(save_files(pet(correction="NONE"), tmp_path))
    x = np.log(2) * 180 / F18_S
    growth = x / (1 - np.exp(-x)) * 2 ** (np.array(BEDS_S) / F18_S)
    np.testing.assert_allclose(found.volume.array, TRUE * growth[:, None, None], rtol=1e-6)


def test_contradictions_are_refused(tmp_path):
    with pytest.raises(DicomError, match="decay factors say"):  # the label says START, the factors aim an hour earlier
        read_activity(save_files(pet(aim_s=-3600.0), tmp_path / "a"))
    slices = pet(CorrectedImage=["ATTN"])
    for ds in slices:
        ds.DecayCorrection = "NONE"
    folder = save_files(slices, tmp_path / "b")
    with pytest.raises(DicomError, match="DecayCorrection is NONE"):
        read_activity(folder)
    with pytest.raises(DicomError, match="list of corrections"):
        read_activity(save_files(pet(CorrectedImage=["ATTN", "SCAT"]), tmp_path / "c"))
    with pytest.raises(DicomError, match=r"DecayCorrection .* missing"):
        read_activity(save_files(pet(DecayCorrection=None), tmp_path / "d"))
    with pytest.raises(DicomError, match="not corrected for attenuation"):
        read_activity(save_files(pet(CorrectedImage=["DECY"]), tmp_path / "e"))
    told = read_activity(
        save_files(pet(aim_s=-3600.0), tmp_path / "f"), timezone="+00:00", decay_reference=datetime(2026, 3, 5, 13, tzinfo=UTC)
    )
    assert told.reference == datetime(2026, 3, 5, 13, tzinfo=UTC)
    np.testing.assert_array_equal(told.volume.array, TRUE.astype(np.float32))


def test_series_time_after_the_scan_is_not_believed(tmp_path):
    slices = pet()
    for ds in slices:
        ds.SeriesTime = "153000"  # stored again an hour and a half later
    found = read_activity(save_files(slices, tmp_path / "a"), timezone="+00:00")
    assert found.reference == datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
    assert said(found, "SeriesTime is 5400 s off")
    for ds in slices:
        del ds.DecayFactor
        block = ds.private_block(0x0009, "GEMS_PETD_01", create=True)
        block.add_new(0x0D, "DT", "20260305135900.00")
    found = read_activity(save_files(slices, tmp_path / "b"), timezone="+00:00")
    assert found.reference == datetime(2026, 3, 5, 13, 59, tzinfo=UTC)
    assert said(found, "cannot be meant")


def test_beds_told_apart_by_frame_reference_time(tmp_path):
    slices = pet()
    for ds, start in zip(slices, BEDS_S, strict=True):
        ds.AcquisitionTime, ds.FrameReferenceTime = "140000", start * 1e3
    found = read_activity(save_files(slices, tmp_path))
    np.testing.assert_array_equal(found.timing.start_s, BEDS_S)
    assert said(found, "confirm this instant")


@pytest.mark.parametrize("advanced", [True, False])
def test_scan_across_midnight(tmp_path, advanced):
    start = datetime(2026, 3, 5, 23, 58)
    slices = pet(start=start)
    for ds in slices:
        if not advanced:
            ds.AcquisitionDate = "20260305"
    found = read_activity(save_files(slices, tmp_path), timezone="+00:00")
    assert found.reference == start.replace(tzinfo=UTC)
    np.testing.assert_array_equal(found.timing.start_s, BEDS_S)
    assert said(found, "crossed midnight")
    assert said(found, "a day was added") is not advanced


def test_missing_date_of_acquisition(tmp_path):
    slices = pet(start=datetime(2026, 3, 5, 23, 58), AcquisitionDate=None)
    found = read_activity(save_files(slices, tmp_path))
    np.testing.assert_array_equal(found.timing.start_s, BEDS_S)


def test_a_stated_instant_is_believed_against_the_factors(tmp_path):
    folder = save_files(pet(), tmp_path)
    found = read_activity(folder, timezone="UTC", decay_reference=datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert found.reference == datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert said(found, "differs by 7200.0 s")


def test_administration_elements(tmp_path):
    def at(name, **injected):
        folder = save_files(pet(start=datetime(2026, 3, 5, 0, 30), injected=injected), tmp_path / name)
        return read_activity(folder, reference="administration", timezone="+00:00").reference

    night = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    assert at("a", RadiopharmaceuticalStartTime="233000") == night
    assert at("b", RadiopharmaceuticalStartDateTime="20260304233000") == night
    assert at("c", RadiopharmaceuticalStartDateTime="20260304233000", RadiopharmaceuticalStartTime="233012.5") == night
    assert at("d", RadiopharmaceuticalStartDateTime="20260305003000+0100") == night
    with pytest.raises(DicomError, match=r"RadiopharmaceuticalStartTime .* says"):
        at("e", RadiopharmaceuticalStartDateTime="20260304233000", RadiopharmaceuticalStartTime="223000")
    with pytest.raises(DicomError, match="after the scan began"):
        at("f", RadiopharmaceuticalStartDateTime="20260305013000")
    with pytest.raises(DicomError, match="half-lives before"):
        at("g", RadiopharmaceuticalStartDateTime="20250304233000")
    with pytest.raises(DicomError, match="infusion="):
        at("h")


def test_day_of_a_long_lived_administration_must_be_said(tmp_path):
    slices = pet(code=Y90, half_life_s=Y90_S, injected={"RadiopharmaceuticalStartTime": "100000"})
    folder = save_files(slices, tmp_path)
    with pytest.raises(DicomError, match="the day matters"):
        read_activity(folder, reference="administration")
    given = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
    found = read_activity(folder, reference="administration", infusion=given, timezone="UTC")
    np.testing.assert_allclose(found.volume.array, TRUE * 2 ** (28 / 64.1), rtol=1e-6)
    assert found.reference == given


def test_counts_with_the_private_factor_and_without(tmp_path):
    slices = pet(Units="CNTS")
    relative = read_activity(save_files(slices, tmp_path / "a"))
    assert relative.volume.unit == "counts"
    assert said(relative, "only their ratios")
    with pytest.raises(UnitsError, match="not Bq/ml"):
        read_activity(tmp_path / "a", unit="Bq/ml")
    for ds, factor in zip(slices, (2.0, 2.0, 4.0, 4.0), strict=True):
        ds.private_block(0x7053, "Philips PET Private Group", create=True).add_new(0x09, "DS", str(factor))
    found = read_activity(save_files(slices, tmp_path / "b"))
    assert found.volume.unit == "Bq/ml"
    np.testing.assert_array_equal(found.volume.array, (TRUE * np.array([2, 2, 4, 4])[:, None, None]).astype(np.float32))
    for ds in slices:
        ds.Units = "BQML"
    untouched = read_activity(save_files(slices, tmp_path / "c"))
    np.testing.assert_array_equal(untouched.volume.array, TRUE.astype(np.float32))
    assert said(untouched, "was not applied")


@pytest.mark.parametrize("units", ["CPS", "CM2ML", None])
def test_other_units_are_refused(tmp_path, units):
    with pytest.raises(DicomError, match=r"Units \(0054,1001\)"):
        read_activity(save_files(pet(Units=units), tmp_path))


def test_proportional_counts_stay_relative(tmp_path):
    assert read_activity(save_files(pet(Units="PROPCNTS"), tmp_path)).volume.unit == "counts"
    assert read_activity(save_files(pet(CorrectedImage=["DECY"]), tmp_path / "x"), unit="counts").volume.unit == "counts"


def test_half_life(tmp_path):
    folder = save_files(pet(injected={"RadionuclideHalfLife": None}), tmp_path / "a")
    with pytest.raises(DicomError, match="half_life_s="):
        read_activity(folder)
    assert read_activity(folder, half_life_s=F18_S).nuclide == "F-18"
    with pytest.raises(DicomError, match="that of F-18"):
        read_activity(save_files(pet(half_life_s=4000.0), tmp_path / "b"))
    nameless = save_files(pet(injected={"RadionuclideCodeSequence": None}), tmp_path / "c")
    assert said(read_activity(nameless), "its half-life of 6586.2 s is that of F-18")
    unknown = {"RadionuclideCodeSequence": item(CodeValue="X", CodeMeaning="^11^Carbon"), "RadionuclideHalfLife": 1220.0}
    with pytest.raises(UnitsError, match="Give nuclide"):
        read_activity(save_files(pet(injected=unknown), tmp_path / "d"))


@pytest.mark.parametrize("correction", ["START", "ADMIN", "NONE"])
def test_isotope_is_undone_and_redone_exactly(tmp_path, correction):
    """A known Y-90 activity, stored as a scanner does that believes it is Ge-68, comes back."""
    scan, beds, length = START, np.array([0.0, 900.0, 1800.0, 2700.0]), 900.0
    ge_s, fraction, given_s = 270.95 * 86400, 0.89, -20 * 3600.0
    aim = {"START": 0.0, "ADMIN": given_s, "NONE": None}[correction]
    concentration = np.array([1e5, 2e5, 3e5, 4e5])  # Bq/ml of Y-90 at the start of the scan
    y, s = np.log(2) / Y90_S, np.log(2) / ge_s
    mean = concentration * np.exp(-y * beds) * (1 - np.exp(-y * length)) / (y * length)
    stored = mean * 3.186e-5 / fraction
    if aim is not None:
        stored = stored * np.exp(s * (beds - aim)) * s * length / (1 - np.exp(-s * length))
    slices = pet(
        code=GE68, half_life_s=ge_s, acquired_s=beds, duration_s=length, correction=correction, factors=False,
        slopes=[f"{v / 20000:.10g}" for v in stored], injected={"RadionuclidePositronFraction": fraction},
        administered=scan + timedelta(seconds=given_s),
    )  # fmt: skip
    for ds in slices:
        ds.PixelData = np.full((5, 6), 20000, np.int16).tobytes()
    folder = save_files(slices, tmp_path)
    found = reinterpreted(read_activity(folder), as_nuclide="Y-90")
    np.testing.assert_allclose(found.volume.array, np.broadcast_to(concentration[:, None, None], STORED.shape), rtol=1e-6)
    assert found.nuclide == "Y-90"
    assert said(found, "isotope re-interpretation: scanned as Ge-68")
    asked = read_activity(folder, nuclide="Y-90")
    np.testing.assert_array_equal(asked.volume.array, found.volume.array)
    infused = scan + timedelta(seconds=given_s)
    earlier = read_activity(folder, nuclide="Y-90", reference=infused.replace(tzinfo=UTC), timezone="UTC")
    np.testing.assert_allclose(earlier.volume.array, found.volume.array * 2 ** (20 / 64.1), rtol=1e-6)


def test_only_yttrium_is_made_of_another(tmp_path):
    folder = save_files(pet(), tmp_path)
    with pytest.raises(DicomError, match="not Tc-99m"):
        read_activity(folder, nuclide="Tc-99m")
    found = read_activity(folder, nuclide="90Y")
    with pytest.raises(UnitsError, match="already"):
        reinterpreted(found)
    bare = Volume(np.ones((2, 2, 2)), np.eye(4))
    write_nifti(bare, tmp_path / "x.nii")
    with pytest.raises(UnitsError, match="cannot be undone"):
        reinterpreted(read_activity(tmp_path / "x.nii", unit="counts", nuclide="F-18"))


def test_bare_files_say_nothing_and_nothing_is_guessed(tmp_path):
    write_nifti(Volume(np.full((3, 4, 5), 7.0), np.eye(4)), tmp_path / "x.nii.gz")
    path = tmp_path / "x.nii.gz"
    when = datetime(2026, 3, 5, 14, tzinfo=UTC)
    for missing in (
        {"nuclide": "Y-90", "reference": when},
        {"unit": "Bq/ml", "reference": when},
        {"unit": "Bq/ml", "nuclide": "Y-90"},
    ):
        with pytest.raises(UnitsError, match="does not say"):
            read_activity(path, **missing)
    found = read_activity(path, unit="Bq/ml", nuclide="Y-90", reference=when)
    assert found.total == pytest.approx(7.0 * 60 * 1e-3)
    assert found.reference == when
    assert read_activity(path, unit="counts", nuclide="Tc-99m").reference is None


@pytest.mark.parametrize("step", [4.0, -4.0])
def test_camera_tomogram_is_stacked_by_the_sign_of_its_spacing(tmp_path, step):
    counts = np.random.default_rng(0).integers(0, 900, (5, 6, 7))
    place = item(ImagePositionPatient=[-5.0, -6.0, 100.0], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    ds = camera_file(
        counts, kind=["RECON TOMO", "EMISSION"], SpacingBetweenSlices=step, SliceThickness=2.0, DetectorInformationSequence=place
    )
    found = read_activity(save_files([ds], tmp_path), timezone="Europe/Vienna")
    places = found.volume.grid.to_lps(np.moveaxis(np.indices(found.volume.shape), 0, -1))
    k = np.rint((places[..., 2] - 100.0) / step).astype(int)
    np.testing.assert_array_equal(found.volume.array, counts[k[:, 0, 0]])
    assert found.volume.spacing_mm[0] == 4.0
    assert (found.nuclide, found.volume.unit) == ("Tc-99m", "counts")
    assert found.reference == datetime(2026, 3, 5, 9, 15, tzinfo=UTC)
    later = read_activity(
        tmp_path, timezone="Europe/Vienna", reference=found.reference + timedelta(seconds=nuclide("Tc-99m").half_life_s)
    )
    np.testing.assert_allclose(later.volume.array, found.volume.array / 2, rtol=1e-6)
    with pytest.raises(UnitsError, match="timezone="):
        read_activity(tmp_path, reference=found.reference)
    with pytest.raises(UnitsError, match="administration"):
        read_activity(tmp_path, reference="administration")
    assert said(found, "mm apart though")
    assert said(found, "negative") is (step < 0)


def test_quantitative_tomogram_by_real_world_values(tmp_path):
    counts = np.random.default_rng(0).integers(0, 900, (5, 6, 7))
    ds = camera_file(
        counts,
        kind=["RECON TOMO", "EMISSION"],
        SpacingBetweenSlices=4.0,
        DetectorInformationSequence=item(ImagePositionPatient=[0, 0, 0], ImageOrientationPatient=[1, 0, 0, 0, 1, 0]),
        RealWorldValueMappingSequence=item(
            RealWorldValueSlope=0.5, RealWorldValueIntercept=0.0, MeasurementUnitsCodeSequence=item(CodeValue="kBq/ml")
        ),
    )
    folder = save_files([ds], tmp_path)
    with pytest.raises(DicomError, match="decay_correction="):
        read_activity(folder)
    found = read_activity(folder, decay_correction="NONE")
    x = np.log(2) * 300 / nuclide("Tc-99m").half_life_s
    np.testing.assert_allclose(found.volume.array, counts * 500.0 * x / (1 - np.exp(-x)), rtol=1e-6)
