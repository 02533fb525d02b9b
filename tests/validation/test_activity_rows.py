"""The table on activity: every row holds, and the vectors are those that were worked out apart."""

import csv
import tomllib
from pathlib import Path

from locoregional.validation import activity_models


def test_every_row_holds():
    found = list(activity_models.rows())
    assert len(found) > 50
    assert [(row.name, row.value, row.reference) for row in found if row.verdict != "holds"] == []
    assert len({row.name for row in found}) == len(found)


def test_vectors_are_copied_right(shared_tables):
    text = Path(activity_models.__file__).with_name("activity_vectors.toml").read_text(encoding="utf-8")
    vectors = tomllib.loads(text)
    with open(shared_tables / "testvectors_compartment.csv", newline="") as file:
        rows = {r["id"]: r for r in csv.DictReader(file)}
    assert {v["id"] for v in vectors["compartment"]} == set(rows)
    for v in vectors["compartment"]:
        assert v["lung_gy"] == float(rows[v["id"]]["D_lung_Gy"])
        assert v["activity_gbq"] == float(rows[v["id"]]["A_GBq_at_infusion"])
        target = "tumour" if "tumour_gy" in v else "perfused"
        assert v[f"{target}_gy"] == float(rows[v["id"]][f"D_{target}_Gy"])
    with open(shared_tables / "decay_factor_testvectors.csv", newline="") as file:
        assert vectors["decay"]["factor"] == [float(r["f_T64.1h"]) for r in csv.DictReader(file)]
