//! The guide under `/guide/`.

use crate::browser::Browser;
use crate::server::Server;
use serde_json::json;

#[test]
fn the_guide_is_read_from_its_first_page_to_its_last() {
    let server = Server::start(None);
    let browser = Browser::start();
    browser.size(1440, 900);
    browser.go(&server.url);
    browser.until("document.querySelector('a.help')?.offsetParent");
    let origin = server.url.split("/?").next().unwrap_or_default().to_owned();
    browser.go(&format!("{origin}/guide"));
    let mut pages = 0;
    loop {
        pages += 1;
        browser.until("document.querySelector('article h1')");
        let title = browser.is("document.querySelector('article h1').textContent + ' · filas'");
        assert_eq!(browser.is("document.title"), title);
        assert_eq!(
            browser.is("document.querySelectorAll('[aria-current]').length"),
            json!(1)
        );
        browser.until(
            "[...document.querySelectorAll('article img')].every(one => one.complete && one.naturalWidth > 0)",
        );
        for (width, height) in [(360, 800), (1440, 900)] {
            browser.size(width, height);
            let over = browser.is("document.documentElement.scrollWidth - innerWidth");
            assert!(
                over.as_f64().is_some_and(|over| over <= 0.0),
                "{title} at {width}: {over}"
            );
        }
        if browser.is("document.querySelector('[rel=next]')") == json!(null) {
            break;
        }
        let next = browser.is("document.querySelector('[rel=next]').href");
        browser.click("[rel=next]");
        browser.until(&format!("location.href === {next}"));
    }
    assert_eq!(
        browser.is("document.querySelectorAll('.guide > nav a').length"),
        json!(pages)
    );
    assert_eq!(browser.console(), Vec::<String>::new());
}

#[test]
fn a_page_that_is_not_there_and_a_stranger_are_refused() {
    let server = Server::start(None);
    assert_eq!(server.get("/guide/keys.html").status, 200);
    assert_eq!(server.get("/guide/keys").status, 404);
    assert_eq!(server.get("/guide/..%2f..%2fCargo.toml").status, 404);
    let stranger = ["Cookie: other=1"];
    assert_eq!(
        server.ask("GET", "/guide/keys.html", &stranger, "").status,
        401
    );
}
