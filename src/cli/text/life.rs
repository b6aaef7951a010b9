//! The life of a request or a customer, in sentences: times on the left, events on the right, and for a wait those
//! ahead and the reasons why no server took it.

use super::Paper;
use crate::number::of_them;
use crate::observe::explain::{Chapter, CustomerLife, Reason, RequestLife};
use crate::scenario::Desk;
use crate::time::Time;
use std::fmt::Write;

/// The longest line.
const WIDTH: usize = 96;

/// The most reasons shown for one wait; a stage may have a thousand servers.
const REASONS: usize = 12;

/// The life of a request.
#[must_use]
pub fn request_life(life: &RequestLife, desk: &Desk, paper: &Paper) -> String {
    let dot = if paper.unicode { "·" } else { "-" };
    let outcome = life.outcome.replace('_', " ");
    let mut text = format!(
        "#{} {dot} {} {dot} {outcome} {dot} {}\n\n",
        life.request,
        life.class,
        of_them(life.attempts, "attempt")
    );
    let when = |chapter: &Chapter<Time>| {
        let (from, until) = (chapter.from, chapter.until);
        match (desk.steps(), &chapter.clock, from == until) {
            (Some(_), Some([clock, _]), true) => format!("step {from}, {clock}"),
            (Some(_), Some([begin, end]), false) => {
                format!("steps {from} to {until}, {begin} to {end}")
            }
            (Some(_), None, true) => format!("step {from}"),
            (Some(_), None, false) => format!("steps {from} to {until}"),
            (None, Some([clock, _]), _) => clock.clone(),
            (None, None, _) => format!("{:.3}", from.get()),
        }
    };
    tell(&mut text, &life.chapters, when);
    text
}

/// The life of a customer.
#[must_use]
pub fn customer_life(life: &CustomerLife, unit: Option<&str>, paper: &Paper) -> String {
    let dot = if paper.unicode { "·" } else { "-" };
    let unit = unit.map_or(String::new(), |unit| format!(" {dot} times in {unit}"));
    let mut text = format!("#{} {dot} {}{unit}\n\n", life.customer, life.outcome);
    tell(&mut text, &life.chapters, |chapter| match &chapter.clock {
        Some([from, _]) => from.clone(),
        None => format!("{:.3}", chapter.from),
    });
    text
}

fn tell<T>(text: &mut String, chapters: &[Chapter<T>], when: impl Fn(&Chapter<T>) -> String) {
    let times: Vec<String> = chapters.iter().map(when).collect();
    let wide = times.iter().map(String::len).max().unwrap_or(0);
    let digits = |time: &String| time.starts_with(|c: char| c.is_ascii_digit());
    for (chapter, time) in chapters.iter().zip(&times) {
        let time = match digits(time) {
            true => format!("{time:>wide$}"),
            false => format!("{time:<wide$}"),
        };
        paragraph(text, &format!("  {time}  "), &chapter.text);
        let indent = " ".repeat(wide + 6);
        for Reason { server, text: why } in chapter.reasons.iter().take(REASONS) {
            paragraph(text, &format!("{indent}{server}: "), why);
        }
        if chapter.reasons.len() > REASONS {
            let more = chapter.reasons.len() - REASONS;
            paragraph(
                text,
                &indent,
                &format!(
                    "and {}, likewise (all with --format json)",
                    of_them(more as u64, "more server")
                ),
            );
        }
    }
}

/// Words after a beginning, broken at the end of each line.
fn paragraph(text: &mut String, begin: &str, words: &str) {
    let indent = " ".repeat(begin.chars().count());
    let mut line = begin.to_owned();
    let mut empty = true;
    for word in words.split(' ') {
        let longer = line.chars().count() + 1 + word.chars().count();
        if !empty && longer > WIDTH {
            let _ = writeln!(text, "{}", line.trim_end());
            line = indent.clone();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    let _ = writeln!(text, "{}", line.trim_end());
}
