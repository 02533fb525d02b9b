"""What is known of a patient and what has happened: the case and its chart."""

from locoregional.case.case import Case
from locoregional.case.chart import read_chart, write_chart
from locoregional.case.condition import Fitness, Labs, Liver
from locoregional.case.course import Entry, Needle, Outcome, Plan, Quantity, Verdict, now
from locoregional.case.disease import Disease, Patient, PriorLine
from locoregional.case.lesion import Lesion, Organ
from locoregional.case.option import Advice, Expected, Option, Overrule, Prognostic, RuleResult
from locoregional.case.site import BoneFindings, SpineFindings
from locoregional.case.stored import ArrayStore, StoredVolume

__all__ = [
    "Advice",
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
    "PriorLine",
    "Prognostic",
    "Quantity",
    "RuleResult",
    "SpineFindings",
    "StoredVolume",
    "Verdict",
    "now",
    "read_chart",
    "write_chart",
]
