//! The files of the page. They are compiled into the program; none is read from disk.

use super::answer::Refusal;
use crate::report::chart::STYLE;
use axum::extract::Path;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

const INDEX: &str = include_str!("page/index.html");

/// Name, content type and text of each file the page loads.
const FILES: [(&str, &str, &str); 16] = [
    (
        "style.css",
        "text/css; charset=utf-8",
        include_str!("page/style.css"),
    ),
    (
        "guide.css",
        "text/css; charset=utf-8",
        include_str!("page/guide.css"),
    ),
    ("chart.css", "text/css; charset=utf-8", STYLE),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("main.js", SCRIPT, include_str!("page/main.js")),
    ("dom.js", SCRIPT, include_str!("page/dom.js")),
    ("scenario.js", SCRIPT, include_str!("page/scenario.js")),
    ("written.js", SCRIPT, include_str!("page/written.js")),
    ("form.js", SCRIPT, include_str!("page/form.js")),
    ("room.js", SCRIPT, include_str!("page/room.js")),
    ("results.js", SCRIPT, include_str!("page/results.js")),
    ("hover.js", SCRIPT, include_str!("page/hover.js")),
    ("kept.js", SCRIPT, include_str!("page/kept.js")),
    ("quick.js", SCRIPT, include_str!("page/quick.js")),
    ("studies.js", SCRIPT, include_str!("page/studies.js")),
    ("compare.js", SCRIPT, include_str!("page/compare.js")),
];

const SCRIPT: &str = "text/javascript; charset=utf-8";

pub(super) async fn index() -> Html<&'static str> {
    Html(INDEX)
}

pub(super) async fn file(Path(name): Path<String>) -> Result<Response, Refusal> {
    let (_, kind, text) = FILES
        .iter()
        .find(|(known, _, _)| *known == name)
        .ok_or_else(|| Refusal::missing("there is no such file"))?;
    Ok(([(header::CONTENT_TYPE, *kind)], *text).into_response())
}
