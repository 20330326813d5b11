"""Which file is being worked on, shown on a terminal while a long run lasts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def file_status(task: str) -> Iterator[Callable[[Path], None]]:
    """Show the file at hand on standard error; nothing where that is no terminal."""
    from rich.console import Console

    count = 0
    with Console(stderr=True).status(f"{task}…") as status:

        def show(path: Path) -> None:
            nonlocal count
            count += 1
            status.update(f"{task}（第 {count} 个）{path.name}")

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
