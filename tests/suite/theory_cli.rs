//! `filas theory`: the closed form chosen for a scenario, its output, and the first assumption that
//! fails.

use super::cli::{json, told};
use serde_json::Value;
use std::fs;

/// A line with these arrivals, stages as (servers, buffer, service), and 100,000 customers.
fn line(arrivals: &str, stages: &[(u32, &str, &str)]) -> String {
    let mut text = format!(
        "model = \"tandem\"\nname = \"line\"\narrivals = {{ {arrivals} }}\n\
         horizon = {{ customers = 100000 }}\n"
    );
    for (index, (servers, buffer, service)) in stages.iter().enumerate() {
        text += &format!(
            "[[stages]]\nname = \"s{index}\"\nservers = {servers}\n{buffer}\nservice = {{ {service} }}\n"
        );
    }
    text
}

fn theory(scenario: &str, words: &[&str]) -> Value {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("scenario.toml");
    fs::write(&file, scenario).unwrap();
    fs::write(place.path().join("trace.csv"), "x\n1\n2\n3\n").unwrap();
    let file = file.to_str().unwrap();
    json(&[&["theory", file, "--format", "json"], words].concat())
}

const POISSON: &str = "interarrival = { exponential = { rate = 0.8 } }";
const UNIT: &str = "exponential = { mean = 1.0 }";

fn close(seen: &Value, key: &str, right: f64, within: f64) {
    let value = seen["measures"][key].as_f64();
    let value = value.unwrap_or_else(|| panic!("no {key} in {seen}"));
    assert!(
        (value - right).abs() <= within * right.abs(),
        "{key}: {value} {right}"
    );
}

#[test]
fn a_line_of_single_exponential_servers_is_jacksons() {
    let seen = theory(&line(POISSON, &[(1, "", UNIT); 5]), &[]);
    assert_eq!(seen["applies"], true);
    assert_eq!(seen["model"], "M/M/1 in series (Jackson)");
    close(&seen, "waiting.mean", 20.0, 1e-12);
    close(&seen, "sojourn.mean", 25.0, 1e-12);
    close(&seen, "stages.0.waiting.mean", 4.0, 1e-12);
    close(&seen, "stages.4.utilisation", 0.8, 1e-12);
    close(&seen, "stages.2.queue_length.mean", 3.2, 1e-12);
    close(&seen, "queues_joined.mean", 4.0, 1e-12);
    close(&seen, "throughput", 0.8, 1e-12);
    let assumptions = seen["assumptions"].as_array().unwrap();
    assert!(
        assumptions
            .iter()
            .all(|assumption| assumption["holds"] == true)
    );
}

#[test]
fn one_stage_gets_the_form_of_its_letters() {
    // Gross and Harris: M/M/1 at 0.8; M/M/3 at load 2 has C = 4/9; M/D/1 halves the wait of M/M/1;
    // M/G/1 with cv 2 has 2.5 times it; D/M/1 at 0.8 has sigma = 0.62863.
    let seen = theory(&line(POISSON, &[(1, "", UNIT)]), &[]);
    assert_eq!(seen["model"], "M/M/1");
    close(&seen, "waiting.mean", 4.0, 1e-12);
    close(&seen, "waiting.sd", 24.0_f64.sqrt(), 1e-12);
    let three = line(
        "interarrival = { exponential = { mean = 0.5 } }",
        &[(3, "", UNIT)],
    );
    let seen = theory(&three, &[]);
    close(&seen, "stages.0.waited_fraction", 4.0 / 9.0, 1e-12);
    close(&seen, "waiting.mean", 4.0 / 9.0, 1e-12);
    let seen = theory(
        &line(POISSON, &[(1, "", "constant = { value = 1.0 }")]),
        &[],
    );
    assert_eq!(seen["model"], "M/D/1");
    close(&seen, "waiting.mean", 2.0, 1e-12);
    let seen = theory(
        &line(POISSON, &[(1, "", "lognormal = { mean = 1.0, cv = 2.0 }")]),
        &[],
    );
    assert_eq!(seen["model"], "M/G/1 (Pollaczek-Khinchine)");
    close(&seen, "waiting.mean", 10.0, 1e-9);
    let regular = line(
        "interarrival = { constant = { value = 1.25 } }",
        &[(1, "", UNIT)],
    );
    let seen = theory(&regular, &[]);
    assert_eq!(seen["model"], "D/M/1");
    let sigma = seen["measures"]["stages.0.waited_fraction"]
        .as_f64()
        .unwrap();
    assert!((sigma - (-1.25 * (1.0 - sigma)).exp()).abs() < 1e-12);
    // Crommelin 1932: the mean wait of M/D/2 at a load of 0.8 a server is 0.8765 service times.
    let two = line(
        "interarrival = { exponential = { rate = 1.6 } }",
        &[(2, "", "constant = { value = 1.0 }")],
    );
    let seen = theory(&two, &[]);
    assert_eq!(seen["model"], "M/D/2");
    let approximate = line(
        "interarrival = { gamma = { mean = 1.0, cv = 0.5 } }",
        &[(2, "", "gamma = { mean = 1.6, cv = 0.5 }")],
    );
    let seen = theory(&approximate, &[]);
    assert_eq!(
        (&seen["applies"], &seen["approximation"]),
        (&Value::from(true), &Value::from(true))
    );
}

