//! Every kind of results folder becomes one valid page: well-formed, self-contained, with the
//! numbers of its summary; damaged, foreign or hostile input does no harm. The pages are left in
//! the build's folder for temporary files, `reports/`, for inspection.

use super::cli::told;
use filas::report::chart::{Body, Line};
use filas::report::page;
use roxmltree::{Document, ParsingOptions};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const LINE: &str = r#"
model = "tandem"
name = "bakery"
time_unit = "min"
arrivals = { interarrival = { exponential = { mean = 2.0 } } }
horizon = { customers = 2000, warm_up = 100 }
stages = [
  { name = "counter", service = { exponential = { mean = 1.5 } } },
  { name = "till", buffer = 3, service = { exponential = { mean = 1.2 } } },
]
"#;

/// Writes a scenario and runs a command on it with a results folder.
fn made(place: &Path, command: &str, scenario: &str, more: &[&str]) -> PathBuf {
    let file = place.join("scenario.toml");
    fs::write(&file, scenario).unwrap();
    let out = place.join(format!("{command}{}", more.len()));
    let (file, to) = (file.to_str().unwrap(), out.to_str().unwrap());
    let words = [&[command, file, "--out", to, "--report", "-q"], more].concat();
    let (_, err, code) = told(&words);
    assert_eq!((err.as_str(), code), ("", 0), "{words:?}");
    out
}

fn desk() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/desk.toml")).unwrap()
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn summary(folder: &Path) -> Value {
    serde_json::from_str(&text(folder, "summary.json")).unwrap()
}

/// Checks what must hold of any page; keeps it for inspection.
fn assert_sound(folder: &Path, name: &str) -> String {
    let page = text(folder, "report.html");
    let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reports");
    fs::create_dir_all(&kept).unwrap();
    fs::write(kept.join(format!("{name}.html")), &page).unwrap();
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let parsed = Document::parse_with_options(&page, options).expect("every element is closed");
    let (mut ids, mut wanted) = (BTreeSet::new(), Vec::new());
    for element in parsed.descendants().filter(roxmltree::Node::is_element) {
        let tag = element.tag_name().name();
        assert!(
            !["script", "link", "img", "iframe", "object", "form"].contains(&tag),
            "{tag}"
        );
        for attribute in element.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            match key {
                "id" => assert!(ids.insert(value.to_owned()), "the id {value} stands twice"),
                "href" => wanted.push(value.strip_prefix('#').expect("links stay here").to_owned()),
                "aria-labelledby" => wanted.extend(value.split(' ').map(str::to_owned)),
                "style" | "src" | "srcset" => panic!("{key}={value}"),
                _ => assert!(!key.starts_with("on"), "{key}"),
            }
            if let Some(pattern) = value.strip_prefix("url(#") {
                wanted.push(pattern.trim_end_matches(')').to_owned());
            }
            assert!(!value.contains("://"), "{key}={value}");
        }
        if tag == "svg" {
            assert_eq!(element.attribute("role"), Some("img"));
            let says = element
                .children()
                .filter(|child| child.is_element())
                .take(2);
            let says: Vec<_> = says
                .map(|child| (child.tag_name().name(), child.text().is_some()))
                .collect();
            assert_eq!(says, [("title", true), ("desc", true)]);
        }
    }
    for id in wanted {
        assert!(ids.contains(&id), "nothing has the id {id}");
    }
    let css = &page[..page.find("</style>").unwrap()];
    assert!(css.contains("prefers-color-scheme:dark") && css.contains("@media print"));
    assert!(!css.contains("url(") && !css.contains("@import"));
    // Numbers are not broken over lines.
    page.replace(['\u{202f}', '\u{a0}'], " ")
}

/// The lines of a chart in panels, by name, over all panels.
fn panels(document: &page::Document) -> Vec<Line> {
    let panels = document.charts().find_map(|chart| match &chart.body {
        Body::Panels(panels) => Some(&panels.panels),
        _ => None,
    });
    let panels = panels.expect("there is a course over time").iter();
    panels.flat_map(|panel| panel.series.clone()).collect()
}

