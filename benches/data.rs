//! The cost of reading a row of recorded data, in each format and with each thing a scenario may ask of it,
//! beside plain CSV: `cargo bench --bench data`. All files hold the same 10^6 arrivals and services.

mod turns;

use filas::scenario::{Origin, Overrides, load};
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use turns::Work;

const ROWS: usize = 1_000_000;

/// Arrival and service of a row in hundredths of a second: neither is round, and arrivals rise.
fn rows() -> impl Iterator<Item = (u64, u64)> {
    (0..ROWS as u64).map(|row| (row * 7 + row % 5, row * 37 % 211))
}

/// A number of hundredths, with this decimal sign.
fn number(hundredths: u64, point: char) -> String {
    format!("{}{point}{:02}", hundredths / 100, hundredths % 100)
}

/// A file of rows, in which each row is written by `line`.
fn file(folder: &Path, name: &str, head: &str, line: impl Fn(&mut String, u64, u64)) {
    let mut text = String::from(head);
    for (arrival, service) in rows() {
        line(&mut text, arrival, service);
    }
    fs::write(folder.join(name), text).expect("the file is written");
}

fn delimited(folder: &Path, name: &str, (separator, point): (char, char), end: &str, head: bool) {
    let head = match head {
        true => format!("a{separator}s{end}"),
        false => String::new(),
    };
    file(folder, name, &head, |text, arrival, service| {
        let (arrival, service) = (number(arrival, point), number(service, point));
        let _ = write!(text, "{arrival}{separator}{service}{end}");
    });
}

/// A time of day with hundredths: the rows last less than a day.
fn time_of_day(hundredths: u64) -> String {
    let (seconds, rest) = (hundredths / 100, hundredths % 100);
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{rest:02}", seconds % 60)
}

/// Loads a line of one stage whose arrivals and services are columns.
fn work(folder: &Path, name: &'static str, arrivals: &str, services: &str) -> Work {
    let scenario = format!(
        "model = \"tandem\"\ntime_unit = \"s\"\narrivals = {{ times = {{ {arrivals} }} }}\n\
         stages = [ {{ name = \"till\", service = {{ trace = {{ {services} }} }} }} ]\n"
    );
    let path = folder.join(format!("{}.toml", name.replace(' ', "-")));
    fs::write(&path, scenario).expect("the scenario is written");
    Work::new(name, ROWS as f64, move || {
        let loaded = load(Origin::File(&path), &Overrides::default());
        black_box(loaded.unwrap_or_else(|error| panic!("{}", error.plain())));
    })
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder is made");
    let folder = folder.path();
    delimited(folder, "plain.csv", (',', '.'), "\n", true);
    delimited(folder, "crlf.csv", (',', '.'), "\r\n", true);
    delimited(folder, "comma.csv", (';', ','), "\r\n", true);
    delimited(folder, "tabs.tsv", ('\t', '.'), "\n", true);
    delimited(folder, "bare.csv", (',', '.'), "\n", false);
    file(folder, "lines.jsonl", "", |text, arrival, service| {
        let (arrival, service) = (number(arrival, '.'), number(service, '.'));
        let _ = writeln!(text, "{{\"a\": {arrival}, \"s\": {service}}}");
    });
    file(
        folder,
        "day.csv",
        "a,begin,end\n",
        |text, arrival, service| {
            let (begin, end) = (time_of_day(arrival), time_of_day(arrival + service));
            let _ = writeln!(text, "{begin},{begin},{end}");
        },
    );
    file(
        folder,
        "iso.csv",
        "a,begin,end\n",
        |text, arrival, service| {
            let (begin, end) = (time_of_day(arrival), time_of_day(arrival + service));
            let date = "2023-11-16";
            let _ = writeln!(text, "{date}T{begin}Z,{date}T{begin}Z,{date}T{end}Z");
        },
    );
    file(
        folder,
        "kinds.csv",
        "a,s,kind\n",
        |text, arrival, service| {
            let (arrival, service) = (number(arrival, '.'), number(service, '.'));
            let _ = writeln!(text, "{arrival},{service},technical");
        },
    );
    file(
        folder,
        "spans.csv",
        "a,begin,end\n",
        |text, arrival, service| {
            let (begin, end) = (number(arrival, '.'), number(arrival + service, '.'));
            let _ = writeln!(text, "{begin},{begin},{end}");
        },
    );
    let columns = |file: &str| {
        let column = |column: &str| format!("file = \"{file}\", column = {column}");
        (column("\"a\""), column("\"s\""))
    };
    let pair = |name, file: &str, more: &str| {
        let (arrivals, services) = columns(file);
        work(folder, name, &format!("{arrivals}{more}"), &services)
    };
    let spans = |name, file: &str| {
        let (arrivals, _) = columns(file);
        let services = format!("file = \"{file}\", column = \"end\", minus = \"begin\"");
        work(folder, name, &arrivals, &services)
    };
    let bare = "file = \"bare.csv\", column = ";
    let chosen = ", where = { column = \"kind\", is = \"technical\" }";
    let (arrivals, services) = columns("kinds.csv");
    turns::table(
        "rows of two columns",
        "row",
        vec![
            pair("plain CSV", "plain.csv", ""),
            pair("CRLF", "crlf.csv", ""),
            pair("semicolons and decimal commas", "comma.csv", ""),
            pair("tabs", "tabs.tsv", ""),
            work(folder, "no head", &format!("{bare}1"), &format!("{bare}2")),
            pair("JSON lines", "lines.jsonl", ""),
            pair("scaled", "plain.csv", ", scale = 0.5"),
            pair("sorted", "plain.csv", ", sort = true"),
            work(
                folder,
                "chosen rows",
                &format!("{arrivals}{chosen}"),
                &format!("{services}{chosen}"),
            ),
        ],
    );
    turns::table(
        "differences of two columns",
        "row",
        vec![
            spans("plain CSV", "spans.csv"),
            spans("times of day", "day.csv"),
            spans("ISO instants", "iso.csv"),
        ],
    );
}
