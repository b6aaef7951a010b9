//! Models from the documentation of other tools, with the values that stand there: two each of Ciw, JMT, LINE, simmer
//! and SimPy. They were chosen before they were run.
//!
//! A value that theory gives must lie in the interval of our mean; one that a simulation gave differs from our mean by
//! chance twice, ours and that of its own trials. All intervals hold together in 99 of 100 cases.

use crate::station_runs::line;
use filas::actor::Recording;
use filas::model::Model;
use filas::scenario::Scenario;
use serde_json::Value;

/// What a document says of a model.
struct Published {
    /// What it is, for a failure.
    name: &'static str,
    /// The scenario that says the same.
    scenario: &'static str,
    /// The measures whose sum is the value.
    measures: &'static [&'static str],
    /// The value.
    value: f64,
    /// The number of runs whose mean it is; none where it is exact.
    trials: Option<f64>,
    /// The number of runs that we make.
    runs: u64,
}

/// The number of standard errors that fifteen intervals which hold together at 99 % have.
const ERRORS: f64 = 3.5;

/// From the documentation of Ciw 2, "Example: Simulate M/M/1 queue" (docs/Examples/mm1.rst).
const CIW_M_M_1: &str = r#"
model = "network"
horizon = { until = 250.0, warm_up = { time = 50.0 } }
arrivals = { interarrival = { exponential = { rate = 3.0 } } }
stations = [{ name = "node", service = { exponential = { rate = 5.0 } }, next = "out" }]
"#;

/// From the documentation of Ciw 3, "Tutorial IV: Multiple Classes of Customer": a clinic for babies and children.
const CIW_CLINIC: &str = r#"
model = "network"
horizon = { until = 27.0, warm_up = { time = 3.0 } }
classes = [
    { name = "baby", arrivals = { interarrival = { exponential = { rate = 1.0 } } }, enter = "reception" },
    { name = "child", arrivals = { interarrival = { exponential = { rate = 2.0 } } }, enter = "reception" },
]
[[stations]]
name = "reception"
service = { by_class = { baby = { exponential = { rate = 4.0 } }, child = { exponential = { rate = 6.0 } } } }
next = { by_class = { baby = "babies", child = "children" } }
[[stations]]
name = "babies"
servers = 2
service = { exponential = { rate = 1.0 } }
next = "out"
[[stations]]
name = "children"
servers = 3
service = { exponential = { rate = 1.0 } }
next = "out"
"#;

/// From the vignette "Queueing Systems" of simmer: M/M/2/3. Its formula with r = 3/4 gives
/// (r + r² + 3 r³/4) / (1 + r + r²/2 + r³/4) = 0.76234 customers in the system.
const SIMMER_M_M_2_3: &str = r#"
model = "network"
horizon = { until = 2000.0 }
arrivals = { interarrival = { exponential = { rate = 3.0 } } }
stations = [{ name = "server", servers = 2, buffer = 1, service = { exponential = { rate = 4.0 } }, next = "out" }]
"#;

/// From the vignette "Continuous-Time Markov Chains" of simmer, example 1: a pump without a place to wait. The balance
/// equations there give 1 - 1 / (1 + 0.9 + 0.1125) = 0.50311 vehicles.
const SIMMER_PUMP: &str = r#"
model = "network"
horizon = { until = 5000.0 }
classes = [
    { name = "car", arrivals = { interarrival = { exponential = { rate = 0.1125 } } }, enter = "pump" },
    { name = "motorcycle", arrivals = { interarrival = { exponential = { rate = 0.0375 } } }, enter = "pump" },
]
[[stations]]
name = "pump"
buffer = 0
service = { by_class = { car = { exponential = { mean = 8.0 } }, motorcycle = { exponential = { mean = 3.0 } } } }
next = "out"
"#;

/// From the examples of SimPy, "Machine Shop": ten machines, one who repairs them, four weeks in minutes. They made 3251,
/// 3273, 3242, 3343, 3387, 3244, 3269, 3185, 3302 and 3279 parts, of ten minutes each: 8.1287 machines work on average.
const SIMPY_MACHINE_SHOP: &str = r#"
model = "network"
horizon = { until = 40320.0, stop = true }
classes = [{ name = "machine", population = 10, enter = "work" }]
[[stations]]
name = "work"
servers = "unlimited"
service = { exponential = { mean = 300.0 } }
next = "repair"
[[stations]]
name = "repair"
service = { constant = { value = 30.0 } }
next = "work"
"#;

