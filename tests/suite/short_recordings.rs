//! A recording of which each customer takes a value is refused where it is too short, also where that is known only in
//! the run: with how many values there are and how many are needed, the same on every engine, and before anything is
//! written.

use crate::cli::{json, told};
use std::fs;

/// A scenario in which `VALUES` stands for recorded values.
struct Short {
    head: &'static str,
    stage: &'static str,
    /// The key of the summary that counts how many are needed; without one, one more than there are, at least.
    needed: Option<&'static str>,
    what: &'static str,
}

const RATES: &str = r#"
arrivals = { rates = [ { until = 10.0, rate = 2.0 }, { until = 20.0, rate = 1.0 } ] }
horizon = { until = 60.0 }
classes = [ { name = "urgent", share = 0.3, priority = 1 }, { name = "calm", share = 0.7 } ]
"#;

const BUSY_DAY: &str = r#"
arrivals = { interarrival = { trace = VALUES }, busy_day = { cv = 0.5 } }
horizon = { until = 60.0 }
"#;

const OWN_ARRIVALS: &str = r#"
classes = [
  { name = "calm", arrivals = { interarrival = { trace = VALUES } } },
  { name = "urgent", arrivals = { times = [1, 2, 3] } },
]
horizon = { customers = 60 }
"#;

const BATCHES: &str = r#"
arrivals = { times = VALUES, batch = { discrete = { values = [0, 1], probabilities = [0.5, 0.5] } } }
horizon = { customers = 1000 }
"#;

const SATURATED: &str = r#"
arrivals = { saturated = true }
horizon = { until = 60.0, stop = true }
"#;

const CASES: [Short; 9] = [
    Short {
        head: RATES,
        stage: "service = { trace = VALUES }\npatience = { constant = { value = 3 } }",
        needed: Some("/customers/arrived"),
        what: "the services at stage a",
    },
    Short {
        head: RATES,
        stage: "service = { by_class = { urgent = { trace = VALUES }, other = { constant = { value = 0.5 } } } }",
        needed: Some("/classes/0/customers/arrived"),
        what: "the services of class urgent at stage a",
    },
    Short {
        head: RATES,
        stage: "servers = 2\nservice = { by_server = [ { constant = { value = 1 } }, { trace = VALUES } ] }",
        needed: Some("/customers/arrived"),
        what: "the services at stage a",
    },
    Short {
        head: RATES,
        stage: "service = { constant = { value = 0.5 } }\nsetup = { by_class = { calm = { trace = VALUES } } }",
        needed: Some("/classes/1/customers/arrived"),
        what: "the set-ups of class calm at stage a",
    },
    Short {
        head: RATES,
        stage: "service = { constant = { value = 0.7 } }\npatience = { trace = VALUES }",
        needed: Some("/customers/arrived"),
        what: "the patience at stage a",
    },
    Short {
        head: BUSY_DAY,
        stage: "service = { constant = { value = 0.7 } }",
        needed: None,
        what: "the times between arrivals",
    },
    Short {
        head: OWN_ARRIVALS,
        stage: "service = { constant = { value = 0.7 } }",
        needed: None,
        what: "the times between arrivals of class calm",
    },
    Short {
        head: BATCHES,
        stage: "service = { constant = { value = 0.7 } }",
        needed: None,
        what: "the times of arrivals",
    },
    Short {
        head: SATURATED,
        stage: "service = { trace = VALUES }\nscrap = 0.1",
        needed: None,
        what: "the services at stage a",
    },
];

impl Short {
    /// The scenario with so many values, which may begin again.
    fn with(&self, values: usize, repeat: bool) -> String {
        let list = (0..values).map(|at| format!("{:.1}", 0.2 * (at % 7) as f64));
        let list: Vec<String> = match self.head == BATCHES {
            true => (0..values).map(|at| at.to_string()).collect(),
            false => list.collect(),
        };
        let list = list.join(", ");
        let text = format!(
            "model = \"tandem\"\nname = \"short\"\n{}\n[[stages]]\nname = \"a\"\n{}\n",
            self.head, self.stage
        );
        let values = match (repeat, self.head == BATCHES) {
            (true, _) => format!("{{ values = [{list}], repeat = true }}"),
            (false, true) => format!("[{list}]"),
            (false, false) => format!("{{ values = [{list}] }}"),
        };
        text.replace("VALUES", &values)
    }
}

#[test]
fn a_recording_that_turns_out_too_short_is_an_error_that_says_how_many_values_are_needed() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("short.toml");
    let name = file.to_str().unwrap();
    for case in CASES {
        let had = 7;
        let needed = match case.needed {
            Some(key) => {
                fs::write(&file, case.with(had, true)).unwrap();
                let whole = json(&["run", name, "--format", "json"]);
                whole.pointer(key).unwrap().as_u64().unwrap()
            }
            None => had as u64 + 1,
        };
        assert!(needed > had as u64, "{}", case.what);
        fs::write(&file, case.with(had, false)).unwrap();
        let says = format!(
            "the trace for {} has {had} values, but the run needs at least {needed}",
            case.what
        );
        let out = place.path().join("results");
        for engine in ["inline", "threads"] {
            let words = [
                "run",
                name,
                "--engine",
                engine,
                "--out",
                out.to_str().unwrap(),
            ];
            let (stdout, stderr, code) = told(&words);
            assert!(stderr.contains(&says), "{says}\n{stderr}");
            assert_eq!((stdout.as_str(), code), ("", 2), "{stderr}");
            assert!(!out.exists(), "{}", case.what);
        }
        // A stress test may cut the run, so that fewer are needed.
        let says = format!("the trace for {} has {had} values, but the run", case.what);
        let (_, stderr, code) = told(&["stress", name, "--schedules", "3"]);
        assert!(stderr.contains(&says) && code == 2, "{stderr}");
        // With as many as it says it needs the run comes to its end.
        if case.needed.is_some() {
            for (values, code) in [(needed - 1, 2), (needed, 0)] {
                fs::write(&file, case.with(values as usize, false)).unwrap();
                let (_, stderr, exit) = told(&["run", name, "--quiet"]);
                assert_eq!(exit, code, "{values} values: {stderr}");
            }
        }
    }
}
