//! Centres of 50 and 200 agents against Erlang C and A: `cargo test --release --test calls -- --nocapture`.
//!
//! Each is replicated until the intervals of all measures are within 1 % of their means; at a joint confidence of 99 %
//! over all centres and measures they must hold the values of the formulas. It takes about half an hour of a processor.
#![allow(clippy::print_stdout, reason = "figures, with --nocapture")]

use filas::scenario::{Origin, Overrides, Scenario, load};
use filas::study::{ClosedForm, Conditions, Goal, InMemory, Layout, Workers, replicate};

/// The half-width of an interval, as a share of its mean.
const PRECISION: f64 = 0.01;

/// The chance that any interval misses its value.
const JOINT: f64 = 0.01;

/// A centre of so many agents, with calls of four minutes and so many calls a minute.
fn centre(agents: u32, rate: f64, patience: &str) -> Scenario {
    let text = format!(
        r#"
model = "desk"
time_unit = "min"
horizon = {{ until = "200 h", warm_up = "10 h" }}
supervisor = {{ queue = "central" }}
[[classes]]
name = "calls"
arrivals = {{ interarrival = {{ exponential = {{ rate = {rate:?} }} }} }}
service = {{ exponential = {{ mean = 4.0 }} }}
service_level = {{ within = "20 s" }}
{patience}
[[servers]]
name = "centre"
attendants = [ {{ skills = ["calls"], count = {agents} }} ]
"#
    );
    let origin = Origin::Embedded {
        name: "centre",
        text: &text,
    };
    load(origin, &Overrides::default())
        .unwrap_or_else(|error| panic!("{}", error.plain()))
        .scenario
}

#[test]
fn great_centres_wait_and_hang_up_as_erlang_says_to_one_per_cent() {
    let patience = "patience = { exponential = { mean = 3.0 } }";
    let centres = [
        centre(50, 11.25, ""),
        centre(200, 46.5, ""),
        centre(50, 12.5, patience),
        centre(200, 50.0, patience),
    ];
    let forms: Vec<ClosedForm> = centres.iter().map(ClosedForm::of).collect();
    // Quantiles are within 1 % of their own.
    let asked = |form: &ClosedForm| {
        let keys = form.measures.iter().map(|(key, _)| key.clone());
        keys.filter(|key| !key.contains(".p"))
            .collect::<Vec<String>>()
    };
    let all: usize = forms.iter().map(|form| asked(form).len()).sum();
    assert!(all >= 20, "{forms:?}");
    let workers = Workers::new(0).unwrap();
    for (centre, form) in centres.iter().zip(&forms) {
        assert_eq!(form.fails(), None);
        let layout = Layout::of(centre).unwrap();
        let measures = asked(form);
        let goal = Goal::Precision {
            relative: PRECISION,
            measures: measures.clone(),
            first: 64,
            max: 100_000,
        };
        let ledger = InMemory::default();
        let conditions = Conditions {
            confidence: 1.0 - JOINT / all as f64,
            ..Conditions::by(&workers, &ledger)
        };
        let study = replicate(centre, &layout, &goal, conditions).unwrap();
        assert!(study.completion.met, "{:?}", study.completion);
        for key in &measures {
            let seen = study.intervals[layout.find(key).unwrap()];
            let right = form.measure(key).unwrap();
            println!("{}: {key}: {seen:?}, {right}", form.model);
            let holds = seen.low <= Some(right) && Some(right) <= seen.high;
            assert!(holds, "{}: {key}: {seen:?}, not {right}", form.model);
        }
    }
}
