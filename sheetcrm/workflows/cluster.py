"""The processes of a Dask cluster as a crew: the same work, the same results, more machines."""

import asyncio
import logging
import re
import socket
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sheetcrm.errors import ClusterProblem
from sheetcrm.workflows.parallel import Crew
from sheetcrm.workflows.program import FILES

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 6.0
# A cluster that grows on demand, or whose workers were all restarted, may be empty for a while.
EMPTY_SECONDS = 60.0
EXTRA = "sheetcrm[cluster]"

# Whose own words about lost connections nobody asked for; each has a level of its own.
_LOUD = ("distributed", "distributed.client", "tornado", "tornado.application")

_ADDRESS = re.compile(r"(?:tcp|tls)://(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+):(?P<port>\d{1,5})")


@contextmanager
def cluster(address: str) -> Iterator[Crew]:
    """Connect to the scheduler of a cluster.

    Args:
        address: As Dask prints it: tcp://host:8786.

    Raises:
        ClusterProblem: It cannot be reached, has no workers, or their program is another one.
    """
    client = _connected(address)
    try:
        _same_program(address, client)
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        yield _crew(address, client, workers)
    finally:
        client.close(timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]


def _connected(address: str) -> "Client":
    found = _ADDRESS.fullmatch(address)
    if not found:
        raise ClusterProblem(address, "这不是集群的地址", "请写成 tcp://主机:8786 这样")
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterProblem(
            address, "这台电脑没有安装 Dask", f'请先运行 pip install "{EXTRA}"'
        ) from error
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        where = (found["host"].strip("[]"), int(found["port"]))
        with socket.create_connection(where, CONNECT_SECONDS / 2):
            pass
        _refuse_other_service(address)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that differ: `_same_program` says more
            return Client(  # type: ignore[no-untyped-call]
                address, timeout=CONNECT_SECONDS, set_as_default=False
            )
    except (OSError, OverflowError, ValueError) as error:
        raise ClusterProblem(
            address, "连不上这个集群", "请确认地址没有写错、调度器（dask scheduler）正在运行"
        ) from error


def _refuse_other_service(address: str) -> None:
    """Raise unless a scheduler answers: a `Client` waits without end for another service's words.

    Raises:
        ClusterProblem: Something else does, a worker or the scheduler's own web page.
    """
    from distributed.core import rpc
    from distributed.security import Security

    async def kind() -> object:
        secured = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
        async with rpc(address, connection_args=secured) as service:  # type: ignore[no-untyped-call]
            return (await service.identity()).get("type")

    try:
        found = asyncio.run(asyncio.wait_for(kind(), CONNECT_SECONDS))
    except Exception:  # whatever bytes of another service are taken for
        found = None
    if found != "Scheduler":
        raise ClusterProblem(
            address,
            "那里没有 Dask 的调度器应答",
            "请写 dask scheduler 启动时印出的地址（一般是 8786 端口，8787 是它的网页）；"
            "tls:// 的还要先设好 Dask 的证书",
        )


def _crew(address: str, client: "Client", workers: int) -> Crew:
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    @contextmanager
    def executor(jobs: int) -> Iterator[Executor]:
        del jobs  # the scheduler knows
        pool: Executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        try:
            yield pool
        except CancelledError as error:
            raise ClusterProblem(
                address, "和集群的连接断了", "做完的文件已经写好；连上之后再运行一次就接着做"
            ) from error
        except ImportError as error:  # of a worker that has joined since
            raise ClusterProblem(address, *_foreign("后来加入的一台", str(error))) from error
        finally:
            pool.shutdown(wait=False)

    return Crew(
        executor,
        workers,
        lost=(KilledWorker,),
        rounds=1,
        watch=_watch(address, client),
        elsewhere=True,
    )


def _watch(address: str, client: "Client") -> Callable[[], None]:
    """Return what raises when the cluster has been without workers for too long."""
    empty_since: float | None = None

    def watch() -> None:
        nonlocal empty_since
        if client.status == "running" and client.scheduler_info(n_workers=1)["workers"]:
            empty_since = None
        elif empty_since is None:
            empty_since = time.monotonic()
        elif time.monotonic() - empty_since > EMPTY_SECONDS:
            raise ClusterProblem(
                address,
                "集群里的机器都不在了",
                "做完的文件已经写好；请重新启动 dask worker 后再运行一次",
            )

    return watch


def _same_program(address: str, client: "Client") -> None:
    """Raise unless every worker runs this very program: others could give other results."""
    from distributed import TimeoutError as NoWorkers

    try:
        with suppress(AttributeError):
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except NoWorkers as error:
        raise ClusterProblem(
            address, "集群里一台机器都没有", "请先在各台机器上运行 dask worker 加这个地址"
        ) from error
    ours = _asked()()
    for worker, theirs in sorted(client.run(_asked(), on_error="return").items()):
        if not isinstance(theirs, Mapping):
            raise ClusterProblem(address, *_foreign(worker, str(theirs)))
        for name, here in ours.items():
            if theirs.get(name) != here:
                raise ClusterProblem(address, *_foreign(worker, "", name, here, theirs.get(name)))


def _foreign(
    worker: str, error: str, name: str = "", here: str = "", there: str | None = None
) -> tuple[str, str]:
    remedy = "请在每台机器上装同一个版本的 sheetcrm 和它的依赖，再重启 dask worker"
    if error:
        return f"集群里的 {worker} 运行不了 sheetcrm（{error}）", remedy
    if name == FILES:
        return f"集群里的 {worker} 上 sheetcrm 的程序文件和这里的不一样", remedy
    return f"集群里的 {worker} 上 {name} 是 {there or '没有安装'}，这里是 {here}", remedy


def _asked() -> Callable[[], Any]:
    """Return what asks a worker for its program, also one that has none of ours."""

    def ask() -> dict[str, str]:  # sent as it stands here, since it is inside a function
        try:
            from sheetcrm.workflows.program import program, version_of
        except ImportError:
            try:
                from sheetcrm import __version__
            except ImportError:
                return {}
            return {"sheetcrm": __version__}
        return {**program(), "distributed": version_of("distributed")}

    return ask
