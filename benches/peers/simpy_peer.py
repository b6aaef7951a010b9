"""The same work in SimPy's idiom, with processes and resources: `simpy_peer.py WORK SIZE`."""

import random
from multiprocessing import Pool

import simpy
from tally import Tally, report
from desk_rules import ATTENDANTS, Desk

CUSTOMERS = 20_000


class Stage(simpy.Resource):
    """A stage that keeps its busy time and longest queue."""

    def __init__(self, env, servers):
        super().__init__(env, capacity=servers)
        self.busy_time = 0.0
        self.longest = 0


def customer(env, stages, draw, tally):
    arrival = env.now
    waited = 0.0
    queues = 0
    for stage in stages:
        joined = env.now
        with stage.request() as request:
            stage.longest = max(stage.longest, len(stage.queue))
            yield request
            spell = env.now - joined
            waited += spell
            queues += spell > 0
            service = draw(1.0)
            yield env.timeout(service)
            stage.busy_time += service
    tally.add(waited, env.now - arrival, queues)


def source(env, stages, rate, customers, draw, tally):
    for _ in range(customers):
        yield env.timeout(draw(rate))
        env.process(customer(env, stages, draw, tally))


def line(stages, servers, rate, customers, seed=1):
    env = simpy.Environment()
    tally = Tally()
    places = [Stage(env, servers) for _ in range(stages)]
    draw = random.Random(seed).expovariate
    env.process(source(env, places, rate, customers, draw, tally))
    env.run()
    return tally


def wanderer(env, stations, draw, again, tally):
    """A customer of W7, who comes to the same station again after one service in five."""
    arrival = env.now
    waited = 0.0
    queues = 0
    for station in stations:
        staying = True
        while staying:
            joined = env.now
            with station.request() as request:
                station.longest = max(station.longest, len(station.queue))
                yield request
                spell = env.now - joined
                waited += spell
                queues += spell > 0
                service = draw(1.0)
                yield env.timeout(service)
                station.busy_time += service
            staying = again() < 0.2
    tally.add(waited, env.now - arrival, queues)


def network(customers):
    env = simpy.Environment()
    tally = Tally()
    places = [Stage(env, 1) for _ in range(10)]
    chance = random.Random(1)

    def entry():
        for _ in range(customers):
            yield env.timeout(chance.expovariate(0.64))
            env.process(wanderer(env, places, chance.expovariate, chance.random, tally))

    env.process(entry())
    env.run()
    return tally


def replication(seed):
    return line(1, 1, 0.8, CUSTOMERS, seed)


def attendant(env, desk, number, inbox):
    while True:
        service = yield inbox.get()
        try:
            yield env.timeout(service - 0.5)
            desk.complete(number)
        except simpy.Interrupt:
            pass


def supervisor(env, desk, inboxes, workers):
    while True:
        interrupted, started = desk.step()
        for number in interrupted:
            workers[number].interrupt()
        for number in started:
            inboxes[number].put(desk.busy[number].service)
        yield env.timeout(1)


def desk(steps):
    env = simpy.Environment()
    rules = Desk(1)
    inboxes = [simpy.Store(env) for _ in range(ATTENDANTS)]
    workers = [env.process(attendant(env, rules, number, inboxes[number])) for number in range(ATTENDANTS)]
    env.process(supervisor(env, rules, inboxes, workers))
    env.run(until=steps - 0.25)
    return rules.answers()


def work(name, size):
    if name == "w1":
        return 5 * size, line(5, 1, 0.8, size).answers()
    if name == "w2":
        return size, line(1, 3, 2.4, size).answers()
    if name == "w3":
        return size, desk(size)
    if name == "w7":
        return 12.5 * size, network(size).answers()
    with Pool(2) as pool:
        tallies = pool.map(replication, range(size))
    return size * CUSTOMERS, sum(tallies, Tally()).answers()


if __name__ == "__main__":
    report(work)
