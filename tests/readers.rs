//! The tables of a line, a desk and a study as pandas, polars and duckdb read them: every cell as in the CSV.
//! The event log of a line as pm4py reads it: the graph it discovers is the line.
//! The spans of a desk as a receiver built from the published definitions of OpenTelemetry takes them.
//! Run by name, `cargo test --test readers`; Python with these packages is made by `venv` from PyPI.

/// Python with packages from PyPI.
#[path = "readers/pypi.rs"]
mod pypi;

use pypi::{done, python};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A script of this folder.
fn script(name: &str) -> PathBuf {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers");
    scripts.join(name)
}

#[test]
fn the_graph_that_pm4py_discovers_is_the_line() {
    let python = python("miners", &["pm4py", "pandas", "pyarrow"]);
    for form in ["csv", "parquet"] {
        let out = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut filas = Command::new(env!("CARGO_BIN_EXE_filas"));
        filas.args(["run", "clinic", "--overwrite", "--events", "--tables", form]);
        done(filas.arg("--out").arg(out.path()));
        let log = out.path().join(format!("events.{form}"));
        let graph = done(Command::new(&python).arg(script("mine.py")).arg(log));
        assert!(
            graph.ends_with(
                "consultation > pharmacy: 10000\ntriage > consultation: 10000\n\
                 starts {'triage': 10000}\nends {'pharmacy': 10000}\n"
            ),
            "{graph}"
        );
    }
}

#[test]
fn a_receiver_of_the_published_protocol_takes_every_span() {
    let python = python("receivers", &["opentelemetry-proto"]);
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    // Failures of attendants; retries and time-outs, which are events; set-ups, scrap and interrupted work; shifts and
    // wrap-ups; blocked patients; patience, preemption and plans.
    for (scenario, expected) in [
        (
            "failover",
            &["down", "request 1478", "service", "waiting"][..],
        ),
        ("retry-storm", &["down", "request", "timed out (event)"]),
        (
            "job-shop",
            &["customer", "down", "interrupted", "service", "set-up"],
        ),
        ("call-day", &["off duty", "request 1616", "wrap-up 1478"]),
        ("hospital", &["blocked", "customer"]),
        (
            "emergency-room",
            &["customer 7880", "interrupted", "off duty"],
        ),
    ] {
        let file = place.path().join(format!("{scenario}.json"));
        let mut receive = Command::new(&python);
        receive
            .arg(script("receive.py"))
            .arg(env!("CARGO_BIN_EXE_filas"));
        let taken = done(receive.args([scenario]).arg(file));
        for name in expected {
            let is_told = |line: &str| line == *name || line.starts_with(&format!("{name} "));
            assert!(taken.lines().any(is_told), "{scenario}, {name}: {taken}");
        }
    }
}

#[test]
fn pandas_polars_and_duckdb_read_every_table_as_its_csv_says() {
    let place = env!("CARGO_TARGET_TMPDIR");
    let python = python("readers", &["pandas", "polars", "duckdb", "pyarrow"]);
    let compare = script("compare.py");
    let start = "start=\"8:30\"";
    for (words, tables) in [
        (
            &["run", "clinic", "--set", start][..],
            "customers 10000\nvisits 30000\n",
        ),
        (
            &[
                "run",
                "failover",
                "--set",
                "time_unit=\"min\"",
                "--set",
                start,
            ],
            "faults 16\nrequests 1478\nsteps 400\n",
        ),
        (&["replicate", "clinic", "-n", "5"], "replications 5\n"),
    ] {
        let out = tempfile::tempdir_in(place).unwrap();
        let mut filas = Command::new(env!("CARGO_BIN_EXE_filas"));
        filas.args(words).args(["--tables", "both", "--overwrite"]);
        done(filas.arg("--out").arg(out.path()));
        let read = done(Command::new(&python).arg(&compare).arg(out.path()));
        assert_eq!(read, tables, "{words:?}");
    }
}
