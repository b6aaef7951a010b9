"""Does the same work with `filas` and with its peers, in turn, checks every answer and prints the table.

    compare.py [ROUNDS [WORK...]]

W1: five exponential stages of one server at load 0.8. W2: M/M/3 at load 0.8. W3: a desk of 4 servers of 5
attendants with faults and repairs. W4: 200 replications of an M/M/1 at load 0.8 of 20,000 customers, on
two cores. W7: a Jackson network of ten stations with feedback at load 0.8. Rates are per processor time of
the whole process (W4 and threads: per elapsed time), the best of all rounds. Slow peers do less work and
fewer rounds; each row says how much. `filas` keeps its whole summary, quantiles and digest included; the
peers keep means, deviations and maxima.
"""

import json
import math
import os
import platform
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = Path(os.environ["TARGET"])
SCENARIOS = HERE / "scenarios"


def filas(work, size, engine):
    command = [str(TARGET / "release" / "filas")]
    file = str(SCENARIOS / f"{work}.toml")
    if work == "w4":
        return command + ["replicate", file, "-n", str(size), "--jobs", "2", "--quiet", "--format", "json"]
    key = "steps" if work == "w3" else "horizon.customers"
    return command + ["run", file, "--set", f"{key}={size}", "--engine", engine, "--quiet", "--format", "json"]


def rust(peer):
    return lambda work, size: [str(TARGET / "peers" / "release" / "peers"), peer, work, str(size)]


def python(peer):
    return lambda work, size: [sys.executable, str(HERE / f"{peer}_peer.py"), work, str(size)]


def simmer(work, size):
    return ["Rscript", str(HERE / "simmer_peer.R"), work, str(size)]


def with_simmer():
    """simmer's row, if R has it installed (`install.packages("simmer")`)."""
    ask = ["Rscript", "-e", 'cat(format(packageVersion("simmer")))']
    try:
        found = subprocess.run(ask, capture_output=True, text=True)
    except FileNotFoundError:
        return []
    if found.returncode != 0:
        return []
    return [(f"simmer {found.stdout}", simmer, (40_000, 100_000, None, 20, 20_000), 3)]


# Name, function, size of each work, largest number of rounds.
PEERS = [
    ("filas", lambda work, size: filas(work, size, "inline"), (4_000_000, 4_000_000, 100_000, 200, 100_000), 99),
    ("filas, threads", lambda work, size: filas(work, size, "threads"), (1_000_000, None, 2_000, None, None), 99),
    ("by hand", rust("plain"), (4_000_000, 4_000_000, 100_000, 200, None), 99),
    ("desque 0.4", rust("desque"), (400_000, 1_000_000, 100_000, 200, None), 99),
    ("NeXosim 1.0", rust("nexosim"), (100_000, 300_000, 50_000, 200, None), 99),
    *with_simmer(),
    ("SimPy 4.1", python("simpy"), (20_000, 50_000, 2_000, 10, 10_000), 2),
    ("Ciw 3.2", python("ciw"), (10_000, 30_000, None, 6, 10_000), 2),
]
# Each with what its rates count.
WORKS = {"w1": "visits", "w2": "visits", "w3": "steps", "w4": "visits", "w7": "visits"}


def once(command):
    """Processor time, elapsed time and output."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    passed = time.perf_counter() - begin
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with status {status}")
    return used.ru_utime + used.ru_stime, passed, json.loads(text)


def answers(work, said):
    """A peer's answers; those of `filas` are taken from its summary or study under the same names."""
    if "answers" in said:
        return said["answers"]
    if work == "w4":
        return {"waiting": said["measures"]["waiting.mean"]["mean"], "sojourn": said["measures"]["sojourn.mean"]["mean"]}
    found = {"waiting": said["waiting"]["mean"], "sojourn": said["sojourn"]["mean"]}
    if work == "w3":
        steps = said["steps"]
        busy = sum(one["busy_steps"] for server in said["servers"] for one in server["attendants"])
        found["completed"] = said["requests"]["completed"] / steps
        found["interrupted"] = said["faults"]["interrupted"] / steps
        found["utilisation"] = busy / (20 * steps)
    else:
        found["queues"] = said["queues_joined"]["mean"]
    return found


