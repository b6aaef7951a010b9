//! Runs and studies over HTTP: the page's requests, and the clean-up after the page is gone.

use crate::server::Server;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

/// The stream of a run's snapshots.
pub(crate) struct Watching(BufReader<TcpStream>);

impl Watching {
    pub(crate) fn begin(server: &Server, run: &Value) -> Watching {
        let mut stream = server.connect();
        let cookie = server.cookie();
        let port = server.port;
        write!(
            stream,
            "GET /api/runs/{run}/watch HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
        )
        .unwrap();
        Watching(BufReader::new(stream))
    }

    /// The next snapshot; `None` when the stream has ended.
    pub(crate) fn next(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).expect("a picture is JSON"));
            }
        }
    }

    /// The first snapshot that satisfies a condition.
    pub(crate) fn until(&mut self, is: impl Fn(&Value) -> bool) -> Value {
        while let Some(seen) = self.next() {
            if is(&seen) {
                return seen;
            }
        }
        panic!("it ended without that");
    }

    /// The last snapshot.
    pub(crate) fn end(&mut self) -> Value {
        self.until(|seen| {
            matches!(
                seen["picture"]["run"]["state"].as_str(),
                Some("done" | "failed")
            )
        })
    }
}

fn begin(server: &Server, text: &str, pace: Option<f64>, paused: bool) -> Value {
    let wanted = json!({ "id": "shipped/desk.toml", "text": text, "pace": pace, "paused": paused });
    let answer = server.post("/api/runs", &wanted);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["run"].clone()
}

fn command(server: &Server, run: &Value, command: &Value) -> u16 {
    server
        .post(&format!("/api/runs/{run}/command"), command)
        .status
}

