"""What the scheduler loads before it forks: whatever a task would import, and nothing that cannot be forked."""

from __future__ import annotations

import subprocess
import sys

_LOADED = """
import sys, threading
from airflow.executors.local_executor import LocalExecutor
from xianjie.database import columnar, engine
from xianjie.night.executor import LoadedLocalExecutor

started = []
LocalExecutor.start = lambda self: started.append(set(sys.modules))
LoadedLocalExecutor(parallelism=1).start()
assert started
heavy = {"duckdb", "great_expectations", "openpyxl", "pandas", "paramiko", "pgpq", "pyarrow", "python_calamine"}
print(sorted((heavy | {"xlsxwriter"}) - started[0]))
print([thread.name for thread in threading.enumerate()])
print(engine.engine.cache_info().currsize, columnar._engine.cache_info().currsize)
"""


def test_libraries_are_loaded_before_workers_start_and_nothing_is_open(airflow_home):
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    missing, threads, connections = done.stdout.strip().splitlines()[-3:]
    assert missing == "[]"
    assert threads == "['MainThread']"
    assert connections == "0 0", "a connection of the scheduler's would be shared by its tasks"
