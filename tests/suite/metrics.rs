//! `--metrics`: what Prometheus reads are the counts of the run, and a scrape disturbs nothing.

use filas::actor::{Recording, Runtime, Surroundings};
use filas::model::Model;
use filas::observe::metrics::Metrics;
use filas::scenario::{Origin, Overrides, Scenario, load};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

/// The samples of a scrape; every family states its kind before its samples.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut family = String::new();
    let mut samples = BTreeMap::new();
    for line in text.lines() {
        if let Some(about) = line.strip_prefix("# TYPE ") {
            let (name, kind) = about.split_once(' ').unwrap();
            assert!(["counter", "gauge"].contains(&kind));
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            family = name.to_owned();
        } else if !line.starts_with('#') {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            assert_eq!(sample.split('{').next(), Some(family.as_str()));
            let earlier = samples.insert(sample.to_owned(), value.parse().unwrap());
            assert_eq!(earlier, None, "{sample} stands twice");
        }
    }
    samples
}

fn shipped(name: &str) -> Scenario {
    let path = format!("{}/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let loaded = load(Origin::File(path.as_ref()), &Overrides::default());
    loaded.unwrap().scenario
}

/// The samples after a run, with its digest; and its summary.
fn ran(scenario: &Scenario, runtime: Runtime) -> (BTreeMap<String, f64>, Value) {
    let metrics = Metrics::new(scenario);
    let stop = AtomicBool::new(false);
    let around = Surroundings {
        conductor: &stop,
        recorder: &metrics,
    };
    let model = Model::of(scenario);
    let outcome = model.run(0, runtime, None, Recording::Everything, around);
    let outcome = outcome.unwrap();
    let mut summary = serde_json::to_value(&outcome).unwrap();
    summary["digest"] = outcome.digest().to_string().into();
    (samples(&metrics.text()), summary)
}

#[test]
fn after_a_run_they_are_the_counts_of_its_summary_on_every_engine() {
    let threads = Runtime::Threads {
        channel_capacity: 4,
    };
    for name in [
        "desk",
        "failover",
        "call-centre",
        "clinic",
        "bakery",
        "emergency-room",
    ] {
        let scenario = shipped(name);
        let (read, summary) = ran(&scenario, Runtime::Inline);
        let (again, other) = ran(&scenario, threads);
        assert_eq!(summary["digest"], other["digest"]);
        assert_eq!(read, again, "{name}");
        let same = |sample: &str, key: &str| {
            let count = summary.pointer(key).and_then(Value::as_f64);
            assert_eq!(read.get(sample).copied(), count, "{name}: {sample}");
        };
        if scenario.desk().is_some() {
            for outcome in ["generated", "completed", "rejected", "abandoned", "failed"] {
                let sample = format!("filas_requests_total{{outcome=\"{outcome}\"}}");
                same(&sample, &format!("/requests/{outcome}"));
            }
            for (n, class) in summary["classes"].as_array().unwrap().iter().enumerate() {
                let class = class["name"].as_str().unwrap();
                for outcome in ["generated", "completed"] {
                    same(
                        &format!(
                            "filas_class_requests_total{{class=\"{class}\",outcome=\"{outcome}\"}}"
                        ),
                        &format!("/classes/{n}/requests/{outcome}"),
                    );
                }
            }
        } else {
            same(
                "filas_customers_total{outcome=\"arrived\"}",
                "/customers/arrived",
            );
            same(
                "filas_customers_total{outcome=\"served\"}",
                "/customers/departed",
            );
            for (n, stage) in summary["stages"].as_array().unwrap().iter().enumerate() {
                let stage = stage["name"].as_str().unwrap();
                same(
                    &format!("filas_departures_total{{stage=\"{stage}\"}}"),
                    &format!("/stages/{n}/departures"),
                );
            }
        }
    }
}

/// Scrapes an address.
fn scrape(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200") && head.contains("text/plain; version=0.0.4"),
        "{head}"
    );
    body.to_owned()
}

#[test]
fn a_run_that_goes_on_is_scraped_and_its_counts_rise() {
    for (words, sample) in [
        (
            &["run", "desk", "--set", "steps=1000000", "--pace", "2000"][..],
            "filas_clock",
        ),
        (
            &["replicate", "clinic", "-n", "1000000"],
            "filas_replications_total",
        ),
    ] {
        let mut filas = Command::new(env!("CARGO_BIN_EXE_filas"));
        let mut running = filas
            .args(words)
            .args(["--metrics", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(running.stderr.take().unwrap()).lines();
        let line = lines.find_map(|line| line.ok().filter(|line| line.contains("metrics at")));
        let line = line.unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .unwrap()
            .trim_end_matches("/metrics")
            .to_owned();
        let first = samples(&scrape(&address))[sample];
        // It goes on, so that a later scrape finds more.
        let rises = (0..100_000).any(|_| samples(&scrape(&address))[sample] > first);
        running.kill().unwrap();
        running.wait().unwrap();
        assert!(rises, "{words:?}");
    }
}

#[test]
fn an_address_that_is_taken_is_refused_before_anything_runs() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (said, err, code) = super::cli::told(&["run", "desk", "--metrics", &address]);
    assert_eq!((said.as_str(), code), ("", 2));
    assert!(
        err.contains(&address) && err.contains("another address"),
        "{err}"
    );
}
