//! A report as plain data, and as one HTML file: no script, no external resources, every text escaped, every chart in
//! several widths of which the page shows the one that fits.

use crate::number::unbroken;
use crate::report::chart::{self, Chart, Frame, STYLE, Theme};
use crate::scenario::Scenario;
use crate::study::answer::{Answer, Card, Measure};
use std::fmt::Write;

/// A report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// The conditions of the run, in a few words each.
    pub facts: Vec<String>,
    /// The answer, in a sentence or two.
    pub answer: String,
    /// The figures of most interest.
    pub cards: Vec<Card>,
    /// Warnings: that a run was interrupted, or that something is missing.
    pub notices: Vec<String>,
    /// In reading order.
    pub sections: Vec<Section>,
}

/// A part of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Paragraphs before the charts.
    pub text: Vec<String>,
    /// The charts.
    pub charts: Vec<Chart>,
    /// The tables after them.
    pub tables: Vec<Table>,
    /// Commands, a line each.
    pub commands: Vec<String>,
}

impl Section {
    /// An empty section.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Section {
        Section {
            title: title.into(),
            ..Section::default()
        }
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
            && self.charts.is_empty()
            && self.tables.is_empty()
            && self.commands.is_empty()
    }
}

/// A table; the first cells of each row are names, the others figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Its caption.
    pub caption: String,
    /// The heads of its columns.
    pub head: Vec<String>,
    /// Number of columns, from the left, that hold words.
    pub words: usize,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

/// The most rows of a table on a page; the folder's tables contain all.
const ROWS: usize = 200;

/// The most rows of a table shown at once; a longer one is folded.
const UNFOLDED: usize = 15;

/// A text for the page: without markup, and without a line break inside a number.
fn escaped(text: &str) -> String {
    chart::escaped(&unbroken(text))
}

/// A text for the page, with parts between backticks as code.
fn worded(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let part = |(at, part): (usize, &str)| match at % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    };
    parts.map(part).collect()
}

const PAGE_STYLE: &str = "\
*{box-sizing:border-box}\
body{margin:0 auto;padding:24px 16px 64px;max-width:1280px;background:var(--paper);color:var(--text);\
font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;\
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\
h1,h2{line-height:1.25;font-weight:600;margin:0}h1{font-size:24px}\
h2{font-size:20px;margin:40px 0 8px;padding-top:16px;border-top:1px solid var(--grid)}\
p{margin:8px 0;max-width:75ch}.facts,figcaption,caption,nav,footer{color:var(--faint);font-size:14px}\
.answer{font-size:20px;line-height:1.4;margin:16px 0}\
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,200px),1fr));gap:12px;margin:16px 0}\
.cards div{border:1px solid var(--grid);border-left-width:4px;padding:8px 12px}\
.cards dt,.cards dd{margin:0;font-size:14px;color:var(--faint)}.cards .value{font-size:24px;color:var(--text);\
line-height:1.25}\
.cards .completed{border-left-color:var(--completed)}.cards .failed{border-left-color:var(--failed)}\
.cards .waiting{border-left-color:var(--waiting)}.cards .busy{border-left-color:var(--busy)}\
.notice{border-left:4px solid var(--failed);padding:4px 12px;margin:12px 0}\
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;padding:0;margin:12px 0}\
a{color:inherit;text-underline-offset:3px}\
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,328px),1fr));gap:24px;\
margin:16px 0;align-items:start}\
figure{margin:0;max-width:500px;break-inside:avoid}\
figure.whole{grid-column:1/-1;max-width:none}\
figcaption{color:var(--text);font-size:16px;font-weight:600;margin-bottom:4px}\
summary{cursor:pointer;margin:8px 0;color:var(--faint);font-size:14px}\
.scroll{overflow-x:auto;margin:16px 0;max-width:100%}\
table{border-collapse:collapse;font-size:14px}caption{text-align:left;padding-bottom:4px}\
th,td{padding:3px 12px 3px 0;text-align:right;white-space:nowrap;border-bottom:1px solid var(--grid)}\
th{font-weight:600;vertical-align:bottom}\
thead th{white-space:normal;overflow-wrap:normal;min-width:6ch}.word{text-align:left}\
td.word{white-space:normal;min-width:8ch}\
pre{overflow-x:auto;border:1px solid var(--grid);padding:12px;font-size:14px;margin:12px 0;\
white-space:pre-wrap}\
:focus-visible{outline:2px solid var(--busy);outline-offset:2px}\
@media print{body{padding:0;max-width:none}nav{display:none}h2{break-after:avoid}\
.charts{display:block}figure{margin-bottom:16px}.wide,.middle{display:block}.narrow,.half,.broad{display:none}\
details::details-content{content-visibility:visible;display:block}\
.scroll{overflow:visible}tr,section:last-child{break-inside:avoid}}";

impl Document {
    /// A report that opens with an answer.
    #[must_use]
    pub fn of(answer: &Answer) -> Document {
        Document {
            answer: answer.text(),
            notices: answer.unsettled.clone(),
            ..Document::default()
        }
    }

