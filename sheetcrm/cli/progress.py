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
