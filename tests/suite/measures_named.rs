//! Every measure has a name in words, so that no sentence shows a key.

use crate::scenario_shipped::{loaded, shipped};
use filas::study::Layout;
use filas::study::answer::Measure;

#[test]
fn every_measure_of_every_shipped_scenario_has_a_name_in_words() {
    let mut nameless = std::collections::BTreeSet::new();
    for path in shipped() {
        let scenario = loaded(&path).scenario;
        for key in Layout::of(&scenario).unwrap().keys() {
            let measure = Measure::of(key, &scenario);
            if measure.name == *key {
                nameless.insert(key.clone());
            }
        }
    }
    assert!(nameless.is_empty(), "{nameless:#?}");
}
