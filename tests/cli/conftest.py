"""Running the program in-process, and a small patient to give it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_images import Phantom, make_phantom, write

from locoregional.cli import main


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def program(capsys):
    """The program as a user runs it: exit code and both streams; a traceback would escape as an exception."""

    def run(*arguments) -> Answer:
        capsys.readouterr()
        try:
            main([str(a) for a in arguments])
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def phantom() -> Phantom:
    return make_phantom()


@pytest.fixture
def files(phantom, tmp_path) -> dict[str, Path]:
    """The phantom on disk."""
    made = {"ct": phantom.ct, "labels": phantom.labels, "lesion": phantom.lesion}
    return {name: write(volume, tmp_path / f"{name}.nii.gz") for name, volume in made.items()}
