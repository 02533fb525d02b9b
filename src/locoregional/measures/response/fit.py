"""Whether a criterion fits metastases of breast cancer, in words with their source."""

from __future__ import annotations

from dataclasses import replace

from locoregional.measures.response.category import Reading
from locoregional.sources import read_facts

__all__ = ["enhancement_doubts"]


def enhancement_doubts(reading: Reading, *, hypervascular: bool | None) -> Reading:
    """Reading with what speaks against criteria of enhancement in breast cancer.

    Parameters
    ----------
    reading : Reading
        By a criterion that rests on arterial enhancement.
    hypervascular : bool or None
        Whether the tumour enhanced more than the liver in the arterial phase before treatment.
    """
    fact = read_facts(__package__)["breast.hypervascular"]
    share = f"about {float(fact):g} % of patients ({fact.low:g} to {fact.high:g} %)"
    rare = f"liver metastases of breast cancer are hypervascular in {share}"
    better = "RECIST 1.1, PERCIST or Choi fit better"
    if hypervascular:
        words = (
            f"{reading.criterion} was made for hepatocellular carcinoma; this tumour enhanced like one, which is needed for it"
        )
    elif hypervascular is False:
        words = f"{reading.criterion} is unfit: this tumour did not enhance more than the liver before treatment; {better}"
    else:
        words = (
            f"{reading.criterion} needs a tumour that enhanced more than the liver before treatment, and nobody said so: "
            f"{rare}; else {better}"
        )
    return replace(reading, doubts=(*reading.doubts, words), facts=(*reading.facts, fact.key))
