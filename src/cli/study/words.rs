//! The command line of this process as words, and its form for a shard.

use crate::cli::call;
use crate::cli::source::STDIN;
use crate::report::shell::command;
use crate::study::Share;
use std::path::Path;

/// An option, and whether a value follows.
type Known = (&'static str, bool);

/// Options for the place and the workers of a study.
const WHERE: [Known; 11] = [
    ("--shard", true),
    ("--after", true),
    ("--out", true),
    ("--on", true),
    ("--shards", true),
    ("--resume", false),
    ("--overwrite", false),
    ("--dry-run", false),
    ("--report", false),
    ("--png", true),
    ("--write", true),
];

/// Options for the output, which differ on a cluster.
const TOLD: [Known; 7] = [
    ("--quiet", false),
    ("-q", false),
    ("--log", true),
    ("--log-file", true),
    ("--log-format", true),
    ("--tables", true),
    ("--format", true),
];

/// The words of this process's command, without those for place and workers.
pub(super) fn of_this_study() -> Vec<String> {
    without(typed(), &WHERE)
}

/// The first words of all shards of this study. One option may be given the value found for it, and a scenario from
/// stdin is replaced by this file.
pub(super) fn for_shards(
    found: Option<(&'static str, String)>,
    stdin: Option<&Path>,
) -> Vec<String> {
    let mut words = without(without(typed(), &WHERE), &TOLD);
    if let Some(file) = stdin {
        let of_stdin = words.iter_mut().filter(|word| *word == STDIN);
        of_stdin.for_each(|word| *word = file.to_string_lossy().into_owned());
    }
    if let Some((name, value)) = found {
        words = without(words, &[(name, true)]);
        words.extend([name.to_owned(), value]);
    }
    words.extend(["--tables", "none"].map(str::to_owned));
    words
}

fn typed() -> Vec<String> {
    let words = call::words().into_iter();
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

fn without(words: Vec<String>, options: &[Known]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or(&word);
        match options.iter().find(|(option, _)| *option == name) {
            None => kept.push(word),
            Some((_, true)) if !word.contains('=') => drop(words.next()),
            Some(_) => {}
        }
    }
    kept
}

/// The words that run a share of a study, or resume it.
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

/// A command as typed.
pub(super) fn line(words: &[String]) -> String {
    command(std::iter::once("filas").chain(words.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_s_command_is_the_study_s_with_its_own_place() {
        let typed = "replicate a.toml --out=d -n 64 --shard 1/8 --resume --set name='b c'";
        let words = without(typed.split(' ').map(str::to_owned).collect(), &WHERE);
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
