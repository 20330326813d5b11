"""What a run leaves in the log: noted by the commands while they work."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import click


@dataclass
class Record:
    """One run of the program: `debug` is what the user asked for, the rest is for the log.

    `problem` names what stopped the run: the kind of the error, and its code if it has one.
    """

    debug: bool = False
    command: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""


def tell(ctx: click.Context, **counts: int) -> None:
    """Note what a command counted; never what is in a workbook."""
    record = ctx.find_object(Record)
    if record is not None:
        record.counts = counts


def typed(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the options and the files of a command line; whatever else was typed is left out."""
    from pathlib import Path  # `--version` names no file

    for argument in arguments:
        if argument.startswith("-"):
            yield argument.partition("=")[0]
            continue
        with suppress(OSError, ValueError):
            if Path(argument).exists():
                yield argument
