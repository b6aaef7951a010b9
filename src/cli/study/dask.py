"""Runs the shards of a study on the workers of a Dask cluster.

filas puts it on the command line of the user's Python and the shards on its standard input. It
does nothing but run commands: what a worker loses is seen by filas and submitted again.
"""

import json
import sys

from distributed import Client, as_completed


def shard(words, folder, log):
    import subprocess

    with open(log, "ab") as out:
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    return done.returncode


task = json.load(sys.stdin)
with Client(task["address"], timeout=30) as client:
    folder = task["folder"]
    from pathlib import Path

    futures = [
        client.submit(shard, one["words"], folder, str(Path(folder, one["log"])), pure=False, retries=3)
        for one in task["shards"]
    ]
    for future in as_completed(futures):
        if future.status != "finished":
            print(future.exception(), flush=True)
        elif future.result() != 0:
            print(f"a shard ended with {future.result()}", flush=True)