/// The digest of a scenario run on the command line, inline, with a patch if given.
pub(crate) fn digest_of(text: &str, patch: Option<&str>) -> String {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("scenario.toml");
    std::fs::write(&file, text).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_filas"));
    command
        .arg("run")
        .arg(&file)
        .args(["--engine", "inline", "--format", "json", "--quiet"]);
    if let Some(patch) = patch {
        let file = place.path().join("patch.toml");
        std::fs::write(&file, patch).unwrap();
        command.arg("--patch").arg(&file);
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    summary["digest"].as_str().unwrap().to_owned()
}

#[test]
fn sixteen_who_watch_change_nothing_and_neither_does_who_never_reads() {
    let server = Server::start(None);
    let text = server
        .shipped("desk.toml")
        .replace("steps = 100", "steps = 1500");
    let run = begin(&server, &text, None, true);
    let mut watching: Vec<Watching> = (0..16).map(|_| Watching::begin(&server, &run)).collect();
    watching
        .iter_mut()
        .for_each(|one| assert!(one.next().is_some()));
    assert_eq!(command(&server, &run, &json!({ "do": "go" })), 200);
    // Half of them read to the end; the other half never read again.
    let ends: Vec<Value> = watching[..8].iter_mut().map(Watching::end).collect();
    let digest = digest_of(&text, None);
    for end in &ends {
        assert_eq!(end["picture"]["run"]["digest"], json!(digest));
        assert_eq!(end["picture"]["room"], ends[0]["picture"]["room"]);
    }
}

#[test]
fn a_scenario_with_a_start_is_watched_by_the_clock() {
    let server = Server::start(None);
    let text = server.shipped("desk.toml");
    let text = text.replace(
        "steps = 100",
        "steps = 100\ntime_unit = \"min\"\nstart = \"8:00\"",
    );
    let run = begin(&server, &text, None, true);
    let mut watching = Watching::begin(&server, &run);
    assert!(watching.next().unwrap()["picture"]["time_of_day"].is_null());
    assert_eq!(command(&server, &run, &json!({ "do": "go" })), 200);
    let mut lines = Vec::new();
    let end = loop {
        let seen = watching.next().expect("it comes to an end");
        lines.extend(seen["log"].as_array().cloned().unwrap_or_default());
        if seen["picture"]["run"]["state"] == "done" {
            break seen;
        }
    };
    // Step 100 begins 99 minutes after the first.
    assert_eq!(end["picture"]["time_of_day"], "09:39");
    assert!(!lines.is_empty());
    for line in lines {
        let step = line["clock"]
            .as_u64()
            .or(line["clock"].as_f64().map(|step| step as u64));
        let minutes = 480 + step.unwrap() - 1;
        let told = format!("{:02}:{:02}", minutes / 60, minutes % 60);
        assert_eq!(line["time_of_day"], told, "{line}");
    }
}

#[test]
fn what_is_done_by_hand_is_a_patch_that_gives_the_same_run() {
    let server = Server::start(None);
    let text = server.shipped("desk.toml");
    let run = begin(&server, &text, None, true);
    let mut watching = Watching::begin(&server, &run);
    for step in 1..=6 {
        if step == 3 {
            let down = json!({ "do": "down", "server": 2, "attendant": 4 });
            assert_eq!(command(&server, &run, &down), 200);
        }
        if step == 6 {
            let repair = json!({ "do": "repair", "server": 2, "attendant": 4 });
            assert_eq!(command(&server, &run, &repair), 200);
        }
        assert_eq!(command(&server, &run, &json!({ "do": "step" })), 200);
        watching.until(|seen| seen["picture"]["room"]["time"].as_u64() >= Some(step));
    }
    assert_eq!(command(&server, &run, &json!({ "do": "go" })), 200);
    let end = watching.end();
    let digest = end["picture"]["run"]["digest"].as_str().unwrap();
    assert_eq!(end["picture"]["run"]["by_hand"], json!(true));
    let patch = server.get(&format!("/api/runs/{run}/patch.toml")).text();
    assert!(patch.contains("C-5"), "{patch}");
    assert_eq!(digest_of(&text, Some(&patch)), digest);
    let report = server.get(&format!("/api/runs/{run}/report"));
    assert_eq!(report.status, 200);
    assert!(report.text().contains(digest) && !report.text().contains("<script"));
    let policy = report.headers("content-security-policy").join(" ");
    assert!(
        policy.contains("sandbox") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    let as_run = server
        .get(&format!("/api/runs/{run}/files/scenario.toml"))
        .text();
    assert_eq!(digest_of(&as_run, None), digest);
    assert_ne!(digest_of(&text, None), digest);
}

#[test]
fn a_run_that_nobody_watches_is_gone_and_one_that_is_done_stays() {
    let mut server = Server::start(None);
    let text = server.shipped("desk.toml");
    let done = begin(&server, &text, None, false);
    assert_eq!(
        Watching::begin(&server, &done).end()["picture"]["run"]["state"],
        json!("done")
    );
    let left = begin(&server, &text, Some(1.0), false);
    let mut watching = Watching::begin(&server, &left);
    assert!(watching.next().is_some());
    drop(watching);
    // Another client still watches another run.
    let long = text.replace("steps = 100", "steps = 100000");
    let kept = begin(&server, &long, Some(0.001), false);
    let mut watching = Watching::begin(&server, &kept);
    // A snapshot comes at most ten times a second, so this is far longer than the grace period.
    let pictures = 100 * filas::serve::GRACE.as_secs();
    let gone = (0..pictures).any(|_| {
        watching.until(|_| true);
        assert_eq!(command(&server, &kept, &json!({ "do": "step" })), 200);
        server.get(&format!("/api/runs/{left}")).status == 404
    });
    assert!(gone, "the run stays");
    assert_eq!(
        server.get(&format!("/api/runs/{kept}")).json()["state"],
        json!("running")
    );
    assert_eq!(server.get(&format!("/api/runs/{done}/results")).status, 200);
    assert!(server.lives());
    assert_eq!(server.interrupt(), Some(0));
}

#[test]
fn runs_are_limited_and_queued() {
    let server = Server::start(None);
    let text = server.shipped("desk.toml");
    let most = filas::serve::AT_ONCE + filas::serve::QUEUE;
    let runs: Vec<Value> = (0..most)
        .map(|_| begin(&server, &text, None, true))
        .collect();
    let state = |run: &Value| server.get(&format!("/api/runs/{run}")).json()["state"].clone();
    assert_eq!(state(&runs[0]), json!("running"));
    assert_eq!(state(&runs[most - 1]), json!("queued"));
    let wanted = json!({ "id": "shipped/desk.toml", "text": text, "pace": null });
    assert_eq!(server.post("/api/runs", &wanted).status, 429);
    let mut last = Watching::begin(&server, &runs[most - 1]);
    for run in &runs {
        assert_eq!(command(&server, run, &json!({ "do": "stop" })), 200);
    }
    last.end();
    let large = text.replace("steps = 100", "steps = 1000000000");
    let wanted = json!({ "id": "shipped/desk.toml", "text": large, "pace": null });
    let refused = server.post("/api/runs", &wanted);
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("over the limit"),
        "{}",
        refused.text()
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let server = Server::start(None);
    let run = begin(&server, &server.shipped("desk.toml"), None, true);
    for (command, status) in [
        (json!({ "do": "down", "server": 9, "attendant": 0 }), 422),
        (json!({ "do": "down", "server": 0, "attendant": 99 }), 422),
        (json!({ "do": "down", "server": -1, "attendant": 0 }), 422),
        (json!({ "do": "pace", "pace": -1 }), 422),
        (json!({ "do": "dance" }), 422),
        (json!({}), 422),
        (json!({ "do": "pace", "pace": 5 }), 200),
    ] {
        assert_eq!(self::command(&server, &run, &command), status, "{command}");
    }
    for path in [
        "/api/runs/99",
        "/api/runs/99/watch",
        "/api/runs/1/results",
        "/api/runs/1/patch.toml",
        "/api/runs/1/files/summary.json",
        "/api/studies/1",
        "/api/compare?a=1&b=1",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    for path in [
        "/api/runs/x",
        "/api/runs/-1/watch",
        "/api/compare?a=1",
        "/api/compare",
    ] {
        assert!(matches!(server.get(path).status, 400 | 404), "{path}");
    }
    Watching::begin(&server, &run).next();
    assert_eq!(self::command(&server, &run, &json!({ "do": "stop" })), 200);
    Watching::begin(&server, &run).end();
    for file in [
        "../run-1/summary.json",
        "..%2frun-1%2fsummary.json",
        "%2e%2e",
        ".",
        "no.csv",
    ] {
        let path = format!("/api/runs/{run}/files/{file}");
        assert!(matches!(server.get(&path).status, 400 | 404), "{file}");
    }
    assert_eq!(
        self::command(
            &server,
            &run,
            &json!({ "do": "down", "server": 0, "attendant": 0 })
        ),
        422
    );
}

#[test]
fn studies_find_what_the_command_line_finds_and_can_be_cancelled() {
    let server = Server::start(None);
    let text = server
        .shipped("two-stage.toml")
        .replace("customers = 200000", "customers = 500");
    let study = |question: Value| {
        let wanted = json!({ "id": "shipped/two-stage.toml", "text": text, "question": question });
        let answer = server.post("/api/studies", &wanted);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["study"].clone()
    };
    let end = |study: &Value| loop {
        let told = server.get(&format!("/api/studies/{study}")).json();
        if !matches!(told["state"].as_str(), Some("queued" | "running")) {
            return told;
        }
    };
    let replicated =
        study(json!({ "kind": "replicate", "replications": 6, "measure": "throughput" }));
    let told = end(&replicated);
    assert_eq!(told["state"], json!("done"), "{told}");
    assert_eq!(told["progress"]["done"], json!(6));
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("two-stage.toml");
    std::fs::write(&file, &text).unwrap();
    let mut filas = std::process::Command::new(env!("CARGO_BIN_EXE_filas"));
    filas
        .arg("replicate")
        .arg(&file)
        .args(["-n", "6", "--format", "json", "--quiet"]);
    let said: Value = serde_json::from_slice(&filas.output().unwrap().stdout).unwrap();
    let digest = said["digest"].as_str().unwrap();
    assert!(
        told["found"]["facts"].to_string().contains(digest),
        "{told}"
    );

    let many =
        study(json!({ "kind": "replicate", "replications": 100_000, "measure": "throughput" }));
    assert_eq!(
        server
            .post(&format!("/api/studies/{many}/cancel"), &json!({}))
            .status,
        200
    );
    let told = end(&many);
    assert!(
        matches!(told["state"].as_str(), Some("cancelled" | "done")),
        "{told}"
    );
    assert!(told["progress"]["done"].as_u64() < Some(100_000), "{told}");

    for question in [
        json!({ "kind": "replicate", "replications": 0, "measure": "throughput" }),
        json!({ "kind": "replicate", "replications": 5, "measure": "nothing" }),
        json!({ "kind": "sweep", "replications": 5, "measure": "throughput", "key": "stages.0.servers", "values": "x" }),
        json!({ "kind": "sweep", "replications": 5, "measure": "throughput", "key": "stages.0.servers", "values": "1..9999" }),
        json!({ "kind": "order", "objective": "beauty" }),
        json!({ "kind": "guess" }),
    ] {
        let wanted = json!({ "id": "shipped/two-stage.toml", "text": text, "question": question });
        assert_eq!(
            server.post("/api/studies", &wanted).status,
            422,
            "{question}"
        );
    }
}
