import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locoregional.case import (
    ArrayStore,
    Case,
    Disease,
    Labs,
    Lesion,
    Needle,
    Option,
    Organ,
    Outcome,
    Patient,
    Plan,
    PriorLine,
    Quantity,
    RuleResult,
    Verdict,
    read_chart,
    write_chart,
)
from locoregional.case.chart import CHART, chart_schema
from locoregional.errors import CaseError
from locoregional.imaging.volume import Grid, Volume


def _case(seed: int = 0) -> Case:
    random = np.random.default_rng(seed)
    grid = Grid.regular((4, 5, 6), spacing_mm=random.uniform(0.5, 5, 3), origin_lps_mm=random.normal(size=3) * 100)
    store = ArrayStore()
    ct = store.put(Volume(random.normal(size=grid.shape).astype(np.float32), grid.affine, "HU", "CT", "1.2.3", ("assumed so",)))
    mask = store.put(Volume(random.uniform(size=grid.shape) > 0.5, grid.affine))
    quantity = Quantity(
        "short_axis", "short axis", float(random.normal()), "mm", -1.0, 1.0, 0.9, "ensemble", ("filippiadis2022",)
    )
    rule = RuleResult("below 40 mm", None, "favourable", "not known", "x:y", "filippiadis2022", "p. 1", "verified")
    needle = Needle((1.0, 2.0, 3.0), (4.0, 5.0, 6.25), ("short",), (quantity,))
    labs = Labs(bilirubin_umol_l=11.5, inr=1.0)
    disease = Disease(
        er=True, pr=None, her2=False, ki67_percent=20, ecog=1, labs=labs, prior_lines=(PriorLine("endocrine", "letrozole"),)
    )
    lesion = Lesion("L1", Organ.LIVER, 24.0, (0.1, 0.2, 0.3), mask, "segmented", False, ("note",))
    case = Case(
        Patient("p1", 72, "F"), disease, (lesion,), {"planning": ct}, {"liver": mask}, {"liver": "given"}, (), ("n",), store
    )
    return case.appended(
        Option("L1", "mwa", "possible", "because", (rule,)),
        Plan("P1", "L1", "mwa", True, (needle,), quantity, ("why",), (needle,), ("colon",), (quantity,), ("a:b",)),
        Outcome("O1", "P1", "L1", "mwa", True, {"zone": mask}, (quantity,), reference_tumour=mask),
        Verdict("O1", "L1", "mwa", None, ("too close to call",), (quantity,)),
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_round_trip_is_exact(tmp_path_factory, seed):
    folder = tmp_path_factory.mktemp("case")
    case = _case(seed)
    plan = case.plans[0]
    case = Case(**{**vars(case), "course": tuple(e for e in case.course if e is not plan)})
    write_chart(case, folder, intake_sha256="abc")
    back, intake = read_chart(folder)
    assert back == case
    assert intake == "abc"
    for name in ("planning",):
        ours, theirs = case.image(name), back.image(name)
        assert np.array_equal(ours.array, theirs.array)
        assert ours.array.dtype == theirs.array.dtype
        assert np.array_equal(ours.affine, theirs.affine), "not one bit of the affine may change"
        assert theirs.assumed == ("assumed so",)


def test_foreign_settings_are_refused(tmp_path):
    write_chart(_case(), tmp_path)  # the plan's settings are a Quantity, which is no procedure's Settings
    with pytest.raises(CaseError, match="are not ours"):
        read_chart(tmp_path)


def test_chart_satisfies_its_own_schema(tmp_path):
    write_chart(_case(), tmp_path)
    data = json.loads((tmp_path / CHART).read_text())
    schema = chart_schema()
    assert set(data) == set(schema["properties"])
    assert data["use"] == "research only"


def test_a_changed_array_is_noticed(tmp_path):
    case = _case()
    case = Case(**{**vars(case), "course": ()})
    write_chart(case, tmp_path)
    target = tmp_path / "arrays" / f"{case.images['planning'].sha256}.npz"
    np.savez(target, array=np.zeros((4, 5, 6), np.float32))
    back, _ = read_chart(tmp_path)
    with pytest.raises(CaseError, match="changed on disk"):
        back.image()
    target.write_bytes(b"PK broken")
    back, _ = read_chart(tmp_path)
    with pytest.raises(CaseError, match="damaged"):
        back.image()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 99}', '{"schema": 1}', '{"schema": 2}', '{"schema": 2, "patient": {"id": ""}}']
)
def test_a_broken_chart_is_an_error_of_ours(tmp_path, text):
    (tmp_path / CHART).write_text(text)
    with pytest.raises(CaseError):
        read_chart(tmp_path)


def test_interrupted_write_leaves_the_former_chart(tmp_path, monkeypatch):
    case = _case()
    case = Case(**{**vars(case), "course": ()})
    write_chart(case, tmp_path)
    before = (tmp_path / CHART).read_bytes()

    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_chart(case.appended(Option("L1", "mwa", "possible", "", ())), tmp_path)
    assert (tmp_path / CHART).read_bytes() == before
    assert not list(tmp_path.rglob(".writing*")), "no half-written file stays behind"


def test_superseded_arrays_are_removed(tmp_path):
    case = _case()
    write_chart(case, tmp_path)
    lean = Case(case.patient, images=case.images, store=case.store)
    write_chart(lean, tmp_path)
    assert [p.stem for p in (tmp_path / "arrays").glob("*.npz")] == [case.images["planning"].sha256]
