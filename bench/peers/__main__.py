"""A workload of `glassnet-bench` by another library: `python3 bench/peers LIBRARY WORKLOAD` prints the same line of JSON.

LIBRARY is numpy, sklearn, torch, jax or onnxruntime. Data come from a fixed seed and are made, and what has to be
compiled is compiled, before the clock starts. The number of threads is the caller's choice: OMP_NUM_THREADS and its like.
A pair that does not exist prints nothing and exits with 3.
"""

import importlib
import json
import statistics
import sys
import time

MODULES = {
    "numpy": "by_numpy",
    "sklearn": "by_sklearn",
    "torch": "by_torch",
    "jax": "by_jax",
    "onnxruntime": "by_onnxruntime",
}
# One row through a network: so many times for one measurement.
ONE_ROW = {"W6a": 20_000, "W6b": 5_000}
# Repeated up to nine times, as glassnet-bench does it, while that takes less than two seconds.
SHORT = ("W1", "W2", "W6a", "W6b")


def repeated(one, n):
    def work():
        total = 0.0
        for i in range(n):
            total += one(i % 64)
        return total / n

    return work


def main():
    library, workload = sys.argv[1:3]
    make = importlib.import_module(MODULES[library]).WORKLOADS.get(workload) if library in MODULES else None
    if make is None:
        sys.exit(3)
    work, n = make(), ONE_ROW.get(workload, 1)
    if workload in ONE_ROW:
        work(0)
        work = repeated(work, n)
    runs = []
    while not runs or (workload in SHORT and len(runs) < 9 and sum(wall for wall, _ in runs) < 2):
        wall, cpu = time.perf_counter(), time.process_time()
        checksum = work()
        runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = (statistics.median(run[clock] for run in runs) / n for clock in (0, 1))
    print(json.dumps({"workload": workload, "seconds": wall, "cpu_seconds": cpu, "checksum": checksum}))


main()
