//! `filas fit` from outside: which law it names, what it warns of, what it prints to paste, what it refuses.
//!
//! How close fitted laws come to the true ones is held by `tests/fit.rs`.

use assert_cmd::Command;
use filas::cli::text::{self, Paper};
use filas::fit::Fitted;
use filas::random::laws::{Gamma, Poisson};
use filas::random::{Law, Purpose, Sampler, Stream};
use filas::report::fit::{Answer, Judged};
use filas::scenario::{ColumnChoice, Origin, Overrides, load};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
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
    command
        .current_dir(folder.path())
        .args(["fit", "d.csv"])
        .args(arguments);
    command
}

fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    let output = filas(folder, arguments)
        .args(["--format", "json"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
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
        let origin = Origin::Embedded {
            name: "x",
            text: &scenario,
        };
        load(origin, &Overrides::default()).unwrap();
    }
}

/// Twenty thousand values of a gamma that is nearly exponential tell the two apart; two thousand of them do not.
#[test]
fn a_p_value_is_of_all_values() {
    let all = draw(
        Gamma {
            mean: 5.0,
            cv: 1.04,
        }
        .into(),
        20_000,
    );
    let p_of = |values: &[f64], name: &str| {
        let folder = recorded(values);
        let answer = json(&folder, &["--column", "x"]);
        let fits = answer["fits"].as_array().unwrap();
        let law = fits.iter().find(|one| one["law"] == name).unwrap();
        law["p_value"].as_f64().unwrap()
    };
    assert!(p_of(&all, "gamma") > 0.05);
    assert!(p_of(&all, "exponential") < 0.01);
    assert!(p_of(&all[..2_000], "exponential") > 0.05);
}

/// Instants in milliseconds, as people have them: a law of whole numbers may stand for them, though none is likely.
#[test]
fn great_whole_numbers_are_fitted_as_quickly_as_small_ones() {
    let first = 1_772_348_400_000.0;
    for values in [[0.0, 100.0, 200.0], [0.0, 1e11, 3e11]] {
        let folder = recorded(&values.map(|value| first + value));
        assert_eq!(json(&folder, &["--column", "x"])["n"], 3);
    }
}

#[test]
fn where_the_order_matters_only_the_recording_does() {
    let rising: Vec<f64> = (0..200)
        .map(|place| 1.0 + f64::from(place % 7) + f64::from(place))
        .collect();
    let folder = recorded(&rising);
    assert_eq!(json(&folder, &["--column", "1"])["verdict"], "recording");
    let output = filas(&folder, &["--column", "1", "--scale", "2"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("The values rise over the recording"),
        "{text}"
    );
    assert!(text.contains("use the recording itself"), "{text}");
    assert!(
        text.contains("{ trace = { file = \"d.csv\", column = 1, scale = 2.0 } }"),
        "{text}"
    );
}

#[test]
fn a_picture_shows_both_distribution_functions() {
    let folder = recorded(&draw(Poisson { mean: 4.0 }.into(), 200));
    filas(&folder, &["--column", "x", "--chart", "fit.svg"])
        .assert()
        .success();
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
        (
            vec!["--column", "x", "--where", "x=3"],
            "no row of `d.csv` has `3` there",
        ),
        (
            vec!["--column", "x", "--where", "x=1"],
            "a law is fitted to two values or more",
        ),
        (
            vec!["--column", "x", "--time-unit", "sec"],
            "`sec` is no unit of time",
        ),
        (vec!["--column", "x", "--scale", "0"], "a number above 0"),
    ] {
        let output = filas(&folder, &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(what), "{error}");
    }
}

