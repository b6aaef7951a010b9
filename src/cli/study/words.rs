//! The command line of this process as words, and how it becomes that of a shard.

use crate::cli::publish::quoted;
use crate::study::Share;
use std::path::Path;

/// Options that say where and by whom a study is done, and whether a value follows.
const WHERE: [(&str, bool); 8] = [
    ("--shard", true),
    ("--after", true),
    ("--out", true),
    ("--on", true),
    ("--shards", true),
    ("--resume", false),
    ("--overwrite", false),
    ("--dry-run", false),
];

/// The words of this process's command, without those that say where and by whom.
pub(super) fn of_this_study() -> Vec<String> {
    let words = std::env::args_os().skip(1);
    without_where(words.map(|word| word.to_string_lossy().into_owned()))
}

fn without_where(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words;
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or(&word);
        match WHERE.iter().find(|(option, _)| *option == name) {
            None => kept.push(word),
            Some((_, true)) if !word.contains('=') => drop(words.next()),
            Some(_) => {}
        }
    }
    kept
}

/// The words that do a share of a study, or go on with it.
pub(super) fn of_share(
    study: &[String],
    share: Share,
    out: &Path,
    after: Option<&Path>,
) -> Vec<String> {
    let mut words = study.to_vec();
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    option("--shard", share.to_string());
    option("--out", out.to_string_lossy().into_owned());
    if let Some(after) = after {
        option("--after", after.to_string_lossy().into_owned());
    }
    words.push("--resume".to_owned());
    words
}

/// A command as one types it.
pub(super) fn line(words: &[String]) -> String {
    let words = words.iter().map(|word| quoted(word));
    let words: Vec<String> = std::iter::once("filas".to_owned()).chain(words).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_s_command_is_the_study_s_with_its_own_place() {
        let typed = "replicate a.toml --out=d -n 64 --shard 1/8 --resume --set name='b c'";
        let words = without_where(typed.split(' ').map(str::to_owned));
        assert_eq!(
            words,
            ["replicate", "a.toml", "-n", "64", "--set", "name='b", "c'"]
        );
        let study = ["replicate", "my line.toml"].map(str::to_owned);
        let words = of_share(&study, "2/3".parse().unwrap(), Path::new("s/2"), None);
        assert_eq!(
            line(&words),
            "filas replicate 'my line.toml' --shard 2/3 --out s/2 --resume"
        );
    }
}