/// From the examples of SimPy, "Bank Renege", with the times that its output shows.
const SIMPY_BANK: &str = r#"
model = "network"
arrivals = { times = [0.0, 10.2006, 12.7265, 34.9993, 40.4798] }
[[stations]]
name = "counter"
service = { trace = { values = [3.8595, 13.5501, 9.0, 2.9606, 2.6603] } }
patience = { trace = { values = [1.0, 2.0, 1.1738, 1.0, 2.0] } }
next = "out"
"#;

/// From the documentation of LINE, tutorial 1: M/M/1.
const LINE_M_M_1: &str = r#"
model = "network"
horizon = { customers = 20000, warm_up = 1000 }
arrivals = { interarrival = { exponential = { rate = 1.0 } } }
stations = [{ name = "queue", service = { exponential = { rate = 2.0 } }, next = "out" }]
"#;

/// From the documentation of LINE, tutorial 3: the machine interference problem. Its chain has 2.6648 machines at work
/// and 1.3324 repairs a unit of time, so that a machine comes round every 3 / 1.3324.
const LINE_REPAIR: &str = r#"
model = "network"
horizon = { until = 5000.0, warm_up = { time = 50.0 } }
classes = [{ name = "machine", population = 3, enter = "work" }]
[[stations]]
name = "work"
servers = "unlimited"
service = { exponential = { rate = 0.5 } }
next = "repair"
[[stations]]
name = "repair"
servers = 2
service = { exponential = { rate = 4.0 } }
next = "work"
"#;

/// From the manual of JMT, section on JMVA, "A model with a single closed class": three jobs, demands of 0.606, 2.28 and
/// 1.2 s. Mean-value analysis gives 0.39132 jobs a second, so that a job takes 7.6663 s.
const JMT_THREE_JOBS: &str = r#"
model = "network"
horizon = { until = 400.0, warm_up = { time = 40.0 } }
classes = [{ name = "job", population = 3, enter = "begin" }]
[[stations]]
name = "begin"
servers = "unlimited"
service = { constant = { value = 0.0 } }
next = "cpu"
[[stations]]
name = "cpu"
service = { exponential = { mean = 0.006 } }
next = { disk1 = 0.5940594059405941, disk2 = 0.39603960396039606, begin = 0.009900990099009901 }
[[stations]]
name = "disk1"
service = { exponential = { mean = 0.038 } }
next = "cpu"
[[stations]]
name = "disk2"
service = { exponential = { mean = 0.03 } }
next = "cpu"
"#;

/// From the models of JMVA's format that are handed round with solvers, after Lazowska and others (1984), "Quantitative
/// System Performance", p. 117: three users who think for 15 s. The book gives 0.152 interactions a second; demands of
/// 0.605, 2.1 and 1.35 s give 3 / 0.15152 = 19.800 s.
const JMT_LAZOWSKA: &str = r#"
model = "network"
horizon = { until = 1000.0, warm_up = { time = 100.0 } }
classes = [{ name = "user", population = 3, enter = "thinking" }]
[[stations]]
name = "thinking"
servers = "unlimited"
service = { exponential = { mean = 15.0 } }
next = "cpu"
[[stations]]
name = "cpu"
service = { exponential = { mean = 0.005 } }
next = { disk1 = 0.5785123966942148, disk2 = 0.4132231404958678, thinking = 0.008264462809917356 }
[[stations]]
name = "disk1"
service = { exponential = { mean = 0.03 } }
next = "cpu"
[[stations]]
name = "disk2"
service = { exponential = { mean = 0.027 } }
next = "cpu"
"#;

