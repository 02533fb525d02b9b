"""Plan of an embolization of a bone metastasis: what the case says, what the angiogram has to show, and what to heed."""

from __future__ import annotations

from locoregional.case import Case, Lesion, Plan
from locoregional.case.site import vertebra
from locoregional.procedures.bone_embolization.settings import Settings
from locoregional.progress import Progress
from locoregional.sources import Facts, read_facts

__all__ = ["plan_bone_embolization"]

SPINE = (
    *(f"C{i}" for i in range(1, 8)), *(f"T{i}" for i in range(1, 13)), *(f"L{i}" for i in range(1, 6)),
)  # fmt: skip
"""Vertebrae from above."""
AGENT = "particles of polyvinyl alcohol, through a catheter in the feeding artery"
ENDPOINT = "stain gone and flow in the feeders standing; measured as the loss of perfused vessels on a last run like the first"
NO_COILS = "coils alone in the feeding artery"
AGENT_FACTS = ("particle.smallest", "particle.largest", "coil.blood_loss", "particle.blood_loss", "failed.count")


def plan_bone_embolization(case: Case, lesion: Lesion, *, name: str, aim: str, progress: Progress) -> Plan:
    """Plan for one lesion.

    Parameters
    ----------
    case : Case
        The case.
    lesion : Lesion
        In bone.
    name : str
        Short name of the procedure.
    aim : str
        ``before an operation`` or ``against pain``.
    progress : Progress
        Told how far it is.
    """
    progress(0.0, "reading what the case says of the lesion")
    facts = read_facts(__package__)
    goal = read_facts("locoregional.measures.devascularisation")["success.lost"]
    operation = aim == "before an operation"
    level = vertebra(lesion.site) if lesion.bone_kind == "vertebra" else ""
    settings = Settings(
        aim=aim,
        agent=AGENT,
        smallest_um=float(facts["particle.smallest"]),
        largest_um=float(facts["particle.largest"]),
        endpoint=ENDPOINT,
        goal_percent=float(goal),
        hypervascular=lesion.hypervascular,
        levels=_levels(level),
        operate_from_h=float(facts["operation.from"]) if operation else None,
        operate_until_h=float(facts["operation.until"]) if operation else None,
    )
    blocks = _blocks(lesion, operation)
    used = [goal, *(facts[name] for name in AGENT_FACTS)]
    used += [fact for name, fact in facts.items() if name.startswith("cord.") and lesion.bone_kind in ("vertebra", None)]
    used += [facts["operation.from"], facts["operation.until"]] if operation else []
    progress(1.0, "planned")
    return Plan(
        id=f"plan-{lesion.id}-{name}-{1 + sum(p.lesion_id == lesion.id for p in case.plans)}",
        lesion_id=lesion.id,
        procedure=name,
        feasible=not blocks,
        needles=(),
        settings=settings,
        words=_words(lesion, level, settings, facts),
        unchecked=("feeding arteries", *(("arteries to the cord",) if lesion.bone_kind in ("vertebra", None) else ())),
        facts=tuple(fact.key for fact in used),
        cautions=(*blocks, *_cautions(lesion, level, operation, facts)),
    )


def _levels(level: str) -> tuple[str, ...]:
    """A vertebra with its neighbours."""
    if not level:
        return ()
    place = SPINE.index(level)
    return SPINE[max(0, place - 1) : place + 2]


def _blocks(lesion: Lesion, operation: bool) -> tuple[str, ...]:
    found = []
    if lesion.hypervascular is False and operation:
        found.append("The lesion is said not to be hypervascular: nothing to gain before an operation (gong2021).")
    if lesion.surgery_planned is False and operation:
        found.append("No operation on this lesion is planned.")
    if lesion.hurts is False and not operation:
        found.append("The lesion does not hurt: nothing to relieve.")
    return tuple(found)


