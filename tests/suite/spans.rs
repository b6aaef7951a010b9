//! `--otlp`: the spans of every case, which lie within it and add up to it, as a file and to a collector.

use super::cli::told;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

/// The traces of a file: the spans of each, in the order written.
fn traces(path: &Path) -> BTreeMap<String, Vec<Value>> {
    let mut traces: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let request: Value = serde_json::from_str(line).unwrap();
        let spans = &request["resourceSpans"][0]["scopeSpans"][0]["spans"];
        for span in spans.as_array().unwrap() {
            let trace = span["traceId"].as_str().unwrap().to_owned();
            assert_eq!(trace.len(), 32);
            traces.entry(trace).or_default().push(span.clone());
        }
    }
    traces
}

fn nanoseconds(span: &Value, key: &str) -> i128 {
    span[key].as_str().unwrap().parse().unwrap()
}

fn attribute(span: &Value, key: &str) -> Option<String> {
    let attributes = span["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|one| one["key"] == key)?;
    let value = &found["value"];
    let text = value.get("stringValue").or_else(|| value.get("intValue"));
    Some(text?.as_str().unwrap().to_owned())
}

/// Children have the root for their parent, lie within it, and follow one another without a gap.
fn assert_sound(spans: &[Value]) {
    let (root, children) = spans.split_first().unwrap();
    assert!(root.get("parentSpanId").is_none());
    let mut at = nanoseconds(root, "startTimeUnixNano");
    for child in children {
        assert_eq!(child["parentSpanId"], root["spanId"]);
        assert_eq!(nanoseconds(child, "startTimeUnixNano"), at, "{spans:?}");
        at = nanoseconds(child, "endTimeUnixNano");
    }
    if !children.is_empty() {
        assert_eq!(at, nanoseconds(root, "endTimeUnixNano"), "{spans:?}");
    }
}

#[test]
fn every_customer_is_a_trace_whose_spans_follow_one_another() {
    let place = tempfile::tempdir().unwrap();
    let shorter = "horizon.customers=1500";
    for (name, set) in [
        ("clinic", shorter),
        ("buffers", shorter),
        ("machining", shorter),
        ("emergency-room", "name=er"),
    ] {
        let (out, file) = (place.path().join(name), place.path().join("spans.json"));
        let words = [
            "run",
            name,
            "--otlp",
            file.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ];
        let (_, err, code) = told(&[&words[..], &["--set", set, "--tables", "none"]].concat());
        assert_eq!(code, 0, "{err}");
        let summary = fs::read_to_string(out.join("summary.json")).unwrap();
        let summary: Value = serde_json::from_str(&summary).unwrap();
        let mut traces = traces(&file);
        // Servers of a line with people and machines are traces too.
        traces.retain(|_, spans| spans[0]["name"] == "customer");
        let count = |outcome: &str| {
            let ends = traces.values().map(|spans| attribute(&spans[0], "outcome"));
            ends.filter(|end| end.as_deref() == Some(outcome)).count() as u64
        };
        traces.values().for_each(|spans| assert_sound(spans));
        assert_eq!(summary["customers"]["departed"], count("served"), "{name}");
        assert_eq!(summary["customers"]["lost"], count("lost"), "{name}");
        for spans in traces.values() {
            let is_served = attribute(&spans[0], "outcome").as_deref() == Some("served");
            assert_eq!(spans[0].get("status").is_none(), is_served);
        }
    }
}

#[test]
fn every_request_is_a_trace_and_so_is_every_attendant_who_was_down() {
    let place = tempfile::tempdir().unwrap();
    for name in ["desk", "failover", "call-centre"] {
        let (out, file) = (place.path().join(name), place.path().join("spans.json"));
        let words = [
            "run",
            name,
            "--otlp",
            file.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ];
        let (_, err, code) = told(&words);
        assert_eq!(code, 0, "{err}");
        let summary = fs::read_to_string(out.join("summary.json")).unwrap();
        let summary: Value = serde_json::from_str(&summary).unwrap();
        let (mut ended, mut down) = (0, 0);
        for spans in traces(&file).values() {
            if spans[0]["name"] == "request" {
                assert_sound(spans);
                let services = spans
                    .iter()
                    .filter(|span| span["name"] == "service")
                    .count();
                let attempts = attribute(&spans[0], "attempts").unwrap();
                assert_eq!(services.to_string(), attempts, "{spans:?}");
                ended += 1;
            } else {
                assert!(spans.iter().all(|span| span["name"] == "down"));
                down += spans.len() as u64;
            }
        }
        let requests = &summary["requests"];
        assert_eq!(requests["generated"], ended, "{name}");
        assert_eq!(summary["faults"]["count"], down, "{name}");
    }
}

/// The rows of a table, by the names of its columns.
fn rows(folder: &Path, table: &str) -> Vec<BTreeMap<String, String>> {
    let mut table = csv::Reader::from_path(folder.join(format!("{table}.csv"))).unwrap();
    table.deserialize().map(Result::unwrap).collect()
}

/// The length of spans of this name, in units of time of so many nanoseconds.
fn total(spans: &[Value], name: &str, unit: f64) -> f64 {
    let named = spans.iter().filter(|span| span["name"] == name);
    let length = |span: &Value| {
        nanoseconds(span, "endTimeUnixNano") - nanoseconds(span, "startTimeUnixNano")
    };
    named.map(length).sum::<i128>() as f64 / unit
}

/// Runs a scenario with spans and tables as CSV into this folder; gives the traces.
fn traced(words: &[&str], out: &Path) -> BTreeMap<String, Vec<Value>> {
    let file = out.with_extension("jsonl");
    let results = [
        "--tables",
        "csv",
        "--out",
        out.to_str().unwrap(),
        "--otlp",
        file.to_str().unwrap(),
    ];
    let (_, err, code) = told(&[&["run"], words, &results].concat());
    assert!(code == 0 || err.contains("deadlock"), "{err}");
    traces(&file)
}

#[test]
fn the_spans_of_people_and_machines_add_up_to_their_visits_on_every_engine() {
    let place = tempfile::tempdir().unwrap();
    // Preemption, plans and patience; set-ups, faults and scrap on routes with loops; blocking in a network.
    for (name, unit, seen) in [
        (
            "emergency-room",
            60e9,
            &["waiting", "service", "interrupted"][..],
        ),
        (
            "job-shop",
            60e9,
            &["waiting", "set-up", "service", "interrupted"],
        ),
        ("hospital", 3600e9, &["waiting", "service", "blocked"]),
    ] {
        let out = place.path().join(name);
        let traces = traced(&[name, "--engine", "inline"], &out);
        let threads = traced(
            &[name, "--engine", "threads"],
            &place.path().join(format!("{name}-threads")),
        );
        assert_eq!(traces.len(), threads.len(), "{name}");
        let (mut of_visits, mut of_spans) = (BTreeMap::new(), BTreeMap::new());
        for visit in rows(&out, "visits") {
            let number = |column: &str| visit[column].parse::<f64>().ok();
            let (Some(start), Some(end), Some(departure)) = (
                number("service_start"),
                number("service_end"),
                number("departure"),
            ) else {
                continue;
            };
            let served = number("service").unwrap_or(0.0);
            let set_up = number("setup").unwrap_or(0.0);
            let sums: &mut [f64; 5] = of_visits.entry(visit["customer"].clone()).or_default();
            for (sum, value) in sums.iter_mut().zip([
                start - number("arrival").unwrap(),
                set_up,
                served,
                end - start - set_up - served,
                departure - end,
            ]) {
                *sum += value;
            }
        }
        let names = ["waiting", "set-up", "service", "interrupted", "blocked"];
        for spans in traces
            .values()
            .filter(|spans| spans[0]["name"] == "customer")
        {
            assert_sound(spans);
            let outcome = attribute(&spans[0], "outcome").unwrap();
            if outcome == "served" {
                let number = attribute(&spans[0], "customer").unwrap();
                of_spans.insert(number, names.map(|name| total(spans, name, unit)));
            }
        }
        assert!(of_spans.len() > 500, "{name}");
        for (customer, sums) in &of_spans {
            for (at, sum) in sums.iter().enumerate() {
                let expected = of_visits[customer][at];
                assert!(
                    (sum - expected).abs() < 1e-6,
                    "{name} {customer} {}: {sum}, not {expected}",
                    names[at]
                );
            }
        }
        for (at, name) in names.iter().enumerate() {
            let all: f64 = of_spans.values().map(|sums| sums[at]).sum();
            assert_eq!(all > 0.001, seen.contains(name), "{name} of {seen:?}");
        }
    }
}

#[test]
fn shifts_wrap_ups_and_tries_are_in_the_spans_of_a_call_centre() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("day");
    let traces = traced(&["call-day"], &out);
    let minutes = 60e9;
    let tables = rows(&out, "faults");
    let gone = tables
        .iter()
        .filter(|row| row["event"] == "off-duty")
        .count();
    let (mut off, mut wrapped) = (0, 0);
    let begin = traces
        .values()
        .map(|spans| nanoseconds(&spans[0], "startTimeUnixNano"))
        .min()
        .unwrap();
    for span in traces.values().flatten() {
        let minute = |key| (nanoseconds(span, key) - begin) as f64 / minutes;
        match span["name"].as_str().unwrap() {
            "off duty" => {
                off += 1;
                // Eight of the late shift come at half past nine; their names are those after the nine early ones.
                let who = attribute(span, "attendant").unwrap();
                let number: u32 = who.strip_prefix("centre-").unwrap().parse().unwrap();
                if minute("startTimeUnixNano") < 1.0 {
                    assert!(number > 9, "{who}");
                    assert!((minute("endTimeUnixNano") - 90.0).abs() < 1e-6);
                }
            }
            "wrap-up" => wrapped += 1,
            _ => {}
        }
    }
    assert_eq!(off, gone + 8);
    let requests = rows(&out, "requests");
    let completed = requests
        .iter()
        .filter(|row| row["outcome"] == "completed")
        .count();
    assert_eq!(wrapped, completed);
    for spans in traces
        .values()
        .filter(|spans| spans[0]["name"] == "request")
    {
        let number = attribute(&spans[0], "request").unwrap();
        let row = requests.iter().find(|row| row["id"] == number).unwrap();
        assert_eq!(attribute(&spans[0], "try").unwrap(), row["try"]);
        assert_eq!(attribute(&spans[0], "client").unwrap(), row["client"]);
    }
}

