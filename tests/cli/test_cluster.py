"""The same reports in the same order, whoever does the work: threads, processes, a cluster."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.support.running import TIMEOUT
from usock_lint import lint_paths
from usock_lint.diagnostics import FileReport

pytestmark = pytest.mark.slow

_FILES = 2_000


@contextmanager
def _dask(processes: int) -> Generator[Executor]:
    """Dask's executor on a cluster of processes on this machine."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=processes, threads_per_worker=1, dashboard_address=None, host=socket.gethostbyname("localhost")
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor()


@pytest.fixture(scope="module", name="tree")
def tree_of_thousands_of_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    for number in range(_FILES):
        text = ("x = 1\n", TIMEOUT, f"import threading\n{TIMEOUT}", "import socket\n(")[number % 4]
        (tree / f"f{number:04}.py").write_text("# \n" * (number % 7) + text)
    return tree


@pytest.fixture(scope="module", name="expected")
def reports_of_one_process(tree: Path) -> list[FileReport]:
    return list(lint_paths([tree]))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("executor", [ThreadPoolExecutor, ProcessPoolExecutor, _dask], ids=lambda one: one.__name__)
def test_every_executor_reports_the_same(
    executor: Callable[[int], AbstractContextManager[Executor]], tree: Path, expected: list[FileReport]
) -> None:
    with executor(2) as workers:
        assert list(lint_paths([tree], executor=workers)) == expected


def test_processes_of_its_own_report_the_same(tree: Path, expected: list[FileReport]) -> None:
    assert list(lint_paths([tree], jobs=2)) == expected
    assert [Path(report.path).name for report in expected] == [f"f{number:04}.py" for number in range(_FILES)]