#[test]
fn a_run_of_a_desk_is_shown_with_all_its_numbers() {
    let place = tempfile::tempdir().unwrap();
    let out = made(place.path(), "run", &desk(), &[]);
    let page = assert_sound(&out, "desk");
    let summary = summary(&out);
    let apart = |value: &Value| filas::number::count(value.as_u64().unwrap());
    let requests = &summary["requests"];
    assert!(page.contains(&format!("{} were completed", apart(&requests["completed"]))));
    assert!(page.contains(&format!("{} were rejected", apart(&requests["rejected"]))));
    // An end that no request came to is left out.
    assert_eq!(requests["timed_out"], 0);
    assert!(!page.contains("timed out"));
    for server in summary["servers"].as_array().unwrap() {
        for attendant in server["attendants"].as_array().unwrap() {
            let (name, skills) = (
                attendant["name"].as_str().unwrap(),
                attendant["skills"].as_array().unwrap(),
            );
            let skills: Vec<&str> = skills.iter().map(|skill| skill.as_str().unwrap()).collect();
            let row = format!(
                "<th scope=\"row\" class=\"word\">{name}</th><td class=\"word\">{}</td><td>{}</td><td>{}</td>",
                skills.join(", "),
                attendant["completed"],
                attendant["faults"]
            );
            assert!(page.contains(&row), "{row}");
        }
    }
    // A hundred steps are shown step by step, and add up to what the summary says.
    let lines = panels(&page::document(&out).unwrap());
    let sum = |name: &str| -> f64 {
        let line = lines.iter().find(|line| line.name == name).expect(name);
        assert_eq!(line.points.len(), 100);
        line.points.iter().map(|point| point.1).sum()
    };
    assert_eq!(Some(sum("completed")), requests["completed"].as_f64());
    assert_eq!(Some(sum("came")), requests["generated"].as_f64());
    assert_eq!(Some(sum("rejected")), requests["rejected"].as_f64());
    let mean = sum("in the buffer") / 100.0;
    // Requests handed over wait there, too.
    assert!(mean >= summary["buffer"]["mean"].as_f64().unwrap() - 1e-9);
    let share = |of: &str| {
        filas::number::percent(
            requests[of].as_f64().unwrap() / requests["generated"].as_f64().unwrap(),
        )
    };
    for shown in [
        &format!("<dd class=\"value\">{}</dd>", share("completed")),
        "<dt>mean wait</dt>",
        "part of the attendants down",
        "Requests and attendants over time",
        "Lost, by cause and class",
        "Who was in which state when",
        // Of 22 rows, the table is folded.
        "(22 rows)</summary>",
        "Steps that requests of tecnica waited",
        "filas run scenario.toml",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[test]
fn a_strip_tells_the_same_shares_as_the_summary() {
    let place = tempfile::tempdir().unwrap();
    let out = made(place.path(), "run", &desk(), &[]);
    let summary = summary(&out);
    let document = page::document(&out).unwrap();
    let strips = document.charts().find_map(|chart| match &chart.body {
        Body::Strips(strips) => Some(strips),
        _ => None,
    });
    let attendants = summary["servers"].as_array().unwrap().iter();
    let attendants = attendants.flat_map(|server| server["attendants"].as_array().unwrap());
    let mut seen = 0;
    for (attendant, strip) in attendants.zip(&strips.unwrap().rows) {
        assert_eq!(attendant["name"], strip.name.as_str());
        for (state, key) in ["busy_steps", "idle_steps", "down_steps"]
            .into_iter()
            .enumerate()
        {
            let spans = strip.spans.iter().filter(|span| span.state == state);
            let steps: f64 = spans.map(|span| span.to - span.from).sum();
            assert_eq!(attendant[key].as_f64(), Some(steps), "{} {key}", strip.name);
        }
        seen += 1;
    }
    assert_eq!(seen, 22);
}

#[test]
fn the_interval_of_a_run_is_the_same_in_the_text_the_document_and_the_report_or_missing_in_all() {
    const QUEUE: &str = "model = \"tandem\"\ntime_unit = \"min\"\n[arrivals]\ninterarrival = { exponential = { mean = \
                         1.0 } }\n[horizon]\ncustomers = 60000\n[[stages]]\nname = \"till\"\nservice = { exponential = { \
                         mean = 0.6 } }\n";
    let place = tempfile::tempdir().unwrap();
    let out = made(place.path(), "run", QUEUE, &["--engine", "inline"]);
    let known = summary(&out);
    let interval = &known["waiting"]["interval"];
    let end = |key: &str| interval[key].as_f64().unwrap();
    assert_eq!(end("mean"), known["waiting"]["mean"].as_f64().unwrap());
    assert!(end("low") < end("mean") && end("mean") < end("high"));
    assert!(known["waiting"].get("interval_why").is_none());
    let width = Some(0.5 * (end("high") - end("low")));
    let [low, high] = ["low", "high"].map(|key| filas::number::fine(end(key), width));
    let sentence = format!("95 % sure that the mean wait is between {low} and {high} min");
    let file = place.path().join("scenario.toml");
    let (text, ..) = told(&["run", file.to_str().unwrap(), "--engine", "threads"]);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(&sentence), "{sentence}: {text}");
    let page = assert_sound(&out, "interval");
    assert!(page.contains(&sentence));
    assert!(page.contains(&format!("95 % sure of {low} to {high}; ")));
    // A hundredth of the customers tell nothing, everywhere.
    let short = ["--set", "horizon.customers=600", "--overwrite"];
    let out = made(place.path(), "run", QUEUE, &short);
    let unknown = summary(&out);
    assert!(unknown["waiting"]["interval"].is_null());
    let why = unknown["waiting"]["interval_why"].as_str().unwrap();
    assert!(why.contains("too short"), "{why}");
    let page = assert_sound(&out, "no-interval");
    assert!(page.contains("One run does not say how sure that is") && !page.contains("95 % sure"));
}

#[test]
fn the_stations_of_a_network_are_not_called_stages() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let words = [
        "run",
        "hospital",
        "--report",
        "--quiet",
        "--out",
        out.to_str().unwrap(),
    ];
    assert_eq!(told(&words).2, 0);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    for shown in [
        "busiest station",
        "Busy, blocked and idle, by station",
        "queues, by station",
        "Station by station",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.to_lowercase().contains("by stage"));
}

