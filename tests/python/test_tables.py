"""Tables are read by polars, duckdb, pyarrow and pandas as the CSV of the command has them."""

import csv
import gc
import subprocess

import duckdb
import filas
import pandas
import polars
import pyarrow
import pytest


def by_hand(folder, name):
    """The columns of a table from its CSV, as texts."""
    with open(folder / f"{name}.csv", newline="") as file:
        rows = list(csv.reader(file))
    return {column: [row[at] for row in rows[1:]] for at, column in enumerate(rows[0])}


def as_text(value):
    if value is None or value != value:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", ["clinic", "failover", "hospital"])
def test_every_library_reads_every_table_as_its_csv_says(name, tmp_path):
    made = ["filas", "run", name, "--out", tmp_path / "out", "--tables", "csv", "-q"]
    subprocess.run(made, check=True, capture_output=True)
    result = filas.run(name)
    names = sorted(file.stem for file in (tmp_path / "out").glob("*.csv"))
    assert sorted(result.tables) == names and names
    for table_name in names:
        rows, expected = result.tables[table_name], by_hand(tmp_path / "out", table_name)
        arrow = pyarrow.table(rows)
        assert {column: [as_text(one) for one in arrow[column].to_pylist()] for column in arrow.column_names} == expected
        assert polars.DataFrame(rows).to_arrow().cast(arrow.schema).equals(arrow)
        assert duckdb.sql("select * from rows").fetchall() == [tuple(row.values()) for row in arrow.to_pylist()]
        frame = pandas.DataFrame.from_arrow(rows)
        assert list(frame.columns) == rows.columns and len(frame) == len(rows) == arrow.num_rows


def test_tables_are_read_without_a_copy():
    table = filas.run("clinic").tables["visits"]
    first, second = pyarrow.table(table), pyarrow.table(table)
    array = pyarrow.array(table)

    def places(chunk):
        return [buffer.address for buffer in chunk.buffers() if buffer is not None]

    for column in table.columns:
        once = places(first[column].chunk(0))
        assert once == places(second[column].chunk(0)) and once
        assert once == places(array.field(column))
    del table
    gc.collect()
    assert first["customer"][0].as_py() == array.field("customer")[0].as_py()


def test_studies_have_their_tables(tmp_path):
    replications = polars.DataFrame(filas.replicate("clinic", 4).tables["replications"])
    assert replications["replication"].to_list() == [0, 1, 2, 3]
    one = filas.run("clinic", engine="inline")
    assert replications["waiting.mean"][0] == one["waiting.mean"]
    cells = filas.sweep("clinic", {"stages.triage.servers": [1, 2]}, 3, out=tmp_path / "out").tables["cells"]
    assert set(polars.DataFrame(cells)["stages.triage.servers"]) == {"1", "2"}


def test_events_are_a_table():
    events = filas.run("clinic", events=True).tables["events"]
    assert {"case", "activity", "timestamp"} <= set(events.columns)
