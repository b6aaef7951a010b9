//! Accessibility of the page, the guide and reports, as axe-core sees it: no violation on a telephone or a desktop, light
//! or dark. Run by name, `cargo test --test axe`; axe-core comes from PyPI (`axe-core-python`).

/// A real browser, driven by WebDriver.
#[allow(dead_code, reason = "the tests of the page ask for more of it")]
#[path = "serve/browser.rs"]
mod browser;
/// Python with packages from PyPI.
#[path = "readers/pypi.rs"]
mod pypi;
/// Starts the program and speaks HTTP to it.
#[allow(dead_code, reason = "the tests of the page ask for more of it")]
#[path = "serve/server.rs"]
mod server;

use browser::Browser;
use pypi::{done, python};
use server::Server;
use std::path::PathBuf;
use std::process::Command;

/// The script of axe-core, fetched once.
fn axe() -> String {
    let python = python("axe", &["axe-core-python"]);
    let where_it_is = "import axe_core_python as a, pathlib; print(pathlib.Path(a.__file__).parent / 'axe.min.js')";
    let path = done(Command::new(&python).args(["-c", where_it_is]));
    std::fs::read_to_string(PathBuf::from(path.trim())).unwrap()
}

/// The violations in what the browser shows, in each size and in light and dark.
fn violations(browser: &Browser, axe: &str, name: &str, found: &mut Vec<String>) {
    for (width, height) in [(360, 800), (1440, 900)] {
        browser.size(width, height);
        for dark in [false, true] {
            browser.dark(dark);
            browser.is(&format!("(() => {{ {axe}\nreturn true; }})()"));
            let one = "v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).slice(0, 3).join(' | ')";
            let all = browser.is(&format!(
                "axe.run().then((seen) => seen.violations.map((v) => {one}))"
            ));
            let all = all.as_array().expect("axe answers").iter();
            let theme = if dark { "dark" } else { "light" };
            found.extend(all.map(|text| format!("{name}, {width} px, {theme}: {text}")));
        }
    }
    browser.dark(false);
    browser.size(1440, 900);
}

#[test]
fn axe_finds_no_violation_in_the_page_the_guide_and_reports() {
    let axe = axe();
    let server = Server::start(None);
    let browser = Browser::start();
    let mut found = Vec::new();
    browser.size(1440, 900);
    browser.go(&server.url);
    browser.until("document.querySelectorAll('#form input').length > 5");
    violations(&browser, &axe, "nothing has run", &mut found);
    browser.choose("#speed", "");
    browser.click("#run");
    browser.until(
        "document.body.dataset.state === 'done' && !document.getElementById('answer').hidden",
    );
    violations(&browser, &axe, "a run", &mut found);
    browser.click("#tab-text");
    violations(&browser, &axe, "the text", &mut found);
    browser.until("document.getElementById('more-runs')?.offsetParent");
    browser.click("#more-runs");
    browser.until("document.getElementById('study-state').textContent === 'done' && !document.getElementById('study-found').hidden");
    violations(&browser, &axe, "many runs", &mut found);
    let origin = server.url.split("/?").next().unwrap_or_default().to_owned();
    for page in ["first-answer", "keys", "measures"] {
        browser.go(&format!("{origin}/guide/{page}.html"));
        browser.until("document.querySelector('article h1')");
        violations(&browser, &axe, page, &mut found);
    }
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for scenario in ["desk", "emergency-room", "hospital", "call-day"] {
        let out = place.path().join(scenario);
        let mut run = Command::new(env!("CARGO_BIN_EXE_filas"));
        done(
            run.args(["run", scenario, "--report", "--quiet", "--out"])
                .arg(&out),
        );
        browser.go(&format!("file://{}", out.join("report.html").display()));
        browser.until("document.querySelector('h1')");
        violations(&browser, &axe, &format!("report of {scenario}"), &mut found);
    }
    assert!(found.is_empty(), "{found:#?}");
}
