"""The rules of the desk, as in src/desk.rs, for a peer in Python."""

import math
import random
from bisect import insort
from collections import deque

SERVERS, EACH = 4, 5
ATTENDANTS = SERVERS * EACH
SERVING = [(0, 1, 4), (2, 3, 4)]


class Request:
    __slots__ = ("id", "arrival", "kind", "service", "began")

    def __init__(self, number, arrival, kind, service):
        self.id, self.arrival, self.kind, self.service, self.began = number, arrival, kind, service, False

    def __lt__(self, other):
        return self.id < other.id


class Desk:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.now = 0
        self.up_at = [0] * ATTENDANTS
        self.idle_since = [0] * ATTENDANTS
        self.busy = [None] * ATTENDANTS
        self.queues = [(deque(), deque()) for _ in range(SERVERS)]
        self.handed_over, self.buffer = [], []
        self.generated = self.completed = self.cut_off = self.waited = self.began = 0
        self.sojourn = self.busy_steps = 0

    def geometric(self, mean):
        return max(1, math.ceil(math.log(1.0 - self.random.random()) / math.log(1.0 - 1.0 / mean)))

    def poisson(self, mean):
        count, product, limit = 0, self.random.random(), math.exp(-mean)
        while product > limit:
            count += 1
            product *= self.random.random()
        return count

    def up_with(self, server, kind):
        return sum(not self.up_at[server * EACH + place] for place in SERVING[kind])

    def held(self, server):
        busy = sum(one is not None for one in self.busy[server * EACH:(server + 1) * EACH])
        return busy + len(self.queues[server][0]) + len(self.queues[server][1])

    def is_free(self, number):
        return not self.up_at[number] and self.busy[number] is None

    def free(self, server, kind):
        first, second, both = (server * EACH + place for place in SERVING[kind])
        one = [number for number in (first, second) if self.is_free(number)]
        if one:
            return min(one, key=lambda number: self.idle_since[number])
        return both if self.is_free(both) else None

    def step(self):
        """Runs the phases before the work; returns the interrupted and the starting attendants."""
        self.now += 1
        interrupted, started = [], []
        self.strike(interrupted)
        for _ in range(self.poisson(10)):
            self.generated += 1
            kind = self.random.random() >= 0.5
            request = Request(self.generated, self.now, int(kind), self.geometric(1.5))
            if len(self.buffer) < 100:
                self.buffer.append(request)
        self.handed_over = self.dispatch(self.handed_over)
        self.buffer = self.dispatch(self.buffer)
        for server in range(SERVERS):
            self.put_to_work(server, started)
        if any(queue for pair in self.queues for queue in pair):
            self.rebalance(started)
        self.busy_steps += sum(one is not None for one in self.busy)
        return interrupted, started

    def strike(self, interrupted):
        for number in range(ATTENDANTS):
            if self.up_at[number] == self.now:
                self.up_at[number] = 0
                self.idle_since[number] = self.now
        struck = False
        for number in range(ATTENDANTS):
            if not self.up_at[number] and self.random.random() < 0.02:
                struck = True
                self.up_at[number] = self.now + self.geometric(4)
                if self.busy[number] is not None:
                    self.cut_off += 1
                    interrupted.append(number)
                    insort(self.handed_over, self.busy[number])
                    self.busy[number] = None
        if struck:
            for server in range(SERVERS):
                for kind in (0, 1):
                    if not self.up_with(server, kind):
                        while self.queues[server][kind]:
                            insort(self.handed_over, self.queues[server][kind].popleft())

    def dispatch(self, waiting):
        stay, full = [], [False, False]
        for request in waiting:
            best = None
            if not full[request.kind]:
                for server in range(SERVERS):
                    held, up = self.held(server), self.up_with(server, request.kind)
                    if held < 8 and up and (best is None or held * best[2] < best[1] * up):
                        best = (server, held, up)
            if best is None:
                full[request.kind] = True
                stay.append(request)
            else:
                insort(self.queues[best[0]][request.kind], request)
        return stay

    def start(self, number, request, started):
        if not request.began:
            request.began = True
            self.began += 1
            self.waited += self.now - request.arrival
        self.busy[number] = request
        started.append(number)

    def put_to_work(self, server, started):
        queues, kinds = self.queues[server], {0, 1}
        while True:
            heads = [queues[kind][0] for kind in kinds if queues[kind]]
            if not heads:
                return
            kind = min(heads).kind
            number = self.free(server, kind)
            if number is None:
                kinds.discard(kind)
            else:
                self.start(number, queues[kind].popleft(), started)

    def rebalance(self, started):
        for server in range(SERVERS):
            free = [n for n in range(server * EACH, (server + 1) * EACH) if self.is_free(n)]
            free.sort(key=lambda n: (n % EACH == EACH - 1, self.idle_since[n], n))
            for number in free:
                if self.held(server) >= 8:
                    break
                kinds = [kind for kind in (0, 1) if number % EACH in SERVING[kind]]
                queues = [self.queues[other][kind] for other in range(SERVERS) if other != server for kind in kinds]
                heads = [queue for queue in queues if queue]
                if heads:
                    queue = min(heads, key=lambda queue: queue[0].id)
                    self.start(number, queue.popleft(), started)

    def complete(self, number):
        """Ends a service successfully in the current step."""
        self.completed += 1
        self.sojourn += self.now - self.busy[number].arrival + 1
        self.busy[number] = None
        self.idle_since[number] = self.now + 1

    def answers(self):
        return {
            "completed": self.completed / self.now, "interrupted": self.cut_off / self.now,
            "waiting": self.waited / self.began, "sojourn": self.sojourn / self.completed,
            "utilisation": self.busy_steps / self.now / ATTENDANTS,
        }
