"""The measures that the Python peers keep of departed customers, and their report."""

import json
import math
import sys
import time


class Tally:
    def __init__(self):
        self.n = 0
        self.sums = [0.0, 0.0, 0.0]
        self.squares = [0.0, 0.0]
        self.most = 0.0

    def add(self, waited, sojourn, queues):
        self.n += 1
        self.sums[0] += waited
        self.sums[1] += sojourn
        self.sums[2] += queues
        self.squares[0] += waited * waited
        self.squares[1] += sojourn * sojourn
        self.most = max(self.most, waited)

    def __add__(self, other):
        both = Tally()
        both.n = self.n + other.n
        both.sums = [a + b for a, b in zip(self.sums, other.sums)]
        both.squares = [a + b for a, b in zip(self.squares, other.squares)]
        both.most = max(self.most, other.most)
        return both

    def answers(self):
        means = [total / self.n for total in self.sums]
        sds = [math.sqrt(square / self.n - mean * mean) for square, mean in zip(self.squares, means)]
        return {
            "waiting": means[0], "waiting_sd": sds[0], "waiting_max": self.most,
            "sojourn": means[1], "sojourn_sd": sds[1], "queues": means[2],
        }


def report(work):
    """Does the work named on the command line and prints one line of JSON."""
    begin = time.perf_counter()
    units, answers = work(sys.argv[1], int(sys.argv[2]))
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "units": units, "answers": answers}))
