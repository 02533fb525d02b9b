"""Colours that mean the same thing in every picture, scene and page; distinguishable with any colour vision."""

from __future__ import annotations

__all__ = ["COLOURS", "MARGIN_CLASSES", "colour_of", "rgb"]

COLOURS = {
    "lesion": "#f0e442",
    "zone": "#ff7a33",
    "band": "#e69f00",
    "needle": "#56c8f5",
    "liver": "#3fbf8f",
    "vessels": "#5b8def",
    "bone": "#e6dcc3",
    "skin": "#d9b9a3",
    "lungs": "#a8c7d8",
    "gallbladder": "#8fd14f",
    "bowel": "#c792d9",
    "stomach": "#d98fb0",
    "heart": "#e2606b",
    "kidney": "#cc79a7",
    "airways": "#8fb7c9",
    "risk": "#cc79a7",
    "organ": "#9fb3c8",
}
"""Colour by role or organ; unknown risk structures share one."""

MARGIN_CLASSES = (
    (float("-inf"), 0.0, "< 0 mm (tumour left)", "#9b1b3b"),
    (0.0, 5.0, "0 to 5 mm", "#e69f00"),
    (5.0, 10.0, "5 to 10 mm", "#7cc4ee"),
    (10.0, float("inf"), "10 mm or more", "#1f5fa8"),
)
"""Margin classes: from [mm], to [mm], words, colour (dark red, orange, light and dark blue)."""


def colour_of(name: str, *, role: str = "organ") -> str:
    """Colour of a structure by its name, else by its role.

    Parameters
    ----------
    name : str
        Structure name in any case, also within longer names (``kidney_right``).
    role : str
        What to fall back on: a key of ``COLOURS``.

    Returns
    -------
    str
        ``#rrggbb``.
    """
    lower = name.lower().replace("gall bladder", "gallbladder")
    alike = {
        "colon": "bowel",
        "duodenum": "bowel",
        "rib": "bone",
        "vertebra": "bone",
        "spine": "bone",
        "vein": "vessels",
        "artery": "vessels",
    }
    alike |= {
        "aorta": "vessels",
        "vena": "vessels",
        "vessel": "vessels",
        "lung": "lungs",
        "trachea": "airways",
        "body": "skin",
        "tumour": "lesion",
    }
    for word, key in [("vessel", "vessels"), *((k, k) for k in COLOURS), *alike.items()]:
        if word in lower:
            return COLOURS[key]
    return COLOURS.get(role, COLOURS["organ"])


def rgb(colour: str) -> tuple[float, float, float]:
    """Red, green and blue in 0..1 of a ``#rrggbb`` colour."""
    return tuple(int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))  # type: ignore[return-value]
