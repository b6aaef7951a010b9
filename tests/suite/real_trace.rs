//! A published trace of inference requests, read as it was published, through the whole program.
//!
//! The waits are compared with Lindley's recursion and with the event-list oracle. The suite uses
//! the first 500 requests (`tests/data/`); `tests/trace.rs` uses the whole file.

use crate::line::{compare_visits, run};
use crate::line_oracle::{self as oracle, LineSpec, Source, StageSpec};
use filas::actor::Runtime;
use filas::scenario::{Origin, Overrides, Scenario, load};
use filas::tandem::CHUNK;
use std::path::Path;

/// A scenario of ten lines; it assumes 0.1 ms a prompt token and 20 ms a generated one.
const SCENARIO: &str = r#"model = "tandem"
time_unit = "ms"
arrivals = { times = { file = "trace.csv", column = "TIMESTAMP" } }
[[stages]]
name = "prefill"
service = { trace = { file = "trace.csv", column = "ContextTokens", scale = 0.1 } }
[[stages]]
name = "decode"
servers = 1
service = { trace = { file = "trace.csv", column = "GeneratedTokens", scale = 20 } }
"#;

/// The requests of a file, read independently: arrivals in ms after the first, tokens in and out.
fn requests(text: &str) -> [Vec<f64>; 3] {
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    let mut first = None;
    for row in text.lines().skip(1).map(str::trim_end) {
        let cells: Vec<&str> = row.split(',').collect();
        let (date, time) = cells[0].split_once(' ').unwrap();
        assert_eq!(date, "2023-11-16");
        let parts: Vec<&str> = time.split([':', '.']).collect();
        let [hours, minutes, seconds] = [0, 1, 2].map(|part| parts[part].parse::<u64>().unwrap());
        // Seven decimals: tenths of a microsecond.
        let rest: u64 = parts[3].parse().unwrap();
        let instant = ((hours * 60 + minutes) * 60 + seconds) * 10_000_000 + rest;
        let first = *first.get_or_insert(instant);
        columns[0].push(((instant - first) * 100) as f64 / 1e6);
        columns[1].push(cells[1].parse::<f64>().unwrap() * 0.1);
        columns[2].push(cells[2].parse::<f64>().unwrap() * 20.0);
    }
    columns
}

/// The waits at single servers in series: a service begins at the later of the arrival and the end
/// of the last.
fn lindley(arrivals: &[f64], services: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut free = 0.0f64;
    let served = arrivals.iter().zip(services).map(|(&arrival, service)| {
        let start = free.max(arrival);
        free = start + service;
        (start - arrival, free)
    });
    served.unzip()
}

/// Runs the trace of a file and compares it with the recursion and the oracle.
pub(crate) fn hold(trace: &Path, decoders: &[usize]) {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(trace).unwrap();
    std::fs::write(folder.path().join("trace.csv"), &text).unwrap();
    let file = folder.path().join("inference.toml");
    std::fs::write(&file, SCENARIO).unwrap();
    let [arrivals, prefill, decode] = requests(&text);
    for &servers in decoders {
        let overrides = Overrides {
            set: vec![("stages.decode.servers".to_owned(), servers.to_string())],
            ..Overrides::default()
        };
        let Scenario::Tandem(line) = load(Origin::File(&file), &overrides).unwrap().scenario else {
            panic!("the file is a tandem");
        };
        let (inline, passages) = run(&line, Runtime::Inline, CHUNK);
        if servers == 1 {
            let (first, left) = lindley(&arrivals, &prefill);
            let (second, _) = lindley(&left, &decode);
            for (passage, waits) in passages.iter().zip(first.iter().zip(second)) {
                let wait = |stage: usize| {
                    passage.visits[stage].service_start - passage.visits[stage].arrival
                };
                assert_eq!(
                    (wait(0), wait(1)),
                    (*waits.0, waits.1),
                    "{}",
                    passage.customer.customer
                );
            }
        }
        let stage = |servers, services: &Vec<f64>| StageSpec {
            servers,
            buffer: None,
            services: services.clone(),
        };
        let truth = oracle::simulate(&LineSpec {
            source: Source::Times(arrivals.clone()),
            blocking: oracle::Blocking::AfterService,
            warm_up: 0,
            stages: vec![stage(1, &prefill), stage(servers, &decode)],
        });
        compare_visits(&passages, &truth);
        let channels = Runtime::Threads {
            channel_capacity: 4,
        };
        let (threads, passages) = run(&line, channels, 7);
        compare_visits(&passages, &truth);
        assert_eq!(inline, threads);
    }
}

#[test]
fn a_published_trace_gives_the_waits_of_an_event_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    hold(&root.join("tests/data/azure-llm-code-2023.csv"), &[1, 2, 4]);
}
