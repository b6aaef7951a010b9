//! The page as its user sees it, in a real browser: every click and key goes through the window.

use crate::browser::Browser;
use crate::server::Server;
use serde_json::json;

const COMPLETED: &str = "Number((document.querySelector('[data-count=completed]')?.textContent ?? '0').replace(/\\D/g, ''))";
const STATE: &str = "document.body.dataset.state";

fn open(server: &Server, browser: &Browser) {
    browser.size(1600, 1000);
    browser.go(&server.url);
    browser.until("document.querySelectorAll('#form input').length > 5");
    assert_eq!(
        browser.is("location.pathname + location.search"),
        json!("/")
    );
}

fn state(browser: &Browser, state: &str) {
    browser.until(&format!("{STATE} === '{state}'"));
}

/// Checks that the page does not scroll sideways.
fn fits(browser: &Browser, name: &str) {
    for (width, height) in [(360, 800), (800, 1000), (1600, 1000)] {
        browser.size(width, height);
        browser.until("new Promise((done) => requestAnimationFrame(() => done(true)))");
        let over = browser.is("document.documentElement.scrollWidth - innerWidth");
        assert!(
            over.as_f64().is_some_and(|over| over <= 0.0),
            "{name} at {width}: {over} too wide"
        );
        for dark in [false, true] {
            browser.dark(dark);
            browser.picture(&format!(
                "{name}-{width}-{}",
                if dark { "dark" } else { "light" }
            ));
        }
    }
    browser.dark(false);
    browser.size(1600, 1000);
}

