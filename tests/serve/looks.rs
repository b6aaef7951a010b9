//! The page keeps what was typed, says of which run it speaks, and shows the answer first.

use crate::browser::Browser;
use crate::server::Server;
use serde_json::{Value, json};

pub(crate) fn open(server: &Server, browser: &Browser) {
    browser.size(1440, 900);
    browser.go(&server.url);
    browser.until("document.querySelectorAll('#form input').length > 5");
}

/// Chooses a scenario, and waits until the form shows one of this name.
pub(crate) fn choose(browser: &Browser, id: &str, name: &str) {
    browser.choose("#choice", id);
    browser.until(&format!(
        "document.querySelector('[data-field=name] input')?.value === '{name}'"
    ));
}

/// Runs at full speed until the answer is there.
pub(crate) fn run(browser: &Browser, number: u64) {
    browser.choose("#speed", "");
    browser.click("#run");
    browser.until(&format!("location.hash === '#run-{number}'"));
    browser.until(
        "document.body.dataset.state === 'done' && !document.getElementById('answer').hidden",
    );
}

pub(crate) fn text(browser: &Browser, selector: &str) -> String {
    let text = browser.is(&format!(
        "document.querySelector(\"{selector}\").textContent"
    ));
    text.as_str()
        .expect("it is there")
        .replace(['\u{202f}', '\u{a0}'], " ")
}

#[test]
fn the_answer_and_four_cards_come_first_and_belong_to_their_run() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    choose(&browser, "shipped/desk.toml", "atendimento");
    // The room stands there before anything has run.
    assert_eq!(
        browser.is("document.querySelectorAll('#room button.dot').length"),
        json!(22)
    );
    run(&browser, 1);
    // The answer stands above the fold, on a telephone too.
    for (width, height) in [(1440, 900), (360, 800)] {
        browser.size(width, height);
        browser.is("document.getElementById('answer').scrollIntoView()");
        let place = "document.querySelector('#answer .cards').getBoundingClientRect()";
        let seen = format!("{place}.top >= 0 && {place}.top < innerHeight");
        assert_eq!(browser.is(&seen), json!(true), "{width}");
    }
    browser.size(1440, 900);
    let names =
        browser.is("[...document.querySelectorAll('#answer dt')].map((one) => one.textContent)");
    assert_eq!(
        names,
        json!(["served", "lost", "mean wait", "busiest server"])
    );
    let summary = server.get("/api/runs/1/files/summary.json").json();
    let requests = &summary["requests"];
    let share = |key: &str| {
        let of = |key: &str| requests[key].as_f64().expect("a number");
        filas::number::percent(of(key) / of("generated"))
    };
    assert_eq!(
        text(&browser, "#answer .completed .value"),
        share("completed")
    );
    // The charts at the moments seen give way to the whole course.
    assert_eq!(
        browser.is("document.getElementById('charts').hidden"),
        json!(true)
    );
    // Values where one points, the same as in the table of steps.
    let figure = "#results figure.whole";
    browser.is(&format!(
        "document.querySelector('{figure}').scrollIntoView()"
    ));
    let pointed = format!(
        "(() => {{ const svg = document.querySelector('{figure} [data-drawing=broad] svg'), \
           box = svg.getBoundingClientRect(), reading = svg.parentElement.reading, \
           at = reading.along.findIndex((one) => one[1] === 'step 50'); \
           svg.dispatchEvent(new PointerEvent('pointermove', {{ bubbles: true, \
             clientX: box.left + reading.along[at][0] * box.width / svg.viewBox.baseVal.width, clientY: box.top + 40 }})); \
           return document.querySelector('{figure} .tip').textContent; }})()"
    );
    let tip = browser.is(&pointed);
    let steps = server.get("/api/runs/1/files/steps.csv").text();
    let mut rows = steps
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().expect("it has a head");
    let row = rows.nth(49).expect("it has fifty steps");
    let value = |key: &str| row[head.iter().position(|one| *one == key).expect("a column")];
    let tip = tip.as_str().expect("there is a note");
    for wanted in [
        "step 50".to_owned(),
        format!("completed {}", value("completed")),
        format!("came {}", value("generated")),
        format!("in service {}", value("in_service")),
        format!("up {}", value("attendants_up")),
    ] {
        assert!(tip.contains(&wanted), "{wanted} is not in {tip}");
    }
    // Another scenario on the left leaves the run on the right its name.
    choose(&browser, "shipped/clinic.toml", "clinic");
    assert_eq!(text(&browser, "#title"), "atendimento · run 1");
    assert!(text(&browser, "#answer").starts_with("Run 1 of atendimento, seed 2026"));
    // A change is part of the name of its run.
    browser.click("[data-quick='stages.1.servers+']");
    browser.until("!document.getElementById('changed').hidden");
    run(&browser, 2);
    let name = text(&browser, "#answer");
    assert!(
        name.starts_with("Run 2 of clinic, seed 7, consultation servers 4 → 5"),
        "{name}"
    );
    let wait = text(&browser, "#answer .waiting");
    assert!(wait.contains("95 % sure of "), "{wait}");
    // A run of before can be looked at again, with its scenario.
    browser.choose("#recent", "1");
    browser.until("document.getElementById('title').textContent === 'atendimento · run 1'");
    browser.until("document.getElementById('choice').value === 'shipped/desk.toml'");
    // One draw becomes an interval.
    browser.until("document.getElementById('more-runs')?.offsetParent");
    browser.click("#more-runs");
    browser.until("document.getElementById('study-state').textContent === 'done' && !document.getElementById('study-found').hidden");
    assert!(text(&browser, "#study-found .answer").contains("95 % sure, by 20 replications"));
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn on_a_telephone_a_run_that_is_done_leads_to_its_answer_and_commands_are_set_as_such() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    browser.size(360, 800);
    choose(&browser, "shipped/clinic.toml", "clinic");
    run(&browser, 1);
    let top =
        |selector: &str| format!("document.querySelector(\"{selector}\").getBoundingClientRect()");
    browser.until(&format!(
        "{answer}.top >= {bar}.bottom && {answer}.top < innerHeight / 2",
        answer = top("#answer .answer"),
        bar = top("#bar")
    ));
    browser.picture("telephone-done");
    assert_eq!(text(&browser, "#answer .answer code"), "filas replicate");
    assert!(!text(&browser, "#answer").contains('`'));
    // Names of more than eleven letters keep their column in the log.
    let columns = browser.is("new Set([...document.querySelectorAll('#log li')].map((line) => line.textContent.search(/[✔▶]/))).size");
    assert_eq!(columns, json!(1));
}

