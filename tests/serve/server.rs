//! Starts `filas serve` as its user would, and speaks HTTP to it, byte by byte where that matters.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

/// Longest time to wait for an answer, also when many tests share two cores.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server process, ended when dropped.
pub(crate) struct Server {
    child: Child,
    /// Its output after the first line.
    lines: Mutex<BufReader<std::process::ChildStdout>>,
    pub(crate) url: String,
    pub(crate) port: u16,
    cookie: String,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The values of a header, by its name in lower case.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().skip(1);
        let pairs = lines.filter_map(|line| line.split_once(": "));
        let named = pairs.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value).collect()
    }
}

impl Server {
    /// Starts a server that shows the scenarios of this folder, if given.
    pub(crate) fn start(folder: Option<&Path>) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_filas"));
        command.args(["serve", "--no-open", "--port", "0"]);
        command
            .args(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut first = String::new();
        lines.read_line(&mut first).expect("it prints its link");
        let url = first.trim().to_owned();
        let port = url
            .strip_prefix("http://127.0.0.1:")
            .and_then(|rest| rest.split_once("/?token="))
            .and_then(|(port, _)| port.parse().ok())
            .unwrap_or_else(|| panic!("the first line is a link: {first}"));
        let mut server = Server {
            child,
            lines: Mutex::new(lines),
            url,
            port,
            cookie: String::new(),
        };
        server.cookie = server.follow();
        server
    }

    /// Follows the link and keeps the cookies, like a browser that does not return.
    fn follow(&self) -> String {
        let token = self.url.split_once('?').expect("the link has a token").1;
        let answer = self.raw(&format!(
            "GET /?{token} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.port
        ));
        assert_eq!(answer.status, 303, "{}", answer.head);
        let cookies = answer.headers("set-cookie").into_iter();
        let pairs = cookies.map(|cookie| cookie.split(';').next().unwrap_or_default());
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// The next line of its output.
    pub(crate) fn next_line(&self) -> String {
        let mut line = String::new();
        let mut lines = self.lines.lock().expect("one test reads at a time");
        lines.read_line(&mut line).expect("it prints a line");
        line
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time is set");
        stream
    }

    /// Sends these bytes and reads the answer.
    pub(crate) fn raw(&self, request: &str) -> Answer {
        self.bytes(request.as_bytes())
            .unwrap_or_else(|| panic!("no answer to {request}"))
    }

    /// Sends these bytes and reads the answer, if there is one.
    pub(crate) fn bytes(&self, request: &[u8]) -> Option<Answer> {
        let mut stream = self.connect();
        // The server may answer and close before everything is sent.
        let _ = stream.write_all(request);
        read(stream)
    }

    /// Sends these bytes and closes the sending side; reads the answer, if there is one.
    pub(crate) fn half(&self, request: &[u8]) -> Option<Answer> {
        let mut stream = self.connect();
        let _ = stream.write_all(request);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        read(stream)
    }

    /// A request as a browser would send it.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// A request with the session cookie.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let port = self.port;
        let cookie = format!("Cookie: {}", self.cookie);
        let host = format!("Host: 127.0.0.1:{port}");
        let length = format!("Content-Length: {}", body.len());
        let mut lines = vec![
            format!("{method} {path} HTTP/1.1"),
            "Connection: close".to_owned(),
        ];
        let named = |name: &str| headers.iter().any(|header| header.starts_with(name));
        if !named("Host:") {
            lines.push(host);
        }
        if !named("Cookie:") {
            lines.push(cookie);
        }
        if method == "POST" && !named("Content-Type:") {
            lines.push("Content-Type: application/json".to_owned());
        }
        if method == "POST" && !named("Content-Length:") {
            lines.push(length);
        }
        lines.extend(headers.iter().map(|header| (*header).to_owned()));
        self.raw(&format!("{}\r\n\r\n{body}", lines.join("\r\n")))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        self.ask("POST", path, &[], &body.to_string())
    }

    /// Text of a shipped scenario.
    pub(crate) fn shipped(&self, file: &str) -> String {
        let answer = self.get(&format!("/api/scenario?id=shipped/{file}")).json();
        answer["text"].as_str().expect("it has a text").to_owned()
    }

    /// Ends the server as Ctrl-C does, and returns its exit code.
    pub(crate) fn interrupt(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("there is a kill").success());
        self.child.wait().expect("it ends").code()
    }

    /// Its peak memory so far, in KiB.
    pub(crate) fn memory_most(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it lives");
        let peak = status.lines().find(|line| line.starts_with("VmHWM:"));
        let peak = peak.and_then(|line| line.split_whitespace().nth(1));
        peak.and_then(|kib| kib.parse().ok()).expect("a number")
    }

    /// Whether it still runs.
    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().expect("it can be asked").is_none()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to end, so that it deletes its results folder; it may have ended
        // already.
        if self.lives() {
            let id = self.child.id().to_string();
            let _ = Command::new("kill").args(["-TERM", &id]).status();
        }
        let _ = self.child.wait();
    }
}

/// The answer on a connection that the server then closes.
pub(crate) fn read(mut stream: TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    // A connection that is reset has delivered its answer.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = &bytes[end + 4..];
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { joined(body) } else { body.to_vec() };
    Some(Answer { status, head, body })
}

/// Decodes a chunked body.
fn joined(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end]).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            break;
        };
        let from = end + 2;
        let until = (from + size).min(bytes.len());
        body.extend_from_slice(&bytes[from..until]);
        bytes = bytes.get(until + 2..).unwrap_or_default();
    }
    body
}
