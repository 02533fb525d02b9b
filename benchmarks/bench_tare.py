"""How long planning of a radioembolization by numbers takes: all models with intervals, and a fortnight of vials."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from datetime import time as clock

import numpy as np

from locoregional.procedures.tare.activity_plan import plan_all
from locoregional.procedures.tare.activity_request import ActivityRequest, PerfusedTerritory, model_of
from locoregional.procedures.tare.delivery import respond
from locoregional.procedures.tare.limits import LiverFunction
from locoregional.procedures.tare.microspheres import product
from locoregional.procedures.tare.schedule import vial_options
from locoregional.procedures.tare.spread import Spread, draw, exact

TOPIC = "radioembolization by numbers"
BAR_S = 0.2
REPEATS = 5
ASKED = ActivityRequest(
    device="resin",
    scenario="whole liver",
    tumour_ml=exact(200.0),
    normal_ml=exact(1300.0),
    lung_shunt=Spread(0.05, 0.03, 0.08),
    tn_concentration_ratio=exact(4.0),
    height_cm=165.0,
    weight_kg=65.0,
    territories={
        "right": PerfusedTerritory(exact(0.7), exact(150.0), exact(800.0), exact(4.0)),
        "left": PerfusedTerritory(exact(0.3), exact(50.0), exact(500.0), exact(4.0)),
    },
    function=LiverFunction(10.0, False, 0.0),
)


def _row(case: str, seconds: float, note: str, reference: float) -> dict:
    return {"topic": TOPIC, "case": case, "seconds": seconds, "reference": reference, "ratio": seconds / reference, "note": note}


def _best(job, repeats: int = REPEATS) -> float:
    job()
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        job()
        found.append(time.perf_counter() - start)
    return min(found)


def _one_draw_at_a_time() -> None:
    """The partition model over the same draws, in a loop of plain numbers: how a script would do it."""
    inputs = model_of(ASKED, "partition").inputs
    drawn = draw(inputs, fractions=("lung_shunt", "residual_fraction"))
    tumour, normal, lungs = [], [], []
    for n in range(len(drawn["tumour_g"])):
        v = {name: float(values[n]) for name, values in drawn.items()}
        weighted = v["tn_concentration_ratio"] * v["tumour_g"]
        share = weighted / (weighted + v["normal_g"])
        given = 49.67e3 * (1.0 - v["residual_fraction"])
        tumour.append(given * (1.0 - v["lung_shunt"]) * share / v["tumour_g"])
        normal.append(given * (1.0 - v["lung_shunt"]) * (1.0 - share) / v["normal_g"])
        lungs.append(given * v["lung_shunt"] / v["lung_g"])
    for doses in (tumour, normal, lungs):
        np.percentile(doses, (5, 95))


def run() -> list[dict]:
    """Measure everything."""
    seconds = _best(lambda: plan_all(ASKED))
    out = [_row("six models, limits, intervals of 1024 draws", seconds, f"bar: {BAR_S:g} s", BAR_S)]
    model = model_of(ASKED, "partition")
    ours, peer = _best(lambda: respond(model)), _best(_one_draw_at_a_time)
    out.append(_row("partition model, 1024 draws", ours, "against a loop over the same draws", peer))
    days = {"first_day": date(2026, 3, 2), "days": 14, "hours": [clock(h) for h in range(8, 18)], "zone": "Europe/Berlin"}
    sundays = [datetime(2026, 3, day, 17, tzinfo=UTC) for day in (1, 8)]
    item = product("glass")
    seconds = _best(lambda: vial_options(item, wanted_gbq=2.0, calibrations=sundays, **days))
    out.append(_row("vials of glass over 14 days, 10 hours a day, 2 calibrations", seconds, f"bar: {BAR_S:g} s", BAR_S))
    return out


if __name__ == "__main__":
    for line in run():
        print(f"{line['case']:60s} {line['seconds']:8.4f} s  ({line['ratio']:.2f} of the reference; {line['note']})")
