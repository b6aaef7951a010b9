"""What a run costs from Python, against the same in Rust: 1,000 runs of a small desk each, in turns.

The module must be installed, and the program beside it built from the same profile:

    pip install .
    cargo build --release --example speed --manifest-path python/Cargo.toml
    python python/examples/speed.py python/target/release/examples/speed
"""

import statistics
import subprocess
import sys
import time

import filas

RUNS, ROUNDS = 1000, 7


def in_rust(engine):
    seconds, length = subprocess.check_output([sys.argv[1], "desk", engine, str(RUNS)], text=True).split()
    return float(seconds), int(length)


def in_python(engine):
    begun = time.perf_counter()
    length = sum(len(filas.run("desk", engine=engine).json.encode()) for _ in range(RUNS))
    return time.perf_counter() - begun, length


for engine in ("inline", "threads"):
    ratios = []
    for _ in range(ROUNDS):
        (rust, expected), (python, length) = in_rust(engine), in_python(engine)
        assert length == expected, "both make the same documents"
        ratios.append(python / rust)
    print(f"{engine}: {statistics.median(ratios):.2f} times Rust ({min(ratios):.2f} to {max(ratios):.2f}); {1e3 * python / RUNS:.2f} ms a run")
