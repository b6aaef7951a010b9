//! A study has one answer: the terminal, the JSON document, the report and the page (which shows the same
//! report, see `tests/serve/answers.rs`) say it in the same words, ties included.

use filas::actor::Runtime;
use filas::cli::text::{self, Paper, StudyTelling};
use filas::digest::Digest;
use filas::report::OrderReport;
use filas::report::page::{self, Document};
use filas::report::study::{Replications, Sweep, json};
use filas::scenario::{Origin, Overrides, Scenario, Servers, Tandem, load};
use filas::stats::Interval;
use filas::study::answer::{About, Answer, Asked, line_cards};
use filas::study::order::{Objective, OrderStudy};
use filas::study::permutation::all_orders;
use filas::study::ranking::{Estimate, RankedOrder, Ranking};
use filas::study::sweep::{Axis, grid, sweep};
use filas::study::{
    ClosedForm, Completion, Conditions, Goal, InMemory, Layout, Replicated, Share, Workers,
    replicate,
};
use serde_json::Value;
use std::time::Duration;

/// The ending of a made-up study: the mean of every order, those that can be the best, and whether
/// that is settled.
struct Case {
    means: &'static [f64],
    candidates: &'static [usize],
    filed: usize,
    settled: bool,
    interrupted: bool,
    says: &'static [&'static str],
    never: &'static [&'static str],
}

