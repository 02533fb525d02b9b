"""What to prepare and what comes after: endpoint, images, repeats, and the post-embolization syndrome."""

from __future__ import annotations

from locoregional.scores.ctcae import POST_EMBOLIZATION, ctcae_event
from locoregional.sources import read_facts

__all__ = ["ENDPOINT", "follow_up_words", "syndrome_words"]

ENDPOINT = "near stasis: slow antegrade flow; not forced beyond, another session instead"
SEVERE = 3
"""Grade from which an event is severe."""


def follow_up_words() -> tuple[str, ...]:
    """Images and repeats in words."""
    facts = read_facts(__package__)
    images, again = facts["follow.images"], facts["follow.repeat"]
    *first, last = (f"{x:g}" for x in images.value)
    return (
        f"Images at {', '.join(first)} and {last} months, then every 3 months; MRI after iodised oil, which hides enhancement "
        "on CT.",
        f"Again after {again.low:g} to {again.high:g} months where viable tumour is left; stop at progression or when the liver "
        "fails.",
    )


def syndrome_words(*, drug: bool) -> tuple[str, ...]:
    """Post-embolization syndrome by its parts, with the grade from which each is severe.

    Parameters
    ----------
    drug : bool
        Whether a drug is given, for which side effects were pooled.
    """
    facts = read_facts(__package__)
    weeks, pooled = facts["follow.syndrome"], facts["follow.severe"]
    parts = []
    for name in POST_EMBOLIZATION:
        event = ctcae_event(name)
        severe = next((g for g in event.grades if g.number == SEVERE), None)
        parts.append(f"{event.title.lower()}{f' (grade {SEVERE}: {severe.words})' if severe is not None else ''}")
    words = [
        f"Prepare for the post-embolization syndrome, up to {float(weeks):g} weeks (not verified): {'; '.join(parts)}.",
    ]
    if drug:
        words.append(
            f"Severe side effects (grade 3 and 4: blood, liver, post-embolization syndrome) in {pooled.low:g} to "
            f"{pooled.high:g} % of the studies' patients after chemoembolization of breast metastases, as a review pooled them."
        )
    return tuple(words)
