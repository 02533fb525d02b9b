"""Write the pictures of the README from finished cases.

``python docs/make_pictures.py demo demo-2`` after ``make demo`` and ``locoregional demo 2 --out demo-2``.

``board.png`` is a screenshot of the board sheet of ``figure-2`` (``locoregional demo --patient figure-2``) in a browser,
1100 pixels wide.
"""

import sys
from pathlib import Path

from PIL import Image

from locoregional.report.case_report import report_of
from locoregional.report.document import Figure, Scene3D, SliceStack
from locoregional.workflow import load

WIDTH_PX = 1400


def main(folder: Path, second: Path) -> None:
    """Stills of the slices, the scene, the margin map and the isodoses, sized for a web page."""
    from io import BytesIO

    blocks = list(report_of(load(folder)).blocks())
    doses = [b for b in report_of(load(second)).blocks() if isinstance(b, Figure) and "isodose" in b.alt.lower()]
    found = {
        "dose.jpg": doses[-1],
        "plan.jpg": next(b.still for b in blocks if isinstance(b, SliceStack)),
        "scene.png": next(b.still for b in blocks if isinstance(b, Scene3D)),
        "margin.png": [b for b in blocks if isinstance(b, Figure) and "margin" in b.alt.lower()][-1],
    }
    target = Path(__file__).parent / "pictures"
    target.mkdir(exist_ok=True)
    for name, figure in found.items():
        picture = Image.open(BytesIO(figure.data))
        picture.thumbnail((WIDTH_PX, 4 * WIDTH_PX))
        picture = picture.convert("RGB") if name.endswith(".jpg") else picture
        picture.save(target / name, optimize=True, **({"quality": 86} if name.endswith(".jpg") else {}))
        print(target / name, picture.size)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
