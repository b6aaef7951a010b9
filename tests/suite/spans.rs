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
        let traces = traces(&file);
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
        let all = requests["generated"].as_u64().unwrap() - requests["in_system"].as_u64().unwrap();
        assert_eq!(ended, all, "{name}");
        assert_eq!(summary["faults"]["count"], down, "{name}");
    }
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
