"""The chapters of one lesion: its options, the way in, the predicted zone, and what follow-up showed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from locoregional.case import Case, Lesion, Needle, Option, Outcome, Plan, Quantity, Verdict
from locoregional.procedures import in_sentence, procedure
from locoregional.report.case_layers import layers_of, needles_of, points_of, surfaces_of
from locoregional.report.citations import Citations
from locoregional.report.document import (
    Badge,
    Block,
    Callout,
    Cell,
    Figure,
    Fold,
    KeyNumbers,
    Number,
    Scene3D,
    Section,
    SliceStack,
    Table,
)
from locoregional.report.doubts import hot_structures, leaves_image, spill_of, unseen
from locoregional.report.marks import Surface
from locoregional.report.numbers import format_value
from locoregional.report.tables import settings_table

__all__ = ["LesionPages", "place_words"]

UNIT_OF_SUFFIX = {"_w": "W", "_s": "s", "_mm": "mm", "_c": "C", "_mhz": "MHz", "_ghz": "GHz", "_deg": "deg", "_ml": "ml"}
LABELS = {"margin_goal_mm": "Margin if the zone is centred"}
HEADLINE_NUMBERS = ("depth", "axial_angle", "craniocaudal_angle", "entry_table", "coverage_5mm", "coverage_10mm")


def place_words(lps_mm: tuple[float, float, float]) -> str:
    """LPS point in words: how far to the patient's right or left, front or back, feet or head of the scanner's origin."""
    sides = (("R", "L"), ("A", "P"), ("F", "H"))
    return (
        ", ".join(f"{pair[int(v >= 0)]} {format_value(abs(float(v)), decimals=0)}" for pair, v in zip(sides, lps_mm, strict=True))
        + " mm"
    )


def _verdict_of(success: bool | None) -> str:
    return {True: "good", False: "blocked", None: "caution"}[success]


def _by_name(quantities: tuple[Quantity, ...]) -> dict[str, Quantity]:
    return {q.name: q for q in quantities}


@dataclass(frozen=True)
class LesionPages:
    """Chapters of one lesion and procedure; the latest entries of the chart count.

    Attributes
    ----------
    case, lesion : Case, Lesion
        Whose pages.
    option, plan, predicted, observed : entries of the chart or None
        Latest of each.
    citations : Citations
        Of the whole report.
    """

    case: Case
    lesion: Lesion
    option: Option
    plan: Plan | None
    predicted: Outcome | None
    observed: Outcome | None
    citations: Citations

    def verdict(self, outcome: Outcome | None) -> Verdict | None:
        """Latest verdict on an outcome."""
        found = [v for v in self.case.verdicts if outcome is not None and v.outcome_id == outcome.id]
        return found[-1] if found else None

    @cached_property
    def surfaces(self) -> tuple[Surface, ...]:
        """Scene of the lesion, made once."""
        return surfaces_of(self.case, self.lesion, self.plan, self.predicted)

    @property
    def title(self) -> str:
        """Lesion and procedure, as chapters call them."""
        return f"Lesion {self.lesion.id}, {in_sentence(procedure(self.option.procedure).title)}"

    def sections(self) -> tuple[Section, ...]:
        """Chapters in reading order."""
        made = []
        if self.plan is not None:
            made.append(self._way_in(self.plan))
        if self.predicted is not None:
            made.append(self._zone(self.predicted, f"{self.title}: predicted zone"))
        if self.observed is not None:
            made.append(self._zone(self.observed, f"{self.title}: what follow-up shows"))
        return tuple(made)

    def _rows(self, quantities: tuple[Quantity, ...]) -> Table:
        rows: list[tuple[Cell, ...]] = [(n.label, n, q.method) for q in quantities for n in (self.citations.number(q),)]
        return Table(("Quantity", "Value", "How it was found"), tuple(rows), numeric=(1,))

    def _way_in(self, plan: Plan) -> Section:
        blocks: list[Block] = []
        if not plan.feasible:
            blocks.append(Callout("blocked", "No plan that reaches the goal", plan.words[:1] or ("No reason was recorded.",)))
        blocks.append(KeyNumbers(self._settings(plan)))
        compared = settings_table(plan, self.citations)
        if compared is not None:
            blocks.append(compared)
        if plan.needles:
            blocks += self._needle_blocks(plan)
        reasons = tuple(dict.fromkeys(plan.words))
        if reasons:
            blocks.append(Callout("note", "Why this plan", reasons))
        open_ = unseen(self.case, plan)
        if open_:
            advice = "Not outlined, so no distance from them was kept: look at every slice that the needle passes."
            blocks.append(Callout("unchecked", "Could not be checked", (f"{', '.join(open_).capitalize()}.", advice)))
        search = tuple(q for q in plan.quantities if not q.name.startswith("setting_"))
        if search:
            blocks.append(Fold("Numbers of the search", (self._rows(search),)))
        return Section(
            f"{self.title}: the way in",
            tuple(blocks),
            lead="Where the needle enters, at which angles, how deep, and what it passes.",
        )

    def _settings(self, plan: Plan) -> tuple[Number, ...]:
        numbers = []
        for item in fields(plan.settings):
            value: Any = getattr(plan.settings, item.name)
            suffix = next((s for s in UNIT_OF_SUFFIX if item.name.endswith(s)), "")
            if item.name in ("device", "power_w", "time_s", "needle_length_mm", "margin_goal_mm"):
                label = LABELS.get(item.name) or item.name.removesuffix(suffix).replace("_", " ").capitalize()
                note = f"{value / 60:g} min" if item.name == "time_s" else ""
                numbers.append(Number(label, value, UNIT_OF_SUFFIX.get(suffix, "1"), note=note))
        return tuple(numbers)

    def _needle_blocks(self, plan: Plan) -> list[Block]:
        from locoregional.report.pictures.anatomy import plan_in_planes
        from locoregional.report.render3d import render

        first = plan.needles[0]
        known = _by_name(first.quantities)
        entry = Number("Skin entry", place_words(first.entry_lps_mm), note="LPS, from the scanner's origin")
        tip = Number("Tip", place_words(first.tip_lps_mm))
        key = KeyNumbers((entry, tip, *(self.citations.number(known[n]) for n in HEADLINE_NUMBERS if n in known)))
        layers, needles = layers_of(self.case, self.lesion, self.predicted), needles_of(plan)
        image, target = self.case.image(), self.lesion.located()
        planes = Figure(
            plan_in_planes(image, target, layers=layers, needles=needles),
            "Axial, coronal and sagittal plane through the lesion, and the plane that holds the needle. Radiological convention.",
            f"CT in four planes: lesion {self.lesion.id}, organs at risk and predicted zone outlined, and the needle.",
        )
        view, points = self.view_from(plan), points_of(plan)
        still = Figure(
            render(self.surfaces, points=points, view_from=view, width=1200, height=800),
            "The way in, seen from the side of the needle.",
            "3-D view of skin, bones, organs, lesion, predicted zone and needle, from the side on which the needle enters.",
        )
        stack = SliceStack(image, target, planes, layers, needles)
        scene = Scene3D(self.surfaces, still, points, view, target)
        return [
            key,
            stack,
            scene,
            self._proposals(plan),
            Fold("Everything about the chosen needle", (self._rows(first.quantities),)),
        ]

    def view_from(self, plan: Plan) -> tuple[float, float, float]:
        """Direction to look from: between the needle's own and the patient's front, a little from above."""
        needle = needles_of(plan)[0]
        out = -needle.direction
        across = np.cross(needle.direction, [0.0, 0.0, 1.0])
        across = across if across @ np.array([0.0, -1.0, 0.0]) > 0 else -across
        view = 0.55 * out + 0.9 * across / max(float(np.linalg.norm(across)), 1e-6) + [0.0, 0.0, 0.25]
        if float(np.linalg.norm(view[:2])) < 0.2:
            view = np.array([-0.5, -1.0, 0.35])
        x, y, z = (float(v) for v in view)
        return x, y, z

    def cover(self) -> Figure | None:
        """Close-up of lesion, zone and needle for the first page."""
        from locoregional.report.render3d import render

        if self.plan is None or not self.plan.needles:
            return None
        kept = ("Lesion", "Zone", "Needle")
        faded = tuple(s if s.name.startswith(kept) else replace(s, opacity=min(s.opacity, 0.28)) for s in self.surfaces)
        data = render(
            faded, points=points_of(self.plan), view_from=self.view_from(self.plan),
            target_lps_mm=self.lesion.located(), reach_mm=85.0, width=900, height=820,
        )  # fmt: skip
        words = (
            f"Lesion {self.lesion.id}, the needle and the predicted zone: orange at 50 % chance, pale the outer edge of its band."
        )
        return Figure(data, words, f"3-D close-up: {words}")

    def _proposals(self, plan: Plan) -> Table:
        def row(name: str, needle: Needle) -> tuple[Cell, ...]:
            known = _by_name(needle.quantities)
            cells = [
                self.citations.number(known[n]) if n in known else "not known" for n in ("depth", "coverage_5mm", "coverage_10mm")
            ]
            rooms = [q for q in needle.quantities if q.name.startswith("clearance_") and q.value is not None]
            nearest = min(rooms, key=lambda q: q.value or 0.0, default=None)
            near: Cell = "none within reach" if nearest is None else self.citations.number(nearest)
            which = "" if nearest is None else nearest.name.removeprefix("clearance_").replace("_", " ")
            return (
                name,
                *cells,
                near,
                which,
                Badge("chosen", "good") if name == "A" else (needle.words[0] if needle.words else ""),
            )

        rows = [row(chr(65 + i), needle) for i, needle in enumerate((*plan.needles[:1], *plan.alternatives))]
        heads = ("Path", "Skin to tip", "Coverage with 5 mm", "with 10 mm", "Nearest structure", "which", "Remark")
        return Table(heads, tuple(rows), "Proposals: every one keeps all safety distances that could be checked", (1, 2, 3, 4))

    def _doubts(self, outcome: Outcome) -> list[Block]:
        """Heat where it is not wanted, in words."""
        if not outcome.predicted:
            return []
        words = [
            f"{what.capitalize()}: {value:.0f} °C, alert limit {limit:g} °C" for what, value, limit in hot_structures(outcome)
        ]
        spill = spill_of(self.case, outcome)
        if spill is not None:
            words.append(f"{spill.words}. Look which structure lies there.")
        if leaves_image(self.case, outcome):
            words.append("The zone reaches the border of the image: it is cut there, and nothing beyond was checked.")
        return [Callout("caution", "Heat outside the organ", tuple(words))] if words else []

    def _zone(self, outcome: Outcome, title: str) -> Section:
        from locoregional.report.zone_pictures import log_figure, margin_figure, risk_figure

        verdict = self.verdict(outcome)
        blocks: list[Block] = []
        if verdict is not None:
            colour = _verdict_of(verdict.success)
            kind = {"good": "good", "caution": "caution", "blocked": "blocked"}[colour]
            blocks.append(Callout(kind, "Verdict", verdict.words or ("No words were recorded.",)))
            blocks.append(
                KeyNumbers(
                    tuple(
                        self.citations.number(q, verdict=colour if i == 0 else "neutral")
                        for i, q in enumerate(verdict.quantities)
                    )
                )
            )
        margin = margin_figure(self.case, outcome, self.plan)
        if margin is not None:
            blocks.append(margin)
        risks = risk_figure(outcome)
        if risks is not None:
            blocks.append(risks)
        blocks += self._doubts(outcome)
        log = log_figure(outcome, self.plan)
        if log is not None:
            blocks.append(log)
        if outcome.quantities:
            blocks.append(Fold("All numbers of this zone", (self._rows(outcome.quantities),), opened=True))
        if outcome.words:
            blocks.append(Callout("note", "How it was found", outcome.words))
        keys = tuple(dict.fromkeys((*outcome.facts, *(self.plan.facts if self.plan is not None and outcome.predicted else ()))))
        numbers = self.citations.facts(keys)
        if numbers:
            rows: tuple[tuple[Cell, ...], ...] = tuple((n.label, n, n.where) for n in numbers)
            blocks.append(
                Fold("Facts used, with their sources", (Table(("Fact", "Value", "Where it stands"), rows, numeric=(1,)),))
            )
        lead = "What the simulation expects, with its band." if outcome.predicted else "What the follow-up image shows."
        return Section(title, tuple(blocks), lead=lead)
