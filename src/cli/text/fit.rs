//! The text of a fit: the laws and their fit, both distribution functions, and the line to paste.

use super::number::{agreeing, count, of_them, plain};
use super::{Ink, Paper};
use crate::fit::ruled_out_by_zeros;
use crate::report::fit::{Answer, Verdict, places, toml};
use crate::scenario::ColumnChoice;
use std::path::Path;

/// Columns and rows of the chart.
const WIDTH: usize = 60;
const HEIGHT: usize = 12;

/// The text of `filas fit`.
#[must_use]
pub fn fit(file: &Path, choice: &ColumnChoice, answer: &Answer<'_>, paper: &Paper) -> String {
    let sample = answer.sample;
    let mut text = paper.title(&[
        file.display().to_string(),
        format!("column {}", choice.column),
        of_them(sample.len() as u64, "value"),
    ]);
    text += &format!(
        "\n  mean {}, cv {}, from {} to {}\n\n",
        plain(sample.mean()),
        plain(sample.cv()),
        plain(sample.least()),
        plain(sample.greatest())
    );
    text += &format!(
        "  {:<18}{:>10}{:>9}{:>12}\n",
        "law", "distance", "p", "BIC above"
    );
    let best = answer.fits.first().map_or(0.0, |best| best.fit.bic);
    for judged in &answer.fits {
        let p = judged.p_value.map_or("-".to_owned(), |p| format!("{p:.3}"));
        text += &format!(
            "  {:<18}{:>10.4}{p:>9}{:>12.1}\n",
            judged.fit.law.name(),
            judged.fit.distance,
            judged.fit.bic - best
        );
    }
    text += &picture(answer, paper);
    if let Some(zeros) = zeros(answer) {
        text += &format!("\n{}", paper.paragraph(None, &zeros));
    }
    for warning in warnings(answer) {
        text += &format!("  {}\n", paper.paint(Ink::Failed, &warning));
    }
    text += &format!(
        "\n  {}\n\n  {}\n",
        said(answer),
        paste(file, choice, answer)
    );
    text
}

/// The paragraph on laws that are not fitted because some values are 0.
fn zeros(answer: &Answer<'_>) -> Option<String> {
    let laws = ruled_out_by_zeros(answer.sample);
    let (zeros, all) = (answer.sample.zeros(), answer.sample.len());
    (!laws.is_empty()).then(|| {
        format!(
            "{} of {} {} 0, so laws that never give 0 are not tried: {}. To try them, fit the column without its \
             zeros, and bring these back by a `mixture` with the constant 0 of weight {}.",
            count(zeros as u64),
            of_them(all as u64, "value"),
            agreeing(zeros as u64, "is", "are"),
            laws.join(", "),
            plain(zeros as f64 / all as f64)
        )
    })
}

/// The paragraphs on the order of the values, which no law reproduces.
fn warnings(answer: &Answer<'_>) -> Vec<String> {
    let order = &answer.order;
    let mut warnings = Vec::new();
    if order.has_trend() {
        let way = if order.trend > 0.0 { "rise" } else { "fall" };
        warnings.push(format!(
            "The values {way} over the recording: their rank correlation with the row is {:.2}.",
            order.trend
        ));
    }
    if order.is_correlated() {
        warnings.push(format!(
            "A value says something of the next: their rank correlation is {:.2}.",
            order.autocorrelation
        ));
    }
    if let Some(burstiness) = order.burstiness.filter(|_| order.is_bursty()) {
        warnings.push(format!(
            "They come in bursts: sums of {} neighbours vary {} times as much as independent values would.",
            order.neighbours,
            plain(burstiness)
        ));
    }
    warnings
}

fn said(answer: &Answer<'_>) -> String {
    let name = answer
        .chosen()
        .map_or("none", |chosen| chosen.fit.law.name());
    let likeliest = answer.fits.first().filter(|likeliest| !likeliest.fits());
    match answer.verdict() {
        Verdict::Fits if likeliest.is_some() => format!(
            "The likeliest law, {}, does not fit; of those that do, `{name}` is the likeliest. To paste:",
            likeliest.map_or(String::new(), |judged| format!(
                "`{}`",
                judged.fit.law.name()
            ))
        ),
        Verdict::Fits => format!("The law `{name}` fits. To paste:"),
        Verdict::Close => format!(
            "The law `{name}` can be told from the values, but its distribution function is nowhere farther \
             than 0.03. To paste:"
        ),
        Verdict::Empirical => "No law fits: draw from the values themselves. To paste:".to_owned(),
        Verdict::Recording => format!(
            "The order matters, and no law keeps it: use the recording itself (the nearest law is {}). To paste:",
            answer
                .chosen()
                .map_or("none".to_owned(), |chosen| toml(&chosen.fit.law))
        ),
    }
}

/// The line for a scenario.
fn paste(file: &Path, choice: &ColumnChoice, answer: &Answer<'_>) -> String {
    let law = match (answer.verdict(), answer.chosen()) {
        (Verdict::Fits | Verdict::Close, Some(chosen)) => return toml(&chosen.fit.law),
        (Verdict::Recording, _) => "trace",
        _ => "empirical",
    };
    let keys = choice.toml(file);
    if choice.gaps {
        return format!("arrivals = {{ times = {{ {keys} }} }}");
    }
    format!("{{ {law} = {{ {keys} }} }}")
}

/// Both distribution functions, drawn in characters.
fn picture(answer: &Answer<'_>, paper: &Paper) -> String {
    let Some(best) = answer.chosen() else {
        return String::new();
    };
    let (recorded, fitted, both) = match paper.unicode {
        true => ('░', '●', '◉'),
        false => ('.', 'o', '@'),
    };
    let places = places(answer.sample, WIDTH - 1);
    let row = |share: f64| ((1.0 - share) * (HEIGHT - 1) as f64).round() as usize;
    let mut rows = vec![vec![' '; WIDTH]; HEIGHT];
    for (column, &place) in places.iter().enumerate() {
        let (sample, law) = (row(answer.sample.cdf(place)), row(best.fit.law.cdf(place)));
        rows[sample][column] = recorded;
        rows[law][column] = if sample == law { both } else { fitted };
    }
    let mut text = "\n".to_owned();
    let edge = if paper.unicode { "│" } else { "|" };
    for (index, row) in rows.iter().enumerate() {
        let share = match index {
            0 => "100 %",
            _ if index == HEIGHT - 1 => "  0 %",
            _ => "",
        };
        let row: String = row.iter().collect();
        text += &format!("  {share:>5} {edge}{}\n", row.trim_end());
    }
    let (first, last) = (places[0], places[places.len() - 1]);
    let last = plain(last);
    text += &format!(
        "         {:<width$}{last}\n",
        plain(first),
        width = WIDTH - last.chars().count()
    );
    text += &format!(
        "         {recorded} recorded   {fitted} {}   {both} both\n\n",
        best.fit.law.name()
    );
    text
}
