"""How long it takes to select: 10,000 random cases, on one core and on all of them."""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from locoregional.validation.random_cases import random_case
from locoregional.workflow import select

CASES = 10_000
BOUND_S = 20.0
"""What selection must stay under, on two cores."""
BATCH = 250


def select_batch(start: int) -> int:
    """Options of a batch of cases, counted; making the cases is part of the time."""
    return sum(len(select(random_case(seed)).options) for seed in range(start, start + BATCH))


def run() -> list[dict]:
    """Rows of the page."""
    select(random_case(0))  # reads rules and evidence
    rows = []
    start = time.perf_counter()
    options = sum(select_batch(first) for first in range(0, CASES, BATCH))
    one = time.perf_counter() - start
    note = f"{options} options with rules, prognosis, advice; reference: the bound of {BOUND_S:g} s"
    rows.append(
        {"case": f"{CASES} random cases, one core", "seconds": one, "reference": BOUND_S, "ratio": BOUND_S / one, "note": note}
    )
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        list(pool.map(len, [()] * cores))  # starts the processes
        start = time.perf_counter()
        list(pool.map(select_batch, range(0, CASES, BATCH)))
        many = time.perf_counter() - start
    note = f"{cores} processes, reading rules and evidence included; reference: the bound of {BOUND_S:g} s"
    rows.append(
        {
            "case": f"{CASES} random cases, {cores} cores",
            "seconds": many,
            "reference": BOUND_S,
            "ratio": BOUND_S / many,
            "note": note,
        }
    )
    return rows
