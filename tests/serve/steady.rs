//! What is drawn stays in its place and in its size, and says of what it is.

use crate::browser::Browser;
use crate::looks::{choose, open, run, text};
use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// The sizes of all letters in charts that are shown, in pixels of the screen.
const LETTERS: &str = "[...document.querySelectorAll('svg.chart')].filter((one) => one.getBoundingClientRect().width > 0)\
     .flatMap((one) => [...one.querySelectorAll('text')].map((text) => Number(text.getAttribute('font-size')) \
     * one.getBoundingClientRect().width / one.viewBox.baseVal.width))";

/// Counts from now on how far things move that nobody pressed: the layout shift of the Web Vitals.
const SHIFTS: &str = "(() => { window.shift = 0; new PerformanceObserver((list) => { for (const one of list.getEntries()) \
     if (!one.hadRecentInput) window.shift += one.value; }).observe({ type: 'layout-shift' }); return true; })()";

fn letters_are_small_enough_and_large_enough(browser: &Browser, of: &str) {
    for width in [360, 768, 1200, 1440] {
        browser.size(width, 900);
        browser.until("new Promise((done) => requestAnimationFrame(() => done(true)))");
        let sizes = browser.is(LETTERS);
        let sizes: Vec<f64> = sizes
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_f64)
            .collect();
        assert!(sizes.len() > 20, "{of} at {width}: {} texts", sizes.len());
        let (least, most) = sizes
            .iter()
            .fold((f64::MAX, 0.0_f64), |(low, high), &size| {
                (low.min(size), high.max(size))
            });
        assert!(
            least >= 11.0 && most <= 13.0,
            "{of} at {width}: {least} to {most} px"
        );
        browser.picture(&format!("letters-{of}-{width}"));
    }
}

fn report(words: &[&str], out: &Path) -> String {
    let mut filas = Command::new(env!("CARGO_BIN_EXE_filas"));
    let made = filas
        .args(words)
        .args(["--report", "--quiet", "--out"])
        .arg(out)
        .output()
        .expect("it runs");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    format!("file://{}", out.join("report.html").display())
}

#[test]
fn letters_of_charts_are_of_11_to_13_px_on_the_page_and_in_reports() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    for (at, (id, name)) in (1..).zip([
        ("shipped/desk.toml", "atendimento"),
        ("shipped/hospital.toml", "hospital"),
    ]) {
        browser.size(1440, 900);
        choose(&browser, id, name);
        run(&browser, at);
        letters_are_small_enough_and_large_enough(&browser, name);
    }
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is a folder");
    let order = ["order", "clinic", "--set", "horizon.customers=2000"];
    let reports: [&[&str]; 3] = [&["run", "desk"], &["run", "original-line"], &order];
    for words in reports {
        let name = words[..2].join("-");
        browser.go(&report(words, &place.path().join(&name)));
        letters_are_small_enough_and_large_enough(&browser, &format!("report-{name}"));
    }
}

#[test]
fn in_print_the_last_page_holds_how_to_reproduce_it_as_a_whole() {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is a folder");
    let browser = Browser::start();
    browser.go(&report(&["run", "clinic"], &place.path().join("out")));
    browser.print(true);
    let last = "document.querySelector('main > section:last-child')";
    assert_eq!(
        browser.is(&format!("{last}.querySelector('h2').textContent")),
        json!("How to reproduce it")
    );
    assert_eq!(
        browser.is(&format!("getComputedStyle({last}).breakInside")),
        json!("avoid")
    );
}

