//! Access control of the server: one test for each promise.

use crate::server::{Server, read};
use serde_json::json;
use std::io::Write;

#[test]
fn the_link_sets_the_cookie_and_everything_else_needs_it() {
    let server = Server::start(None);
    for path in [
        "/",
        "/page/main.js",
        "/api/scenarios",
        "/api/nothing",
        "/nothing",
    ] {
        assert_eq!(
            server.ask("GET", path, &["Cookie: a=b"], "").status,
            401,
            "{path}"
        );
    }
    let draft = json!({ "id": "", "text": "" }).to_string();
    let stranger = server.ask("POST", "/api/scenario/check", &["Cookie: a=b"], &draft);
    assert_eq!(stranger.status, 401);
    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert!(page.text().starts_with("<!doctype html>"));
    let wrong = format!(
        "Cookie: filas_{}=00000000000000000000000000000000",
        server.port
    );
    assert_eq!(server.ask("GET", "/", &[&wrong], "").status, 401);
}

#[test]
fn the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_the_token_leaves_the_address() {
    let server = Server::start(None);
    let answer = server.raw(&format!(
        "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
        &server.url[server.url.find("/?").expect("it has a token")..],
        server.port
    ));
    let cookies = answer.headers("set-cookie");
    assert!(!cookies.is_empty());
    for cookie in cookies {
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert_eq!(answer.headers("location"), ["/"]);
}

#[test]
fn the_link_is_used_up_when_a_browser_came_back_and_another_is_shown() {
    let server = Server::start(None);
    let follow = |url: &str| {
        let path = &url[url.find("/?").expect("it has a token")..];
        server.ask("GET", path, &["Cookie: a=b"], "").status
    };
    // A client that opens the link and keeps no cookie does not use it up.
    assert_eq!(follow(&server.url), 303);
    assert_eq!(follow(&server.url), 303);
    assert_eq!(server.get("/").status, 200);
    assert_eq!(follow(&server.url), 401);
    // In the browser that has the cookie, the old link leads to the page.
    let path = &server.url[server.url.find("/?").expect("it has a token")..];
    assert_eq!(server.get(path).status, 303);
    let line = server.next_line();
    let fresh = line.split_whitespace().next().expect("a link is shown");
    assert_ne!(fresh, server.url);
    assert_eq!(follow(fresh), 303);
    assert_eq!(follow("/?token="), 401);
    assert_eq!(follow("/?token=guess"), 401);
}

#[test]
fn only_our_own_host_is_answered() {
    let server = Server::start(None);
    let port = server.port;
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{}", port.wrapping_add(1)),
        String::new(),
    ] {
        let answer = server.ask("GET", "/", &[&format!("Host: {host}")], "");
        assert_eq!(answer.status, 421, "{host}");
    }
    let twice = format!("Host: 127.0.0.1:{port}\r\nHost: evil.example");
    assert_ne!(server.ask("GET", "/", &[&twice], "").status, 200);
    let local = format!("Host: localhost:{port}");
    assert_eq!(server.ask("GET", "/", &[&local], "").status, 200);
    let none = server.raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(none.status, 421);
}

#[test]
fn a_page_from_elsewhere_may_ask_for_nothing() {
    let server = Server::start(None);
    let port = server.port;
    let draft = json!({ "id": "", "text": "" }).to_string();
    for origin in [
        "http://evil.example".to_owned(),
        "null".to_owned(),
        format!("https://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
        "http://127.0.0.1:1".to_owned(),
    ] {
        let origin = format!("Origin: {origin}");
        assert_eq!(
            server.ask("GET", "/", &[&origin], "").status,
            403,
            "{origin}"
        );
        let posted = server.ask("POST", "/api/scenario/check", &[&origin], &draft);
        assert_eq!(posted.status, 403, "{origin}");
    }
    let ours = format!("Origin: http://127.0.0.1:{port}");
    let posted = server.ask("POST", "/api/scenario/check", &[&ours], &draft);
    assert_eq!(posted.status, 200);
}

#[test]
fn what_is_sent_is_json_or_refused() {
    let server = Server::start(None);
    let draft = json!({ "id": "", "text": "" }).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
    ] {
        let kind = format!("Content-Type: {kind}");
        let answer = server.ask("POST", "/api/scenario/check", &[&kind], &draft);
        assert_eq!(answer.status, 415, "{kind}");
    }
    let kind = "Content-Type: application/json; charset=utf-8";
    assert_eq!(
        server
            .ask("POST", "/api/scenario/check", &[kind], &draft)
            .status,
        200
    );
    assert_eq!(
        server.ask("POST", "/api/scenario/check", &[], "{").status,
        400
    );
    assert_eq!(
        server.ask("POST", "/api/scenario/check", &[], "[1]").status,
        422
    );
}

