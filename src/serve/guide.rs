//! The guide of `docs/`, as HTML under `/guide/`. It is compiled into the program and needs no network.

use super::answer::Refusal;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Redirect};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::fmt::Write;

/// The path of a picture and its text.
macro_rules! picture {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../docs/src/pictures/", $name)),
        )
    };
}

/// The contents: parts, and the pages of each as links.
const SUMMARY: &str = include_str!("../../docs/src/SUMMARY.md");

/// The pages of the guide, in the order of the contents: name and Markdown.
const PAGES: [(&str, &str); 19] = [
    (
        "first-answer",
        include_str!("../../docs/src/first-answer.md"),
    ),
    (
        "desk-planner",
        include_str!("../../docs/src/desk-planner.md"),
    ),
    (
        "line-designer",
        include_str!("../../docs/src/line-designer.md"),
    ),
    ("networks", include_str!("../../docs/src/networks.md")),
    ("recordings", include_str!("../../docs/src/recordings.md")),
    (
        "stress-and-watch",
        include_str!("../../docs/src/stress-and-watch.md"),
    ),
    ("teaching", include_str!("../../docs/src/teaching.md")),
    ("python", include_str!("../../docs/src/python.md")),
    ("rust", include_str!("../../docs/src/rust.md")),
    ("coming-from", include_str!("../../docs/src/coming-from.md")),
    ("commands", include_str!("../../docs/src/commands.md")),
    ("keys", include_str!("../../docs/src/keys.md")),
    ("measures", include_str!("../../docs/src/measures.md")),
    ("files", include_str!("../../docs/src/files.md")),
    ("instant", include_str!("../../docs/src/instant.md")),
    ("words", include_str!("../../docs/src/words.md")),
    ("trust", include_str!("../../docs/src/trust.md")),
    ("cluster", include_str!("../../docs/src/cluster.md")),
    ("inside", include_str!("../../docs/src/inside.md")),
];

/// The pictures of the guide: the path below that of the pages, and the SVG.
const PICTURES: [(&str, &str); 4] = [
    picture!("day/01-requests-and-attendants-over-time-means-over-5-10-min-each.svg"),
    picture!("order/01-against-the-best-pair-by-pair.svg"),
    picture!("knee/01-mean-cycle-time-of-user-s-against-classes-user-population.svg"),
    picture!("storm/01-requests-and-attendants-over-time-means-over-1-20-s-each-a.svg"),
];

/// A picture of the guide.
pub(super) async fn picture(Path(name): Path<String>) -> Result<impl IntoResponse, Refusal> {
    let known = PICTURES.iter().find(|(known, _)| *known == name);
    let (_, svg) = known.ok_or_else(|| Refusal::missing("the guide has no such picture"))?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], *svg))
}

/// Redirects to the first page, so that the links in it lead to its neighbours.
pub(super) async fn index() -> Redirect {
    Redirect::to("/guide/first-answer.html")
}

/// A page of the guide.
pub(super) async fn page(Path(name): Path<String>) -> Result<Html<String>, Refusal> {
    let at = name
        .strip_suffix(".html")
        .and_then(|name| PAGES.iter().position(|(known, _)| *known == name))
        .ok_or_else(|| Refusal::missing("the guide has no such page"))?;
    Ok(Html(written(at)))
}

/// The whole HTML of a page.
fn written(at: usize) -> String {
    let (name, text) = PAGES[at];
    let contents = rendered(SUMMARY, Some(name));
    let article = rendered(text, None);
    let title = title(at);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · filas</title>\
         <link rel=\"icon\" href=\"/page/icon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"/page/style.css\"><link rel=\"stylesheet\" href=\"/page/guide.css\"></head>\n\
         <body class=\"guide\"><a class=\"skip\" href=\"#page\">To the page</a>\
         <header><a href=\"/\"><img src=\"/page/icon.svg\" alt=\"\" width=\"24\" height=\"24\">filas</a></header>\
         <nav aria-label=\"Contents\">{contents}</nav>\n\
         <main id=\"page\" tabindex=\"-1\"><article>{article}</article><nav class=\"beside\" aria-label=\"Pages beside this one\">"
    );
    let beside = [
        (at.checked_sub(1), "prev", "Previous: "),
        (
            Some(at + 1).filter(|next| *next < PAGES.len()),
            "next",
            "Next: ",
        ),
    ];
    for (at, relation, word) in beside {
        if let Some(at) = at {
            let (name, title) = (PAGES[at].0, self::title(at));
            // Writing into a string cannot fail.
            let _ = write!(
                page,
                "<a rel=\"{relation}\" href=\"{name}.html\">{word}{title}</a>"
            );
        }
    }
    page + "</nav></main></body></html>\n"
}

/// The heading of a page, escaped.
fn title(at: usize) -> String {
    let mut lines = PAGES[at].1.lines();
    let heading = lines
        .find_map(|line| line.strip_prefix("# "))
        .unwrap_or_default();
    let mut title = String::new();
    html::push_html(&mut title, std::iter::once(Event::Text(heading.into())));
    title
}

