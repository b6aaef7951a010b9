//! The measures that two scenarios have in common. Stages, stations, classes and servers are paired by name, so that
//! a list in another order is no difference; everything else is paired by its key.

use super::measures::{Layout, UnknownMeasure};
use std::collections::BTreeMap;
use thiserror::Error;

/// The layouts of two scenarios, and the measures they share.
#[derive(Clone, Debug)]
pub struct Pairing {
    layouts: [Layout; 2],
    /// The indices of each common measure in the rows of the two scenarios.
    places: Vec<[usize; 2]>,
}

/// A reason not to compare a measure.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unpaired {
    /// Neither scenario has it.
    #[error(transparent)]
    Unknown(#[from] UnknownMeasure),
    /// Only one scenario has it.
    #[error("only {side} has the measure `{key}`; name one that both have{also}")]
    Alone {
        /// The key as it was asked for.
        key: String,
        /// The scenario that has it, A or B.
        side: char,
        /// A remark on the pairing of entries, if that may be the cause.
        also: &'static str,
    },
}

impl Pairing {
    /// The pairing of these layouts.
    #[must_use]
    pub fn of(layouts: [Layout; 2]) -> Pairing {
        let [a, b] = layouts.each_ref().map(|layout| {
            let keys = layout.keys().iter();
            keys.map(|key| layout.named(key)).collect::<Vec<String>>()
        });
        let there = b.iter().zip(0..);
        let there: BTreeMap<&String, usize> = there.collect();
        let places = a.iter().enumerate();
        let places = places.filter_map(|(at, key)| Some([at, *there.get(key)?]));
        Pairing {
            places: places.collect(),
            layouts,
        }
    }

    /// The layouts.
    #[must_use]
    pub fn layouts(&self) -> &[Layout; 2] {
        &self.layouts
    }

    /// The indices of each common measure in the rows of the two scenarios.
    #[must_use]
    pub fn places(&self) -> &[[usize; 2]] {
        &self.places
    }

    /// The index of a measure among those that both have. Numbered entries are those of the first scenario.
    ///
    /// # Errors
    /// [`Unpaired`].
    pub fn find(&self, key: &str) -> Result<usize, Unpaired> {
        let [first, second] = self.layouts.each_ref().map(|layout| layout.find(key));
        let alone = |side| {
            let is_of_an_entry = self.layouts.iter().any(|layout| {
                let found = layout.find(key).map(|at| &layout.keys()[at]);
                found.is_ok_and(|known| layout.named(known) != *known)
            });
            let also = match is_of_an_entry {
                true => " (stages, stations, classes and servers are paired by their names)",
                false => "",
            };
            let key = key.to_owned();
            Err(Unpaired::Alone { key, side, also })
        };
        match (first, second) {
            (Ok(at), _) => {
                let found = self.places.iter().position(|[first, _]| *first == at);
                found.map_or_else(|| alone('A'), Ok)
            }
            (Err(_), Ok(_)) => alone('B'),
            (Err(unknown), Err(_)) => Err(unknown.into()),
        }
    }

    /// The measures that only one of the scenarios has, by their keys with names in place of numbers.
    pub(super) fn alone(&self, side: usize) -> Vec<String> {
        let keys = self.layouts[side].keys();
        let mut is_paired = vec![false; keys.len()];
        for places in &self.places {
            is_paired[places[side]] = true;
        }
        let alone = keys.iter().zip(is_paired).filter(|(_, paired)| !paired);
        alone
            .map(|(key, _)| self.layouts[side].named(key))
            .collect()
    }
}