#[rustfmt::skip]
const PUBLISHED: [Published; 12] = [
    Published { name: "Ciw, M/M/1", scenario: CIW_M_M_1, measures: &["waiting.mean"], value: 0.292_014_274_888, trials: Some(100.0), runs: 200 },
    // At the reception babies and children together: (0.298488 + 2 · 0.261834) / 3.
    Published { name: "Ciw, reception", scenario: CIW_CLINIC, measures: &["stations.0.waiting.mean"], value: 0.274_052, trials: Some(16.0), runs: 1000 },
    Published { name: "Ciw, babies", scenario: CIW_CLINIC, measures: &["stations.1.waiting.mean"], value: 0.268_752, trials: Some(16.0), runs: 1000 },
    Published { name: "Ciw, children", scenario: CIW_CLINIC, measures: &["stations.2.waiting.mean"], value: 0.284_763, trials: Some(16.0), runs: 1000 },
    Published { name: "simmer, M/M/2/3", scenario: SIMMER_M_M_2_3, measures: &["stations.0.in_service.mean", "stations.0.queue_length.mean"], value: 0.762_34, trials: None, runs: 40 },
    Published { name: "simmer, pump", scenario: SIMMER_PUMP, measures: &["stations.0.in_service.mean"], value: 0.503_106, trials: None, runs: 100 },
    Published { name: "SimPy, machine shop", scenario: SIMPY_MACHINE_SHOP, measures: &["stations.0.in_service.mean"], value: 8.1287, trials: Some(1.0), runs: 100 },
    Published { name: "LINE, M/M/1", scenario: LINE_M_M_1, measures: &["sojourn.mean"], value: 1.0, trials: None, runs: 20 },
    Published { name: "LINE, machines at work", scenario: LINE_REPAIR, measures: &["stations.0.in_service.mean"], value: 2.664_8, trials: None, runs: 20 },
    Published { name: "LINE, a round", scenario: LINE_REPAIR, measures: &["classes.0.cycle_time.mean"], value: 3.0 / 1.332_4, trials: None, runs: 20 },
    Published { name: "JMT, three jobs", scenario: JMT_THREE_JOBS, measures: &["classes.0.cycle_time.mean"], value: 7.6663, trials: None, runs: 20 },
    Published { name: "JMT, three users", scenario: JMT_LAZOWSKA, measures: &["classes.0.cycle_time.mean"], value: 19.800, trials: None, runs: 20 },
];

/// The summary of a replication.
fn summary(scenario: &Scenario, replication: u64) -> Value {
    let around = filas::actor::Surroundings {
        conductor: &(),
        recorder: &(),
    };
    let model = Model::of(scenario);
    let runtime = filas::actor::Runtime::Inline;
    let outcome = model.run(replication, runtime, None, Recording::Nothing, around);
    let filas::model::Outcome::Line(outcome) = outcome.unwrap() else {
        panic!("it is a network");
    };
    serde_json::to_value(outcome.summary).unwrap()
}

fn measure(summary: &Value, key: &str) -> f64 {
    let value = summary.pointer(&format!("/{}", key.replace('.', "/")));
    value
        .and_then(Value::as_f64)
        .unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn models_of_other_tools_give_what_their_documents_say() {
    for one in PUBLISHED {
        let scenario = Scenario::Tandem(line(one.scenario));
        let values = (0..one.runs).map(|run| {
            let summary = summary(&scenario, run);
            one.measures.iter().map(|key| measure(&summary, key)).sum()
        });
        let values: Vec<f64> = values.collect();
        let runs = one.runs as f64;
        let mean = values.iter().sum::<f64>() / runs;
        let squares = values.iter().map(|value| (value - mean).powi(2));
        let variance = squares.sum::<f64>() / (runs - 1.0);
        let theirs = one.trials.map_or(0.0, |trials| 1.0 / trials);
        let error = (variance * (1.0 / runs + theirs)).sqrt();
        assert!(
            (mean - one.value).abs() < ERRORS * error,
            "{}: {mean} ± {error}, published {}",
            one.name,
            one.value
        );
        // An interval so wide that it holds anything says nothing.
        let ours = (variance / runs).sqrt();
        assert!(ERRORS * ours < 0.2 * one.value, "{}: {ours}", one.name);
    }
}

#[test]
fn the_bank_of_simpy_is_the_same_customer_by_customer() {
    let summary = summary(&Scenario::Tandem(line(SIMPY_BANK)), 0);
    let value = |key| measure(&summary, key);
    // "12.7265 Customer02: Here I am", "13.9003 Customer02: RENEGED after 1.174".
    assert_eq!(value("customers.abandoned"), 1.0);
    assert!((value("stations.0.time_to_abandon.max") - 1.1738).abs() < 1e-9);
    assert_eq!(value("customers.departed"), 4.0);
    assert_eq!(value("waiting.max"), 0.0);
    // "23.7507 Customer01: Finished", after the longest stay; "43.1401 Customer04: Finished", the last.
    assert!((value("sojourn.max") - (23.7507 - 10.2006)).abs() < 1e-9);
    assert!((value("clock") - 43.1401).abs() < 1e-9);
}
