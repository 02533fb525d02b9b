"""What is known of a patient and what has happened: the case and its chart."""

from locoregional.case.angiograms import AngiogramPair
from locoregional.case.case import Case
from locoregional.case.chart import read_chart, write_chart
from locoregional.case.condition import Fitness, Labs, Liver
from locoregional.case.course import Entry, Needle, Outcome, Plan, Quantity, Verdict, now
from locoregional.case.disease import Disease, Patient, PriorLine, body_surface_m2
from locoregional.case.lesion import Lesion, Organ
from locoregional.case.option import Advice, Expected, Option, Overrule, Prognostic, RuleResult
from locoregional.case.radioembolization import ActivityImage, PlanarCounts, Radioembolization, Vial
from locoregional.case.site import BoneFindings, SpineFindings
from locoregional.case.stored import ArrayStore, StoredVolume

__all__ = [
    "ActivityImage",
    "Advice",
    "AngiogramPair",
    "ArrayStore",
    "BoneFindings",
    "Case",
    "Disease",
    "Entry",
    "Expected",
    "Fitness",
    "Labs",
    "Lesion",
    "Liver",
    "Needle",
    "Option",
    "Organ",
    "Outcome",
    "Overrule",
    "Patient",
    "Plan",
    "PlanarCounts",
    "PriorLine",
    "Prognostic",
    "Quantity",
    "Radioembolization",
    "RuleResult",
    "SpineFindings",
    "StoredVolume",
    "Verdict",
    "Vial",
    "body_surface_m2",
    "now",
    "read_chart",
    "write_chart",
]