/// A column of times that is read as the times between rows, and what it says in stderr.
fn gaps(times: &str, more: &[&str]) -> (Value, String) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("d.csv"), format!("t\n{times}")).unwrap();
    let words = [&["--column", "t", "--format", "json"], more].concat();
    let output = filas(&folder, &words).output().unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (document, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn remedies_are_options_of_the_command_and_gaps_know_no_origin() {
    let of_day = ["--gaps", "--time-unit", "min"];
    let (found, said) = gaps("8:30\n8:31\n8:33:30\n9:00\n", &of_day);
    // 1, 2.5 and 26.5 minutes.
    assert_eq!(
        (&found["n"], &found["mean"]),
        (&3.into(), &10.0.into()),
        "{found}"
    );
    assert_eq!(said, "");
    // Numbers far from zero, and below it.
    let (found, said) = gaps("-5\n1000000\n1000003\n", &["--gaps"]);
    assert_eq!((&found["min"], said.as_str()), (&3.0.into(), ""), "{found}");
    for (times, more, says) in [
        (
            "23:30\n0:10\n",
            &of_day[..],
            "is `0:10`, before the `23:30` it follows",
        ),
        ("3\n2\n", &["--gaps"], "is 2, before the 3 it follows"),
        (
            "2024-05-10T08:05:00\n2024-05-10T08:04:00\n",
            &of_day,
            "is `2024-05-10T08:04:00`, before the `2024-05-10T08:05:00` it follows",
        ),
        ("8:30\n8:31\n", &[], "give `--time-unit`: `ns`"),
        (
            "8:30\n8:31\n",
            &["--time-unit", "min"],
            "`--minus` names the column",
        ),
    ] {
        let (_, said) = gaps(times, more);
        assert!(said.contains(says), "{more:?}: {said}");
        for key in [
            "`sort",
            "`start`",
            "`origin`",
            "`time_unit`",
            "`minus`",
            "``",
        ] {
            assert!(!said.contains(key), "{more:?}: {said}");
        }
    }
}

/// Laws by likelihood, and how often chance alone lies as far from each.
#[test]
fn a_law_that_fits_is_named_though_a_likelier_one_does_not() {
    let values = draw(Gamma { mean: 5.0, cv: 0.4 }.into(), 300);
    let sample = filas::fit::Sample::new(values).unwrap();
    let order = filas::fit::order(&sample);
    assert!(!order.matters());
    let paper = Paper {
        unicode: false,
        colour: false,
        width: 100,
    };
    let judged = |law: Law, bic, p| Judged {
        fit: Fitted {
            law,
            bic,
            distance: 0.06,
        },
        p_value: Some(p),
    };
    let said = |ps: [f64; 2]| {
        let answer = Answer {
            sample: &sample,
            order,
            fits: vec![
                judged(Poisson { mean: 5.0 }.into(), 10.0, ps[0]),
                judged(Gamma { mean: 5.0, cv: 0.4 }.into(), 12.0, ps[1]),
            ],
        };
        let choice = ColumnChoice {
            column: "x".to_owned(),
            ..ColumnChoice::default()
        };
        let text = text::fit(Path::new("d.csv"), &choice, &answer, &paper);
        let document: Value = serde_json::from_str(&answer.json()).unwrap();
        (text, document["verdict"].clone(), document["law"].clone())
    };
    let (text, verdict, law) = said([0.045, 0.245]);
    assert!(
        text.contains("The likeliest law, `poisson`, does not fit; of those that do, `gamma` is the likeliest."),
        "{text}"
    );
    assert!(
        text.trim_end()
            .ends_with("{ gamma = { mean = 5.0, cv = 0.4 } }"),
        "{text}"
    );
    assert_eq!((verdict, law), ("fits".into(), "gamma".into()));
    let (text, verdict, _) = said([0.045, 0.04]);
    assert!(text.contains("No law fits"), "{text}");
    assert_eq!(verdict, "empirical");
    let (text, _, law) = said([0.3, 0.4]);
    assert!(text.contains("The law `poisson` fits."), "{text}");
    assert_eq!(law, "poisson");
}

#[test]
fn laws_that_zeros_rule_out_are_named() {
    let mut values = draw(Law::from(Gamma { mean: 5.0, cv: 0.6 }), 499);
    let whole = json(&recorded(&values), &["--column", "x"]);
    assert_eq!(
        (&whole["zeros"], &whole["law"]),
        (&0.into(), &"gamma".into())
    );
    assert_eq!(whole["ruled_out_by_zeros"], serde_json::json!([]));
    values.push(0.0);
    let folder = recorded(&values);
    let with_zero = json(&folder, &["--column", "x"]);
    assert_eq!(with_zero["zeros"], 1);
    let wanted = ["lognormal", "gamma", "erlang", "weibull", "pareto"];
    assert_eq!(with_zero["ruled_out_by_zeros"], serde_json::json!(wanted));
    let output = filas(&folder, &["--column", "x"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "1 of 500 values is 0, so laws that never give 0 are not tried: lognormal, gamma, erlang, weibull, \
                pareto. To try them";
    assert!(
        text.contains(told) && text.contains("the constant 0 of weight 0.0020."),
        "{text}"
    );
    // Counts may well be 0: of the laws of whole numbers only the geometric is ruled out.
    let counts = draw(Law::from(Poisson { mean: 2.0 }), 500);
    let counts = json(&recorded(&counts), &["--column", "x"]);
    assert_eq!(
        counts["ruled_out_by_zeros"],
        serde_json::json!(["geometric"])
    );
}