#[test]
fn a_client_who_waits_no_longer_is_an_event_of_the_request() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("storm");
    let traces = traced(&["retry-storm", "--set", "horizon.until=90"], &out);
    let gone = rows(&out, "requests")
        .iter()
        .filter(|row| !row["gone"].is_empty())
        .count();
    let mut timed_out = 0;
    for spans in traces
        .values()
        .filter(|spans| spans[0]["name"] == "request")
    {
        assert_sound(spans);
        for event in spans[0]["events"].as_array().into_iter().flatten() {
            assert_eq!(event["name"], "timed out");
            let after =
                nanoseconds(event, "timeUnixNano") - nanoseconds(&spans[0], "startTimeUnixNano");
            assert!((after - 4_000_000_000).abs() <= 2, "{after}");
            timed_out += 1;
        }
    }
    assert_eq!(timed_out, gone);
    assert!(gone > 100);
}

/// The path and the body of each request that a collector takes.
type Taken = Vec<(String, Vec<u8>)>;

/// The address of a collector that answers each request with this status; what it takes until a connection
/// is closed without one.
fn collector(status: &'static str) -> (String, std::thread::JoinHandle<Taken>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let take = move || {
        let mut taken = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let Some(request) = request(&mut stream) else {
                return taken;
            };
            taken.push(request);
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
        taken
    };
    (address, std::thread::spawn(take))
}