#[test]
fn no_other_site_is_let_in_and_the_page_loads_nothing_from_elsewhere() {
    let server = Server::start(None);
    let preflight = [
        "Origin: http://evil.example",
        "Access-Control-Request-Method: POST",
    ];
    let answers = [
        server.get("/"),
        server.get("/page/main.js"),
        server.get("/api/scenarios"),
        server.get("/nothing"),
        server.ask("GET", "/", &["Cookie: a=b"], ""),
        server.ask("OPTIONS", "/api/scenarios", &preflight, ""),
    ];
    for answer in answers {
        assert!(
            !answer.head.to_lowercase().contains("access-control"),
            "{}",
            answer.head
        );
        let policy = answer.headers("content-security-policy").join(" ");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{part}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers("x-content-type-options"), ["nosniff"]);
    }
    let page = server.get("/").text();
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("style="));
}

#[test]
fn methods_that_are_not_meant_are_refused() {
    let server = Server::start(None);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        assert_eq!(server.ask(method, "/", &[], "").status, 405, "{method}");
    }
    assert_eq!(server.ask("POST", "/api/scenarios", &[], "{}").status, 404);
}

#[test]
fn what_is_too_large_is_refused() {
    let server = Server::start(None);
    let large = " ".repeat(filas::serve::BODY_MAX + 1);
    assert_eq!(
        server
            .ask("POST", "/api/scenario/check", &[], &large)
            .status,
        413
    );
    // With a false length or none, the bytes that arrive are counted.
    let chunk = "8000\r\n".to_owned() + &" ".repeat(0x8000) + "\r\n";
    let many = chunk.repeat(filas::serve::BODY_MAX / 0x8000 + 2) + "0\r\n\r\n";
    let headers = ["Transfer-Encoding: chunked", "Content-Length:"];
    let chunked = server.ask("POST", "/api/scenario/check", &headers[..1], &many);
    assert!(matches!(chunked.status, 400 | 413), "{}", chunked.head);
    let long = format!("/?{}", "x".repeat(filas::serve::HEAD_MAX));
    assert!(matches!(server.get(&long).status, 400 | 414 | 431));
    let header = format!("X: {}", "x".repeat(filas::serve::HEAD_MAX));
    assert!(matches!(
        server.ask("GET", "/", &[&header], "").status,
        400 | 431
    ));
    let headers: Vec<String> = (0..200).map(|at| format!("X-{at}: 1")).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    assert!(matches!(
        server.ask("GET", "/", &headers, "").status,
        400 | 431
    ));
    let text = "#".repeat(300 << 10);
    let draft = json!({ "id": "shipped/desk.toml", "text": text });
    let error = server.post("/api/scenario/check", &draft).json()["error"].clone();
    assert!(error["message"].to_string().contains("256 KiB"), "{error}");
}

