//! Debian's Prometheus scrapes paced runs: at the time of a scrape its answers are the counts that the tables of the
//! run state, as far as the run's actors have come, and every query of the dashboard in `docs/grafana/` has an answer.
//! Run by name, `cargo test --test prometheus`, on Debian; where there is no `prometheus`, its package is downloaded
//! and unpacked into the build output, so that no service is installed.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program that is ended when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a command that must succeed.
fn done(command: &mut Command) {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
}

/// The program `prometheus`.
fn prometheus() -> PathBuf {
    let installed = Path::new("/usr/bin/prometheus");
    if installed.exists() {
        return installed.to_owned();
    }
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prometheus");
    let program = place.join("usr/bin/prometheus");
    if !program.exists() {
        std::fs::create_dir_all(&place).unwrap();
        let download = "apt-get download -qq prometheus || (apt-get update -qq && apt-get download -qq prometheus)";
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("({download}) && dpkg -x prometheus_*.deb .")]);
        done(shell.current_dir(&place));
    }
    program
}

/// The words of a value in JSON after a GET request.
fn get(port: u16, path: &str) -> Option<Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    // HTTP 1.0 has no chunks.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    serde_json::from_str(body).ok()
}

/// A text as part of a URL.
fn escaped(text: &str) -> String {
    let each = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    each.collect()
}

/// A run that is paced, and a Prometheus that scrapes it.
struct Watched {
    filas: Running,
    _prometheus: Running,
    port: u16,
    _place: tempfile::TempDir,
}

impl Watched {
    fn begin(words: &[&str]) -> Watched {
        let mut filas = Command::new(env!("CARGO_BIN_EXE_filas"));
        filas.args(["run", "--metrics", "127.0.0.1:0"]).args(words);
        filas.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut filas = Running(filas.spawn().unwrap());
        let mut lines = BufReader::new(filas.0.stderr.take().unwrap()).lines();
        let told =
            lines.find_map(|line| line.ok()?.split_once("http://").map(|it| it.1.to_owned()));
        let target = told.unwrap().trim_end_matches("/metrics").to_owned();
        let place = tempfile::tempdir().unwrap();
        let settings = json!({
            "global": { "scrape_interval": "200ms", "scrape_timeout": "200ms" },
            "scrape_configs": [ { "job_name": "filas", "static_configs": [ { "targets": [target] } ] } ],
        });
        // JSON is YAML.
        let file = place.path().join("prometheus.yml");
        std::fs::write(&file, settings.to_string()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut prometheus = Command::new(prometheus());
        prometheus.arg(format!("--config.file={}", file.display()));
        prometheus.arg(format!(
            "--storage.tsdb.path={}",
            place.path().join("data").display()
        ));
        prometheus.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let prometheus = prometheus.stdout(Stdio::null()).stderr(Stdio::null());
        Watched {
            filas,
            _prometheus: Running(prometheus.spawn().unwrap()),
            port,
            _place: place,
        }
    }

    /// The answer of a query: labels with values.
    fn ask(&self, query: &str) -> Vec<(Value, f64)> {
        let answer = get(
            self.port,
            &format!("/api/v1/query?query={}", escaped(query)),
        );
        let Some(answer) = answer else {
            return Vec::new();
        };
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        let found = answer["data"]["result"].as_array().unwrap();
        let one = |sample: &Value| {
            let value = sample["value"][1].as_str().unwrap();
            (sample["metric"].clone(), value.parse().unwrap())
        };
        found.iter().map(one).collect()
    }

    /// Asks again until the answer is as wanted, for as long as the run goes on.
    fn until<T>(&mut self, about: &str, mut wanted: impl FnMut(&Watched) -> Option<T>) -> T {
        while self.filas.0.try_wait().unwrap().is_none() {
            if let Some(found) = wanted(self) {
                return found;
            }
        }
        panic!("the run has ended before Prometheus had an answer: {about}");
    }
}

/// The samples of one scrape, by name and the labels that filas gives, and their clock.
fn snapshot(watched: &mut Watched, from: f64) -> (BTreeMap<String, f64>, f64) {
    watched.until("samples", |watched| {
        let samples: BTreeMap<String, f64> = watched
            .ask("{job=\"filas\",__name__=~\"filas_.*\"}")
            .into_iter()
            .map(|(labels, value)| {
                let mut labels: BTreeMap<String, String> = serde_json::from_value(labels).unwrap();
                let name = labels.remove("__name__").unwrap();
                labels.retain(|label, _| !["instance", "job"].contains(&label.as_str()));
                let labels: Vec<_> = labels.into_values().collect();
                (
                    format!("{name} {}", labels.join(" ")).trim_end().to_owned(),
                    value,
                )
            })
            .collect();
        let clock = *samples.get("filas_clock")?;
        (clock > from).then_some((samples, clock))
    })
}

/// The rows of a table of a run, by the names of its columns.
fn rows(words: &[&str], table: &str) -> Vec<BTreeMap<String, String>> {
    let place = tempfile::tempdir().unwrap();
    let mut filas = Command::new(env!("CARGO_BIN_EXE_filas"));
    filas
        .arg("run")
        .args(words)
        .args(["--engine", "inline", "--tables", "csv", "--overwrite"]);
    done(filas.arg("--out").arg(place.path()));
    let mut table = csv::Reader::from_path(place.path().join(format!("{table}.csv"))).unwrap();
    table.deserialize().map(Result::unwrap).collect()
}

/// The queries of the dashboard, with the row in which each stands.
fn queries() -> Vec<(String, String)> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/grafana/filas.json");
    let dashboard: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut queries = Vec::new();
    let mut row = String::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        if panel["type"] == "row" {
            row = panel["title"].as_str().unwrap().to_owned();
        }
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"]
                .as_str()
                .unwrap()
                .replace("$__rate_interval", "1s");
            queries.push((row.clone(), query));
        }
    }
    queries
}

