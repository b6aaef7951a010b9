//! The tables of a line, a desk and a study as pandas, polars and duckdb read them: every cell as in the CSV.
//! Run by name, `cargo test --test readers`; Python with these packages is made by `venv` from PyPI.

use std::path::Path;
use std::process::Command;

/// Runs a command that must succeed; returns its stdout.
fn done(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn pandas_polars_and_duckdb_read_every_table_as_its_csv_says() {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let packages = place.join("readers");
    let python = packages.join("bin/python");
    if !packages.join("made").exists() {
        done(Command::new("python3").args(["-m", "venv"]).arg(&packages));
        let install = [
            "-m", "pip", "install", "-q", "pandas", "polars", "duckdb", "pyarrow",
        ];
        done(Command::new(&python).args(install));
        std::fs::write(packages.join("made"), "").unwrap();
    }
    let compare = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/compare.py");
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
