"""What the tests of pictures ask of a file: its words, its marks, its ink."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from locoregional.evidence.pooling.pooled import Pooled, StudyEffect


def svg_words(path: Path) -> str:
    """Title and description stored in an SVG, which must be well formed."""
    root = ElementTree.parse(path).getroot()
    return " ".join(text.strip() for text in root.itertext() if text.strip())


def svg_ids(path: Path) -> set[str]:
    """Ids of the marks of an SVG."""
    return {element.get("id", "") for element in ElementTree.parse(path).getroot().iter()}


def ink(path: Path) -> float:
    """Share of the pixels of a PNG that are not white."""
    pixels = np.asarray(Image.open(path).convert("L"))
    return float(np.mean(pixels < 250))


def pooled_of(**changed) -> Pooled:
    """A pool of three series with a diamond, or with other fields."""
    fields = {
        "measure": "proportion", "method": "REML", "test": "Hartung-Knapp", "estimate": 0.189, "ci_low": 0.063, "ci_high": 0.448,
        "level": 0.95, "tau2": 0.123, "tau2_low": 0.0, "tau2_high": 6.0, "i2_percent": 47.1, "q": 3.76, "q_p": 0.152,
        "prediction_low": 0.032, "prediction_high": 0.623, "prediction_convention": "hts", "other_prediction_low": 0.05,
        "other_prediction_high": 0.5, "other_convention": "metafor", "k": 3, "n_total": 153, "poolable": True, "reason": "",
        "warnings": ("fewer than five studies",),
        "studies": (
            StudyEffect("Meloni 2009", 0.25, 0.14, 0.389, 38.0, 13, 52),
            StudyEffect("Bai 2019", 0.116, 0.051, 0.216, 33.0, 8, 69),
            StudyEffect("A study whose authors chose a name that no column of a journal holds", 0.219, 0.093, 0.4, 29.0, 7, 32),
        ),
    }  # fmt: skip
    return Pooled(**{**fields, **changed})
