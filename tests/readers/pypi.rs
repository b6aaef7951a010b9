//! Python with packages from PyPI, for tests that are run by name.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a command that must succeed; returns its stdout.
pub(crate) fn done(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// A Python with these packages from PyPI, made once.
pub(crate) fn python(name: &str, packages: &[&str]) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let python = place.join("bin/python");
    if !place.join("made").exists() {
        done(Command::new("python3").args(["-m", "venv"]).arg(&place));
        let install = ["-m", "pip", "install", "-q"];
        done(Command::new(&python).args(install).args(packages));
        std::fs::write(place.join("made"), "").unwrap();
    }
    python
}
