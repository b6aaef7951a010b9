"""What a run costs from Python, against the same in Rust: 1,000 runs of a small desk each, in turns.

The ratio of real times says what a user sees; that of processor times is steadier where the machine has other work.
The module must be installed, and the program beside it built from the same profile:

    pip install .
    cargo build --release --example speed --manifest-path python/Cargo.toml
    python python/examples/speed.py python/target/release/examples/speed [ENGINE ...]
"""

import resource
import statistics
import subprocess
import sys
import time
import warnings

import filas

RUNS, ROUNDS = 1000, 7


def processor(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def in_rust(engine):
    begun = processor(resource.RUSAGE_CHILDREN)
    seconds, length = subprocess.check_output([sys.argv[1], "desk", engine, str(RUNS)], text=True).split()
    return float(seconds), processor(resource.RUSAGE_CHILDREN) - begun, int(length)


def in_python(engine):
    begun, used = time.perf_counter(), processor(resource.RUSAGE_SELF)
    length = sum(len(filas.run("desk", engine=engine).json.encode()) for _ in range(RUNS))
    return time.perf_counter() - begun, processor(resource.RUSAGE_SELF) - used, length


warnings.simplefilter("ignore", filas.ScenarioWarning)
for engine in sys.argv[2:] or ("inline", "threads"):
    real, used = [], []
    for _ in range(ROUNDS):
        rust, python = in_rust(engine), in_python(engine)
        assert python[2] == rust[2], "both make the same documents"
        real.append(python[0] / rust[0])
        used.append(python[1] / rust[1])
    print(
        f"{engine}: {statistics.median(real):.2f} times Rust ({min(real):.2f} to {max(real):.2f}), "
        f"{statistics.median(used):.2f} of processor time ({min(used):.2f} to {max(used):.2f}); {1e3 * python[0] / RUNS:.2f} ms a run"
    )
