"""Reads the event log of a run with pm4py and prints the graph of what directly follows what."""

import sys

import pandas
import pm4py

path = sys.argv[1]
events = pandas.read_parquet(path) if path.endswith(".parquet") else pandas.read_csv(path)
log = pm4py.format_dataframe(
    events, case_id="case", activity_key="activity", timestamp_key="timestamp"
)
graph, starts, ends = pm4py.discover_dfg(log)
for (one, other), count in sorted(graph.items()):
    print(f"{one} > {other}: {count}")
print("starts", dict(sorted(starts.items())))
print("ends", dict(sorted(ends.items())))
