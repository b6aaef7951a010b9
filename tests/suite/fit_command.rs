//! `filas fit` from outside: which law it names, what it warns of, what it prints to paste, what it refuses.
//!
//! How close fitted laws come to the true ones is held by `tests/fit.rs`.

use assert_cmd::Command;
use filas::random::laws::{Gamma, Poisson};
use filas::random::{Law, Purpose, Sampler, Stream};
use filas::scenario::{Origin, Overrides, load};
use serde_json::Value;
use std::fmt::Write as _;
use tempfile::TempDir;

/// A folder with a file `d.csv` of one column `x`.
fn recorded(values: &[f64]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut text = "x\n".to_owned();
    for value in values {
        writeln!(text, "{value}").unwrap();
    }
    std::fs::write(folder.path().join("d.csv"), text).unwrap();
    folder
}

fn draw(law: Law, count: usize) -> Vec<f64> {
    let mut values = vec![0.0; count];
    Sampler::new(&law, Stream::new(5, 0, "test", Purpose::Service)).fill(&mut values);
    values
}

fn filas(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("filas").unwrap();
    command.current_dir(folder.path()).args(["fit", "d.csv"]).args(arguments);
    command
}

fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    let output = filas(folder, arguments).args(["--format", "json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_law_is_named_with_its_toml_to_paste() {
    for law in [
        Law::from(Gamma { mean: 5.0, cv: 0.4 }),
        Law::from(Poisson { mean: 4.0 }),
    ] {
        let folder = recorded(&draw(law.clone(), 400));
        let answer = json(&folder, &["--column", "x"]);
        assert_eq!(answer["verdict"], "fits", "{answer}");
        assert_eq!(answer["n"], 400);
        let best = &answer["fits"][0];
        assert_eq!(best["bic_above_best"], 0.0);
        assert!(best["distance"].as_f64().unwrap() < 0.06, "{best}");
        // What is to be pasted is a law of a scenario.
        let scenario = format!(
            "model = \"tandem\"\narrivals = {{ saturated = true }}\nhorizon = {{ customers = 1 }}\n\
             stages = [ {{ name = \"a\", service = {} }} ]\n",
            best["toml"].as_str().unwrap()
        );
        let origin = Origin::Embedded { name: "x", text: &scenario };
        load(origin, &Overrides::default()).unwrap();
    }
}

#[test]
fn where_the_order_matters_only_the_recording_does() {
    let rising: Vec<f64> = (0..200).map(|place| 1.0 + f64::from(place % 7) + f64::from(place)).collect();
    let folder = recorded(&rising);
    assert_eq!(json(&folder, &["--column", "1"])["verdict"], "recording");
    let output = filas(&folder, &["--column", "1", "--scale", "2"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("The values rise over the recording"), "{text}");
    assert!(text.contains("use the recording itself"), "{text}");
    assert!(text.contains("{ trace = { file = \"d.csv\", column = 1, scale = 2.0 } }"), "{text}");
}

#[test]
fn a_picture_shows_both_distribution_functions() {
    let folder = recorded(&draw(Poisson { mean: 4.0 }.into(), 200));
    filas(&folder, &["--column", "x", "--chart", "fit.svg"]).assert().success();
    let picture = std::fs::read_to_string(folder.path().join("fit.svg")).unwrap();
    let document = roxmltree::Document::parse(&picture).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "svg");
    for name in ["recorded", "poisson"] {
        assert!(picture.contains(name), "{name}");
    }
}

#[test]
fn what_cannot_be_fitted_is_refused_with_the_remedy() {
    let folder = recorded(&[1.0, 2.0]);
    for (arguments, what) in [
        (vec!["--column", "y"], "`d.csv` has no column `y`"),
        (vec!["--column", "x", "--where", "x=3"], "no row of `d.csv` has `3` there"),
        (vec!["--column", "x", "--where", "x=1"], "a law is fitted to two values or more"),
        (vec!["--column", "x", "--time-unit", "sec"], "`sec` is no unit of time"),
        (vec!["--column", "x", "--scale", "0"], "a number above 0"),
    ] {
        let output = filas(&folder, &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(what), "{error}");
    }
}