/// Markdown as HTML. Headings have names to link to, links lead to the HTML of pages, and tables scroll by themselves.
/// In contents, the page beside which they are shown is marked, and the heading is omitted.
fn rendered(text: &str, contents_of: Option<&str>) -> String {
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    if contents_of.is_some() {
        let end = |event: &Event<'_>| matches!(event, Event::End(TagEnd::Heading(_)));
        let heading = events.iter().position(end).map_or(0, |at| at + 1);
        events.drain(..heading);
    }
    let mut seen = Vec::new();
    for at in 0..events.len() {
        let heading = match &events[at] {
            Event::Start(Tag::Heading { .. }) => Some(name_of(&events[at + 1..], &mut seen)),
            _ => None,
        };
        match (&mut events[at], heading) {
            (Event::Start(Tag::Heading { id, level, .. }), Some(name)) => {
                if contents_of.is_some() {
                    // Below the heading of the page.
                    *level = HeadingLevel::H2;
                } else {
                    *id = Some(name.into());
                }
            }
            (Event::End(TagEnd::Heading(level)), _) if contents_of.is_some() => {
                *level = HeadingLevel::H2;
            }
            (Event::Start(Tag::Link { dest_url, .. }), _) => *dest_url = address(dest_url),
            _ => {}
        }
    }
    let mut page = String::with_capacity(2 * text.len());
    html::push_html(&mut page, events.into_iter());
    let page = page
        .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>")
        .replace("<pre>", "<pre tabindex=\"0\">");
    match contents_of {
        Some(name) => {
            let link = format!("href=\"{name}.html\"");
            page.replace(&link, &format!("{link} aria-current=\"page\""))
        }
        None => page,
    }
}

/// The address of a link: the HTML page, if it leads to a page of the guide.
fn address<'a>(link: &str) -> CowStr<'a> {
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    match file.strip_suffix(".md") {
        Some(page) if !file.contains(':') => {
            let mark = if heading.is_empty() { "" } else { "#" };
            format!("{page}.html{mark}{heading}").into()
        }
        _ => link.to_owned().into(),
    }
}

/// The name of a heading for links, as mdBook forms it: its words in lower case, joined by hyphens, and numbered if an
/// earlier heading has the same words.
fn name_of(rest: &[Event<'_>], seen: &mut Vec<String>) -> String {
    let mut name = String::new();
    for event in rest {
        match event {
            Event::Text(text) | Event::Code(text) => name.push_str(text),
            Event::End(TagEnd::Heading(_)) => break,
            _ => {}
        }
    }
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | ' ');
    let name: String = name.to_lowercase().chars().filter(kept).collect();
    let name = name.replace(' ', "-");
    seen.push(name.clone());
    match seen.iter().filter(|earlier| **earlier == name).count() {
        1 => name,
        more => format!("{name}-{}", more - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text between the quotes after each `mark`.
    fn quoted<'a>(page: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
        let parts = page.split(mark).skip(1);
        parts.map(|part| part.split('"').next().unwrap_or_default())
    }

    #[test]
    fn the_contents_name_every_page_in_order() {
        let named: Vec<&str> = SUMMARY
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(".md)").map(|(name, _)| name))
            .collect();
        let pages: Vec<&str> = PAGES.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, pages);
    }

    #[test]
    fn every_picture_of_the_pages_is_there_and_no_other() {
        let pages: Vec<String> = (0..PAGES.len()).map(written).collect();
        let shown = pages
            .iter()
            .flat_map(|page| quoted(page, "<img src=\"pictures/"));
        let shown: Vec<&str> = shown.collect();
        let known: Vec<&str> = PICTURES.iter().map(|(name, _)| *name).collect();
        assert_eq!(shown, known);
    }

    #[test]
    fn every_link_leads_to_a_page_and_to_a_heading_of_it() {
        let pages: Vec<String> = (0..PAGES.len()).map(written).collect();
        for (page, (name, _)) in pages.iter().zip(PAGES) {
            assert_eq!(page.matches("<h1").count(), 1, "{name}");
            assert_eq!(page.matches("</h1>").count(), 1, "{name}");
            assert!(!page.contains("<title>&lt;"), "{name}");
            assert_eq!(page.matches("aria-current").count(), 1, "{name}");
            for link in quoted(page, "href=\"") {
                if link.starts_with("http") || link.starts_with('/') {
                    continue;
                }
                let (file, heading) = link.split_once('#').unwrap_or((link, ""));
                let there = match file {
                    "" => page,
                    file => {
                        let there = PAGES
                            .iter()
                            .position(|(known, _)| file == format!("{known}.html"));
                        &pages[there.unwrap_or_else(|| panic!("{name}: {link}"))]
                    }
                };
                let is_there = heading.is_empty() || quoted(there, "id=\"").any(|id| id == heading);
                assert!(is_there, "{name}: {link}");
            }
        }
    }
}
