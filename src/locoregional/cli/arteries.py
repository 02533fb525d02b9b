"""``locoregional arteries``: what feeds a lesion, and where a catheter tip reaches it and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import click

from locoregional.cli._bar import bar
from locoregional.cli._verb import quiet_option

__all__ = ["command"]

_PATH = click.Path(exists=True, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
_EPILOG = (
    'Example: locoregional arteries cta.nii.gz --root "-6,-10,18" --organ liver.nii.gz --lesion L1=lesion.nii.gz '
    "--structure stomach=stomach.nii.gz --structure gallbladder=gallbladder.nii.gz --json arteries.json --tree arteries.mrk.json"
)


def _point(context: click.Context, option: click.Parameter, text: str | None) -> tuple[float, ...] | None:
    """LPS point of "x,y,z"."""
    if text is None:
        return None
    try:
        found = tuple(float(word) for word in text.split(","))
    except ValueError:
        found = ()
    if len(found) != 3:
        raise click.BadParameter(f'{text!r} is no point; write LPS millimetres as "x,y,z".')
    return found


def _points(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> list[tuple[float, ...]]:
    return [point for point in (_point(context, option, text) for text in texts) if point is not None]


def _named(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> dict[str, Path]:
    """Files by name, of NAME=FILE."""
    found: dict[str, Path] = {}
    for text in texts:
        name, sign, file = text.partition("=")
        if not sign or not name or not Path(file).exists():
            raise click.BadParameter(f"{text!r} is not NAME=FILE with a file that exists.")
        if name in found:
            raise click.BadParameter(f"{name!r} is named twice.")
        found[name] = Path(file)
    return found


@click.command("arteries", epilog=_EPILOG)
@click.argument("image", type=_PATH)
@click.option("--root", callback=_point, help='Point in the artery where the tree starts: LPS mm as "x,y,z".')
@click.option("--organ", required=True, type=_PATH, help="Organ mask, lesions included.")
@click.option("--lesion", "lesions", multiple=True, callback=_named, help="NAME=FILE of a lesion mask; may be repeated.")
@click.option("--structure", "structures", multiple=True, callback=_named, help="NAME=FILE of an organ that must be spared.")
@click.option("--mask", type=_PATH, help="Vessel mask to use in place of the image.")
@click.option("--use-tree", type=_PATH, help="Tree of an earlier run (.json) to use in place of the image.")
@click.option("--cut", "cuts", multiple=True, callback=_points, help="Point where an artery is closed, e.g. behind the root.")
@click.option("--coil", "coils", multiple=True, callback=_points, help="Point of a coil; what lies behind it gets no flow.")
@click.option("--tip", callback=_point, help="Catheter tip to look at.")
@click.option("--embolic-um", type=click.FloatRange(min=1.0), help="Diameter of particles given at --tip until near stasis.")
@click.option(
    "--tumour-factor", type=click.FloatRange(min=0.01), default=1.0, show_default=True, help="Flow per ml, over liver's."
)
@click.option("--members", type=click.IntRange(0, 1000), default=40, show_default=True, help="Trees behind the intervals.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same intervals.")
@click.option("--json", "json_path", type=_OUT, help="Write the numbers here.")
@click.option("--territories", "territories_path", type=_OUT, help="Write the territories here (.nii.gz).")
@click.option("--perfused", "perfused_path", type=_OUT, help="Write what the tip feeds here (.nii.gz), as a mask for case.toml.")
@click.option("--tree", "tree_path", type=_OUT, help="Write the tree here: .mrk.json for 3D Slicer, or .json.")
@quiet_option
def command(
    *,
    image: Path,
    root: tuple[float, ...] | None,
    organ: Path,
    lesions: dict[str, Path],
    structures: dict[str, Path],
    mask: Path | None,
    use_tree: Path | None,
    cuts: list[tuple[float, ...]],
    coils: list[tuple[float, ...]],
    tip: tuple[float, ...] | None,
    embolic_um: float | None,
    tumour_factor: float,
    members: int,
    seed: int,
    json_path: Path | None,
    territories_path: Path | None,
    perfused_path: Path | None,
    tree_path: Path | None,
    quiet: bool,
) -> None:
    """Trace the arteries of IMAGE from a root: feeders of each lesion, tips that reach it, and what a tip would reach.

    IMAGE is a CT or cone-beam CT in which the arteries are bright. Everything that was cut, bridged or assumed is told.
    """
    if (tip or coils) and not lesions:
        raise click.UsageError("--tip and --coil are judged for a lesion; name one with --lesion NAME=FILE.")
    if root is None and use_tree is None:
        raise click.UsageError("the tree needs a start; give --root, or a tree of an earlier run with --use-tree.")
    if use_tree is not None and (root is not None or cuts or mask is not None):
        raise click.UsageError("--use-tree takes the tree as it is; leave --root, --cut and --mask out, or trace it again.")
    if embolic_um is not None and tip is None:
        raise click.UsageError("--embolic-um needs the place where particles are given; add --tip.")
    inputs = {p.resolve() for p in (image, organ, mask, use_tree, *lesions.values(), *structures.values()) if p is not None}
    if perfused_path is not None and tip is None:
        raise click.UsageError("--perfused needs the place of the catheter; add --tip.")
    for target in (json_path, territories_path, perfused_path, tree_path):
        if target is not None and target.resolve() in inputs:
            raise click.UsageError(f"{target} is an input and is never overwritten; choose another name.")
    from locoregional.access.arteries.answer import answer_document, answer_lines, answered, traced
    from locoregional.access.arteries.embolization import embolized
    from locoregional.access.arteries.files import read_tree, tree_document, write_tree, write_tree_markups
    from locoregional.access.arteries.injection import perfused_volume, tip_node
    from locoregional.imaging.atomic import atomic_path
    from locoregional.imaging.masks import read_mask
    from locoregional.imaging.nifti import write_nifti
    from locoregional.imaging.read import read_image
    from locoregional.progress import part

    with bar("arteries", quiet=quiet) as progress:
        progress(0.0, "reading")
        volume = read_image(image)
        organ_mask = read_mask(organ, onto=volume)
        lesion_masks = {name: read_mask(file, onto=volume) for name, file in lesions.items()}
        spared = {name: read_mask(file, onto=volume) for name, file in structures.items()}
        vessels = read_mask(mask, onto=volume) if mask is not None else None
        if use_tree is not None:
            tree = read_tree(use_tree)
        else:
            step = part(progress, 0.1, 0.6)
            tree = traced(volume, root_lps_mm=root or (), organ=organ_mask, mask=vessels, cuts_lps_mm=cuts, progress=step)
        answer = answered(
            tree,
            organ_mask,
            lesion_masks,
            structures=spared,
            tip_lps_mm=tip,
            coils_lps_mm=coils,
            tumour_factor=tumour_factor,
            members=members,
            seed=seed,
            progress=part(progress, 0.6, 1.0),
        )
    for line in (*(f"assumed: {words}" for words in volume.assumed), *answer_lines(answer)):
        click.echo(line)
    embolic: list[str] = []
    if embolic_um is not None and tip is not None:
        supply = answer.lesions[0].supply  # the same arteries for every lesion
        done = embolized(supply.tree, tip=tip_node(supply.tree, tip), size_um=embolic_um)
        count = float(f"{done.given:.2g}")
        embolic = [
            f"about {count:,.0f} particles of {embolic_um:g} um at the tip leave {100 * done.flow_share:.0f} % of its flow"
            + ("" if done.stasis else ": no near stasis"),
            *done.words,
        ]
    for line in embolic:
        click.echo(line)
    if json_path is not None:
        document = {
            **answer_document(answer),
            "embolization": embolic,
            "full_tree": tree_document(tree),
            "assumed": list(volume.assumed),
        }
        with atomic_path(json_path, overwrite=True) as out:
            out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        click.echo(f"written: {json_path}")
    if territories_path is not None:
        labels = answer.territories.labels
        write_nifti(labels.on(labels.array + 1), territories_path, overwrite=True)  # 0 is outside the organ
        click.echo(f"written: {territories_path} (number of the end in the tree, plus 1)")
    if perfused_path is not None and tip is not None:
        coiled_at = [tip_node(tree, point) for point in coils]
        fed = perfused_volume(tree, answer.territories.labels, tip=tip_node(tree, tip), coils=coiled_at)
        write_nifti(fed, perfused_path, overwrite=True)
        click.echo(f"written: {perfused_path} ({fed.array.sum() * fed.grid.voxel_ml:.0f} ml)")
    if tree_path is not None:
        if tree_path.name.endswith(".mrk.json"):
            write_tree_markups(tree, tree_path, overwrite=True)
        else:
            write_tree(tree, tree_path, overwrite=True)
        click.echo(f"written: {tree_path}")
