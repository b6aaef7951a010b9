//! Keys of a scenario as the options of studies name them. Two spellings of one key, by name and by number, are the
//! same key: they have one place in the scenario.

/// The place in the scenario of a key, in one spelling for all of its spellings.
pub type Place<'a> = &'a dyn Fn(&str) -> String;

/// The complaint about the first of these keys that is given twice, in any spelling; `done` is a participle for the
/// use of the keys, such as `chosen`.
pub fn twice<'a>(
    keys: impl IntoIterator<Item = &'a str>,
    done: &str,
    place: Place<'_>,
) -> Option<String> {
    let mut known: Vec<(&str, String)> = Vec::new();
    for key in keys {
        let at = place(key);
        if let Some((first, _)) = known.iter().find(|(_, other)| *other == at) {
            return Some(match *first == key {
                true => format!("`{key}` is {done} twice; name it once"),
                false => format!("`{first}` and `{key}` are one key, {done} twice; name it once"),
            });
        }
        known.push((key, at));
    }
    None
}
