//! `--metrics`: what Prometheus reads are the counts of the run, and a scrape disturbs nothing.

use filas::actor::{Recording, Runtime, Surroundings};
use filas::model::Model;
use filas::observe::metrics::Metrics;
use filas::scenario::{Origin, Overrides, Scenario, load};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
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
        "call-day",
        "retry-storm",
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
            for (outcome, key) in [
                ("generated", "generated"),
                ("completed", "completed"),
                ("rejected", "rejected"),
                ("abandoned", "abandoned"),
                ("failed", "failed"),
                ("timed-out", "timed_out"),
            ] {
                let sample = format!("filas_requests_total{{outcome=\"{outcome}\"}}");
                same(&sample, &format!("/requests/{key}"));
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

/// What the log tells of people and machines is counted.
#[test]
fn what_people_and_machines_do_is_counted_as_the_log_tells_it() {
    let place = tempfile::tempdir().unwrap();
    for (name, of_sample) in [
        (
            "retry-storm",
            &[
                ("filas_timed_out_total", "supervisor", "waited too long"),
                ("filas_retries_total", "supervisor", "comes again"),
            ][..],
        ),
        (
            "call-day",
            &[("filas_retries_total", "supervisor", "comes again")],
        ),
        (
            "job-shop",
            &[
                ("filas_faults_total{stage=\"grinder\"}", "grinder", "down"),
                (
                    "filas_cut_off_total{stage=\"grinder\",by=\"fault\"}",
                    "grinder",
                    "cut off",
                ),
            ],
        ),
        (
            "emergency-room",
            &[
                (
                    "filas_cut_off_total{stage=\"doctors\",by=\"preemption\"}",
                    "doctors",
                    "by a higher priority",
                ),
                (
                    "filas_cut_off_total{stage=\"doctors\",by=\"plan\"}",
                    "doctors",
                    "by the plan",
                ),
            ],
        ),
    ] {
        let log = place.path().join(name);
        let words = [
            "run",
            name,
            "--engine",
            "inline",
            "--log",
            "debug",
            "--log-file",
        ];
        let (_, err, code) = super::cli::told(&[&words[..], &[log.to_str().unwrap()]].concat());
        assert_eq!(code, 0, "{err}");
        let log = std::fs::read_to_string(log).unwrap();
        let (read, _) = ran(&shipped(name), Runtime::Inline);
        for (sample, who, words) in of_sample {
            let is_so = |line: &&str| line.contains(who) && line.contains(words);
            let told = log.lines().filter(is_so).count();
            assert!(told > 0, "{words}");
            assert_eq!(read[*sample], told as f64, "{name}: {sample}");
        }
    }
}

/// The states of servers and attendants after a run are what its scenario leaves them in.
#[test]
fn those_off_duty_are_counted_apart_from_those_who_are_down() {
    // At the end of the day the early shift has gone, and so has the late one: it goes with the last call.
    let (read, summary) = ran(&shipped("call-day"), Runtime::Inline);
    let attendants = summary["servers"][0]["attendants"]
        .as_array()
        .unwrap()
        .len() as f64;
    assert_eq!(
        read["filas_off_duty{server=\"centre\"}"] + read["filas_attendants_up{server=\"centre\"}"],
        attendants
    );
    assert!(read["filas_off_duty{server=\"centre\"}"] >= 9.0);
    assert_eq!(read["filas_down{server=\"centre\"}"], 0.0);
    // At midnight two of the most doctors of the plan are on duty.
    let room = shipped("emergency-room");
    let stages = &room.line().unwrap().stages;
    let (doctors, at_first) = (
        stages[1].servers.most().unwrap(),
        stages[1].servers.at_first().unwrap(),
    );
    let before = samples(&Metrics::new(&room).text());
    assert_eq!(
        before["filas_off_duty{stage=\"doctors\"}"],
        f64::from(doctors - at_first)
    );
    assert!(doctors > at_first);
}

/// The names in the queries of the dashboard are those of a desk or of a line.
#[test]
fn every_metric_of_the_dashboard_exists() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/grafana/filas.json");
    let dashboard: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut known = std::collections::BTreeSet::new();
    for name in ["failover", "retry-storm", "job-shop", "emergency-room"] {
        let (read, _) = ran(&shipped(name), Runtime::Inline);
        for sample in read.keys() {
            let (name, labels) = sample.split_once('{').unwrap_or((sample, ""));
            known.insert(name.to_owned());
            let labels = labels.trim_end_matches('}').split(',');
            known.extend(labels.filter_map(|label| Some(label.split_once('=')?.0.to_owned())));
        }
    }
    for words in [
        &["replicate", "clinic", "-n", "1000000"][..],
        &["serve", "--no-open", "--port", "0"],
    ] {
        let (mut running, address) = begun(words);
        let read = samples(&scrape(&address));
        running.kill().unwrap();
        running.wait().unwrap();
        for sample in read.keys() {
            known.insert(sample.split('{').next().unwrap().to_owned());
            known.extend(sample.contains("state=").then(|| "state".to_owned()));
        }
    }
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let mut used = 0;
    for target in targets {
        let query = target["expr"].as_str().unwrap();
        let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let names: Vec<&str> = words.filter(|word| word.starts_with("filas_")).collect();
        assert!(!names.is_empty(), "{query}");
        for name in names {
            assert!(known.contains(name), "{name} in {query}");
        }
        let legend = target["legendFormat"].as_str().unwrap();
        for label in legend.split("{{").skip(1) {
            let label = label.split("}}").next().unwrap().trim();
            assert!(known.contains(label), "{label} in {legend}");
        }
        used += 1;
    }
    assert!(used > 10);
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

/// A command that goes on, and the address of its metrics.
fn begun(words: &[&str]) -> (Child, String) {
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
    let address = line.split("http://").nth(1).unwrap();
    (running, address.trim_end_matches("/metrics").to_owned())
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
        let (mut running, address) = begun(words);
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