#[test]
fn a_run_of_a_line_is_shown_with_histograms_queues_and_its_bottleneck() {
    let place = tempfile::tempdir().unwrap();
    let out = made(place.path(), "run", LINE, &["--tables", "none"]);
    let page = assert_sound(&out, "line");
    for shown in [
        "How long customers wait",
        "At how many stages a customer waits",
        "Customers and queues over time",
        "counter is the busiest stage",
        "Waiting in min and queues, by stage",
        "One run does not say how sure that is: it is too short",
        "It holds no tables",
        "1 900 measured after the warm-up",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    // The chart over time reaches the longest queue.
    let longest = summary(&out)["stages"][0]["queue_length"]["max"]
        .as_f64()
        .unwrap();
    let document = page::document(&out).unwrap();
    let lines = panels(&document);
    let queue = lines.iter().find(|line| line.name.is_empty()).unwrap();
    let most = queue.band.iter().map(|(_, _, greatest)| *greatest);
    assert_eq!(most.fold(0.0, f64::max), longest);
    // The mean of the means is that of the summary, whose window opens after the warm-up.
    let mean = queue.points.iter().map(|point| point.1).sum::<f64>() / queue.points.len() as f64;
    let known = summary(&out)["stages"][0]["queue_length"]["mean"]
        .as_f64()
        .unwrap();
    assert!((mean / known - 1.0).abs() < 0.1, "{mean} {known}");
}

#[test]
fn theory_stands_beside_a_run_that_it_fits() {
    let place = tempfile::tempdir().unwrap();
    let scenario = LINE.replace("buffer = 3, ", "");
    let out = made(place.path(), "run", &scenario, &[]);
    let page = assert_sound(&out, "theory");
    assert!(page.contains("applies. One run is one draw"));
    assert!(page.contains("<th scope=\"row\" class=\"word\">mean wait"));
}

#[test]
fn studies_are_shown_with_their_intervals() {
    let place = tempfile::tempdir().unwrap();
    let replicate = made(place.path(), "replicate", &desk(), &["-n", "4"]);
    let page = assert_sound(&replicate, "replicate");
    assert!(page.contains("95 % sure, by 4 replications."));
    assert!(
        page.contains("Processed and lost so far") && page.contains("Busy share, with intervals")
    );
    let vary = [
        "-n",
        "3",
        "--vary",
        "stages.0.servers=1,2",
        "--vary",
        "stages.1.buffer=1..3",
    ];
    let sweep = made(place.path(), "sweep", LINE, &vary);
    let page = assert_sound(&sweep, "sweep");
    assert!(page.contains("Mean wait, min over the grid"));
    assert!(page.contains("Mean wait, min against stages.1.buffer"));
    assert!(page.contains("<h2 id=\"s0\">Mean wait, min</h2>"));
    let line = LINE
        .replace("buffer = 3, ", "")
        .replace("2000, warm_up = 100", "300");
    let order = made(place.path(), "order", &line, &["--max", "20"]);
    let page = assert_sound(&order, "order");
    assert!(page.contains("customers wait ") && page.contains("Against the best, pair by pair"));
}

/// A folder of results with these documents.
fn folder(place: &Path, manifest: &Value, summary: &Value) -> PathBuf {
    let out = place.join("made-by-hand");
    fs::create_dir_all(&out).unwrap();
    fs::write(out.join("manifest.json"), manifest.to_string()).unwrap();
    fs::write(out.join("summary.json"), summary.to_string()).unwrap();
    out
}

#[test]
fn a_stress_test_is_shown_whatever_it_holds_and_names_do_no_harm() {
    let place = tempfile::tempdir().unwrap();
    let bad = "<script>alert(1)</script>\"'&";
    let manifest = json!({ "digest": "00", "reproduce": bad, "command": [bad], "outputs": [bad] });
    let summary = json!({
        "model": "desk", "name": bad, "seed": 1, "digest": "00", "verdict": "diverged",
        "schedules": { "explored": 12_000, "distinct": 900, "threaded": 40 },
        "kills": 7, "replay": bad, "replay_command": format!("filas stress x --replay {bad}"),
        "answer": { "headline": format!("Another result after {bad}."), "ties": [], "notes": [], "unsettled": [bad] },
        "situations": { "reached": [bad, "tie"], "not_reached": [] },
        "strategies": [ { "strategy": bad, "schedules": 5 } ],
    });
    let out = folder(place.path(), &manifest, &summary);
    let (said, err, code) = told(&["report", out.to_str().unwrap()]);
    assert_eq!((err.as_str(), code), ("", 0));
    assert_eq!(said.trim(), out.join("report.html").to_str().unwrap());
    let page = assert_sound(&out, "stress");
    assert!(page.contains("Another result after &lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("--replay"));
}

#[test]
fn what_is_no_results_folder_or_damaged_is_refused_and_nothing_is_written() {
    let place = tempfile::tempdir().unwrap();
    let refused = |folder: &Path, why: &str| {
        let (said, err, code) = told(&["report", folder.to_str().unwrap()]);
        assert_eq!((said.as_str(), code), ("", 2), "{err}");
        assert!(
            err.contains(why) && err.contains(folder.to_str().unwrap()),
            "{err}"
        );
        assert!(!folder.join("report.html").exists());
    };
    refused(&place.path().join("nowhere"), "it is no folder");
    refused(place.path(), "there is no manifest.json");
    let digest = json!({ "digest": "00" });
    let out = folder(
        place.path(),
        &digest,
        &json!({ "digest": "11", "verdict": "same" }),
    );
    refused(&out, "its digest is not the one in manifest.json");
    let out = folder(place.path(), &digest, &json!({ "digest": "00" }));
    refused(&out, "none of the documents that filas writes");
    let out = folder(
        place.path(),
        &digest,
        &json!({ "digest": "00", "model": "desk", "steps": 3 }),
    );
    refused(&out, "missing field");
    fs::write(out.join("summary.json"), "{ \"digest\": \"0").unwrap();
    refused(&out, "is damaged: EOF");
}

#[test]
fn a_summary_that_was_altered_is_neither_shown_nor_explained() {
    let place = tempfile::tempdir().unwrap();
    let replicate = ["-n", "3"];
    for (command, more) in [("run", &[][..]), ("replicate", &replicate[..])] {
        let out = made(place.path(), command, LINE, more);
        let summary = text(&out, "summary.json");
        let at = summary.rfind("\"mean\": ").unwrap() + 8;
        let altered = format!("{}9{}", &summary[..at], &summary[at..].trim_start());
        fs::write(out.join("summary.json"), altered).unwrap();
        let folder = out.to_str().unwrap();
        for words in [
            &["report", folder][..],
            &["explain", folder, "--customer", "1"],
        ] {
            let (said, err, code) = told(words);
            assert_eq!((said.as_str(), code), ("", 2), "{err}");
            assert!(
                err.contains("summary.json") && err.contains("altered"),
                "{err}"
            );
        }
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn a_run_that_is_not_the_one_in_the_folder_is_not_shown_as_if_it_were() {
    let place = tempfile::tempdir().unwrap();
    let out = made(place.path(), "run", LINE, &[]);
    let file = out.join("scenario.toml");
    let other = text(&out, "scenario.toml").replace("mean = 1.2", "mean = 1.1");
    fs::write(&file, other).unwrap();
    assert_eq!(told(&["report", out.to_str().unwrap()]).2, 0);
    let page = assert_sound(&out, "other");
    assert!(page.contains("the run made again has the digest"));
    assert!(!page.contains("How long customers wait"));
    assert!(
        page.contains("Waiting in min and queues"),
        "what the summary tells is shown"
    );
    fs::remove_file(&file).unwrap();
    assert_eq!(told(&["report", out.to_str().unwrap()]).2, 0);
    assert!(assert_sound(&out, "none").contains("scenario.toml cannot be read"));
}

#[test]
fn charts_for_slides_come_as_pictures_and_drawings() {
    let place = tempfile::tempdir().unwrap();
    let slides = place.path().join("slides");
    let out = made(
        place.path(),
        "run",
        LINE,
        &["--png", slides.to_str().unwrap()],
    );
    let charts = page::document(&out).unwrap().charts().count();
    let names: Vec<String> = fs::read_dir(&slides)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 2 * charts, "{names:?}");
    for name in names.iter().filter(|name| name.ends_with(".png")) {
        let bytes = fs::read(slides.join(name)).unwrap();
        assert_eq!(&bytes[..4], b"\x89PNG");
        let svg = text(&slides, &name.replace(".png", ".svg"));
        assert!(Document::parse(&svg).is_ok() && !svg.contains("var("));
    }
    let (_, err, code) = told(&["run", "--report"]);
    assert_eq!(code, 2);
    assert!(err.contains("--out <DIR>"), "{err}");
}

#[test]
fn customers_who_found_no_place_were_not_in_a_warm_up() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("gridlock");
    let words = ["run", "gridlock", "--out", out.to_str().unwrap()];
    let (terminal, _, code) = told(&words);
    assert_eq!(code, 1);
    let document = page::document(&out).unwrap();
    let customers = &summary(&out)["customers"];
    let joined = customers["arrived"].as_u64().unwrap() - customers["lost"].as_u64().unwrap();
    let facts = &document.facts;
    assert!(
        facts.contains(&format!("{joined} joined the network")),
        "{facts:?}"
    );
    assert!(
        !facts.iter().any(|fact| fact.contains("warm-up")),
        "{facts:?}"
    );
    // They come to stations again: their queues are not counted against the stations.
    let text = document.sections.iter().flat_map(|section| &section.text);
    let text: Vec<&String> = text.collect();
    assert!(
        text.iter()
            .any(|text| text.starts_with("Queues joined by a customer: ")),
        "{text:?}"
    );
    let joined = terminal.lines().find(|line| line.contains("queues joined"));
    assert!(!joined.unwrap().contains(" of "), "{joined:?}");
}

#[test]
fn attendants_who_wrap_up_are_not_said_to_be_in_service() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("day");
    let words = ["run", "call-day", "--out", out.to_str().unwrap(), "--quiet"];
    assert_eq!(told(&words).2, 0);
    let document = page::document(&out).unwrap();
    let lines = panels(&document);
    // The chart over time has services alone, as the table of levels; the one by interval wrap-ups, too.
    assert!(lines.iter().any(|line| line.name == "in service"));
    assert!(!lines.iter().any(|line| line.name == "busy"));
}

#[test]
fn the_command_as_typed_is_quoted_as_a_shell_takes_it() {
    let place = tempfile::tempdir().unwrap();
    let folder = made(
        place.path(),
        "run",
        LINE,
        &[
            "--set",
            "stages.0.service={ constant = { value = 1 } }",
            "--set",
            "stages.0.servers=2",
        ],
    );
    let page = text(&folder, "report.html");
    let typed = page.split("# as typed: ").nth(1).unwrap();
    let typed = typed.split('\n').next().unwrap();
    let typed = typed.replace("&quot;", "\"").replace("&#39;", "'");
    let typed = typed.replace("&lt;", "<").replace("&gt;", ">");
    assert!(
        typed.contains(
            " --set 'stages.0.service={ constant = { value = 1 } }' --set stages.0.servers=2"
        ),
        "{typed}"
    );
}
