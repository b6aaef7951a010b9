//! Every measure has a name in words, so that no sentence shows a key, and the unit that its values have.

use crate::scenario_shipped::{loaded, shipped};
use filas::study::answer::Measure;
use filas::study::{Conditions, Goal, InMemory, Layout, Workers, replicate};
use std::collections::BTreeSet;

#[test]
fn every_measure_of_every_shipped_scenario_has_a_name_in_words_and_shares_are_shares() {
    let mut nameless = BTreeSet::new();
    let workers = Workers::new(0).unwrap();
    for path in shipped() {
        let scenario = loaded(&path).scenario;
        let layout = Layout::of(&scenario).unwrap();
        let rows = InMemory::default();
        let conditions = Conditions::by(&workers, &rows);
        let found = replicate(&scenario, &layout, &Goal::Count(1), conditions).unwrap();
        for (key, seen) in layout.keys().iter().zip(&found.intervals) {
            let measure = Measure::of(key, &scenario);
            if measure.name == *key {
                nameless.insert(key.clone());
            }
            if let Some(value) = seen.mean.filter(|_| measure.is_share()) {
                let name = path.display();
                assert!(
                    (0.0..=1.0 + 1e-9).contains(&value),
                    "{name}: {key} is {value}"
                );
            }
        }
    }
    assert!(nameless.is_empty(), "{nameless:#?}");
}

#[test]
fn names_say_what_is_counted() {
    let path = shipped()
        .into_iter()
        .find(|path| path.ends_with("desk.toml"));
    let scenario = loaded(&path.unwrap()).scenario;
    for (key, title) in [
        ("wasted_work", "work wasted, steps"),
        ("faults.outage_longest", "longest outage, steps"),
        ("faults.repairs", "number of repairs"),
        ("faults.interrupted", "number of requests interrupted"),
        (
            "servers.1.attendants.0.down_steps",
            "time down of B-1, steps",
        ),
        (
            "classes.0.waiting.p95",
            "95th percentile of the wait of tecnica, steps",
        ),
    ] {
        assert_eq!(Measure::of(key, &scenario).title(), title, "{key}");
    }
}
