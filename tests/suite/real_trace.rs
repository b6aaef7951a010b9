//! A real trace through the whole program: 28,185 inference requests, prefill and decode, against the
//! event-list oracle.
//!
//! The file is not part of the project. Where it is missing the test says so and holds nothing.

use crate::line::{compare, run};
use crate::line_oracle::{self as oracle, LineSpec, Source, StageSpec};
use filas::actor::Runtime;
use filas::scenario::{Origin, Overrides, Scenario, load};
use filas::tandem::CHUNK;
use std::path::{Path, PathBuf};

const SCENARIO: &str = r#"
model = "tandem"
time_unit = "0.1 ms"
[arrivals]
interarrival = { trace = { file = "requests.csv", column = "interarrival" } }
[horizon]
customers = 28185
[[stages]]
name = "s0"
servers = 2
service = { trace = { file = "requests.csv", column = "s1" } }
[[stages]]
name = "s1"
service = { trace = { file = "requests.csv", column = "s2" } }
"#;

fn trace() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root.join("../shared/data/azure_tandem_input.csv");
    file.exists().then_some(file)
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that holds nothing must say so")]
fn a_real_trace_runs_end_to_end_and_equals_the_oracle() {
    let Some(trace) = trace() else {
        eprintln!("azure_tandem_input.csv is not beside the project: nothing was held against it");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(&trace, folder.path().join("requests.csv")).unwrap();
    let file = folder.path().join("inference.toml");
    std::fs::write(&file, SCENARIO).unwrap();
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for row in csv::Reader::from_path(&trace).unwrap().records() {
        let row = row.unwrap();
        for (column, cell) in columns.iter_mut().zip(&row) {
            column.push(cell.parse::<f64>().unwrap());
        }
    }
    let [gaps, prefill, decode] = columns;
    let mut clock = 0.0;
    let arrivals = gaps.iter().map(|gap| {
        clock += gap;
        clock
    });
    let arrivals: Vec<f64> = arrivals.collect();
    for decoders in [1, 2, 4, 8] {
        let overrides = Overrides {
            set: vec![("stages.s1.servers".to_owned(), decoders.to_string())],
            ..Overrides::default()
        };
        let Scenario::Tandem(line) = load(Origin::File(&file), &overrides).unwrap().scenario else {
            panic!("the file is a tandem");
        };
        let stage = |servers, services: &Vec<f64>| StageSpec {
            servers,
            buffer: None,
            services: services.clone(),
        };
        let truth = oracle::simulate(&LineSpec {
            source: Source::Times(arrivals.clone()),
            blocking: oracle::Blocking::AfterService,
            warm_up: 0,
            stages: vec![stage(2, &prefill), stage(decoders, &decode)],
        });
        let (inline, records) = run(&line, Runtime::Inline, CHUNK);
        compare(&inline, &records, &truth);
        let channels = Runtime::Threads {
            channel_capacity: 4,
        };
        let (threads, records) = run(&line, channels, 7);
        compare(&threads, &records, &truth);
        assert_eq!(inline, threads);
    }
}
