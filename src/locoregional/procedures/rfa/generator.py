"""What radiofrequency generators do with power while tissue dries: pulses, ladders, a held temperature or current."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Ladder", "Limits", "Pulsed", "Run", "SteadyCurrent", "Thermostat"]

_REACHED_K = 1.0  # this close to its target, a temperature counts as reached


@dataclass(frozen=True)
class Limits:
    """What the source can give.

    Attributes
    ----------
    current_a : float
        Largest current.
    internal_ohm : float
        Resistance at which it gives the power it is set to; with others it gives ``4 R Ri / (R + Ri)^2`` of it. 0: always all.
    voltage_v : float
        Largest voltage.
    """

    current_a: float
    internal_ohm: float = 0.0
    voltage_v: float = math.inf

    def share(self, resistance_ohm: float) -> float:
        """Share of the power it is set to that it gives into a resistance."""
        if not self.internal_ohm:
            return 1.0
        return 4.0 * resistance_ohm * self.internal_ohm / (resistance_ohm + self.internal_ohm) ** 2

    def power_w(self, *, asked_w: float, resistance_ohm: float) -> float:
        """Power into a resistance when ``asked_w`` is asked for."""
        most = min(self.current_a**2 * resistance_ohm, self.voltage_v**2 / resistance_ohm)
        return min(self.share(resistance_ohm) * asked_w, most)


class Run(Protocol):
    """A program under way.

    ``channel`` is the electrode or pair that it feeds now; they take turns.
    """

    channel: int

    @property
    def words(self) -> Sequence[str]:
        """What happened so far."""
        ...

    def rests_s(self, time_s: float) -> float:
        """How long it goes on waiting for tissue to recover, whatever its load does; 0: it works."""
        ...

    def ask_w(self, time_s: float, *, resistance_ohm: float, sensed_c: float, interval_s: float) -> float:
        """Power to give over the coming interval; may change ``channel``, and then waits for the resistance of that one."""
        ...


@dataclass(frozen=True)
class Pulsed:
    """Full power until the impedance has risen, low power while the tissue takes up water again, and so on.

    Several electrodes or pairs take turns: after ``dwell_s``, or as soon as the impedance of one has risen.

    Attributes
    ----------
    rise_ohm : float
        Rise above the impedance at the start (of each electrode or pair).
    low_w, low_s : float
        Power and time of recovery.
    dwell_s : float
        Longest turn where several take turns.
    """

    rise_ohm: float
    low_w: float
    low_s: float
    dwell_s: float

    def start(self, channels: int, *, limit_w: float) -> Run:
        """Begin."""
        return _PulsedRun(self, limit_w, channels)


class _PulsedRun:
    def __init__(self, program: Pulsed, limit_w: float, channels: int) -> None:
        self.program, self.limit_w = program, limit_w
        self.channel = 0
        self.baseline: dict[int, float] = {}
        self.rest_until = [-1.0] * channels
        self.since = 0.0
        self.rises_s: list[float] = []

    @property
    def words(self) -> tuple[str, ...]:
        if not self.rises_s:
            return ()
        times = f"{len(self.rises_s)} times, first" if len(self.rises_s) > 1 else "once,"
        return (f"impedance rose by {self.program.rise_ohm:g} ohm {times} after {self.rises_s[0]:.0f} s",)

    def rests_s(self, time_s: float) -> float:
        return max(min(self.rest_until) - time_s, 0.0) if self.rest_until[self.channel] > time_s else 0.0

    def _next(self, time_s: float) -> bool:
        """Change to the next channel that need not rest; False: there is none."""
        count = len(self.rest_until)
        for ahead in range(1, count):
            other = (self.channel + ahead) % count
            if self.rest_until[other] <= time_s:
                self.channel, self.since = other, time_s
                return True
        return False

    def ask_w(self, time_s: float, *, resistance_ohm: float, sensed_c: float, interval_s: float) -> float:  # noqa: ARG002
        p, here = self.program, self.channel
        if self.rest_until[here] > time_s:
            return self.limit_w if self._next(time_s) else p.low_w
        baseline = self.baseline.setdefault(here, resistance_ohm)
        if resistance_ohm - baseline >= p.rise_ohm:
            self.rises_s.append(time_s)
            self.rest_until[here] = time_s + p.low_s
            return self.limit_w if self._next(time_s) else p.low_w
        if time_s - self.since >= p.dwell_s:
            self._next(time_s)
        return self.limit_w


@dataclass(frozen=True)
class Ladder:
    """Power raised step by step until the impedance rises steeply; a pause, and once more from less power.

    Attributes
    ----------
    start_w, step_w, every_s : float
        First power, and what is added how often.
    factor : float
        Impedance over its lowest value so far at which a phase ends.
    pause_s, again_share : float
        Pause between the phases; share of the last power that the second starts with.
    """

    start_w: float
    step_w: float
    every_s: float
    factor: float
    pause_s: float
    again_share: float

    def start(self, channels: int, *, limit_w: float) -> Run:  # noqa: ARG002
        """Begin."""
        return _LadderRun(self, limit_w)


class _LadderRun:
    def __init__(self, program: Ladder, limit_w: float) -> None:
        self.program, self.limit_w = program, limit_w
        self.channel, self.words = 0, list[str]()
        self.lowest = float("inf")
        self.phase, self.begun, self.first_w = 1, 0.0, program.start_w

    def rests_s(self, time_s: float) -> float:
        return math.inf if self.phase > 2 else max(self.begun - time_s, 0.0)

    def ask_w(self, time_s: float, *, resistance_ohm: float, sensed_c: float, interval_s: float) -> float:  # noqa: ARG002
        p = self.program
        if self.rests_s(time_s) > 0.0:
            return 0.0
        self.lowest = min(self.lowest, resistance_ohm)
        now = min(self.limit_w, self.first_w + p.step_w * int((time_s - self.begun) / p.every_s))
        if resistance_ohm > p.factor * self.lowest:
            self.words.append(f"roll-off {self.phase} after {time_s:.0f} s at {now:.0f} W")
            self.phase, self.begun, self.first_w = self.phase + 1, time_s + p.pause_s, p.again_share * now
            return 0.0
        return now


@dataclass(frozen=True)
class Thermostat:
    """Power such that the thermocouples show a temperature.

    Attributes
    ----------
    target_c : float
        Mean of the thermocouples.
    gain_1_k : float
        Share of the largest power per kelvin below the target.
    settling_s : float
        Time in which a lasting error doubles the answer.
    """

    target_c: float
    gain_1_k: float
    settling_s: float

    def start(self, channels: int, *, limit_w: float) -> Run:  # noqa: ARG002
        """Begin."""
        return _ThermostatRun(self, limit_w)


class _ThermostatRun:
    def __init__(self, program: Thermostat, limit_w: float) -> None:
        self.program, self.limit_w = program, limit_w
        self.channel, self.words = 0, list[str]()
        self.held = 0.0
        self.reached = False

    def rests_s(self, time_s: float) -> float:  # noqa: ARG002
        return 0.0

    def ask_w(self, time_s: float, *, resistance_ohm: float, sensed_c: float, interval_s: float) -> float:  # noqa: ARG002
        p = self.program
        error = p.target_c - sensed_c
        if error <= _REACHED_K and not self.reached:
            self.reached = True
            self.words.append(f"target of {p.target_c:g} C reached after {time_s:.0f} s")
        if abs(p.gain_1_k * error) < 1.0:  # further away, the answer is at its limit anyway and the lasting part would run off
            self.held = min(max(self.held + p.gain_1_k * error * interval_s / p.settling_s, 0.0), 1.0)
        return self.limit_w * min(max(p.gain_1_k * error + self.held, 0.0), 1.0)


@dataclass(frozen=True)
class SteadyCurrent:
    """A current held as long as the source can: power follows the impedance up to the limits of power and voltage.

    Attributes
    ----------
    current_a : float
        Current that is held.
    limits : Limits
        Of the source.
    """

    current_a: float
    limits: Limits

    def start(self, channels: int, *, limit_w: float) -> Run:  # noqa: ARG002
        """Begin."""
        return _SteadyRun(self, limit_w)


class _SteadyRun:
    def __init__(self, program: SteadyCurrent, limit_w: float) -> None:
        self.program, self.limit_w = program, limit_w
        self.channel, self.words = 0, list[str]()

    def rests_s(self, time_s: float) -> float:  # noqa: ARG002
        return 0.0

    def ask_w(self, time_s: float, *, resistance_ohm: float, sensed_c: float, interval_s: float) -> float:  # noqa: ARG002
        limits, wanted_w = self.program.limits, self.program.current_a**2 * resistance_ohm
        if not self.words and limits.power_w(asked_w=self.limit_w, resistance_ohm=resistance_ohm) < wanted_w:
            self.words.append(f"current fell below {1e3 * self.program.current_a:g} mA after {time_s:.0f} s")
        return min(self.limit_w, wanted_w / limits.share(resistance_ohm))
