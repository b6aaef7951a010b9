//! Malformed and hostile requests: the server soon answers or closes the connection, and stays up.
//! Try more with `FILAS_FUZZ=1000000 cargo test --release --test fuzz requests`, which also times
//! each.

use crate::server::Server;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Parts of requests, valid and invalid.
fn request() -> impl Strategy<Value = (Vec<u8>, bool)> {
    let method = prop_oneof!["GET|POST|HEAD|PUT", "[A-Z]{0,12}", "\\PC{0,5}"];
    let path = prop_oneof![
        "/api/(runs|studies|scenario|compare|schema)(/[0-9x]{0,20})?(/(watch|command|charts|results|files/[a-z.%/]{0,20}|cancel))?",
        "/(page/)?[a-z.%/]{0,30}",
        "/\\?token=[0-9a-f]{0,40}",
        "/api/scenario\\?id=\\PC{0,20}",
        "\\PC{0,60}",
    ];
    let body = prop_oneof![
        Just(String::new()),
        "\\{\"id\":\"[a-z/.]{0,20}\",\"text\":\"[a-z =\\[\\]{}]{0,60}\"(,\"pace\":-?[0-9e]{1,6})?\\}",
        "\\{\"do\":\"(pause|step|pace|down)\",\"(pace|server)\":[-0-9e.]{1,12}\\}",
        "[\\[{\"]{0,400}",
        "\\PC{0,200}",
    ];
    let version = prop_oneof![9 => Just("HTTP/1.1"), 1 => Just("HTTP/9.9"), 1 => Just("")];
    let header = prop_oneof![
        "[A-Za-z-]{1,12}: \\PC{0,30}",
        "(Content-Length|Transfer-Encoding): [0-9a-z-]{0,20}",
        "\\PC{0,20}"
    ];
    let headers = prop::collection::vec(header, 0..4);
    (method, path, body, version, headers, any::<bool>()).prop_map(
        |(method, path, body, version, headers, ours)| {
            let mut head = format!("{method} {path} {version}\r\nConnection: close\r\n");
            for header in &headers {
                head += &format!("{header}\r\n");
            }
            if !headers
                .iter()
                .any(|header| header.starts_with("Content-Length"))
            {
                head += &format!("Content-Length: {}\r\n", body.len());
            }
            head += "Content-Type: application/json\r\n";
            ((head + "\r\n" + &body).into_bytes(), ours)
        },
    )
}

#[allow(
    clippy::disallowed_methods,
    reason = "how long it takes is the question"
)]
fn timed<T>(longest: &std::cell::Cell<std::time::Duration>, work: impl FnOnce() -> T) -> T {
    let clock = std::time::Instant::now();
    let done = work();
    longest.set(longest.get().max(clock.elapsed()));
    done
}

#[test]
#[allow(clippy::print_stdout, reason = "figures for the README")]
fn no_request_brings_the_server_down_or_holds_it_up() {
    let mut server = Server::start(None);
    let asked = std::env::var("FILAS_FUZZ").ok();
    let asked: Option<u32> = asked.and_then(|text| text.parse().ok());
    let longest = std::cell::Cell::new(std::time::Duration::ZERO);
    let config = Config {
        cases: asked.unwrap_or(600),
        failure_persistence: None,
        ..Config::default()
    };
    let ours = format!(
        "Host: 127.0.0.1:{}\r\nCookie: {}\r\n",
        server.port,
        server.cookie()
    );
    let sent = TestRunner::new(config).run(&request(), |(bytes, known)| {
        let mut bytes = bytes;
        if known && let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
            bytes.splice(end + 2..end + 2, ours.bytes());
        }
        // A client that announces more than it sends closes its side.
        let answer = timed(&longest, || server.half(&bytes));
        if let Some(answer) = answer {
            prop_assert!((200..600).contains(&answer.status));
            prop_assert!(answer.status != 500, "{}", String::from_utf8_lossy(&bytes));
            prop_assert!(
                known || answer.status >= 300,
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
        Ok(())
    });
    sent.unwrap();
    assert!(server.lives());
    let kib = server.memory_most();
    assert!(kib < 256 << 10, "{kib} KiB");
    if let Some(cases) = asked {
        let longest = longest.get();
        println!("requests: {cases} cases, the longest {longest:?}, {kib} KiB at most");
        assert!(longest.as_secs_f64() < 1.0);
    }
    assert_eq!(server.get("/").status, 200);
}
