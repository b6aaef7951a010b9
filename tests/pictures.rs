//! The pictures of the README: the page in the middle of a run, the report over its axis of time, the terminal view.
//! Run by name, `cargo test --test pictures`; it writes them into `docs/pictures/`, and needs Chromium and tmux.

/// A real browser, driven by WebDriver.
#[allow(dead_code, reason = "the tests of the page ask for more of it")]
#[path = "serve/browser.rs"]
mod browser;
/// Starts the program and speaks HTTP to it.
#[allow(dead_code, reason = "the tests of the page ask for more of it")]
#[path = "serve/server.rs"]
mod server;

use browser::Browser;
use server::Server;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The most bytes of a picture.
const BYTES_MAX: u64 = 150_000;

/// Takes a picture of an element, from its top to this height, and files it.
fn take(browser: &Browser, name: &str, element: &str, height: u32) {
    let file = format!("readme-{name}");
    browser.is(&format!(
        "document.querySelector('{element}').scrollIntoView()"
    ));
    browser.picture_of(&file, element, height);
    let from = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page/{file}.png"));
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    fs::create_dir_all(&to).unwrap();
    let to = to.join(format!("{name}.png"));
    fs::copy(from, &to).unwrap();
    let bytes = fs::metadata(&to).unwrap().len();
    assert!(bytes < BYTES_MAX, "{} has {bytes} bytes", to.display());
}

/// The text of the terminal view of a desk, some way into its run.
fn terminal() -> String {
    let socket = format!("filas-pictures-{}", std::process::id());
    let tmux = |words: &[&str]| {
        let mut command = Command::new("tmux");
        command.args(["-L", &socket, "-f", "/dev/null"]).args(words);
        let output = command.output().expect("tmux starts: apt install tmux");
        String::from_utf8(output.stdout).unwrap()
    };
    let run = format!(
        "LC_ALL=C.UTF-8 {} run --live --pace 20",
        env!("CARGO_BIN_EXE_filas")
    );
    tmux(&[
        "new-session",
        "-d",
        "-s",
        "view",
        "-x",
        "100",
        "-y",
        "26",
        &run,
    ]);
    let begun = Instant::now();
    let screen = loop {
        let screen = tmux(&["capture-pane", "-p", "-t", "view"]);
        let is_far = (40..100).any(|step| screen.contains(&format!("step {step}/100")));
        if is_far || begun.elapsed() > Duration::from_secs(60) {
            break screen;
        }
    };
    tmux(&["kill-server"]);
    assert!(screen.contains("/100"), "{screen}");
    screen
}

#[test]
fn the_pictures_of_the_readme_are_made() {
    let browser = Browser::start();
    browser.size(1200, 900);
    let server = Server::start(None);
    browser.go(&server.url);
    browser.until("document.querySelectorAll('#form input').length > 5");
    browser.choose("#speed", "20");
    browser.click("#run");
    let completed = "document.querySelector('[data-count=completed]').textContent";
    browser.until(&format!("Number({completed}.replace(/\\D/g, '')) > 500"));
    take(&browser, "page", "body", 760);
    browser.click("#stop");
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let out: PathBuf = place.path().join("out");
    let mut run = Command::new(env!("CARGO_BIN_EXE_filas"));
    run.args(["run", "--report", "--quiet", "--out"]).arg(&out);
    assert!(run.output().unwrap().status.success());
    browser.size(1000, 900);
    browser.go(&format!("file://{}", out.join("report.html").display()));
    browser.until("document.querySelector('figure svg')");
    take(&browser, "report", "figure", 700);
    let page = place.path().join("terminal.html");
    let text = terminal().replace('&', "&amp;").replace('<', "&lt;");
    let style = "margin:0;padding:12px;width:max-content;background:#1b1f24;color:#e6e9ec;font:15px/18px 'DejaVu Sans Mono',monospace";
    let html = format!(
        "<!doctype html><meta charset=utf-8><body style=\"margin:0\"><pre style=\"{style}\">{text}</pre>"
    );
    fs::write(&page, html).unwrap();
    browser.go(&format!("file://{}", page.display()));
    browser.until("document.querySelector('pre')");
    take(&browser, "terminal", "pre", 500);
}
