//! The guide in `docs/`: its commands print what it shows, its scenarios load, its links lead somewhere.
//!
//! A block marked `console` is run, page by page and in order, in a folder that holds the scenarios and data of the
//! page; a shown line of `...` stands for any number of lines, and `...` within a line for any text. With
//! `FILAS_GUIDE=write` in the environment, blocks that no longer match are written anew. So are the pictures of a page:
//! its commands make each of them, in the same place below the folder of the page.

use filas::scenario::{Origin, Overrides, load};
use std::fs;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A page of the guide.
pub(crate) struct Page {
    /// The name of its file.
    pub(crate) name: String,
    /// The whole of it.
    pub(crate) text: String,
}

/// A fenced block of a page.
pub(crate) struct Block<'a> {
    /// The words after the fence.
    info: &'a str,
    /// The lines between the fences.
    lines: Vec<&'a str>,
    /// The index of the first of them in the page.
    from: usize,
}

/// A command and the lines shown as its output.
struct Shown<'a> {
    command: String,
    output: Vec<&'a str>,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src")
}

/// Whether pages are to be written anew where they no longer match.
pub(crate) fn writes() -> bool {
    std::env::var_os("FILAS_GUIDE").is_some_and(|value| value == "write")
}

pub(crate) fn pages() -> Vec<Page> {
    let entries = fs::read_dir(folder()).expect("the guide is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| name.ends_with(".md"));
    names.sort();
    let page = |name: String| Page {
        text: fs::read_to_string(folder().join(&name)).unwrap(),
        name,
    };
    names.into_iter().map(page).collect()
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(info) = lines[at].strip_prefix("```") {
            let from = at + 1;
            let length = lines[from..].iter().position(|line| *line == "```");
            let length = length.unwrap_or_else(|| panic!("line {from}: a fence is not closed"));
            let lines = lines[from..from + length].to_vec();
            found.push(Block { info, lines, from });
            at = from + length;
        }
        at += 1;
    }
    found
}

/// The scenarios of a page: the names of their files and their texts.
pub(crate) fn scenarios(text: &str) -> Vec<(&str, String)> {
    let blocks = blocks(text).into_iter();
    let scenarios = blocks.filter(|block| block.info == "toml");
    let scenarios = scenarios.map(|block| {
        let name = file_name(&block).filter(|name| name.ends_with(".toml"));
        let name = name.unwrap_or_else(|| panic!("line {}: a scenario without a name", block.from));
        (name, block.lines.join("\n") + "\n")
    });
    scenarios.collect()
}

/// The name of the file that a block is, from the comment in its first line.
fn file_name<'a>(block: &Block<'a>) -> Option<&'a str> {
    let name = block.lines.first()?.strip_prefix("# ")?;
    let whole = !name.contains([' ', '/']) && name.contains('.');
    whole.then_some(name)
}

/// Writes the scenarios and the data of a page into a folder. The name of a data file is not part of it.
fn lay_out(text: &str, folder: &Path) {
    for (name, scenario) in scenarios(text) {
        fs::write(folder.join(name), scenario).unwrap();
    }
    for block in blocks(text) {
        if matches!(block.info, "csv" | "json" | "patch") {
            let name = file_name(&block).expect("a data file has a name");
            fs::write(folder.join(name), block.lines[1..].join("\n") + "\n").unwrap();
        }
    }
}

fn commands<'a>(block: &Block<'a>) -> Vec<Shown<'a>> {
    let mut found: Vec<Shown<'_>> = Vec::new();
    for &line in &block.lines {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => found.push(Shown {
                command: command.to_owned(),
                output: Vec::new(),
            }),
            (None, Some(last)) if last.command.ends_with('\\') => {
                last.command += "\n";
                last.command += line;
            }
            (None, Some(last)) => last.output.push(line),
            (None, None) => panic!("line {}: no command", block.from),
        }
    }
    found
}

/// Runs a command of the shell in a folder, as if the command before it had ended with `last`: the lines it prints,
/// and its exit code.
fn run(folder: &Path, command: &str, last: i32) -> (Vec<String>, i32) {
    let mut output = tempfile::tempfile().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_filas")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("(exit {last})\n{command}"))
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", program.display()))
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "100")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output.try_clone().unwrap())
        .status()
        .unwrap();
    let mut text = String::new();
    output.rewind().unwrap();
    output.read_to_string(&mut text).unwrap();
    let mut lines: Vec<String> = text.trim_end().lines().map(str::to_owned).collect();
    // Where a long title is broken depends on the digits of the time that was taken.
    while lines.len() > 1 && lines[0].contains(" · ") && lines[1].starts_with("  ") {
        let more = lines.remove(1);
        lines[0] += &format!(" · {}", more.trim());
    }
    let lines = lines.iter().map(|line| timeless(line.trim_end()));
    (lines.collect(), status.code().unwrap())
}

