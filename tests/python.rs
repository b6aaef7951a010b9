//! The Python package: installed with pip as a user would, then its own tests, in `tests/python/`.
//! Run by name, `cargo test --test python`; packages come from PyPI, and the module is built in release,
//! which takes minutes.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a command that must succeed; returns its stdout.
fn done(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{error}");
    said
}

/// The checkout.
fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The build output of the module, apart from that of the program.
fn built() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../python")
}

/// A bare Python into which the checkout was installed, and then what its tests read tables with.
fn installed() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = place.join("bin/python");
    if !python.exists() {
        done(Command::new("python3").args(["-m", "venv"]).arg(&place));
    }
    let pip = || {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "-q"]);
        pip
    };
    let mut install = pip();
    install.env("CARGO_TARGET_DIR", built()).arg(checkout());
    done(&mut install);
    let tools = [
        "pytest",
        "polars",
        "duckdb",
        "pyarrow",
        "pandas",
        "matplotlib",
        "nbclient",
        "nbformat",
        "ipykernel",
        "mypy",
    ];
    done(pip().args(tools));
    python
}

#[test]
fn the_package_holds_what_it_promises() {
    let manifest = checkout().join("python/Cargo.toml");
    let cargo = |words: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(words).arg("--manifest-path").arg(&manifest);
        cargo.env("CARGO_TARGET_DIR", built());
        cargo
    };
    done(&mut cargo(&["fmt", "--check"]));
    let mut clippy = cargo(&["clippy", "--locked", "--quiet"]);
    done(clippy.args(["--", "-D", "warnings"]));
    let python = installed();
    let path = format!(
        "{}:{}",
        python.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut tests = Command::new(&python);
    tests.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    tests.arg(checkout().join("tests/python")).env("PATH", path);
    tests.current_dir(env!("CARGO_TARGET_TMPDIR"));
    let said = done(&mut tests);
    assert!(said.contains(" passed"), "{said}");
}