#[test]
fn the_report_of_a_hundred_stages_is_short_at_1200_px() {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let out = place.path().join("out");
    let mut made = std::process::Command::new(env!("CARGO_BIN_EXE_filas"));
    let made = made.args(["run", "original-line", "--report", "--quiet", "--out"]);
    assert!(made.arg(&out).output().unwrap().status.success());
    let browser = Browser::start();
    browser.size(1200, 900);
    browser.go(&format!("file://{}", out.join("report.html").display()));
    let height = browser.until("document.documentElement.scrollHeight");
    let height = height.as_u64().expect("a height");
    browser.picture("report-of-a-hundred-stages");
    assert!(height < 6_000, "{height} px");
    assert_eq!(
        browser.is("document.querySelector('.answer').textContent.includes('`')"),
        json!(false)
    );
}

#[test]
fn edits_outlive_another_choice_and_a_reload_until_they_are_taken_back() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    choose(&browser, "shipped/clinic.toml", "clinic");
    let servers = "document.querySelector(\"[data-field='stages.0.servers'] input\")?.value";
    let before = browser.is("document.getElementById('toml').value");
    browser.click("[data-quick='stages.0.servers+']");
    browser.until(&format!("{servers} === '2'"));
    browser.click("[data-quick='stages.0.servers+']");
    browser.until(&format!("{servers} === '3'"));
    choose(&browser, "shipped/desk.toml", "atendimento");
    assert_eq!(
        browser.is("document.getElementById('changed').hidden"),
        json!(true)
    );
    choose(&browser, "shipped/clinic.toml", "clinic");
    browser.until(&format!("{servers} === '3'"));
    browser.here_again();
    browser.until("document.querySelectorAll('#form input').length > 5");
    choose(&browser, "shipped/clinic.toml", "clinic");
    browser.until(&format!("{servers} === '3'"));
    browser.click("[data-quick='stages.0.servers-']");
    browser.until(&format!("{servers} === '2'"));
    browser.click("#undo");
    browser.until(&format!("{servers} === '3'"));
    browser.click("#reset");
    browser.until("document.getElementById('changed').hidden");
    assert_eq!(browser.is("document.getElementById('toml').value"), before);
    browser.click("#undo");
    browser.until(&format!("{servers} === '3'"));
    // A number leads to a sweep of it.
    browser.click("[data-quick='stages.1.servers?']");
    assert_eq!(
        browser.is("[document.getElementById('study-key').value, document.getElementById('study-values').value]"),
        json!(["stages.consultation.servers", "2,3,4,5,6"])
    );
    browser.type_in("#study-n", "three");
    browser.click("#study-start");
    let wrong = browser.until("document.getElementById('study-wrong').textContent");
    assert!(
        wrong.as_str().expect("a text").contains("not three"),
        "{wrong}"
    );
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn the_banner_of_an_error_leads_to_its_line() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    choose(&browser, "shipped/desk.toml", "atendimento");
    browser.type_in("[data-field='faults.probability'] input", "1.5");
    browser.until("!document.getElementById('wrong').hidden");
    browser.click("#wrong");
    let inside = "(() => { const mark = document.querySelector('#lines .bad').getBoundingClientRect(), \
         panel = document.querySelector('.editor').getBoundingClientRect(); \
         return mark.top >= panel.top && mark.bottom <= panel.bottom && mark.bottom <= innerHeight && mark.height > 5; })()";
    browser.until(inside);
    browser.picture("wrong-line");
}

#[test]
fn a_stopped_run_says_the_same_step_everywhere_and_many_servers_are_all_told() {
    let server = Server::start(None);
    let browser = Browser::start();
    open(&server, &browser);
    choose(&browser, "shipped/desk.toml", "atendimento");
    browser.click("#run");
    browser.until("Number(document.querySelector('[data-count=completed]')?.textContent) > 20");
    browser.click("#stop");
    browser.until(
        "document.body.dataset.state === 'done' && !document.getElementById('answer').hidden",
    );
    let steps = server.get("/api/runs/1/files/summary.json").json()["steps"].clone();
    assert_eq!(text(&browser, "#clock"), format!("step {steps} of 100"));
    assert!(text(&browser, "#answer").contains(&format!("stopped after step {steps} of 100")));

    choose(&browser, "shipped/clinic.toml", "clinic");
    browser.type_in("[data-field='stages.1.servers'] input", "200");
    browser.until("document.getElementById('toml').value.includes('servers = 200')");
    run(&browser, 2);
    let rest = text(&browser, "[data-rest='1']");
    assert!(rest.starts_with("of 200 servers: "), "{rest}");
    let told: Value = browser.is("document.querySelector(\"[data-rest='1']\").textContent.match(/\\d+(?= (busy|idle|blocked))/g).map(Number)");
    let told = told.as_array().expect("numbers").iter();
    assert_eq!(told.filter_map(Value::as_u64).sum::<u64>(), 200);
}
