"""The same work in Ciw's idiom, with a network and its records: `ciw_peer.py WORK SIZE`. It has no desk."""

from multiprocessing import Pool

import ciw
from tally import Tally, report

CUSTOMERS = 20_000


def line(stages, servers, rate, customers, seed=1):
    onward = [[1.0 if after == before + 1 else 0.0 for after in range(stages)] for before in range(stages)]
    return through(onward, servers, rate, customers, seed)


def network(customers):
    """W7: ten stations; one customer in five comes to the same station again."""
    onward = [[{0: 0.2, 1: 0.8}.get(after - before, 0.0) for after in range(10)] for before in range(10)]
    return through(onward, 1, 0.64, customers, 1)


def through(routing, servers, rate, customers, seed):
    ciw.seed(seed)
    stations = len(routing)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)] + [None] * (stations - 1),
        service_distributions=[ciw.dists.Exponential(1.0)] * stations,
        routing=routing,
        number_of_servers=[servers] * stations,
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(customers, method="Finish")
    people = {}
    for record in simulation.get_all_records():
        one = people.setdefault(record.id_number, [record.arrival_date, 0.0, 0, record.exit_date, False])
        one[0] = min(one[0], record.arrival_date)
        one[1] += record.waiting_time
        one[2] += record.waiting_time > 0
        one[3] = max(one[3], record.exit_date)
        one[4] |= record.destination == -1
    tally = Tally()
    for arrival, waited, queues, left, gone in people.values():
        if gone:
            tally.add(waited, left - arrival, queues)
    return tally


def replication(seed):
    return line(1, 1, 0.8, CUSTOMERS, seed)


def work(name, size):
    if name == "w1":
        return 5 * size, line(5, 1, 0.8, size).answers()
    if name == "w2":
        return size, line(1, 3, 2.4, size).answers()
    if name == "w7":
        return 12.5 * size, network(size).answers()
    with Pool(2) as pool:
        tallies = pool.map(replication, range(size))
    return size * CUSTOMERS, sum(tallies, Tally()).answers()


if __name__ == "__main__":
    report(work)