/// Every query of this row of the dashboard is answered.
fn assert_shown(watched: &mut Watched, row: &str) {
    let queries = queries().into_iter().filter(|query| query.0 == row);
    let queries: Vec<String> = queries.map(|query| query.1).collect();
    assert!(queries.len() > 3, "{row}");
    for query in queries {
        watched.until(&query, |watched| {
            (!watched.ask(&query).is_empty()).then_some(())
        });
    }
}

#[test]
fn a_scrape_of_a_desk_has_the_counts_of_its_rows() {
    // With so small a buffer some are lost in the outage.
    let words = ["failover", "--set", "buffer.capacity=30"];
    let mut watched = Watched::begin(&[&words[..], &["--pace", "10"]].concat());
    let rows = rows(&words, "steps");
    for from in [60.0, 130.0] {
        let (samples, clock) = snapshot(&mut watched, from);
        let past = |row: &&BTreeMap<String, String>| row["step"].parse::<f64>().unwrap() <= clock;
        let sum = |column: &str| -> u64 {
            rows.iter()
                .filter(past)
                .map(|row| row[column].parse::<u64>().unwrap())
                .sum()
        };
        for (sample, column) in [
            ("filas_interrupted_total", "interrupted"),
            ("filas_reallocated_total", "reallocated"),
        ] {
            assert_eq!(samples[sample], sum(column) as f64, "{sample} at {clock}");
        }
        // A scrape may fall within the next step.
        for outcome in ["generated", "completed", "rejected", "abandoned", "failed"] {
            let value = samples[&format!("filas_requests_total {outcome}")];
            let next = rows
                .get(clock as usize)
                .map_or(0, |row| row[outcome].parse::<u64>().unwrap());
            let least = sum(outcome);
            assert!(
                (least as f64..=(least + next) as f64).contains(&value),
                "{outcome} at {clock}: {value}, not {least} to {}",
                least + next
            );
        }
    }
    assert_shown(&mut watched, "A desk");
}

#[test]
fn a_scrape_of_a_line_has_the_counts_of_its_visits() {
    let words = ["clinic"];
    let mut watched = Watched::begin(&[&words[..], &["--pace", "40"]].concat());
    let visits = rows(&words, "visits");
    for from in [60.0, 150.0] {
        let (samples, clock) = snapshot(&mut watched, from);
        let by = |stage: &str, column: &str| {
            let there = visits.iter().filter(|visit| visit["stage"] == stage);
            let past =
                |visit: &&BTreeMap<_, String>| visit[column].parse::<f64>().unwrap() <= clock;
            there.filter(past).count() as f64
        };
        // The clock is that of the last stage. Others run on threads of their own and may be behind it, but not
        // behind those who have been served.
        let served = by("pharmacy", "departure");
        assert_eq!(samples["filas_customers_total served"], served);
        assert_eq!(samples["filas_departures_total pharmacy"], served);
        for (sample, stage, column) in [
            ("filas_customers_total arrived", "triage", "arrival"),
            ("filas_departures_total triage", "triage", "departure"),
            (
                "filas_departures_total consultation",
                "consultation",
                "departure",
            ),
        ] {
            let (value, most) = (samples[sample], by(stage, column));
            assert!(
                (served..=most).contains(&value),
                "{sample} at {clock}: {value}, not {served} to {most}"
            );
        }
        let present = samples["filas_customers_total arrived"] - served;
        assert_eq!(samples["filas_customers_present"], present);
    }
    assert_shown(&mut watched, "A line or a network");
}