#[test]
fn no_path_leads_out() {
    let place = tempfile::tempdir().unwrap();
    let inside = place.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(place.path().join("secret.toml"), "model = \"desk\"\n").unwrap();
    std::fs::write(place.path().join("secret.csv"), "x\n1\n").unwrap();
    std::fs::write(inside.join("own.toml"), "model = \"desk\"\n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(place.path().join("secret.toml"), inside.join("link.toml")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(place.path().join("secret.csv"), inside.join("link.csv")).unwrap();
    let server = Server::start(Some(&inside));
    let listed = server.get("/api/scenarios").json();
    let listed = listed["scenarios"].as_array().unwrap().iter();
    let own: Vec<&str> = listed
        .filter_map(|one| one["id"].as_str())
        .filter(|id| id.starts_with("folder"))
        .collect();
    assert_eq!(own, ["folder/own.toml"]);
    assert_eq!(server.get("/api/scenario?id=folder/own.toml").status, 200);
    for id in [
        "folder/../secret.toml",
        "folder/link.toml",
        "folder//etc/passwd",
        "shipped/../desk.toml",
        "folder/%2e%2e/secret.toml",
        "/etc/passwd",
    ] {
        assert_eq!(
            server.get(&format!("/api/scenario?id={id}")).status,
            404,
            "{id}"
        );
    }
    for path in [
        "/page/../mod.rs",
        "/page/%2e%2e%2fmod.rs",
        "/page/..%2f..%2fCargo.toml",
        "/../../etc/passwd",
        "//etc/passwd",
    ] {
        assert!(matches!(server.get(path).status, 400 | 404), "{path}");
    }
    // Text edited in the page may read files of the folder, and none outside it.
    std::fs::write(inside.join("own.csv"), "x\n1\n2\n").unwrap();
    let error = |file: &str, id: &str| {
        let text = format!(
            "model = \"tandem\"\narrivals = {{ saturated = true }}\nhorizon = {{ customers = 2 }}\n\
             [[stages]]\nname = \"a\"\nservice = {{ trace = {{ file = \"{file}\", column = \"x\" }} }}\n"
        );
        let answer = server.post("/api/scenario/check", &json!({ "id": id, "text": text }));
        answer.json()["error"].clone()
    };
    assert_eq!(error("own.csv", "folder/own.toml"), json!(null));
    assert_eq!(error("own.csv", "shipped/desk.toml"), json!(null));
    for file in [
        "../secret.csv",
        "link.csv",
        "/etc/passwd",
        place.path().join("secret.csv").to_str().unwrap(),
    ] {
        for id in [
            "folder/own.toml",
            "shipped/desk.toml",
            "folder/../x.toml",
            "../../x.toml",
            "/x.toml",
        ] {
            assert!(error(file, id)["message"].is_string(), "{file} {id}");
        }
    }
}

#[test]
fn who_says_nothing_holds_nobody_up() {
    let server = Server::start(None);
    // More connections than there are places, each with half a request; some send nothing at all.
    let mut held = Vec::new();
    for number in 0..4 * filas::serve::CONNECTIONS_MAX {
        let mut stream = server.connect();
        if number % 3 > 0 {
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost:");
        }
        held.push(stream);
    }
    // A whole request is answered while they are open: the oldest of them made room.
    let answer = server.bytes(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(answer.expect("it is answered").status, 421);
    let mut last = held.pop().expect("there are some");
    assert!(read(held.swap_remove(0)).is_none(), "the oldest is closed");
    // The last can still ask.
    last.write_all(b" x\r\nConnection: close\r\n\r\n")
        .expect("it is open");
    assert!(read(last).is_some());
}

#[test]
fn an_interrupt_ends_it_cleanly() {
    let server = Server::start(None);
    let held = server.connect();
    assert_eq!(server.interrupt(), Some(0));
    assert!(read(held).is_none());
}

#[test]
fn a_port_that_is_taken_and_a_folder_that_is_none_are_named() {
    let server = Server::start(None);
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_filas"));
        let output = command
            .args(["serve", "--no-open"])
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    let port = server.port.to_string();
    assert!(run(&["--port", &port]).contains(&port));
    assert!(run(&["--port", "99999"]).contains("99999"));
    assert!(run(&["/no/such/folder"]).contains("/no/such/folder"));
    assert!(run(&["Cargo.toml"]).contains("Cargo.toml"));
}
