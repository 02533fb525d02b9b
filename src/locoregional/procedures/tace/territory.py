"""What is embolized, as far as a case without an arterial tree can say."""

from __future__ import annotations

import re

from locoregional.case import Case, Lesion, Organ

__all__ = ["liver_lesions", "lobe_of", "territory_of"]

_RIGHT, _LEFT, _CAUDATE = (5, 6, 7, 8), (2, 3, 4), (1,)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "iva": 4, "ivb": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8}


def lobe_of(lesion: Lesion) -> str:
    """Lobe that the stated site means: ``right``, ``left``, ``caudate``; empty where it says nothing or several."""
    text = lesion.site.lower()
    found = {word for word in ("right", "left", "caudate") if re.search(rf"\b{word}\b", text)}
    segment = re.search(r"\b(?:s|seg|segment)\.?\s*([1-8]|[iv]+[ab]?)[ab]?\b", text)
    if segment:
        number = _ROMAN.get(segment[1], int(segment[1]) if segment[1].isdigit() else 0)
        found |= {name for name, held in (("right", _RIGHT), ("left", _LEFT), ("caudate", _CAUDATE)) if number in held}
    return found.pop() if len(found) == 1 else ""


def liver_lesions(case: Case) -> tuple[Lesion, ...]:
    """Lesions of the liver that the case lists."""
    return tuple(x for x in case.lesions if x.organ is Organ.LIVER)


def territory_of(case: Case, lesion: Lesion) -> tuple[str, tuple[str, ...]]:
    """Territory in a few words, and what must be known about it.

    Parameters
    ----------
    case : Case
        The case.
    lesion : Lesion
        Lesion to embolize.
    """
    lobe = lobe_of(lesion)
    name = f"{lobe} lobe" if lobe in ("right", "left") else "caudate lobe" if lobe else "lobar"
    words = [f"Territory: {name}, to be confirmed on angiography; no arterial tree is known, so feeders were not traced."]
    if lobe == "caudate":
        words.append("The caudate lobe is fed from both sides: look for feeders of each.")
    if not lobe:
        words.append("Its side was not stated: write the segment into site of the lesion, or read it from the angiogram.")
    others = [x for x in liver_lesions(case) if x.id != lesion.id]
    lobes = {lobe_of(x) for x in (lesion, *others)}
    if others and {"right", "left"} <= lobes:
        words.append("Lesions lie in both lobes: embolize one lobe in a session, the other later.")
    elif others:
        words.append(
            f"{len(others)} further lesion(s) of the liver are listed; whether they share the territory shows on angiography."
        )
    words.append("As selective as the feeders allow; with cone-beam CT before injection, to see what lies downstream.")
    return f"{name}, to be confirmed on angiography", tuple(words)
