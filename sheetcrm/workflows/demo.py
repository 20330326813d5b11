"""The demo: the samples copied to a folder of the user's, and the weekly job run on them."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sheetcrm.book.find import find_books
from sheetcrm.workflows.summarise import summarise_books
from sheetcrm.workflows.weekly import TeamResult, weekly

# The stories end on this day, so that the demo shows the same figures on any day it is run.
SAMPLES_AS_OF = date(2026, 6, 30)


@dataclass(frozen=True)
class DemoStory:
    """One sample folder and what the weekly job made of it."""

    title: str
    folder: Path
    result: TeamResult


STORIES = (
    ("team", "六人销售团队的半年"),
    ("messy", "一本什么毛病都有的表"),
    ("foreign", "别人家的客户台账"),
)


def samples_folder() -> Path:
    """Return the shipped samples: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "samples"
    return inside if inside.is_dir() else package.parent / "samples"


def demo(folder: Path) -> list[DemoStory]:
    """Copy the samples that `folder` does not have yet and run the weekly job on each story.

    Files that are already there stay as they are, so that what somebody typed into a sample is
    not lost when the demo is run again.
    """
    done = []
    for name, title in STORIES:
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        for source in find_books([samples_folder() / name]).books:
            copy = target / source.name
            if not copy.exists():
                shutil.copyfile(source, copy)
        done.append(DemoStory(title, target, _run(target)))
    return done


def _run(folder: Path) -> TeamResult:
    """Run the weekly job on a team's folder; a workbook that is alone is summed up in itself."""
    books = find_books([folder]).books
    if len(books) == 1:
        return summarise_books([str(books[0])], SAMPLES_AS_OF)
    return weekly(folder, SAMPLES_AS_OF)