#[test]
fn a_finite_buffer_gets_its_loss() {
    // M/M/1/3 at load 1: each of four states is equally likely. Erlang B of 5 erlangs and 5 servers
    // is (5^5 / 5!) / (1 + 5 + 5^2 / 2! + ... + 5^5 / 5!) = 3125 / 10970.
    let unit = "interarrival = { exponential = { mean = 1.0 } }";
    let seen = theory(&line(unit, &[(1, "buffer = 2", UNIT)]), &[]);
    assert_eq!(seen["model"], "M/M/1/3");
    close(&seen, "lost.total", 0.25, 1e-12);
    close(&seen, "throughput", 0.75, 1e-12);
    let trunk = "uniform = { low = 0.0, high = 10.0 }";
    let seen = theory(&line(unit, &[(5, "buffer = 0", trunk)]), &[]);
    assert_eq!(seen["model"], "M/G/5/5 (Erlang B)");
    close(&seen, "lost.total", 3125.0 / 10970.0, 1e-12);
    assert_eq!(seen["measures"]["waiting.mean"], 0.0);
    // Twice the work one server can do: nothing is said of the load, which has no limit here.
    let over = line(unit, &[(1, "buffer = 2", "exponential = { mean = 2.0 }")]);
    let seen = theory(&over, &[]);
    assert_eq!(seen["applies"], true);
    let assumptions = seen["assumptions"].as_array().unwrap().iter();
    let names: Vec<&str> = assumptions
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.contains("load")), "{names:?}");
}

#[test]
fn a_saturated_line_with_few_places_has_its_throughput() {
    let two = [(1, "", UNIT), (1, "buffer = 2", UNIT)];
    let seen = theory(&line("saturated = true", &two), &[]);
    assert_eq!(seen["applies"], true);
    close(&seen, "throughput", 0.8, 1e-12);
    // Hillier and Boling 1967: three stages without places between make 0.5641 of one.
    let none = (1, "buffer = 0", UNIT);
    let seen = theory(&line("saturated = true", &[(1, "", UNIT), none, none]), &[]);
    close(&seen, "throughput", 0.5641, 1e-4);
}

#[test]
fn what_does_not_fit_is_told_by_the_first_assumption_that_fails() {
    let gamma = "gamma = { mean = 1.0, cv = 0.5 }";
    let trace = "trace = { file = \"trace.csv\", column = \"x\" }";
    let times = "times = { file = \"trace.csv\", column = \"x\" }";
    let rates = "rates = [ { until = 10.0, rate = 0.5 }, { until = 20.0, rate = 1.1 } ]";
    let regular = "interarrival = { constant = { value = 1.25 } }";
    for (scenario, reason) in [
        (line(times, &[(1, "", UNIT)]), "arrivals follow a law"),
        (
            line(rates, &[(1, "", UNIT)]),
            "rate of arrivals does not change",
        ),
        (line(POISSON, &[(1, "", trace)]), "services follow a law"),
        (
            line(POISSON, &[(1, "", UNIT), (1, "", gamma)]),
            "every service is exponential",
        ),
        (line(regular, &[(1, "", UNIT), (1, "", UNIT)]), "Poisson"),
        (
            line(POISSON, &[(1, "", UNIT), (1, "buffer = 9", UNIT)]),
            "finite buffer (not so at s1)",
        ),
        (
            line(POISSON, &[(1, "buffer = 9", gamma)]),
            "services are exponential",
        ),
        (
            line(POISSON, &[(1, "", "exponential = { mean = 1.25 }")]),
            "below 1",
        ),
        (
            line(
                "saturated = true",
                &[(2, "", UNIT), (1, "buffer = 1", UNIT)],
            ),
            "one server",
        ),
        (
            line("saturated = true", &[(1, "", UNIT), (1, "", UNIT)]),
            "has a finite buffer",
        ),
    ] {
        let few: &[&str] = match scenario.contains("trace.csv") {
            true => &["--set", "horizon.customers=3"],
            false => &[],
        };
        let seen = theory(&scenario, few);
        assert_eq!(seen["applies"], false, "{reason}");
        assert_eq!(seen["measures"], serde_json::json!({}));
        let last = seen["assumptions"].as_array().unwrap().last().unwrap();
        assert_eq!(last["holds"], false);
        assert_eq!(last["name"], seen["fails"]);
        let said = last["name"].as_str().unwrap();
        assert!(said.contains(reason), "{said}: {reason}");
    }
    // A run so short that the steady state is never approached from empty.
    let short = theory(
        &line(POISSON, &[(1, "", UNIT)]),
        &["--set", "horizon.customers=50"],
    );
    assert!(short["fails"].as_str().unwrap().contains("began empty"));
}

