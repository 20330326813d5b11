"""Lead sheets read beside the book: each child process has a file of its own."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

from sheetcrm.book.sniff import LeadSheets, read_lead_sheet
from sheetcrm.book.worker import Reader

Ahead = Sequence[Future[LeadSheets]]

_PATIENCE = 0.05  # seconds between two attempts to end a child


@contextmanager
def reading_ahead(paths: Sequence[Path], encoding: str | None) -> Iterator[Ahead]:
    """Read lead sheets one after another while something else is done.

    Yields what will be read, a file each; what is wrong with a file is raised by its `result`. On
    leaving, what is not read yet is given up.

    Args:
        paths: The files.
        encoding: What texts are encoded in; found out without one.
    """
    pool, reader = ThreadPoolExecutor(1), Reader()
    found = [pool.submit(read_lead_sheet, path, reader, encoding) for path in paths]
    try:
        yield found
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for one in found:
            while one.running():  # its child may be about to start, or is read from
                reader.close()
                wait([one], _PATIENCE)
        pool.shutdown()
        reader.close()
