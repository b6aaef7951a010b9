//! A real browser, driven by the W3C WebDriver protocol: plain HTTP and JSON to chromedriver.
//!
//! Waiting is done inside the page, on a condition, with a long time limit.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Longest time to wait for a condition, in milliseconds.
const PATIENCE: u64 = 60_000;

/// A browser with one page.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts a browser.
    ///
    /// # Panics
    /// If none is installed: `apt install chromium chromium-driver`.
    pub(crate) fn start() -> Browser {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts: apt install chromium chromium-driver");
        let lines = BufReader::new(driver.stdout.take().expect("stdout is piped")).lines();
        let said = lines.map(|line| line.expect("it speaks text"));
        let port = said
            .filter(|line| line.contains("started successfully on port"))
            .find_map(|line| line.rsplit(' ').next()?.trim_end_matches('.').parse().ok())
            .expect("it names its port");
        let mut browser = Browser {
            driver,
            port,
            session: String::new(),
        };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-dev-shm-usage",
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": 2 * PATIENCE },
        } } });
        let session = browser.ask("POST", "/session", &wanted);
        browser.session = session["sessionId"].as_str().expect("a session").to_owned();
        browser
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let time = Some(Duration::from_millis(3 * PATIENCE));
        stream.set_read_timeout(time).expect("a time is set");
        let body = if method == "GET" {
            String::new()
        } else {
            body.to_string()
        };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .expect("it takes a request");
        // The connection is kept open, so the length has to be read.
        let mut lines = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            lines.read_line(&mut line).expect("it answers");
            if let Some(said) = line.to_lowercase().strip_prefix("content-length:") {
                length = said.trim().parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        lines.read_exact(&mut body).expect("it answers to the end");
        let answer: Value = serde_json::from_slice(&body).expect("it answers in JSON");
        let error = &answer["value"]["error"];
        assert!(
            error.is_null() || !answer["value"]["stacktrace"].is_string(),
            "{path}: {answer}"
        );
        answer["value"].clone()
    }

    fn here(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, &format!("/session/{}/{path}", self.session), body)
    }

    /// Opens a page.
    pub(crate) fn go(&self, url: &str) {
        self.here("POST", "url", &json!({ "url": url }));
    }

    /// Evaluates an expression in the page.
    pub(crate) fn is(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.here(
            "POST",
            "execute/sync",
            &json!({ "script": script, "args": [] }),
        )
    }

    /// Waits until an expression in the page is true, and returns its value.
    pub(crate) fn until(&self, expression: &str) -> Value {
        let script = format!(
            "const done = arguments[0], end = Date.now() + {PATIENCE};\n\
             const look = () => {{ let value; try {{ value = ({expression}); }} catch {{ value = null; }}\n\
               if (value || Date.now() > end) done(value); else setTimeout(look, 20); }};\n\
             look();"
        );
        let value = self.here(
            "POST",
            "execute/async",
            &json!({ "script": script, "args": [] }),
        );
        let failed = value.is_null() || value == json!(false) || value == json!("");
        if failed {
            self.picture("what-went-wrong");
        }
        assert!(!failed, "this did not come true: {expression}");
        value
    }

    fn element(&self, selector: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": selector });
        let found = self.here("POST", "element", &wanted);
        let mut ids = found
            .as_object()
            .into_iter()
            .flat_map(|found| found.values());
        let id = ids.next().and_then(Value::as_str);
        id.unwrap_or_else(|| panic!("no {selector}")).to_owned()
    }

    /// Clicks on a visible element, as a user would.
    pub(crate) fn click(&self, selector: &str) {
        let id = self.element(selector);
        self.here("POST", &format!("element/{id}/click"), &json!({}));
    }

    /// Replaces the text of a field, and leaves the field.
    pub(crate) fn type_in(&self, selector: &str, text: &str) {
        let id = self.element(selector);
        // Control and A, then the text, then Tab.
        let typed = json!({ "text": format!("\u{e009}a\u{e000}{text}\u{e004}") });
        self.here("POST", &format!("element/{id}/value"), &typed);
    }

    /// Chooses an option.
    pub(crate) fn choose(&self, selector: &str, value: &str) {
        self.click(&format!("{selector} option[value=\"{value}\"]"));
    }

    /// Presses a key, wherever the focus is.
    pub(crate) fn press(&self, key: &str) {
        let keys = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let board = json!({ "actions": [{ "type": "key", "id": "board", "actions": keys }] });
        self.here("POST", "actions", &board);
    }

    /// Reloads the page.
    pub(crate) fn here_again(&self) {
        self.here("POST", "refresh", &json!({}));
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let wanted = json!({ "cmd": command, "params": parameters });
        self.here("POST", "goog/cdp/execute", &wanted)
    }

    /// The size of the page, in pixels.
    pub(crate) fn size(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Sets whether the user prefers a dark theme.
    pub(crate) fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// Shows the page as it is printed, or on a screen again.
    #[allow(dead_code, reason = "one of the binaries that share this file prints")]
    pub(crate) fn print(&self, printed: bool) {
        let media = if printed { "print" } else { "" };
        self.devtools("Emulation.setEmulatedMedia", &json!({ "media": media }));
    }

    /// Saves a screenshot of the whole page beside the build's output.
    pub(crate) fn picture(&self, name: &str) {
        let height = self.is("Math.min(document.documentElement.scrollHeight, 8000)");
        let clip =
            json!({ "x": 0, "y": 0, "width": self.is("innerWidth"), "height": height, "scale": 1 });
        self.shoot(name, &clip);
    }

    fn shoot(&self, name: &str, clip: &Value) {
        let wanted = json!({ "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools("Page.captureScreenshot", &wanted);
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
        std::fs::create_dir_all(&folder).expect("the folder is ours");
        let bytes = decoded(picture["data"].as_str().expect("a picture"));
        assert!(bytes.starts_with(b"\x89PNG"), "{name} is no picture");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("it is written");
    }

    /// Saves a screenshot of the upper part of an element, beside the build's output.
    #[allow(
        dead_code,
        reason = "only pictures for readers are of a part of a page"
    )]
    pub(crate) fn picture_of(&self, name: &str, element: &str, height: u32) {
        let place = self.is(&format!(
            "(() => {{ const box = document.querySelector('{element}').getBoundingClientRect(); \
             return [box.left + scrollX, box.top + scrollY, box.width, box.height]; }})()"
        ));
        let side = |at: usize| place[at].as_f64().expect("a number");
        let height = side(3).min(height.into());
        let clip =
            json!({ "x": side(0), "y": side(1), "width": side(2), "height": height, "scale": 1 });
        self.shoot(name, &clip);
    }

    /// Messages of the browser's console since the last call.
    pub(crate) fn console(&self) -> Vec<String> {
        let said = self.here("POST", "se/log", &json!({ "type": "browser" }));
        let lines = said.as_array().into_iter().flatten();
        lines.map(|line| line["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.ask("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        // This ends its browser too.
        let id = self.driver.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.driver.wait();
    }
}

/// Decodes Base64, the encoding of screenshots.
fn decoded(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for six in text.bytes().filter_map(value) {
        held = held << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}