/// Reads one request; none where the connection is closed without one.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap() == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(
        head.contains("content-type: application/x-protobuf"),
        "{head}"
    );
    let length = head.split("content-length: ").nth(1).unwrap();
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Some((head.split(' ').nth(1).unwrap().to_owned(), body))
}

/// Whether bytes hold a text.
fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn a_collector_takes_all_spans_and_the_digest_is_the_same() {
    let (address, collector) = collector("200 OK");
    let url = format!("http://{address}");
    let (said, err, code) = told(&["run", "desk", "--otlp", &url, "--format", "json"]);
    assert_eq!((code, err.contains("did not take")), (0, false), "{err}");
    drop(TcpStream::connect(&address).unwrap());
    let taken = collector.join().unwrap();
    assert!(taken.iter().all(|(path, _)| path == "/v1/traces"));
    // Each span of a service has the attendant's name; a request completed has one at least.
    let all: Vec<u8> = taken.into_iter().flat_map(|(_, body)| body).collect();
    assert!(holds(&all, "service.name") && holds(&all, "tecnica"));
    let plain = told(&["run", "desk", "--format", "json"]).0;
    let digest = |text: &str| serde_json::from_str::<Value>(text).unwrap()["digest"].clone();
    assert_eq!(digest(&said), digest(&plain));
}

