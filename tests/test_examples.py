"""The examples run and tell the truth."""

import runpy
from pathlib import Path

import numpy as np

from locoregional.workflow import load, plan, select

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def test_one_liver_lesion(tmp_path, capsys):
    main = runpy.run_path(str(EXAMPLES / "01_one_liver_lesion.py"))["main"]
    case = main(tmp_path / "case", spacing_mm=(6.0, 3.0, 3.0), members=2, voxel_mm=2.0)
    said = capsys.readouterr().out
    assert next(o.words for o in case.options if o.procedure == "mwa") in said
    assert "W for" in said
    assert "margin" in said
    assert (tmp_path / "case" / "report.html").stat().st_size > 100_000
    again = load(tmp_path / "case")
    assert again.course == case.course
    assert again.outcomes[-1].predicted


def test_real_ct_with_labels(shared_data, tmp_path):
    folder = shared_data / "ct-abdomen-totalseg"
    prepare = runpy.run_path(str(EXAMPLES / "02_real_ct_with_labels.py"))["prepare"]
    case = prepare(folder / "example_ct.nii.gz", folder / "example_seg_fast_force_split.nii.gz", tmp_path / "case")
    assert {"liver", "kidney", "gallbladder", "stomach", "colon", "vessels", "lung", "bone", "body"} <= set(case.structures)
    assert 15 < case.lesions[0].diameter_mm < 30
    assert any("skin is missing" in note for note in case.notes)
    case = plan(select(case), procedure_name="mwa")
    entry = np.array(case.plans[-1].needles[0].entry_lps_mm)
    tip = np.array(case.plans[-1].needles[0].tip_lps_mm)
    way = entry + np.linspace(0, 1, 200)[:, None] * (tip - entry)
    for name in ("lung", "bone", "kidney", "gallbladder", "stomach", "colon", "vessels"):
        mask = case.structure(name)
        index = np.round(mask.grid.to_index(way)).astype(int)
        assert not mask.array[tuple(index.T)].any(), name


def test_tumour_board(tmp_path, capsys):
    main = runpy.run_path(str(EXAMPLES / "03_tumour_board.py"))["main"]
    answers = main(tmp_path)
    assert answers["figure-1"]["L1 mwa"] == "indicated"
    assert answers["figure-4"]["T11 ablation_then_cement"] == "indicated"
    assert "missing: expected lung dose" in capsys.readouterr().out
    assert {p.parent.name for p in tmp_path.rglob("board.pdf")} == {f"figure-{n}" for n in range(1, 5)}
