"""The chapters of one lesion: its options, the way in, the predicted zone, and what follow-up showed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from locoregional.ablation.dissection import FLUIDS
from locoregional.case import Needle, Outcome, Plan, Quantity
from locoregional.report.applicators import applicator_names, needles_table, place_words
from locoregional.report.case_layers import contours_of, layers_of, needles_of, points_of, surfaces_of
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
from locoregional.report.doubts import leaves_image, spill_of, unseen
from locoregional.report.energy_words import energy_words
from locoregional.report.ice import ice_callout
from locoregional.report.marks import Surface, common_direction
from locoregional.report.pages import Pages, colour_of_success
from locoregional.report.pictures.anatomy import WINDOWS
from locoregional.report.received import PREFIXES, received_by, received_table
from locoregional.report.tables import settings_table

__all__ = ["LesionPages"]

HEADLINE_NUMBERS = ("depth", "axial_angle", "craniocaudal_angle", "entry_table", "coverage_5mm", "coverage_10mm")
PLAN_NUMBERS = ("coverage_0mm", "coverage_5mm", "coverage_10mm", "least_spacing", "joint_growth")
"""Numbers of several applicators as a whole."""
APART_SHARE = 0.6
"""Needles that lie closer in the picture than this share of their distance are looked at from another side."""


def _sentence(words: str) -> str:
    """Words with a capital first letter; units keep theirs."""
    return words[:1].upper() + words[1:]


def _by_name(quantities: tuple[Quantity, ...]) -> dict[str, Quantity]:
    return {q.name: q for q in quantities}


@dataclass(frozen=True)
class LesionPages(Pages):
    """Chapters of an ablation."""

    @cached_property
    def surfaces(self) -> tuple[Surface, ...]:
        """Scene of the lesion, made once."""
        return surfaces_of(self.case, self.lesion, self.plan, self.predicted)

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

    def _way_in(self, plan: Plan) -> Section:
        blocks: list[Block] = []
        if not plan.feasible:
            blocks.append(Callout("blocked", "No plan that reaches the goal", plan.words[:1] or ("No reason was recorded.",)))
        if plan.cautions:
            blocks.append(Callout("caution", "What stands against it", plan.cautions))
        blocks.append(KeyNumbers(self._settings(plan)))
        compared = settings_table(plan, self.citations, organ=self.lesion.organ.value)
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
            blocks.append(Fold("Numbers of the search", (self.rows(search),)))
        return Section(
            f"{self.title}: the way in",
            tuple(blocks),
            lead="Where each needle enters, at which angles, how deep, and what it passes."
            if len(plan.needles) > 1
            else "Where the needle enters, at which angles, how deep, and what it passes.",
        )

    def _settings(self, plan: Plan) -> tuple[Number, ...]:
        settings, count = plan.settings, len(plan.needles)
        each = ", each" if count > 1 else ""
        numbers = [Number("Device", str(getattr(settings, "device", "not known")))]
        if count > 1:
            how = "at once" if getattr(settings, "together", True) else "one after another"
            numbers.append(Number("Applicators", f"{count} {how}"))
        power, time = getattr(settings, "power_w", None), getattr(settings, "time_s", None)
        if power:
            numbers.append(Number(f"Power{each}", power, "W"))
        if time:
            numbers.append(Number(f"Time{each}", time / 60.0, "min", note=f"{time:g} s"))
        if getattr(settings, "program", ""):
            numbers.append(Number("Program", settings.program))
        if getattr(settings, "needle_length_mm", None):
            numbers.append(Number("Needle length", settings.needle_length_mm, "mm"))
        if getattr(settings, "margin_goal_mm", None):
            words = "Margin that the arrangement holds" if count > 1 else "Margin if the zone is centred"
            numbers.append(Number(words, settings.margin_goal_mm, "mm"))
        for one in getattr(settings, "dissections", ()):
            note = f"{FLUIDS[one.fluid]} between the target and {one.structure.replace('_', ' ')}"
            numbers.append(Number("Dissection", one.thickness_mm, "mm", note=note))
        return tuple(numbers)

    def _needle_blocks(self, plan: Plan) -> list[Block]:
        from locoregional.report.pictures.anatomy import plan_in_planes
        from locoregional.report.render3d import render

        several = len(plan.needles) > 1
        layers, needles = layers_of(self.case, self.lesion, self.predicted), needles_of(plan)
        image, target, window = self.case.image(), self.lesion.located(), self._window
        across = ", and the plane across all of them, seen from the skin" if several else ""
        planes = Figure(
            plan_in_planes(
                image, target, layers=layers, needles=needles, window=WINDOWS.get(window.lower(), WINDOWS["soft tissue"])
            ),
            f"Axial, coronal and sagittal plane through the lesion, and the plane that holds the {'first ' if several else ''}"
            f"needle{across}. Radiological convention.",
            f"CT in planes: lesion {self.lesion.id}, organs at risk and predicted zone outlined, and the needles.",
        )
        view, points = self.view_from(plan), points_of(plan)
        still = Figure(
            render(self.surfaces, points=points, view_from=view, width=1200, height=800),
            f"The way in, seen from the side of the needle{'s' if several else ''}.",
            "3-D view of skin, bones, organs, lesion, predicted zone and needles, from the side on which they enter.",
        )
        stack = SliceStack(image, target, planes, layers, needles, window=window)
        scene = Scene3D(self.surfaces, still, points, view, target, needles)
        folds = [
            Fold(f"Everything about {name if several else 'the chosen needle'}", (self.rows(needle.quantities),))
            for name, needle in zip(applicator_names(plan), plan.needles, strict=True)
        ]
        proposals = self._proposals(plan)
        return [*self._entry(plan), stack, scene, *([proposals] if proposals is not None else []), *folds]

    @property
    def _window(self) -> str:
        """CT window in which the plan is shown first."""
        return {"lung": "Lung", "bone": "Bone"}.get(self.lesion.organ.value, "Soft tissue")

    def _entry(self, plan: Plan) -> list[Block]:
        """Numbers to dial: of a single needle as such, of several in a table."""
        table = needles_table(plan, self.citations)
        if table is not None:
            known = _by_name(plan.quantities)
            whole = tuple(self.citations.number(known[n]) for n in PLAN_NUMBERS if n in known)
            return [KeyNumbers(whole), table] if whole else [table]
        first = plan.needles[0]
        known = _by_name(first.quantities)
        entry = Number("Skin entry", place_words(first.entry_lps_mm), note="LPS, from the scanner's origin")
        tip = Number("Tip", place_words(first.tip_lps_mm))
        return [KeyNumbers((entry, tip, *(self.citations.number(known[n]) for n in HEADLINE_NUMBERS if n in known)))]

    def view_from(self, plan: Plan) -> tuple[float, float, float]:
        """Direction to look from: between the needles' own and the patient's front, a little from above.

        Where several needles would hide each other, the view turns around them until they lie side by side.
        """
        needles = needles_of(plan)
        way = common_direction(needles)
        across = np.cross(way, [0.0, 0.0, 1.0])
        across = across if across @ np.array([0.0, -1.0, 0.0]) > 0 else -across
        across = across / max(float(np.linalg.norm(across)), 1e-6)
        middles = np.array([(n.entry_lps_mm + n.tip_lps_mm) / 2 for n in needles])
        spread = middles - middles.mean(axis=0)
        spread -= np.outer(spread @ way, way)
        seen = spread - np.outer(spread @ across, across)
        if np.linalg.norm(seen) < APART_SHARE * np.linalg.norm(spread):
            side = np.linalg.svd(spread)[2][0]
            turned = np.cross(way, side)
            across = across + 1.2 * (turned if turned @ across + 0.3 * turned[2] > 0 else -turned)
            across /= np.linalg.norm(across)
        view = 0.55 * -way + 0.9 * across + [0.0, 0.0, 0.25]
        if float(np.linalg.norm(view[:2])) < 0.2:
            view = np.array([-0.5, -1.0, 0.35])
        x, y, z = (float(v) for v in view)
        return x, y, z

    def cover(self) -> Figure | None:
        """Close-up of lesion, zone and needle for the first page."""
        from locoregional.report.render3d import render

        if self.plan is None or not self.plan.needles:
            return None
        contours = [layer.name for layer in contours_of(self.case, self.predicted) if layer.shown]
        kept = ("Lesion", "Zone", "Lethal zone", *contours, *applicator_names(self.plan))
        faded = tuple(s if s.name.startswith(kept) else replace(s, opacity=min(s.opacity, 0.28)) for s in self.surfaces)
        data = render(
            faded, points=points_of(self.plan), view_from=self.view_from(self.plan),
            target_lps_mm=self.lesion.located(), reach_mm=85.0, width=900, height=820,
        )  # fmt: skip
        needles = "the needle" if len(self.plan.needles) == 1 else f"the {len(self.plan.needles)} applicators"
        words = f"Lesion {self.lesion.id} and {needles}"
        if self.predicted is not None:
            cold = energy_words(self.predicted.procedure).cold
            words += (
                f", and {'what dies' if cold else 'the predicted zone'}: orange at 50 % chance, pale the outer edge of its band"
            )
        words += f"; whitish: {', '.join(contours).lower().replace('ct', 'CT')}." if contours else "."
        return Figure(data, words, f"3-D close-up: {words}")

    def _proposals(self, plan: Plan) -> Table | None:
        several = len(plan.needles) > 1
        if several and not plan.alternatives:
            return None

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

        heads = ("Path", "Skin to tip", "Coverage with 5 mm", "with 10 mm", "Nearest structure", "which", "Remark")
        if several:
            rows = [row(chr(66 + i), needle) for i, needle in enumerate(plan.alternatives)]
            return Table(heads, tuple(rows), "Other ways in, each with a single applicator", (1, 2, 3, 4))
        rows = [row(chr(65 + i), needle) for i, needle in enumerate((*plan.needles, *plan.alternatives))]
        return Table(heads, tuple(rows), "Proposals: every one keeps all safety distances that could be checked", (1, 2, 3, 4))

    def _doubts(self, outcome: Outcome) -> list[Block]:
        """Heat or cold where it is not wanted, in words."""
        if not outcome.predicted:
            return []
        words = [_sentence(r.words) for r in received_by(outcome) if r.level == "alert" or r.alert_share]
        spill = spill_of(self.case, outcome)
        if spill is not None:
            words.append(f"{spill.words}. Look which structure lies there.")
        if leaves_image(self.case, outcome):
            words.append("The zone reaches the border of the image: it is cut there, and nothing beyond was checked.")
        effect = energy_words(outcome.procedure).effect
        return [Callout("caution", f"{effect.capitalize()} beyond the target", tuple(words))] if words else []

    def _close_up(self, outcome: Outcome) -> Figure | None:
        """Zone close up; None for what was observed, or where there is no needle to set the planes."""
        from locoregional.report.pictures.close_up import zone_close_up

        needles = needles_of(self.plan)
        if not outcome.predicted or not needles or "probability" not in outcome.maps:
            return None
        layers = layers_of(self.case, self.lesion, outcome)
        window = WINDOWS.get(self._window.lower(), WINDOWS["soft tissue"])
        data = zone_close_up(self.case.image(), self.lesion.located(), layers=layers, needles=needles, window=window)
        words = energy_words(outcome.procedure)
        what = "what dies (orange: 50 % chance, filled: 5 to 95 % of the model runs)"
        ice = " inside the ice as CT shows it (white)" if "ice" in outcome.maps else ""
        caption = (
            f"Close up: {what}{ice}, and the lesion (yellow). "
            "Across: seen from the skin; filled dots where needles cross, open where they end before."
        )
        return Figure(data, caption, f"{words.zone} with its band around the lesion in three planes{ice}.")

    def _zone(self, outcome: Outcome, title: str) -> Section:
        from locoregional.report.log_picture import log_figure
        from locoregional.report.zone_pictures import margin_figure, risk_figure

        verdict = self.verdict(outcome)
        blocks: list[Block] = []
        if verdict is not None:
            colour = colour_of_success(verdict.success)
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
        found: list[Block | None] = [
            self._close_up(outcome), ice_callout(self.case, outcome), margin_figure(self.case, outcome, self.plan),
            received_table(outcome, self.citations), risk_figure(outcome), *self._doubts(outcome), log_figure(outcome, self.plan),
        ]  # fmt: skip
        blocks += [block for block in found if block is not None]
        told = {r.structure for r in received_by(outcome)}
        rest = tuple(
            q for q in outcome.quantities if not any(q.name == f"{prefix}{name}" for prefix in PREFIXES for name in told)
        )
        if rest:
            blocks.append(Fold("All numbers of this zone", (self.rows(rest),), opened=True))
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