#[test]
fn a_person_edits_runs_watches_touches_and_compares() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    fits(&browser, "empty");

    // A wrong value is reported beside its field and blocks running; in the text it is reported at
    // its line.
    let steps = "[data-field=steps] input";
    browser.type_in(steps, "many");
    browser.until(
        "document.querySelector('[data-field=steps] .error')?.textContent.includes('steps')",
    );
    assert_eq!(
        browser.is("document.getElementById('run').disabled"),
        json!(true)
    );
    assert_eq!(
        browser
            .is("document.querySelector('[data-field=steps] input').getAttribute('aria-invalid')"),
        json!("true")
    );
    fits(&browser, "wrong");
    browser.click("#tab-text");
    let line = browser.is("document.querySelector('#lines .bad').textContent");
    let line = line.as_str().unwrap();
    assert!(line.starts_with("steps = \"many\""), "{line}");
    browser.picture("wrong-in-the-text");
    browser.click("#tab-form");
    browser.type_in(steps, "400");
    browser.until("!document.querySelector('.error') && !document.getElementById('run').disabled");
    assert!(
        browser
            .is("document.getElementById('toml').value.includes('steps = 400')")
            .as_bool()
            .unwrap()
    );

    // A run can be watched.
    browser.choose("#speed", "20");
    browser.click("#run");
    state(&browser, "running");
    let seen = browser.until(COMPLETED);
    browser.until(&format!("{COMPLETED} > {seen}"));
    browser.until("document.querySelectorAll('#charts figure').length === 2");

    // An attendant is taken down, and is shown as down.
    browser.click("#pause");
    state(&browser, "paused");
    let who =
        browser.until("document.querySelector('.dot[data-who][data-state=busy]')?.dataset.who");
    let who = format!("[data-who='{}']", who.as_str().unwrap());
    let dot = format!("document.querySelector(\"{who}\")");
    browser.click(&who);
    let at = "Number(document.getElementById('clock').textContent.split(' ')[1])";
    let before = browser.is(at).as_f64().unwrap();
    browser.click("#step");
    browser.until(&format!("{at} > {before}"));
    browser.until(&format!(
        "{dot}.dataset.state === 'down' && !{dot}.classList.contains('asked')"
    ));
    browser.until("[...document.querySelectorAll('#log li')].some((line) => line.textContent.includes('✕ down'))");
    fits(&browser, "running");

    // The log shows only the selected entries.
    browser.type_in("#filter", "down");
    assert!(browser.is("[...document.querySelectorAll('#log li:not([hidden])')].every((line) => line.textContent.includes('down'))").as_bool().unwrap());

    // The run ends, and the outcome is shown.
    browser.choose("#speed", "");
    browser.click("#pause");
    state(&browser, "done");
    browser.until("!document.getElementById('results').hidden");
    fits(&browser, "done");
    let digest = browser
        .is("/digest ([0-9a-f]{16})/.exec(document.getElementById('answer').textContent)[1]");
    let files =
        browser.is("[...document.querySelectorAll('#files a')].map((file) => file.download)");
    for file in [
        "summary.json",
        "scenario.toml",
        "requests.csv",
        "requests.parquet",
    ] {
        assert!(files.as_array().unwrap().contains(&json!(file)), "{files}");
    }
    // Opening the downloaded file gives the same run again.
    let summary = server.get("/api/runs/1/files/summary.json").json();
    assert_eq!(summary["digest"], digest);
    let again = crate::runs::digest_of(&server.get("/api/runs/1/files/scenario.toml").text(), None);
    assert_eq!(json!(again), digest);

    // The result is still there after a reload.
    browser.go(&format!("http://127.0.0.1:{}/#run-1", server.port));
    browser.here_again();
    browser.until("!document.getElementById('results').hidden");

    // A second run, compared side by side.
    browser.until("document.querySelectorAll('#form input').length > 5");
    browser.type_in("[data-field=seed] input", "7");
    browser.until("document.getElementById('toml').value.includes('seed = 7')");
    browser.choose("#speed", "");
    browser.click("#run");
    browser.until("location.hash === '#run-2'");
    state(&browser, "done");
    browser.click("#tab-compare");
    browser.until("document.querySelectorAll('#compared table').length === 2");
    assert!(
        browser
            .is("document.querySelector('#compared .answer').textContent")
            .as_str()
            .unwrap()
            .contains("waits of")
    );
    fits(&browser, "compared");

    // A failing run shows its error.
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn a_line_is_watched_replicated_varied_and_ordered() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    browser.choose("#choice", "shipped/clinic.toml");
    browser.until("document.getElementById('title').textContent.startsWith('clinic')");
    browser.type_in("[data-field='horizon.customers'] input", "2000");
    browser.until("document.getElementById('toml').value.includes('customers = 2000')");
    browser.type_in("[data-field='horizon.warm_up'] input", "100");
    browser.until("document.getElementById('toml').value.includes('warm_up = 100')");
    browser.click("#run");
    browser.until("document.querySelectorAll('.stages .card').length === 3");
    browser.until("document.querySelector('.dot[data-who][data-state=busy]')");
    browser.click("#pause");
    state(&browser, "paused");
    fits(&browser, "line");
    browser.click("#stop");
    state(&browser, "done");
    browser.until("document.getElementById('answer').textContent.includes('stopped')");

    browser.click("#tab-study");
    browser.type_in("#study-n", "8");
    browser.click("#study-start");
    browser.until("document.getElementById('study-state').textContent === 'done' && !document.getElementById('study-found').hidden");
    fits(&browser, "replicated");
    browser.choose("#study-kind", "sweep");
    browser.type_in("#study-key", "stages.0.servers");
    browser.type_in("#study-values", "2..4");
    browser.click("#study-start");
    browser.until(
        "document.querySelector('#study-found .answer').textContent.includes(' servers at ')",
    );
    fits(&browser, "varied");
    browser.type_in("#study-values", "none");
    browser.click("#study-start");
    browser.until("!document.getElementById('study-wrong').hidden");

    browser.choose("#study-kind", "order");
    browser.click("#study-start");
    browser.until("!document.getElementById('study-cancel').disabled");
    browser.click("#study-cancel");
    browser.until(
        "['cancelled', 'done'].includes(document.getElementById('study-state').textContent)",
    );
    browser.picture("cancelled");
    // The console reports refused requests, which are answers with a status; it contains nothing
    // else.
    let said = browser.console();
    assert!(said.iter().all(|line| line.contains("422")), "{said:?}");
}

#[test]
fn a_keyboard_is_enough() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    // Every control has a name, can be reached by keyboard, and shows the focus.
    let nameless = browser.is(
        "[...document.querySelectorAll('button, select, input, textarea, a')].filter((one) => one.offsetParent \
         && !(one.labels?.length || one.getAttribute('aria-label') || one.textContent.trim())).map((one) => one.outerHTML)",
    );
    assert_eq!(nameless, json!([]));
    browser.is("document.getElementById('tab-form').focus()");
    browser.press("\u{e014}");
    assert_eq!(browser.is("document.activeElement.id"), json!("tab-text"));
    assert_eq!(
        browser.is("document.getElementById('text').hidden"),
        json!(false)
    );
    let outline = browser.is("getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outline, json!("solid"));
    browser.is("document.getElementById('run').focus()");
    browser.press("\u{e007}");
    state(&browser, "running");
    browser.until("document.querySelector('.dot[data-who][data-state=busy]')");
    browser.is("document.activeElement.blur()");
    browser.press(" ");
    state(&browser, "paused");
    assert_eq!(browser.console(), Vec::<String>::new());
}