const DESK: &str = r#"
model = "desk"
name = "counter"
seed = 5
steps = 5000
[[classes]]
name = "x"
arrivals = { poisson = { mean = 1.5 } }
service = { geometric = { mean = 2.5 } }
[buffer]
capacity = 4
[[servers]]
name = "A"
capacity = 6
attendants = [ { skills = ["x"], count = 4 } ]
"#;

#[test]
fn the_chain_of_a_plain_desk_agrees_with_its_simulation() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("desk.toml");
    fs::write(&file, DESK).unwrap();
    let words = [
        "replicate",
        file.to_str().unwrap(),
        "-n",
        "40",
        "--confidence",
        "0.999",
    ];
    let study = json(&[&words[..], &["--format", "json"]].concat());
    assert_eq!(study["theory"]["applies"], true, "{}", study["theory"]);
    let inside = study["inside"].as_object().unwrap();
    assert_eq!(inside.len(), 6);
    for (key, inside) in inside {
        let seen = (&study["measures"][key], &study["theory"]["measures"][key]);
        assert_eq!(inside, true, "{key}: {seen:?}");
    }
}

#[test]
fn the_chain_of_a_plain_desk_with_faults_agrees_with_its_simulation() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("desk.toml");
    let unlimited = DESK
        .replace("capacity = 4\n", "")
        .replace("capacity = 6\n", "");
    fs::write(&file, &unlimited).unwrap();
    let faults =
        "faults={ probability = 0.05, repair = { geometric = { mean = 3.0 } }, work = \"resume\" }";
    let words = [
        "replicate",
        file.to_str().unwrap(),
        "-n",
        "40",
        "--set",
        faults,
    ];
    let less = [
        "--set",
        "classes.0.arrivals.poisson.mean=1.0",
        "--confidence",
        "0.999",
    ];
    let study = json(&[&words[..], &less, &["--format", "json"]].concat());
    assert_eq!(study["theory"]["applies"], true, "{}", study["theory"]);
    let inside = study["inside"].as_object().unwrap();
    assert_eq!(inside.len(), 3);
    for (key, inside) in inside {
        let seen = (&study["measures"][key], &study["theory"]["measures"][key]);
        assert_eq!(inside, true, "{key}: {seen:?}");
    }
    for (set, reason) in [
        ("faults.probability=0.1", "comes up"),
        (
            "faults={ probability = 0.1, repair = { geometric = { mean = 2 } } }",
            "undoes no work",
        ),
        (
            "classes.0.patience={ constant = { value = 3 } }",
            "gives up",
        ),
        (
            "classes.0.service={ uniform_int = { low = 1, high = 3 } }",
            "geometric",
        ),
    ] {
        let seen = theory(DESK, &["--set", set]);
        assert_eq!(seen["applies"], false);
        assert!(seen["fails"].as_str().unwrap().contains(reason), "{seen}");
    }
}

#[test]
fn theory_stands_beside_simulation_and_judges_it() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("line.toml");
    fs::write(&file, line(POISSON, &[(1, "", UNIT)])).unwrap();
    let file = file.to_str().unwrap();
    let (text, _, _) = told(&[
        "replicate",
        file,
        "-n",
        "8",
        "--set",
        "horizon.warm_up=5000",
    ]);
    assert!(
        text.contains("M/M/1 applies.\n") && text.contains("inside"),
        "{text}"
    );
    let (text, _, _) = told(&["run", file, "--engine", "inline"]);
    assert!(
        text.contains("M/M/1 applies.\n") && text.contains("apart"),
        "{text}"
    );
    let (text, _, _) = told(&[
        "replicate",
        file,
        "-n",
        "2",
        "--set",
        "stages.0.servers=2",
        "--set",
        "stages.0.service={ gamma = { mean = 1.0, cv = 0.5 } }",
    ]);
    assert!(
        text.contains("approximate") && !text.contains("outside"),
        "{text}"
    );
    let (text, _, code) = told(&["theory", file]);
    assert_eq!(code, 0);
    assert!(
        text.lines()
            .nth(2)
            .unwrap()
            .contains("exact in the long run"),
        "{text}"
    );
    assert!(text.lines().all(|line| line.chars().count() <= 100));
}