def expected(work):
    """Theory, with the variance of the mean wait times the number of customers (Whitt 1989: of order
    2 r (1 + r) / (1 - r)^4 for M/M/1); W3 is compared with `filas`, which tests compare with a reference."""
    if work == "w2":
        load, servers = 2.4, 3
        terms = [load**k / math.factorial(k) for k in range(servers)]
        last = load**servers / math.factorial(servers) / (1 - load / servers)
        return last / (sum(terms) + last) / (servers - load), 300.0
    if work == "w7":
        # Ten times an M/M/1, twelve and a half visits; a queue of feedback is longer in memory.
        return 50.0, 4 * 10 * 2 * 0.8 * 1.8 / 0.2**4
    return (20.0 if work == "w1" else 4.0), 2 * 0.8 * 1.8 / 0.2**4 * (5 if work == "w1" else 1)


def check(who, work, size, found, ours):
    if work == "w3":
        for key, value in found.items():
            # Waiting and sojourn vary more than the rest; interrupts are few, so their Poisson error is added.
            few = 5 * math.sqrt(ours[key] / size) if key == "interrupted" else 0.0
            allowed = few + ours[key] * {"waiting": 0.15, "sojourn": 0.05}.get(key, 0.03)
            if abs(value - ours[key]) > allowed:
                sys.exit(f"{who} does other work in w3: {key} is {value}, ours {ours[key]}")
        return
    wait, variance = expected(work)
    customers = size * 20_000 if work == "w4" else size
    error = math.sqrt(variance / customers)
    # Replications begin empty, which lowers the mean slightly.
    empty = 0.02 if work == "w4" else 0.0
    served = {"w1": 5, "w7": 12.5}.get(work, 1)
    for value, wanted in [(found["waiting"], wait), (found["sojourn"], wait + served)]:
        if abs(value - wanted) > 5 * error + empty * wait:
            sys.exit(f"{who} does other work in {work}: {value}, theory says {wanted} +- {error}")


def units(work, size):
    return {"w1": 5 * size, "w2": size, "w3": size, "w4": 20_000 * size, "w7": 12.5 * size}[work]


def shown(rate):
    for unit, letter in [(1e6, " M"), (1e3, " k")]:
        if rate >= unit:
            return f"{rate / unit:.3g}{letter}"
    return f"{rate:.3g}"


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    works = sys.argv[2:] or list(WORKS)
    best = {}
    for turn in range(rounds):
        for work in works:
            index = list(WORKS).index(work)
            ours = None
            for who, command, sizes, most in PEERS:
                size = sizes[index]
                if size is None or turn >= most:
                    continue
                used, passed, said = once(command(work, size))
                found = answers(work, said)
                ours = ours or found
                check(who, work, size, found, ours)
                spent = passed if work == "w4" or who == "filas, threads" else used
                rate = units(work, size) / spent
                best[who, work] = max(best.get((who, work), 0.0), rate)
    print(f"{date.today()}, {os.cpu_count()} cores of {processor()}, load {os.getloadavg()[2]:.0f}, best of {rounds}:\n")
    heads = [f"{work.upper()}, {WORKS[work]}/s" for work in works]
    print(f"| | {' | '.join(heads)} | rounds |")
    print("| --- " * (len(works) + 2) + "|")
    for who, _, _, most in PEERS:
        cells = [f"{shown(best[who, work])} ({best['filas', work] / best[who, work]:.3g})" if (who, work) in best else "-" for work in works]
        print(f"| {who} | {' | '.join(cells)} | {min(rounds, most)} |")


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