#[test]
fn a_collector_that_refuses_is_warned_of_and_the_run_is_whole() {
    let (address, collector) = collector("503 Service Unavailable");
    let url = format!("http://{address}/v1/traces");
    let (said, err, code) = told(&["run", "desk", "--otlp", &url]);
    assert_eq!(code, 0);
    assert!(err.contains("did not take") && err.contains("503"), "{err}");
    assert!(said.contains("digest"));
    drop(TcpStream::connect(&address).unwrap());
    assert!(!collector.join().unwrap().is_empty());
    let (_, err, code) = told(&["run", "desk", "--otlp", "https://box"]);
    assert_eq!(code, 2);
    assert!(err.contains("http://HOST:PORT"), "{err}");
}

/// Three come, at 1, 2 and 3, are served for 5 minutes each, and the run stops at 10.
const STOPS: &str =
    "time_unit = \"s\"\nhorizon = { until = 10, stop = true }\narrivals = { times = [1, 2, 3] }\n";

#[test]
fn what_goes_on_when_a_run_stops_lasts_until_then() {
    let place = tempfile::tempdir().unwrap();
    let line = "model = \"tandem\"\nstages = [ { name = \"s\", service = { constant = { value = 5 } } } ]\n";
    let desk = "model = \"desk\"\nsupervisor = { queue = \"central\" }\n\
                classes = [ { name = \"c\", share = 1, service = { constant = { value = 5 } } } ]\n\
                servers = [ { name = \"A\", attendants = [ { skills = [\"c\"] } ] } ]\n";
    for (name, key, model) in [("line", "customer", line), ("desk", "request", desk)] {
        let file = place.path().join(format!("{name}.toml"));
        fs::write(&file, format!("{STOPS}{model}")).unwrap();
        let traces = traced(&[file.to_str().unwrap()], &place.path().join(name));
        let found = |number: &str, span: &str| -> Vec<f64> {
            let number = Some(number.to_owned());
            let mut cases = traces.values();
            let case = cases.find(|spans| attribute(&spans[0], key) == number);
            assert_sound(case.unwrap());
            let spans = case.unwrap().iter().filter(|one| one["name"] == span);
            let length = |span: &Value| {
                let ends = ["startTimeUnixNano", "endTimeUnixNano"];
                let [from, to] = ends.map(|end| nanoseconds(span, end));
                (to - from) as f64 / 1e9
            };
            spans.map(length).collect()
        };
        assert_eq!(found("1", "service"), [5.0], "{name}");
        // In service from 6 on, and waiting from 3 on.
        assert_eq!(found("2", "waiting"), [4.0], "{name}");
        assert_eq!(found("2", "service"), [4.0], "{name}");
        assert_eq!(found("3", "waiting"), [7.0], "{name}");
        assert_eq!(found("3", key), [7.0], "{name}");
    }
}

#[test]
fn a_wrap_up_lasts_as_long_as_the_attendant_works_on_it() {
    // Four seconds of work follow each service of two, and the attendant works at half its speed in the second and
    // third of the first: it lasts five. In steps a request comes in each of them: three wrap-ups in all.
    let place = tempfile::tempdir().unwrap();
    for (when, clock, arrivals, wanted) in [
        ("at", "horizon = { until = 20 }", "{ times = [1] }", 5.0),
        ("step", "steps = 20", "{ constant = { value = 1 } }", 13.0),
    ] {
        let file = place.path().join(format!("{when}.toml"));
        let text = format!(
            "model = \"desk\"\ntime_unit = \"s\"\n{clock}\n\
             faults = {{ script = [ {{ {when} = 4, attendant = \"A-1\", slow = 0.5, down_for = 2 }} ] }}\n\
             [[classes]]\nname = \"c\"\narrivals = {arrivals}\nservice = {{ constant = {{ value = 2 }} }}\n\
             wrap_up = {{ constant = {{ value = 4 }} }}\n\
             [[servers]]\nname = \"A\"\nattendants = [ {{ skills = [\"c\"] }} ]\n"
        );
        fs::write(&file, text).unwrap();
        let traces = traced(&[file.to_str().unwrap()], &place.path().join(when));
        let spans: Vec<Value> = traces.into_values().flatten().collect();
        assert_eq!(total(&spans, "wrap-up", 1e9), wanted, "{when}");
    }
}
