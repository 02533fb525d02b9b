"""The one value that flows through everything."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from locoregional.case.course import Entry, Outcome, Plan, Verdict
from locoregional.case.disease import Disease, Patient
from locoregional.case.lesion import Lesion
from locoregional.case.option import Option, Overrule
from locoregional.case.radioembolization import ActivityImage, Radioembolization
from locoregional.case.stored import ArrayStore, StoredVolume
from locoregional.errors import CaseError
from locoregional.imaging.volume import Volume

__all__ = ["Case"]


@dataclass(frozen=True)
class Case:
    """A patient, the lesions, the images, and the course so far. Frozen: every verb returns a new one.

    Attributes
    ----------
    patient : Patient
        Who is treated.
    disease : Disease
        What is known of the cancer.
    lesions : tuple of Lesion
        Metastases under consideration.
    images : dict of str to StoredVolume
        ``planning`` is the image that plans are made on; ``after`` the follow-up, if there is one.
    structures : dict of str to StoredVolume
        Masks on the planning grid, by anatomical name.
    origins : dict of str to str
        For each structure: ``given`` or how it was found.
    course : tuple of Option, Overrule, Plan, Outcome or Verdict
        The chart, oldest first.
    notes : tuple of str
        What was assumed or could not be checked while reading the case.
    store : ArrayStore
        Keeper of the arrays; not part of equality.
    activities : dict of str to ActivityImage
        ``work_up`` is the 99mTc-MAA map before radioembolization, ``treatment`` the yttrium-90 map after it.
    radioembolization : Radioembolization
        What a plan of radioembolization needs beside the images.
    """

    patient: Patient
    disease: Disease = field(default_factory=Disease)
    lesions: tuple[Lesion, ...] = ()
    images: dict[str, StoredVolume] = field(default_factory=dict)
    structures: dict[str, StoredVolume] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    course: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()
    store: ArrayStore = field(default_factory=ArrayStore, compare=False, repr=False)
    activities: dict[str, ActivityImage] = field(default_factory=dict)
    radioembolization: Radioembolization = field(default_factory=Radioembolization)

    def __post_init__(self) -> None:
        """Refuse lesions that share a name, and counts that the lesions contradict."""
        ids = [lesion.id for lesion in self.lesions]
        if len({name.strip().casefold() for name in ids}) != len(ids):  # a person takes "L1" and "l1 " for the same
            raise CaseError(
                "two lesions share an id",
                where=", ".join(ids),
                remedy="Give each lesion its own id; capitals and outer spaces do not tell them apart.",
            )
        total = self.disease.metastases_total
        unlisted = sorted(set(self.disease.extrahepatic or ()) - {lesion.organ.value for lesion in self.lesions})
        if total is not None and total < len(ids) + len(unlisted):
            further = f" and there are metastases in {', '.join(unlisted)}" if unlisted else ""
            raise CaseError(
                f"{len(ids)} lesions are listed{further}, but metastases_total says {total}",
                where="disease.metastases_total",
                remedy="The total counts every metastasis: those listed as lesions, and at least one for each other site.",
            )
        growing, stated = sum(lesion.growing is True for lesion in self.lesions), self.disease.progressing_lesions
        if stated is not None and stated < growing:
            raise CaseError(
                f"{growing} of the lesions listed grow, but progressing_lesions says {stated}",
                where="disease.progressing_lesions",
                remedy="Correct it, or growing of a lesion; it counts every metastasis that grows or is new.",
            )

    @property
    def options(self) -> tuple[Option, ...]:
        """Options in the course."""
        return tuple(e for e in self.course if isinstance(e, Option))

    @property
    def overrules(self) -> tuple[Overrule, ...]:
        """Decisions of persons against the rules that nobody withdrew; those withdrawn stay in the course alone."""
        standing: list[Overrule] = []
        for entry in self.course:
            if not isinstance(entry, Overrule):
                continue
            if entry.answer == entry.instead_of:  # back to the rules' own answer
                pair = (entry.lesion_id, entry.procedure)
                standing = [d for d in standing if (d.lesion_id, d.procedure) != pair]
            else:
                standing.append(entry)
        return tuple(standing)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Plans in the course."""
        return tuple(e for e in self.course if isinstance(e, Plan))

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Outcomes in the course."""
        return tuple(e for e in self.course if isinstance(e, Outcome))

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Verdicts in the course."""
        return tuple(e for e in self.course if isinstance(e, Verdict))

    def lesion(self, lesion_id: str) -> Lesion:
        """Lesion by id.

        Raises
        ------
        CaseError
            If there is none of that id.
        """
        for lesion in self.lesions:
            if lesion.id == lesion_id:
                return lesion
        raise CaseError(f"no lesion {lesion_id!r}", remedy=f"Known: {', '.join(x.id for x in self.lesions) or 'none'}.")

    def image(self, name: str = "planning") -> Volume:
        """Image by name.

        Raises
        ------
        CaseError
            If the case has none of that name.
        """
        if name not in self.images:
            raise CaseError(
                f"the case has no image {name!r}",
                where=f"patient {self.patient.id}",
                remedy=f"Add [images.{name}] to case.toml. Present: {', '.join(self.images) or 'none'}.",
            )
        return self.store.get(self.images[name])

    def structure(self, name: str) -> Volume | None:
        """Mask of a structure on the planning grid, None where it is not known."""
        return self.store.get(self.structures[name]) if name in self.structures else None

    def tumour(self, lesion: Lesion) -> Volume:
        """Mask of a lesion.

        Raises
        ------
        CaseError
            If the lesion has no mask.
        """
        if lesion.mask is None:
            raise CaseError(f"lesion {lesion.id} has no mask", remedy="Give a mask, or a seed point and a diameter.")
        return self.store.get(lesion.mask)

    def appended(self, *entries: Entry) -> Case:
        """Same case with entries at the end of its course."""
        return replace(self, course=(*self.course, *entries))

    def arrays(self) -> set[str]:
        """Hashes of every array the case refers to."""
        refs = [*self.images.values(), *self.structures.values(), *(x.mask for x in self.lesions)]
        refs += [activity.volume for activity in self.activities.values()]
        for outcome in self.outcomes:
            refs += [*outcome.maps.values(), outcome.reference_tumour]
            refs += outcome.angiograms.arrays() if outcome.angiograms is not None else ()
        return {ref.sha256 for ref in refs if ref is not None}
