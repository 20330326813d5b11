"""Who does the work on the files of a run: this machine's processes, or a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sheetcrm.workflows.parallel import Crew


@contextmanager
def crew(jobs: int | None, address: str | None) -> Iterator["int | Crew"]:
    """Return how many processes of this machine work, or the cluster at an address.

    Raises:
        ClusterProblem: It cannot be used.
    """
    from sheetcrm.workflows.processes import usable_cores

    if address is None:
        yield jobs or usable_cores()
        return
    if jobs is not None:
        raise click.UsageError("--jobs 是这台电脑的进程数，不能和 --cluster 一起用")
    from sheetcrm.workflows.cluster import cluster

    with cluster(address) as found:
        yield found