/// A line in which `...` stands for the number of jobs and the time that was taken.
fn timeless(line: &str) -> String {
    let Some((rest, took)) = line.rsplit_once(" · ") else {
        return line.to_owned();
    };
    let unit = took.rsplit(' ').next().unwrap();
    let is_time = took.starts_with(|c: char| c.is_ascii_digit())
        && ["ns", "us", "µs", "ms", "s", "min", "h"].contains(&unit);
    if !is_time {
        return line.to_owned();
    }
    match rest.rsplit_once("inline, ") {
        Some((head, jobs)) if jobs.ends_with(" jobs") || jobs.ends_with(" job") => {
            format!("{head}inline, ...")
        }
        _ => format!("{rest} · ..."),
    }
}

/// Whether lines that were printed are those that are shown.
fn same(shown: &[&str], printed: &[String]) -> bool {
    match (shown.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((&"...", rest)), None) => same(rest, &[]),
        (Some((&"...", rest)), Some((_, later))) => same(rest, printed) || same(shown, later),
        (Some((line, rest)), Some((printed, later))) => {
            same_line(line, printed) && same(rest, later)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn same_line(shown: &str, printed: &str) -> bool {
    match shown.split_once("...") {
        None => shown == printed,
        Some((head, tail)) => {
            let Some(rest) = printed.strip_prefix(head) else {
                return false;
            };
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            let mut ends = ends;
            ends.any(|at| same_line(tail, &rest[at..]))
        }
    }
}

/// The files of the pictures of a page.
pub(crate) fn pictures(text: &str) -> Vec<String> {
    let lines = prose(text).into_iter();
    let shown = lines.filter(|line| line.starts_with("!["));
    shown.flat_map(targets).collect()
}

/// Runs the commands of a page. Returns the page as it should be, and what differs.
fn ran(page: &Page) -> (String, Vec<String>) {
    let place = tempfile::tempdir().unwrap();
    lay_out(&page.text, place.path());
    let mut lines: Vec<String> = page.text.lines().map(str::to_owned).collect();
    let mut changes = Vec::new();
    let mut faults = Vec::new();
    for block in blocks(&page.text) {
        if block.info != "console" {
            continue;
        }
        let shown = commands(&block);
        let mut last = 0;
        let mut whole = Vec::new();
        for (at, one) in shown.iter().enumerate() {
            let (printed, code) = run(place.path(), &one.command, last);
            last = code;
            let told = shown.get(at + 1).map(|next| next.command.as_str());
            if code != 0 && told != Some("echo $?") {
                faults.push(format!("{}: `{}` ends with {code}", page.name, one.command));
            }
            let mut output: Vec<&str> = one.output.clone();
            while output.last() == Some(&"") {
                output.pop();
            }
            whole.extend(format!("$ {}", one.command).lines().map(str::to_owned));
            if same(&output, &printed) {
                whole.extend(one.output.iter().map(|&line| line.to_owned()));
            } else {
                let printed = printed.join("\n");
                faults.push(format!(
                    "{}: `{}` prints\n{printed}\n",
                    page.name, one.command
                ));
                whole.extend(printed.lines().map(str::to_owned));
                if at + 1 < shown.len() && one.output.last() == Some(&"") {
                    whole.push(String::new());
                }
            }
        }
        changes.push((block.from..block.from + block.lines.len(), whole));
    }
    for (range, whole) in changes.into_iter().rev() {
        lines.splice(range, whole);
    }
    for picture in pictures(&page.text) {
        let made = fs::read(place.path().join(&picture));
        let made = made.unwrap_or_else(|_| panic!("{}: no command makes {picture}", page.name));
        let shown = folder().join(&picture);
        if fs::read(&shown).is_ok_and(|shown| shown == made) {
            continue;
        }
        if writes() {
            fs::create_dir_all(shown.parent().unwrap()).unwrap();
            fs::write(shown, made).unwrap();
        } else {
            faults.push(format!("{}: {picture} is not what is made", page.name));
        }
    }
    (lines.join("\n") + "\n", faults)
}

#[test]
fn every_command_of_the_guide_prints_what_it_shows() {
    let mut all = Vec::new();
    let mut commands = 0;
    for page in pages() {
        commands += page.text.matches("\n$ filas ").count();
        let (text, faults) = ran(&page);
        if writes() && text != page.text {
            fs::write(folder().join(&page.name), text).unwrap();
        } else {
            all.extend(faults);
        }
    }
    assert!(commands > 5, "the guide shows only {commands} commands");
    let remedy = "FILAS_GUIDE=write cargo test --test suite guide";
    assert!(all.is_empty(), "{}\n{remedy} writes them", all.join("\n"));
}

#[test]
fn every_scenario_of_the_guide_loads() {
    let mut count = 0;
    for page in pages() {
        let place = tempfile::tempdir().unwrap();
        lay_out(&page.text, place.path());
        for (name, _) in scenarios(&page.text) {
            count += 1;
            if let Err(error) = load(
                Origin::File(&place.path().join(name)),
                &Overrides::default(),
            ) {
                panic!("{}: {name}: {}", page.name, error.plain());
            }
        }
        for block in blocks(&page.text) {
            // A piece of a scenario, which stands in none of the files.
            if block.info == "toml,part" {
                let piece = block.lines.join("\n");
                let parsed = piece.parse::<toml::Table>();
                parsed.unwrap_or_else(|error| panic!("{}: {error}\n{piece}", page.name));
            }
        }
    }
    assert!(count > 0, "the guide has no scenarios");
}

/// The anchors of a page: its headings as mdBook names them.
fn anchors(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in prose(text) {
        let Some(heading) = line.trim_start_matches('#').strip_prefix(' ') else {
            continue;
        };
        if !line.starts_with('#') {
            continue;
        }
        let letters = heading.trim().chars().filter_map(|c| match c {
            c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_ascii_lowercase()),
            c if c.is_whitespace() => Some('-'),
            _ => None,
        });
        let anchor: String = letters.collect();
        let before = found.iter().filter(|earlier| **earlier == anchor).count();
        found.push(match before {
            0 => anchor,
            number => format!("{anchor}-{number}"),
        });
    }
    found
}

/// The lines of a page that are in no block.
fn prose(text: &str) -> Vec<&str> {
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    lines.collect()
}

/// The targets of the links in a line, code left out.
fn targets(line: &str) -> Vec<String> {
    let without_code: Vec<&str> = line.split('`').step_by(2).collect();
    let text = without_code.join("`");
    let links = text.split("](").skip(1);
    links
        .filter_map(|rest| rest.split_once(')').map(|(target, _)| target.to_owned()))
        .collect()
}

#[test]
fn every_link_of_the_guide_leads_somewhere() {
    let mut links = 0;
    for page in pages() {
        for target in prose(&page.text).into_iter().flat_map(targets) {
            if target.starts_with("http") {
                continue;
            }
            links += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let path = match file {
                "" => folder().join(&page.name),
                file => folder().join(file),
            };
            let text = fs::read_to_string(&path);
            let text = text.unwrap_or_else(|_| panic!("{}: no {target}", page.name));
            assert!(
                anchor.is_empty() || anchors(&text).iter().any(|one| one == anchor),
                "{}: no {target}",
                page.name
            );
        }
    }
    assert!(links > 10, "only {links} links were found");
}

#[test]
fn the_contents_name_every_page_of_the_guide_once() {
    let contents = fs::read_to_string(folder().join("SUMMARY.md")).unwrap();
    for page in pages() {
        if page.name != "SUMMARY.md" {
            let times = contents.matches(&format!("({})", page.name)).count();
            assert_eq!(times, 1, "{} in SUMMARY.md", page.name);
        }
    }
}

#[test]
fn what_is_shown_is_compared_line_by_line() {
    let printed = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let shown = |text: &'static str| text.lines().collect::<Vec<_>>();
    for (wanted, given, agrees) in [
        ("a\nb", "a\nb", true),
        ("a\nb", "a\nc", false),
        ("a\n...\nd", "a\nb\nc\nd", true),
        ("a\n...", "a", true),
        ("a\n...\nd", "a\nb", false),
        ("took ...", "took 3 ms", true),
        ("took ... s", "took 3 ms", false),
        ("", "a", false),
        ("a", "", false),
    ] {
        let found = same(&shown(wanted), &printed(given));
        assert_eq!(found, agrees, "{wanted:?} against {given:?}");
    }
    assert_eq!(
        timeless("clinic · 5 threads · 41 ms"),
        "clinic · 5 threads · ..."
    );
    assert_eq!(
        timeless("bakery · inline, 2 jobs · 4.8 s"),
        "bakery · inline, ..."
    );
    assert_eq!(timeless("times · in min"), "times · in min");
    assert_eq!(targets("see [a](b.md#c) and `[d](e)`"), ["b.md#c"]);
    assert_eq!(
        anchors("# One two\n```\n# three\n```\n## `x`: y\n# One two"),
        ["one-two", "x-y", "one-two-1"]
    );
}
