//! Scenarios with some keys set, as by `--set`.

use filas::scenario::{Loaded, Origin, Overrides, Scenario, load};
use std::path::Path;

/// The scenario of a file.
pub(crate) fn read(file: &Path, set: &[(&str, &str)]) -> Loaded {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let overrides = Overrides {
        set: set.iter().map(own).collect(),
        ..Overrides::default()
    };
    load(Origin::File(file), &overrides).unwrap()
}

/// A shipped scenario, shortened or otherwise adapted for a test.
pub(crate) fn shipped(name: &str, set: &[(&str, &str)]) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.toml"));
    read(&file, set).scenario
}
