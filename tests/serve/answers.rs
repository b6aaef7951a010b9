//! The page answers a study as the command line does: in the terminal, as JSON, in the report.

use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const TIE: &str = r#"
model = "tandem"
name = "tie"
seed = 8
arrivals = { interarrival = { exponential = { rate = 0.7 } } }
horizon = { customers = 2000, warm_up = 200 }
[[stages]]
name = "A"
service = { exponential = { mean = 1.0 } }
[[stages]]
name = "B"
service = { exponential = { mean = 1.0 } }
"#;

/// The output of a command, in one line.
fn printed(folder: &Path, words: &[&str]) -> String {
    let mut filas = Command::new(env!("CARGO_BIN_EXE_filas"));
    let output = filas
        .current_dir(folder)
        .args(words)
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("it is text");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn four_places_have_one_answer() {
    let place = tempfile::tempdir().expect("there is a folder");
    let folder = place.path();
    std::fs::write(folder.join("line.toml"), TIE).expect("it is written");
    let server = Server::start(Some(folder));
    let key = "stages.0.servers";
    let sweep = json!({ "kind": "sweep", "replications": 6, "measure": "sojourn.mean", "key": key, "values": "1,2" });
    let replicate = json!({ "kind": "replicate", "replications": 6, "measure": "throughput" });
    let questions: [(Value, &[&str]); 3] = [
        (
            json!({ "kind": "order", "objective": "waiting.mean" }),
            &["order", "line.toml"],
        ),
        (
            sweep,
            &[
                "sweep",
                "line.toml",
                "--vary",
                "stages.0.servers=1,2",
                "-n",
                "6",
                "--measure",
                "sojourn.mean",
            ],
        ),
        (
            replicate,
            &[
                "replicate",
                "line.toml",
                "-n",
                "6",
                "--measure",
                "throughput",
            ],
        ),
    ];
    for (at, (question, words)) in questions.into_iter().enumerate() {
        let out = format!("out-{at}");
        let command = |more: &[&str]| printed(folder, &[words, more].concat());
        let terminal = command(&["--out", &out, "--report"]);
        let document: Value =
            serde_json::from_str(&command(&["--format", "json"])).expect("it is JSON");
        let report = std::fs::read_to_string(folder.join(out).join("report.html"))
            .expect("there is a report");
        let wanted = json!({ "id": "own/line.toml", "text": TIE, "question": question });
        let begun = server.post("/api/studies", &wanted);
        assert_eq!(begun.status, 200, "{}", begun.text());
        let study = begun.json()["study"].clone();
        let page = loop {
            let told = server.get(&format!("/api/studies/{study}")).json();
            if told["state"] == "done" {
                break told["found"].to_string();
            }
            assert!(
                matches!(told["state"].as_str(), Some("queued" | "running")),
                "{told}"
            );
        };
        let answer = &document["answer"];
        let lists = ["notes", "unsettled"]
            .iter()
            .flat_map(|list| answer[*list].as_array());
        let sentences = [&answer["headline"], &answer["sureness"]]
            .into_iter()
            .chain(lists.flatten());
        for sentence in sentences.filter_map(Value::as_str) {
            // Numbers are not broken over lines.
            let kept = filas::number::unbroken(sentence);
            assert!(page.contains(&kept), "{kept}\n{page}");
            assert!(report.contains(&kept), "{kept}");
            let shown = sentence.replace('→', ">").replace('±', "+-");
            let ascii = terminal.replace('→', ">").replace('±', "+-");
            assert!(ascii.contains(&shown), "{sentence}\n{terminal}");
        }
        if at == 0 {
            assert!(
                page.contains("Keep them as they are") && !report.contains("Put them as"),
                "{page}"
            );
            assert_eq!(document["tie"], true);
            assert_eq!(
                document["best"],
                json!(["A", "B"]),
                "a tie keeps the file's order"
            );
        }
    }
}