#[test]
fn nothing_moves_while_a_run_goes_on_is_paused_and_resumed() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    for (width, height) in [(1440, 900), (360, 800)] {
        browser.size(width, height);
        for (id, name) in [
            ("shipped/desk.toml", "atendimento"),
            ("shipped/clinic.toml", "clinic"),
        ] {
            choose(&browser, id, name);
            assert_eq!(browser.is(SHIFTS), json!(true));
            browser.click("#run");
            browser.until("document.querySelectorAll('#charts figure').length === 2 && document.querySelectorAll('#log li').length > 20");
            let left = "document.getElementById('run').getBoundingClientRect().left";
            let before = browser.is(left);
            for _ in 0..2 {
                browser.click("#pause");
                browser.until("document.body.dataset.state === 'paused'");
                browser.click("#pause");
                browser.until("document.body.dataset.state === 'running'");
            }
            assert_eq!(browser.is(left), before, "{name} at {width}");
            let shift = browser.is("window.shift").as_f64().expect("a number");
            assert!(shift < 0.01, "{name} at {width}: {shift}");
            browser.click("#stop");
            browser.until("document.body.dataset.state === 'done' && !document.getElementById('answer').hidden");
        }
    }
}

#[test]
fn charts_of_a_run_keep_their_axes_and_show_all_of_it() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    choose(&browser, "shipped/desk.toml", "atendimento");
    browser.type_in("[data-field=steps] input", "1000");
    browser.until("document.getElementById('toml').value.includes('steps = 1000')");
    browser.choose("#speed", "100");
    browser.click("#run");
    // The ticks of both axes of the chart of the buffer, whose places are known.
    let ticks = "[...document.querySelectorAll('#charts figure')[1].querySelectorAll('[data-drawing=wide] text')].map((one) => one.textContent).filter((one) => one !== 'nothing was observed')";
    let step =
        "Number(document.getElementById('clock').textContent.split(' ')[1].replace(/\\D/g, ''))";
    browser.until(&format!(
        "{step} > 5 && document.querySelectorAll('#charts figure').length === 2"
    ));
    let before = browser.is(ticks);
    browser.until(&format!(
        "{step} > 300 && /means of 2 steps/.test(document.getElementById('charts').textContent)"
    ));
    browser.click("#pause");
    browser.until("document.body.dataset.state === 'paused'");
    assert_eq!(browser.is(ticks), before);
    let charts = server.get("/api/runs/1/charts").json();
    let along = charts["charts"][1]["drawings"][0]["reading"]["along"].clone();
    let along = along.as_array().expect("it is read by step");
    assert_eq!(along[0][1], json!("step 1"));
    assert!(along.len() <= 241 && along.len() > 140, "{}", along.len());
    browser.picture("long-desk-live");
}

#[test]
fn before_a_run_the_room_shows_the_loads_that_the_check_says() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    let shown =
        "[...document.querySelectorAll('#room .load:not([hidden])')].map((one) => one.textContent)";
    for (id, name, over) in [
        ("clinic", "clinic", 0),
        ("hospital", "hospital", 0),
        ("desk", "atendimento", 2),
        ("original-line", "original-line", 0),
    ] {
        choose(&browser, &format!("shipped/{id}.toml"), name);
        let checked = Command::new(env!("CARGO_BIN_EXE_filas"))
            .args(["check", id, "--format", "json", "--quiet"])
            .output();
        let checked: Value =
            serde_json::from_slice(&checked.expect("it runs").stdout).expect("it is JSON");
        let loads = checked["loads"].as_array().expect("a list").iter();
        let loads = loads.map(|one| one["load"].as_f64().expect("a load"));
        let wanted: Vec<String> = loads
            .map(|load| match load >= 1.0 {
                true => format!("load {load:.2}: more than it can do"),
                false => format!("load {load:.2}"),
            })
            .collect();
        browser.until(&format!("({shown}).length === {}", wanted.len()));
        assert_eq!(browser.is(shown), json!(wanted));
        assert_eq!(
            wanted
                .iter()
                .filter(|text| text.contains("more than"))
                .count(),
            over
        );
        browser.picture(&format!("loads-{id}"));
    }
    // A change is followed at once, and a run shows what there is in their place.
    choose(&browser, "shipped/clinic.toml", "clinic");
    browser.click("[data-quick='stages.0.servers+']");
    browser.until(&format!("({shown})[0] === 'load 0.38'"));
    browser.click("#run");
    browser.until("document.querySelectorAll('#charts figure').length === 2");
    assert_eq!(browser.is(shown), json!([]));
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn a_network_has_its_own_form_its_quick_numbers_and_no_arrows() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    choose(&browser, "shipped/hospital.toml", "hospital");
    browser.until("document.querySelectorAll('.stages.network .card').length === 4");
    assert_eq!(
        browser.is("document.querySelectorAll('[data-field=steps]').length"),
        json!(0)
    );
    assert_eq!(
        browser.is("document.querySelector(\"[data-field='stations.3.servers'] input\").value"),
        json!("30")
    );
    assert_eq!(
        browser.is(
            "getComputedStyle(document.querySelectorAll('.stages > li')[1], '::before').content"
        ),
        json!("none")
    );
    browser.click("[data-quick='stations.3.servers+']");
    browser.until("document.getElementById('toml').value.includes('servers = 31')");
}

