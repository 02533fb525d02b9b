"""The verbs: each takes a case and returns a new one with entries appended to its course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from locoregional.case import Case, Option, Overrule, Plan
from locoregional.case.option import ANSWERS, Answer
from locoregional.errors import CaseError, NotModelled
from locoregional.procedures import found, procedure
from locoregional.progress import Progress, part, silent

if TYPE_CHECKING:
    from locoregional.ablation.dissection import Dissection

__all__ = [
    "chosen", "decision", "load", "overrule", "placed_lines", "plan", "replan", "save", "select", "simulate", "standing",
    "standing_answer", "verify",
]  # fmt: skip

OFFERED = ("indicated", "possible")
"""Answers after which a plan is made without being asked for by name."""
BY_LENGTH, REASON_LENGTH = 80, 1000
"""Longest name and reason of a decision in characters; longer ones break the printed sheets."""


def load(folder: str | Path, progress: Progress = silent) -> Case:
    """Case of a folder: its chart, or what its ``case.toml`` describes if there is no chart or the description has changed."""
    from locoregional.case.build import open_case

    return open_case(Path(folder), progress)


def save(case: Case, folder: str | Path) -> None:
    """Write a case to its folder in one step; an interruption leaves the former chart whole."""
    from locoregional.case.build import save_case

    save_case(case, Path(folder))


def select(case: Case, progress: Progress = silent) -> Case:
    """Consider every procedure for every lesion: rules met, unmet and open, in words, with sources.

    An option that says the same as the latest one of its lesion and procedure is not repeated.

    Raises
    ------
    CaseError
        If the case has no lesion.
    """
    if not case.lesions:
        raise CaseError("the case has no lesion", where=f"patient {case.patient.id}", remedy="Add [[lesions]] to case.toml.")
    from locoregional.procedures.considered import considered

    before = {(o.lesion_id, o.procedure): o for o in case.options}
    return case.appended(
        *(o for o in considered(case, progress) if not _says_the_same(o, before.get((o.lesion_id, o.procedure))))
    )


def _says_the_same(option: Option, before: Option | None) -> bool:
    """Whether an option repeats the latest one of its lesion and procedure, which then stands as it is."""
    return before is not None and replace(option, date=before.date, version=before.version) == before


def standing(case: Case) -> tuple[Option, ...]:
    """Latest option of each lesion and procedure, lesion by lesion."""
    latest = {(o.lesion_id, o.procedure): o for o in case.options}
    order = {lesion.id: i for i, lesion in enumerate(case.lesions)}
    return tuple(sorted(latest.values(), key=lambda o: order.get(o.lesion_id, len(order))))


def decision(case: Case, option: Option) -> Overrule | None:
    """Latest decision of a person on an option; None where nobody overruled it, or the rules say something else by now."""
    mine = [o for o in case.overrules if (o.lesion_id, o.procedure) == (option.lesion_id, option.procedure)]
    return mine[-1] if mine and mine[-1].instead_of == option.answer else None


def standing_answer(case: Case, option: Option) -> tuple[str, Overrule | None]:
    """Answer that stands, and the decision behind it, if any.

    A person's answer where one overruled the rules, else the rules'; a combination heeds both for its steps.
    """
    from locoregional.procedures.combination import capped, combinations

    decided = decision(case, option)
    if decided is not None:
        return decided.answer, decided
    if option.procedure not in combinations():
        return option.answer, None
    steps = [o for o in standing(case) if o.lesion_id == option.lesion_id and o.procedure not in combinations()]
    return capped(option, {o.procedure: standing_answer(case, o)[0] for o in steps}), None


def overrule(case: Case, *, lesion_id: str, procedure_name: str, answer: Answer, by: str, reason: str) -> Case:
    """Put a person's answer beside that of the rules; both stay in the course. The rules' own answer withdraws the decision.

    Parameters
    ----------
    case : Case
        With options.
    lesion_id, procedure_name : str
        Which option.
    answer : str
        The person's answer.
    by, reason : str
        Who decided, and why.

    Raises
    ------
    CaseError
        If there is no such option, it does not concern the organ, the answer is unknown, name or reason are missing or too
        long, or the answer is that of the rules and there is no decision to withdraw.
    """
    from locoregional.selection.assess import concerns

    lesion = case.lesion(lesion_id)
    place = f"lesion {lesion_id}, {procedure_name}"
    found_ = [o for o in standing(case) if (o.lesion_id, o.procedure) == (lesion_id, procedure_name)]
    if not found_:
        known = sorted({o.procedure for o in case.options})
        raise CaseError(
            f"no option {procedure_name!r} for lesion {lesion_id}",
            where=f"patient {case.patient.id}",
            remedy=f"Known: {', '.join(known)}." if known else "Run `locoregional select` first.",
        )
    if answer not in ANSWERS:
        raise CaseError(f"answer {answer!r} is unknown", where="answer", remedy=f"Use one of {', '.join(ANSWERS)}.")
    if not concerns(found_[0]):
        raise CaseError(
            f"{procedure_name} is not done in this organ ({lesion.organ.value.replace('_', ' ')}), so nothing can be overruled",
            where=place,
            remedy="Name another procedure, or correct the organ in case.toml.",
        )
    for name, text, longest in (("name", by, BY_LENGTH), ("reason", reason, REASON_LENGTH)):
        if len(text) > longest:
            raise CaseError(f"the {name} has {len(text)} characters", where=place, remedy=f"Use at most {longest}.")
    if answer == found_[0].answer and not any((d.lesion_id, d.procedure) == (lesion_id, procedure_name) for d in case.overrules):
        raise CaseError(
            f"the rules say {answer!r} themselves, and there is no decision to withdraw",
            where=place,
            remedy="Nothing has to be overruled.",
        )
    return case.appended(Overrule(lesion_id, procedure_name, answer, found_[0].answer, by, reason))


def chosen(case: Case, *, lesion_id: str = "", procedure_name: str = "") -> tuple[Option, ...]:
    """Options to plan: indicated or possible (or overruled to be) and modelled here, or asked for by name."""
    wanted = [o for o in standing(case) if not lesion_id or o.lesion_id == lesion_id]
    if procedure_name:
        return tuple(o for o in wanted if o.procedure == procedure_name)
    return tuple(o for o in wanted if standing_answer(case, o)[0] in OFFERED and _modelled(case, o))


def _ablations(options: tuple[Option, ...], device_name: str) -> tuple[Option, ...]:
    """Those of the options that are ablations, and have this applicator if one is named."""
    from locoregional.procedures.energies import device_named, energies

    wanted = {device_named(device_name)[0].name} if device_name else set(energies())
    return tuple(o for o in options if o.procedure in wanted)


def _modelled(case: Case, option: Option) -> bool:
    lesion = case.lesion(option.lesion_id)
    item = found().get(option.procedure)
    return item is not None and lesion.organ.value in item.modelled and lesion.centre_lps_mm is not None


def plan(
    case: Case,
    progress: Progress = silent,
    *,
    lesion_id: str = "",
    procedure_name: str = "",
    device_name: str = "",
    dissections: Sequence[Dissection] = (),
) -> Case:
    """Plan the options that are indicated or possible (or the one asked for): way in, device, settings.

    Parameters
    ----------
    case : Case
        With images.
    progress : Progress
        Told how far it is.
    lesion_id, procedure_name : str
        Plan only this lesion, or this procedure even where it is not indicated.
    device_name : str
        Applicator of an ablation; empty: its first. Procedures that do not have it are left out.
    dissections : sequence of Dissection
        Fluid or gas to be injected before an ablation.

    Raises
    ------
    CaseError
        If there is no option to plan.
    """
    from locoregional.ablation.procedure import Ablation
    from locoregional.procedures.energies import energies

    case = case if case.options else select(case)
    options = chosen(case, lesion_id=lesion_id, procedure_name=procedure_name)
    if device_name or dissections:
        options = _ablations(options, device_name)
    if not options:
        raise CaseError(
            "no option of this case is indicated or possible and can be modelled, so there is nothing to plan",
            where=f"patient {case.patient.id}",
            remedy="Read `locoregional board`, complete missing data, or name lesion and procedure to plan all the same.",
        )
    for i, option in enumerate(options):
        step = part(progress, i / len(options), (i + 1) / len(options))
        item = procedure(option.procedure)
        if isinstance(item, Ablation):
            own = item.name
            others = tuple(energy for name, energy in energies().items() if name != own)
            item = replace(item, device_name=device_name, dissections=tuple(dissections), others=others)
        case = case.appended(_forbidden(case, option, item.plan(case, case.lesion(option.lesion_id), step)))
    return case


def _forbidden(case: Case, option: Option, made: Plan) -> Plan:
    """Plan that says so first where the rules contraindicate it and no person overruled them; it cannot be used as it is."""
    answer, _ = standing_answer(case, option)
    if answer != "contraindicated":
        return made
    words = f"Contraindicated by the rules. {option.words}"
    return replace(made, feasible=False, cautions=tuple(dict.fromkeys((words, *made.cautions))))


def replan(
    case: Case,
    progress: Progress = silent,
    *,
    lesion_id: str,
    placed: Sequence[tuple[Sequence[float], Sequence[float]]],
    procedure_name: str = "",
    position: str = "supine",
) -> Case:
    """Plan an ablation again around applicators that lie already.

    Parameters
    ----------
    case : Case
        With a plan of the lesion.
    progress : Progress
        Told how far it is.
    lesion_id : str
        The lesion.
    placed : sequence of (entry, tip)
        Of each applicator in place, LPS [mm] of the planning image.
    procedure_name : str
        Which ablation; empty: that of the latest plan of this lesion.
    position : str
        How the patient lies.

    Raises
    ------
    CaseError
        If the lesion has no plan, or the plan is of no ablation.
    PlanningError
        If an applicator cannot lie there.
    """
    from typing import cast, get_args

    from locoregional.ablation.procedure import Ablation
    from locoregional.ablation.replan import replan_ablation
    from locoregional.access.scene import Position

    lesion = case.lesion(lesion_id)
    mine = [p for p in case.plans if p.lesion_id == lesion_id and (not procedure_name or p.procedure == procedure_name)]
    if not mine:
        raise CaseError(f"lesion {lesion_id} has no plan to start from", remedy="Run `locoregional plan` first.")
    item = procedure(mine[-1].procedure)
    if not isinstance(item, Ablation):
        raise CaseError(f"{mine[-1].procedure} has no applicators to plan around", remedy="Name an ablation with --procedure.")
    if position not in get_args(Position):
        raise CaseError(f"position {position!r} is unknown", remedy=f"Use one of {', '.join(get_args(Position))}.")
    made = replan_ablation(case, lesion, item.energy(), progress, placed=placed, position=cast("Position", position))
    return case.appended(made)


def placed_lines(words: str) -> tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]:
    """Entry and tip of applicators, from ``x,y,z/x,y,z`` (LPS mm) or from the lines of a ``.mrk.json`` file.

    Raises
    ------
    CaseError
        If it is neither.
    """
    remedy = 'Give "x,y,z/x,y,z" (entry, then tip, LPS mm) or a .mrk.json file with lines.'
    if words.endswith(".json"):
        from locoregional.imaging.markups import read_markups

        lines = [m.points_lps_mm for m in read_markups(words) if m.kind == "Line"]
        if not lines:
            raise CaseError("the markups hold no line", where=words, remedy=remedy)
        return tuple((tuple(float(x) for x in a), tuple(float(x) for x in b)) for a, b in lines)
    try:
        points = [tuple(float(x) for x in point.split(",")) for point in words.split("/")]
    except ValueError:
        points = []
    if len(points) != 2 or any(len(p) != 3 for p in points):
        raise CaseError("an applicator in place is not understood", where=words, remedy=remedy)
    return ((points[0], points[1]),)


def _latest_plans(case: Case) -> list[Plan]:
    return list({(p.lesion_id, p.procedure): p for p in case.plans}.values())


def simulate(case: Case, progress: Progress = silent, *, processor: str = "cpu") -> Case:
    """Predict the outcome of the latest plan of each lesion and procedure; where it is not feasible, to show why.

    Parameters
    ----------
    case : Case
        With plans.
    progress : Progress
        Told how far it is.
    processor : str
        ``cpu``, or ``cuda`` for the heat of ablations on a GPU.
    """
    from locoregional.ablation.procedure import Ablation

    plans = [p for p in _latest_plans(case) if p.feasible or p.needles]
    if not case.plans:
        raise CaseError("nothing is planned", where=f"patient {case.patient.id}", remedy="Run `locoregional plan` first.")
    left_out: list[NotModelled] = []
    for i, item in enumerate(plans):
        step = part(progress, i / len(plans), (i + 1) / len(plans))
        doer = procedure(item.procedure)
        if isinstance(doer, Ablation):
            doer = replace(doer, processor=processor)
        try:
            case, outcome = doer.simulate(case, item, step)
        except NotModelled as error:  # a plan may stand without a prediction; the others are simulated all the same
            left_out.append(error)
            case = replace(case, notes=tuple(dict.fromkeys((*case.notes, f"{item.id} was not simulated: {error}"))))
            continue
        case = case.appended(outcome)
    if left_out and len(left_out) == len(plans):
        raise left_out[0]
    return case


def _observed(case: Case, progress: Progress) -> Case:
    """Case with what the images after treatment show, for plans whose procedure reads them and that have no such outcome yet."""
    for item in _latest_plans(case):
        look = getattr(procedure(item.procedure), "observe", None)
        if look is None or any(not o.predicted and o.plan_id == item.id for o in case.outcomes):
            continue
        outcome = look(case, item, progress)
        case = case if outcome is None else case.appended(outcome)
    return case


def verify(case: Case, progress: Progress = silent) -> Case:
    """Judge every outcome that has no verdict yet, predicted or observed; what images after treatment show is read first."""
    case = _observed(case, progress)
    if not case.outcomes:
        raise CaseError(
            "there is no outcome to verify", where=f"patient {case.patient.id}", remedy="Simulate, or add [[observed]]."
        )
    judged = {v.outcome_id for v in case.verdicts}
    open_ = [o for o in case.outcomes if o.id not in judged]
    for i, outcome in enumerate(open_):
        step = part(progress, i / len(open_), (i + 1) / len(open_))
        case = case.appended(procedure(outcome.procedure).verify(case, outcome, step))
    return case