    /// All charts, in order.
    pub fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.sections.iter().flat_map(|section| &section.charts)
    }

    /// The page as HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let title = escaped(&self.title);
        let mut page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline'\"/>\
             <meta name=\"generator\" content=\"filas {}\"/><title>{title}</title>\
             <style>{STYLE}{PAGE_STYLE}</style></head>\n<body><header><h1>{title}</h1>",
            env!("CARGO_PKG_VERSION")
        );
        let facts = escaped(&self.facts.join(" · "));
        let answer = worded(&self.answer);
        page += &format!("<p class=\"facts\">{facts}</p><p class=\"answer\">{answer}</p>");
        if !self.cards.is_empty() {
            page += "<dl class=\"cards\">";
            for card in &self.cards {
                let [name, value, note] = [&card.name, &card.value, &card.note].map(|s| escaped(s));
                let about = card.about.name();
                page += &format!(
                    "<div class=\"{about}\"><dt>{name}</dt><dd class=\"value\">{value}</dd><dd>{note}</dd></div>"
                );
            }
            page += "</dl>";
        }
        for notice in &self.notices {
            let notice = worded(notice);
            page +=
                &format!("<p class=\"notice\" role=\"note\"><strong>Note.</strong> {notice}</p>");
        }
        page += "</header>\n";
        let shown: Vec<&Section> = self.sections.iter().filter(|s| !s.is_empty()).collect();
        page += "<nav aria-label=\"Contents\"><ul>";
        for (number, section) in shown.iter().enumerate() {
            let title = escaped(&section.title);
            page += &format!("<li><a href=\"#s{number}\">{title}</a></li>");
        }
        page += "</ul></nav>\n<main>";
        for (number, section) in shown.iter().enumerate() {
            section.write(&mut page, number);
        }
        page += "</main></body></html>\n";
        page
    }
}

impl Section {
    fn write(&self, page: &mut String, number: usize) {
        let title = escaped(&self.title);
        *page +=
            &format!("<section aria-labelledby=\"s{number}\"><h2 id=\"s{number}\">{title}</h2>");
        for text in &self.text {
            *page += &format!("<p>{}</p>", worded(text));
        }
        if !self.charts.is_empty() {
            *page += "<div class=\"charts\">";
            for (at, chart) in self.charts.iter().enumerate() {
                write_chart(page, chart, &format!("c{number}-{at}"));
            }
            *page += "</div>";
        }
        for table in &self.tables {
            table.write(page);
        }
        if !self.commands.is_empty() {
            // Commands are copied as they are.
            let commands = chart::escaped(&self.commands.join("\n"));
            *page += &format!("<pre>{commands}</pre>");
        }
        *page += "</section>\n";
    }
}

fn write_chart(page: &mut String, chart: &Chart, id: &str) {
    let whole = match chart.is_broad() {
        true => " class=\"whole\"",
        false => "",
    };
    let title = escaped(&chart.title);
    let _ = write!(page, "<figure{whole}><figcaption>{title}</figcaption>");
    for &(class, width) in chart.widths() {
        let frame = Frame {
            id: &format!("{id}{}", &class[..1]),
            width,
            theme: Theme::Page,
            titled: false,
        };
        let svg = chart.svg(&frame);
        let _ = write!(page, "<div class=\"{class}\">{svg}</div>");
    }
    *page += "</figure>";
}

impl Table {
    /// Returns a table whose first `words` columns hold words; the heads are separated by `|`.
    #[must_use]
    pub fn new(
        caption: impl Into<String>,
        words: usize,
        head: &str,
        rows: Vec<Vec<String>>,
    ) -> Table {
        Table {
            caption: caption.into(),
            head: head.split('|').map(str::to_owned).collect(),
            words,
            rows,
        }
    }

    /// The same table with the keys of measures in its rows, and in the head of this one, replaced by names in words
    /// that the scenario gives.
    #[must_use]
    pub fn in_words(mut self, scenario: Option<&Scenario>) -> Table {
        let Some(scenario) = scenario else {
            return self;
        };
        let by_rows = self.head.first().is_some_and(|head| head == "measure");
        let names = match by_rows {
            true => self
                .rows
                .iter_mut()
                .filter_map(|row| row.first_mut())
                .collect(),
            // In a grid: the column after the settings.
            false => self
                .head
                .get_mut(self.words)
                .into_iter()
                .collect::<Vec<_>>(),
        };
        for name in names {
            *name = Measure::of(name, scenario).title();
        }
        self
    }

    /// Whether it is too long to be shown at once.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        self.rows.len() > UNFOLDED
    }

    fn write(&self, page: &mut String) {
        if self.is_folded() {
            let (caption, rows) = (escaped(&self.caption), self.rows.len());
            *page += &format!("<details><summary>{caption} ({rows} rows)</summary>");
        }
        self.write_rows(page);
        if self.is_folded() {
            *page += "</details>";
        }
    }

    fn write_rows(&self, page: &mut String) {
        let caption = escaped(&self.caption);
        let class = |at: usize| {
            if at < self.words {
                " class=\"word\""
            } else {
                ""
            }
        };
        *page += &format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table: {caption}\"><table>\
             <caption>{caption}</caption><thead><tr>"
        );
        for (at, head) in self.head.iter().enumerate() {
            // A header cell without text would be read out as one.
            if head.is_empty() {
                *page += "<td></td>";
                continue;
            }
            // A long key may be broken after a point.
            let head = escaped(head).replace('.', ".<wbr/>");
            let _ = write!(page, "<th scope=\"col\"{}>{head}</th>", class(at));
        }
        *page += "</tr></thead><tbody>";
        for row in self.rows.iter().take(ROWS) {
            *page += "<tr>";
            for (at, cell) in row.iter().enumerate() {
                let _ = match at {
                    0 if self.words > 0 => {
                        write!(
                            page,
                            "<th scope=\"row\" class=\"word\">{}</th>",
                            escaped(cell)
                        )
                    }
                    at => write!(page, "<td{}>{}</td>", class(at), escaped(cell)),
                };
            }
            *page += "</tr>";
        }
        *page += "</tbody></table></div>";
        if self.rows.len() > ROWS {
            *page += &format!(
                "<p class=\"facts\">{ROWS} of {} rows; the folder holds all of them.</p>",
                self.rows.len()
            );
        }
    }
}