#[test]
fn the_text_is_wide_broken_alike_in_field_and_lines_and_in_colours() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    browser.click("#tab-text");
    let alike = "(() => { const field = document.getElementById('toml'), lines = document.getElementById('lines'); \
        field.style.alignSelf = 'start'; field.style.height = '0'; const wanted = field.scrollHeight; \
        field.style.alignSelf = field.style.height = ''; \
        const last = lines.lastElementChild; \
        return wanted === last.offsetTop + last.offsetHeight + 8 && field.scrollWidth === field.clientWidth \
            && lines.children.length === field.value.split('\\n').length && [...lines.children].every((line, at) => \
            line.textContent === field.value.split('\\n')[at]); })()";
    for (id, name) in [
        ("shipped/hospital.toml", "hospital"),
        ("shipped/original-line.toml", "original-line"),
        ("shipped/clinic.toml", "clinic"),
    ] {
        choose(&browser, id, name);
        for width in [360, 800, 1440] {
            browser.size(width, 900);
            assert_eq!(browser.is(alike), json!(true), "{name} at {width}");
        }
    }
    // Some eighty letters in a line.
    assert!(
        browser
            .is("document.getElementById('editor').clientWidth")
            .as_f64()
            > Some(560.0)
    );
    assert_eq!(
        browser.is("document.querySelector('#lines .comment').textContent[0]"),
        json!("#")
    );
    browser.type_in(
        "#toml",
        "# one\nmodel = \"tandem\" # two\n\n[horizon]\ncustomers = many",
    );
    browser.until("!document.getElementById('wrong').hidden && document.querySelectorAll('#lines .bad').length === 1");
    assert_eq!(browser.is(alike), json!(true));
    let kinds = "[...document.querySelectorAll('#lines span')].map((one) => `${one.className} ${one.textContent}`)";
    assert_eq!(
        browser.is(kinds),
        json!([
            "comment # one",
            "key model",
            "string \"tandem\"",
            "comment # two",
            "table [horizon]",
            "key customers"
        ])
    );
}

#[test]
fn what_was_said_of_a_field_goes_with_its_scenario_and_with_its_error() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    choose(&browser, "shipped/clinic.toml", "clinic");
    browser.is("document.querySelector(\"[data-field='stages.0.name'] input\").focus()");
    let before = text(&browser, "#hint");
    assert!(before != "Choose a field to see what it means.", "{before}");
    choose(&browser, "shipped/desk.toml", "atendimento");
    assert_eq!(
        text(&browser, "#hint"),
        "Choose a field to see what it means."
    );
    browser.type_in("[data-field='faults.probability'] input", "1.5");
    browser.until("document.querySelectorAll('#fields .error').length === 1 && document.querySelectorAll('#fields [aria-invalid]').length === 1");
    // A text that is no TOML greys the form, and the error is another.
    browser.click("#tab-text");
    assert_eq!(
        browser.is("document.getElementById('hint').hidden"),
        json!(true)
    );
    browser.type_in("#toml", "steps = = 1");
    browser.until("document.getElementById('wrong').textContent.includes('not TOML')");
    assert_eq!(browser.is("document.querySelectorAll('#fields .error, #fields .bad, #fields [aria-invalid]').length"), json!(0));
}
