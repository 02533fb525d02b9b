"""One thread or all: the faster way wins, is tried again, and is never taken where it is forbidden."""

import itertools

import pytest

from locoregional.physics import pace as module
from locoregional.physics.pace import Pace


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    return now


def ways(pace, clock, *, threads_s, alone_s, steps):
    found = []
    for _ in range(steps):
        found.append(pace.begin())
        clock[0] += threads_s if found[-1] else alone_s
        pace.end()
    return found


@pytest.mark.parametrize(("threads_s", "alone_s", "faster"), [(1.0, 3.0, True), (3.0, 1.0, False)])
def test_the_faster_way_wins_and_both_are_tried_ever_more_rarely(clock, threads_s, alone_s, faster):
    found = ways(Pace(parallel=True), clock, threads_s=threads_s, alone_s=alone_s, steps=600)
    assert found[:2] == [True, False]
    assert sum(way is faster for way in found) > 570
    runs = [len(list(group)) for way, group in itertools.groupby(found) if way is faster]
    assert max(runs) > 100


def test_it_changes_its_mind_when_the_machine_does(clock):
    pace = Pace(parallel=True)
    ways(pace, clock, threads_s=1.0, alone_s=2.0, steps=50)
    assert not any(ways(pace, clock, threads_s=5.0, alone_s=2.0, steps=400)[-50:-20])


def test_one_thread_stays_one_thread(clock):
    assert not any(ways(Pace(parallel=False), clock, threads_s=1.0, alone_s=9.0, steps=50))
