"""Reads every Parquet table of a folder with pandas, polars and duckdb, and holds each cell against the CSV beside it."""

import csv
import pathlib
import struct
import sys

import duckdb
import pandas
import polars


def by_pandas(path):
    table = pandas.read_parquet(path)
    columns = [table[name].astype(object) for name in table.columns]
    columns = [column.where(column.notna(), None).tolist() for column in columns]
    return list(table.columns), list(zip(*columns))


def by_polars(path):
    table = polars.read_parquet(path)
    return table.columns, table.rows()


def by_duckdb(path):
    result = duckdb.sql(f"SELECT * FROM read_parquet('{path}')")
    return result.columns, result.fetchall()


def same(cell, text):
    if cell is None:
        return text == ""
    if isinstance(cell, bool):
        return text == str(cell).lower()
    if isinstance(cell, float) and not ("." in text or "e" in text or "inf" in text):
        # pandas holds whole numbers with gaps as real ones.
        return cell == int(text)
    if isinstance(cell, float):
        return struct.pack("<d", cell) == struct.pack("<d", float(text))
    return str(cell) == text


def main(folder):
    tables = sorted(pathlib.Path(folder).glob("*.parquet"))
    for path in tables:
        with open(path.with_suffix(".csv"), newline="", encoding="utf-8") as file:
            head, *lines = csv.reader(file)
        for read in (by_pandas, by_polars, by_duckdb):
            columns, rows = read(path)
            assert list(columns) == head, (path.name, read.__name__, columns, head)
            assert len(rows) == len(lines), (path.name, read.__name__, len(rows), len(lines))
            for number, (row, line) in enumerate(zip(rows, lines), 1):
                for name, cell, text in zip(head, row, line, strict=True):
                    assert same(cell, text), (path.name, read.__name__, number, name, cell, text)
        print(path.stem, len(lines))


main(sys.argv[1])
