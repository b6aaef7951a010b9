//! Orders of stages with people and machines: each stage moves with its people, machines and draws, buffers stay, and what
//! cannot be compared is refused with the reason.

use crate::cli::{json, told};
use std::fs;
use std::path::Path;

const HEAD: &str = r#"
model = "tandem"
name = "mixed"
arrivals = { interarrival = { exponential = { mean = 2.0 } }, batch = { discrete = { values = [1, 2], probabilities = [0.8, 0.2] } } }
horizon = { customers = 300, warm_up = 20 }
report = { interval = 50.0 }
classes = [ { name = "urgent", share = 0.3, priority = 1 }, { name = "calm", share = 0.7 } ]
"#;

const STAGES: [&str; 3] = [
    r#"
name = "press"
servers = { plan = [ { from = 0, count = 2 }, { from = 30, count = 3 } ], repeat = 40 }
service = { by_class = { urgent = { constant = { value = 1.0 } }, calm = { exponential = { mean = 3.0 } } } }
setup = { constant = { value = 0.3 } }
discipline = "random"
"#,
    r#"
name = "drill"
servers = 2
speeds = [1.0, 0.8]
service = { gamma = { mean = 2.0, cv = 0.7 } }
preemption = "resume"
faults = { every = { exponential = { mean = 40.0 } }, repair = { exponential = { mean = 4.0 } }, crew = 1 }
"#,
    r#"
name = "check"
service = { exponential = { mean = 0.9 } }
discipline = "shortest"
scrap = 0.05
"#,
];

/// The line with its stages in this order, and a buffer at the second position.
fn line(order: [usize; 3]) -> String {
    let stages = order.iter().enumerate().map(|(position, &stage)| {
        let buffer = if position == 1 { "buffer = 3" } else { "" };
        format!("[[stages]]{}{buffer}\n", STAGES[stage])
    });
    HEAD.to_owned() + &stages.collect::<String>()
}

fn file(folder: &Path, text: &str) -> String {
    let file = folder.join("line.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn an_order_is_the_line_written_in_that_order() {
    let place = tempfile::tempdir().unwrap();
    let name = file(place.path(), &line([0, 1, 2]));
    let study = json(&["order", &name, "--max", "16", "--format", "json"]);
    let orders = study["orders"].as_array().unwrap();
    assert_eq!(orders.len(), 6);
    let names = ["press", "drill", "check"];
    for order in orders {
        let of = |at: usize| {
            let name = order["order"][at].as_str().unwrap();
            names.iter().position(|one| *one == name).unwrap()
        };
        let name = file(place.path(), &line([of(0), of(1), of(2)]));
        let n = order["replications"].to_string();
        let words = [
            "replicate",
            &name,
            "-n",
            &n,
            "--measure",
            "waiting.mean",
            "--format",
            "json",
        ];
        let written = json(&words);
        let mean = written["measures"]["waiting.mean"]["mean"]
            .as_f64()
            .unwrap();
        assert!(
            (order["mean"].as_f64().unwrap() - mean).abs() <= 1e-9 * mean,
            "{order}\n{written}"
        );
    }
    let means = orders.iter().map(|order| order["mean"].as_f64().unwrap());
    let means: Vec<f64> = means.collect();
    assert!(means[5] > 1.05 * means[0], "{means:?}");
}

#[test]
fn orders_that_serve_other_customers_or_are_no_lines_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let whole = line([0, 1, 2]);
    let saturated = whole
        .lines()
        .filter(|line| !line.starts_with("arrivals"))
        .map(|line| {
            line.replace(
                "name = \"mixed\"",
                "name = \"mixed\"\narrivals = { saturated = true }",
            )
        })
        .collect::<Vec<_>>()
        .join("\n");
    for (text, says) in [
        (
            whole.replace("scrap = 0.05", "patience = { constant = { value = 9 } }"),
            "stage `check` has `patience`, so customers can leave there without being served",
        ),
        (
            whole.replace("scrap = 0.05", "join = [1.0, 0.5]"),
            "stage `check` has `join`, so customers can leave there",
        ),
        (
            whole.replace("crew = 1", "work = \"lost\""),
            "stage `drill` has `work = \"lost\"`, so customers can leave there",
        ),
        (
            whole.replace("customers = 300, warm_up = 20", "until = 300, stop = true"),
            "`horizon.stop` leaves customers unserved",
        ),
        (
            saturated,
            "stage `drill` has `preemption`, and so cannot be the first of a saturated line",
        ),
        (
            whole.replace("scrap = 0.05", "servers = \"unlimited\""),
            "stage `check` has `servers = \"unlimited\"`, and so cannot be at the position that has a `buffer`",
        ),
        (
            line([2, 0, 1]) + "\n[line]\nblocking = \"before-service\"\n",
            "stage `drill` has `preemption`, and so cannot be before the position that has a `buffer`",
        ),
    ] {
        let name = file(place.path(), &text);
        let (stdout, stderr, code) = told(&["order", &name]);
        let words = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(says), "{says}\n{stderr}");
        assert_eq!((stdout.as_str(), code), ("", 2), "{stderr}");
        // As it is written, the line runs.
        let (_, stderr, code) = told(&["run", &name, "--quiet"]);
        assert_eq!(code, 0, "{stderr}");
    }
}