const CASES: [Case; 7] = [
    // The order in the file is tied with the best.
    Case {
        means: &[4.0, 4.0, 4.01, 4.0, 4.02, 4.0],
        candidates: &[0, 1, 2, 3, 4, 5],
        filed: 0,
        settled: true,
        interrupted: false,
        says: &[
            "Keep them as they are: no order is better by more than 0.040 min",
            "a tie of all 6 orders",
        ],
        never: &["Put them", " less than "],
    },
    Case {
        means: &[4.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        candidates: &[0, 1],
        filed: 0,
        settled: true,
        interrupted: false,
        says: &["Keep them as they are", "a tie of 2 of all 6 orders"],
        never: &["Put them"],
    },
    // The order in the file is the best.
    Case {
        means: &[4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
        candidates: &[0],
        filed: 0,
        settled: true,
        interrupted: false,
        says: &[
            "Keep them as they are: no order is better;",
            "sure that it is the best of all 6 orders",
        ],
        never: &["Put them", "tie"],
    },
    Case {
        means: &[4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
        candidates: &[0],
        filed: 4,
        settled: true,
        interrupted: false,
        says: &[
            "Put them as",
            "50 % less than the 8.000 as filed",
            "sure that it is the best of all 6 orders",
        ],
        never: &["Keep them", "tie"],
    },
    // Others tie with the best, but not the order in the file.
    Case {
        means: &[4.0, 4.0, 6.0, 7.0, 8.0, 9.0],
        candidates: &[0, 1],
        filed: 4,
        settled: true,
        interrupted: false,
        says: &["Put them as", "a tie of 2 of all 6 orders"],
        never: &["Keep them"],
    },
    Case {
        means: &[4.0, 4.2, 6.0, 7.0, 8.0, 9.0],
        candidates: &[0, 1],
        filed: 1,
        settled: false,
        interrupted: false,
        says: &[
            "Not settled",
            "the order as filed can still be the best",
            "is one of 2",
            "raise --max",
        ],
        never: &["Put them", "Keep them", "tie"],
    },
    Case {
        means: &[4.0, 4.2, 6.0, 7.0, 8.0, 9.0],
        candidates: &[0, 1],
        filed: 4,
        settled: false,
        interrupted: true,
        says: &[
            "Not settled",
            "50 % less than the 8.000 as filed",
            "It was stopped before its end",
        ],
        never: &["Put them", "Keep them", "tie", "--max"],
    },
];

fn line() -> Tandem {
    let text = r#"
        model = "tandem"
        name = "made-up"
        time_unit = "min"
        arrivals = { interarrival = { exponential = { mean = 1.0 } } }
        horizon = { customers = 400 }
        stages = [
            { name = "corte-de-placa-principal", service = { exponential = { mean = 0.7 } } },
            { name = "soldadura-final-automatica", service = { constant = { value = 0.5 } } },
            { name = "empaque-y-envio-al-cliente", service = { uniform = { low = 0.1, high = 0.9 } } },
        ]
    "#;
    let name = "made-up.toml";
    match load(Origin::Embedded { name, text }, &Overrides::default())
        .unwrap()
        .scenario
    {
        Scenario::Tandem(line) => line,
        Scenario::Desk(_) => unreachable!("it is a line"),
    }
}

fn study(line: &Tandem, case: &Case) -> OrderStudy {
    let around = |mean: f64| Interval {
        n: 100,
        mean: Some(mean),
        sd: Some(0.1),
        half_width: Some(0.02),
        low: Some(mean - 0.02),
        high: Some(mean + 0.02),
        ..Interval::default()
    };
    // The order in the file is listed at its rank.
    let mut orders = all_orders(3);
    let own = orders.remove(0);
    orders.insert(case.filed, own);
    let ranked = |(at, order): (usize, Vec<u16>)| RankedOrder {
        order,
        estimates: [Estimate {
            mean: case.means[at],
            half_width: Some(0.02),
            observed: case.means[at],
        }; 5],
        against_best: [around(case.means[at] - case.means[0]); 5],
        replications: 100,
        candidate: case.candidates.contains(&at),
    };
    OrderStudy {
        stages: line.stages.iter().map(|stage| stage.name.clone()).collect(),
        confidence: 0.95,
        rankings: vec![Ranking {
            objective: Objective::Waiting,
            orders: orders.into_iter().enumerate().map(ranked).collect(),
            zone: 0.04,
            settled: case.settled,
            identical: Vec::new(),
            as_filed: case.filed,
        }],
        published: Vec::new(),
        search: None,
        runs: 600,
        left_out: 0,
        interrupted: case.interrupted,
        digest: Digest::EMPTY,
    }
}

fn paper(width: usize) -> Paper {
    Paper {
        unicode: true,
        colour: false,
        width,
    }
}

fn telling() -> StudyTelling<'static> {
    StudyTelling {
        by: "",
        took: Duration::from_millis(12),
        warm_up_found: None,
        share: String::new(),
    }
}

/// A text in one line, so that a sentence is found wherever its lines were broken.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Compares the places: every sentence of the answer is in each of them.
fn assert_one_answer(document: &str, terminal: &str, report: &Document) -> Answer {
    let value: Value = serde_json::from_str(document).unwrap();
    let answer: Answer = serde_json::from_value(value["answer"].clone()).unwrap();
    let page = report.html();
    let shown: String = report
        .notices
        .iter()
        .chain([&report.answer])
        .cloned()
        .collect();
    let notes: String = report
        .sections
        .iter()
        .flat_map(|section| section.text.clone())
        .collect();
    let (terminal, shown) = (flat(terminal), shown + &notes);
    let sentences = [&answer.headline].into_iter().chain(&answer.sureness);
    for sentence in sentences.chain(&answer.unsettled).chain(&answer.notes) {
        assert!(terminal.contains(&flat(sentence)), "{sentence}\n{terminal}");
        assert!(shown.contains(sentence.as_str()), "{sentence}\n{shown}");
        let escaped = filas::number::unbroken(sentence)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        assert!(page.contains(&escaped), "{sentence}");
    }
    answer
}

#[test]
fn an_order_is_advised_in_one_voice_and_a_tie_is_a_tie() {
    let line = line();
    for (number, case) in CASES.iter().enumerate() {
        let report = OrderReport::new(&line, &study(&line, case));
        let scenario = Scenario::Tandem(line.clone());
        for width in [60, 80, 100] {
            let terminal = text::orders(&scenario, &report, false, &telling(), &paper(width));
            assert!(
                terminal.lines().all(|line| line.chars().count() <= width),
                "{terminal}"
            );
            let answer = assert_one_answer(&json(&report), &terminal, &page::order(&report, "min"));
            let text = answer.text() + &answer.unsettled.concat();
            for part in case.says {
                assert!(text.contains(part), "case {number}: {part}: {text}");
            }
            for part in case.never {
                assert!(!text.contains(part), "case {number}: {part}: {text}");
            }
            assert_eq!(
                answer.ties.len(),
                if case.settled {
                    case.candidates.len() - 1
                } else {
                    0
                }
            );
            // Every order is there in full, even across lines.
            for row in report.rankings()[0].orders() {
                for name in row {
                    assert!(terminal.matches(name.as_str()).count() >= 6, "{terminal}");
                }
            }
        }
    }
}

#[test]
fn a_grid_answers_for_the_measure_asked_for_and_says_which_settings_tie() {
    let line = line();
    let workers = Workers::new(1).unwrap();
    let base = Scenario::Tandem(line.clone());
    let measures = ["stages.0.waiting.mean".to_owned()];
    for (values, says) in [
        ("1,2,3", "is least, "),
        // Nobody waits for one of ten servers or of eleven.
        ("10,11", "is the same in every setting: 0 ± 0 min"),
    ] {
        let settings =
            grid(&[Axis::parse(&format!("stages.0.servers={values}")).unwrap()]).unwrap();
        let cell = |set: &Vec<(String, String)>| {
            let mut line = line.clone();
            line.stages[0].servers = Servers::Count(set[0].1.parse().unwrap());
            Scenario::Tandem(line)
        };
        let cells: Vec<Scenario> = settings.iter().map(cell).collect();
        let ledger = InMemory::default();
        let conditions = Conditions::by(&workers, &ledger);
        let found = sweep(&cells, &Goal::Count(8), &measures, conditions).unwrap();
        let asked = Asked {
            measures: measures.to_vec(),
            confidence: 0.95,
            precision: None,
        };
        let study = Sweep::new(&base, ("inline", Share::WHOLE), (&settings, &found), &asked);
        let terminal = text::sweep(&base, &study, &telling(), &paper(80));
        let answer = assert_one_answer(&json(&study), &terminal, &page::sweep(&study, Some(&base)));
        assert_eq!(answer.measure.as_deref(), Some("stages.0.waiting.mean"));
        let name = "he mean wait at corte-de-placa-principal";
        assert!(
            answer.headline.contains(says) && answer.headline.contains(name),
            "{answer:?}"
        );
        let report = page::sweep(&study, Some(&base));
        let title = format!("{}, min", name.replacen("he m", "M", 1));
        assert_eq!(report.sections[0].title, title);
        let ties = found.ends[0].least.len() - 1;
        assert_eq!(answer.ties.len(), ties);
        assert_eq!(values == "10,11", ties > 0, "{answer:?}");
        if values == "1,2,3" {
            // The least has a wide interval and ties with all, while the greatest is told from one of them.
            for (greatest, says) in [
                (vec![0, 1, 2], "it is a tie of all 3 settings"),
                (
                    vec![0, 2],
                    "the greatest is one of 2 settings: a tie with 3 servers",
                ),
                (
                    vec![0],
                    "no other of the 3 settings has more; any of them can be the least",
                ),
            ] {
                let is_tie = greatest.len() == 3;
                let mut found = found.clone();
                found.ends[0].least = vec![2, 0, 1];
                found.ends[0].greatest = greatest;
                let study =
                    Sweep::new(&base, ("inline", Share::WHOLE), (&settings, &found), &asked);
                let text = study.answer.text();
                assert!(text.contains(says), "{text}");
                assert_eq!(
                    text.contains("No setting can be told from another"),
                    is_tie,
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn replications_answer_for_the_measure_asked_for_in_its_own_unit() {
    let desk = include_str!("../../scenarios/desk.toml");
    let origin = Origin::Embedded {
        name: "desk.toml",
        text: desk,
    };
    let scenario = load(origin, &Overrides::default()).unwrap().scenario;
    let layout = Layout::of(&scenario).unwrap();
    let (workers, ledger) = (Workers::new(1).unwrap(), InMemory::default());
    let found = replicate(
        &scenario,
        &layout,
        &Goal::Count(5),
        Conditions::by(&workers, &ledger),
    )
    .unwrap();
    let of = |measures: &[&str], found: &Replicated| {
        let asked = Asked {
            measures: measures.iter().map(|&key| key.to_owned()).collect(),
            confidence: 0.9,
            precision: None,
        };
        let found = (found, &ClosedForm::of(&scenario));
        let study = Replications::new(&scenario, ("inline", Share::WHOLE), &layout, found, &asked);
        let terminal = text::replications(&scenario, &study, &telling(), &paper(80));
        assert!(
            terminal.lines().all(|line| line.chars().count() <= 80),
            "{terminal}"
        );
        let report = page::replications(&study, Some(&scenario));
        (assert_one_answer(&json(&study), &terminal, &report), report)
    };
    let (answer, report) = of(&["requests.rejected"], &found);
    assert!(
        answer
            .headline
            .starts_with("The number of requests rejected is "),
        "{answer:?}"
    );
    assert!(!answer.headline.contains("steps"), "{answer:?}");
    assert_eq!(
        answer.sureness.as_deref(),
        Some("90 % sure, by 5 replications.")
    );
    let first = report.charts().next().map(|chart| chart.title.as_str());
    assert_eq!(first, Some("Number of requests rejected, with intervals"));
    let (answer, _) = of(&["faults.availability", "waiting.p95"], &found);
    assert!(answer.headline.ends_with(" %."), "{answer:?}");
    assert!(
        answer.notes[0].starts_with("The 95th percentile of the wait is "),
        "{answer:?}"
    );
    let (answer, _) = of(&[], &found);
    assert!(
        answer.headline.contains(" are lost"),
        "a desk loses requests: {answer:?}"
    );
    // One replication has no interval and claims none.
    let one = Replicated {
        completion: Completion {
            replications: 1,
            ..found.completion.clone()
        },
        intervals: found
            .intervals
            .iter()
            .map(|seen| Interval::of(&[seen.mean.unwrap_or(0.0)], 0.9))
            .collect(),
        ..found
    };
    let (answer, _) = of(&[], &one);
    assert_eq!((answer.sureness, answer.unsettled.len()), (None, 1));
}

#[test]
fn the_card_of_waits_says_how_many_wait_and_how_long() {
    let card = |services: &[f64]| {
        let text = format!(
            "model = \"tandem\"\narrivals = {{ interarrival = {{ constant = {{ value = 2.0 }} }} }}\n\
             horizon = {{ customers = 200 }}\n[[stages]]\nname = \"till\"\n\
             service = {{ trace = {{ values = {services:?}, repeat = true }} }}\n"
        );
        let (name, text) = ("x.toml", text.as_str());
        let loaded = load(Origin::Embedded { name, text }, &Overrides::default()).unwrap();
        let Scenario::Tandem(line) = loaded.scenario else {
            unreachable!("it is a line");
        };
        let (outcome, _) = crate::line::run(&line, Runtime::Inline, 512);
        let mut cards = line_cards(&outcome.summary, "min", None).into_iter();
        cards.find(|card| card.about == About::Waiting).unwrap()
    };
    assert_eq!(card(&[1.0]).note, "nobody waits");
    // The one after a service of 3 waits for 1.
    let mut services = [1.0; 50];
    services[0] = 3.0;
    assert_eq!(card(&services).note, "fewer than one in twenty wait");
    assert_eq!(card(&services).value, "0.0200 min");
    services[10] = 3.0;
    services[20] = 3.0;
    assert_eq!(card(&services).note, "one in twenty more than 1");
}