def _words(lesion: Lesion, level: str, settings: Settings, facts: Facts) -> tuple[str, ...]:
    words = []
    if settings.levels:
        words.append(
            f"Angiogram first: the arteries of {', '.join(settings.levels)} on both sides (the level and its neighbours), for "
            "feeders of the tumour and for arteries to the cord."
        )
    else:
        words.append("Angiogram first: it has to show the feeding arteries; they are not told from the site of the lesion here.")
    if lesion.hypervascular:
        words.append("The case says that the lesion is hypervascular.")
    words.append(
        f"Particles of {settings.smallest_um:g} to {settings.largest_um:g} um (series of spinal tumours other than breast), "
        f"slowly and without reflux. Not {NO_COILS}: blood loss {float(facts['coil.blood_loss']):g} ml against "
        f"{float(facts['particle.blood_loss']):g} ml with particles."
    )
    words.append(
        "To measure the result: one run before and one after with the same projection, table, zoom and injection, from the same "
        "place in the artery upstream of what is embolized, some frames before the contrast medium, until it has washed out."
    )
    words.append(
        f"It may prove impossible: {float(facts['failed.count']):g} of 454 embolizations were not feasible, mostly for want "
        "of vessels or because the artery of Adamkiewicz arose in the field (rossi2011embolisation)."
    )
    words.append(f"Goal: more than {settings.goal_percent:g} % less vascularity, a criterion for the eye (geraets2020).")
    if settings.operate_from_h is not None and settings.operate_until_h is not None:
        words.append(
            f"Operate {settings.operate_from_h:g} to {settings.operate_until_h:g} hours later (filippiadis2022, without a "
            "reference); another source describes the benefit as greatest on the same day (facchini_ecio)."
        )
    if level == "" and lesion.bone_kind == "vertebra":
        words.append("The case names no single vertebra, so the levels to show are not listed.")
    return tuple(words)


def _cautions(lesion: Lesion, level: str, operation: bool, facts: Facts) -> tuple[str, ...]:
    """Worst first: the cord, then what is not known, then what the evidence does not carry."""
    found = []
    kind = lesion.bone_kind
    if kind == "vertebra" or kind is None:
        found.append(_cord(level, kind, facts))
    if level.startswith("C"):
        found.append(str(facts["cord.neck"].value))
    if lesion.hypervascular is None:
        found.append("Whether the lesion is hypervascular is not known: the angiogram decides if there is anything to embolize.")
    if lesion.hypervascular is False and not operation:
        found.append("The lesion is said not to be hypervascular, where relief is least to be expected (facchini_ecio).")
    if operation and lesion.surgery_planned is None:
        found.append("Whether an operation is planned is not stated; without one this embolization has no aim.")
    if operation:
        found.append(
            "No benefit is shown in breast cancer: no study supports it in long bones (geraets2020), and in the spine blood loss "
            "did not differ among 28 women (robial2012)."
        )
    if not operation and lesion.surgery_planned:
        found.append("An operation on this lesion is planned: then plan the embolization before it.")
    return tuple(found)


def _cord(level: str, kind: str | None, facts: Facts) -> str:
    usual = (
        f"That artery is present in {float(facts['cord.present']):g} %, arises between T8 and L1 in "
        f"{float(facts['cord.common']):g} % and on the left in {float(facts['cord.left']):g} % (taterra2019)"
    )
    share = (
        f"{float(facts['cord.embolized_levels']):g} % of patients had an artery to the cord at an embolized level (westbroek_rma)"
    )
    if kind is None:
        return f"The case does not say which bone: at a vertebra an artery to the cord may leave the same segment; {share}."
    first, last = (SPINE.index(str(facts[f"cord.{end}_level"].value)) for end in ("first", "last"))
    if level and first <= SPINE.index(level) <= last:
        return (
            f"Cord: {level} lies where the artery of Adamkiewicz may arise. Look for it and for other arteries to the cord "
            f"before any particle, at this level and its neighbours on both sides; do not embolize a segment that feeds one. "
            f"{usual}; {share}."
        )
    return (
        "Cord: an artery to it may leave the same segment at any level of the spine. Look for it before any particle, at this "
        f"level and its neighbours on both sides; do not embolize a segment that feeds one. {usual}; {share}."
    )
