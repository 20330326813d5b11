"""What is being worked on, shown on a terminal while a long run lasts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sheetcrm.workflows.parallel import Progress, Step


@contextmanager
def file_progress(task: str) -> Iterator["Progress"]:
    """Show a bar of files done on standard error; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn(task),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    console = Console(stderr=True)
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task("", total=None)

        def show(step: "Step") -> None:
            bar.update(shown, total=step.total, completed=step.done, description=step.path.name)

        yield show


class Steps:
    """Says what a long run is doing; silent while somebody is asked something."""

    def __init__(self, update: Callable[[str], None], stop: Callable[[], None]) -> None:
        self._update, self._stop = update, stop

    def __call__(self, text: str) -> None:
        """Show the step at hand."""
        self._update(text)

    def pause(self) -> None:
        """Leave the terminal to a question."""
        self._stop()


@contextmanager
def step_status(task: str) -> Iterator[Steps]:
    """Show the step at hand on standard error; nothing where that is no terminal."""
    from rich.console import Console

    with Console(stderr=True).status(f"{task}…") as status:

        def update(text: str) -> None:
            status.start()
            status.update(f"{task}：{text}…")

        yield Steps(update, status.stop)
