//! Checks the origin, the cookie and the size of every request before it is handled.
//!
//! A server on the loopback address can be reached by every program of the machine and, through its
//! browser, by every page of the web. Therefore the `Host` must be the server's own (a foreign name that
//! resolves to 127.0.0.1 is refused), an `Origin` must be its own, a POST must be JSON (which a foreign
//! form cannot send), and everything but the link needs the cookie. There are no CORS headers, and the
//! content security policy lets the page load only files of this server and run no inline script.

use super::answer::Refusal;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The maximum size of a request's body, in bytes: enough for a scenario of 256 KiB written as JSON.
pub const BODY_MAX: usize = 1 << 20;

/// The time within which the whole body of a request must arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// The content security policy of the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The headers of every answer.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The secrets and the port of one server.
pub(super) struct Guard {
    port: u16,
    /// The value of the cookie.
    session: String,
    /// The token of the link that has not been used yet.
    link: Mutex<String>,
    /// Called with a new link when the last one was used.
    announce: Box<dyn Fn(&str) + Send + Sync>,
}

impl Guard {
    /// The guard of a server on this port of the loopback address.
    ///
    /// # Errors
    /// If the operating system gives no random bytes.
    pub(super) fn new(
        port: u16,
        announce: Box<dyn Fn(&str) + Send + Sync>,
    ) -> Result<Guard, getrandom::Error> {
        Ok(Guard {
            port,
            session: secret()?,
            link: Mutex::new(secret()?),
            announce,
        })
    }

    /// The URL to open in a browser.
    pub(super) fn url(&self) -> String {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        format!("http://127.0.0.1:{}/?token={link}", self.port)
    }

    /// The name of the cookie. It includes the port, as cookies are shared by all ports of a host: two
    /// servers on one machine do not overwrite each other's cookie.
    fn cookie_name(&self) -> String {
        format!("filas_{}", self.port)
    }

    fn host_is_ours(&self, headers: &HeaderMap) -> bool {
        let [host] = all(headers, &header::HOST)[..] else {
            return false;
        };
        host == format!("127.0.0.1:{}", self.port) || host == format!("localhost:{}", self.port)
    }

    /// Whether the `Origin` is this server's. A missing one is accepted: only browsers send it.
    fn origin_is_ours(&self, headers: &HeaderMap) -> bool {
        let origins = all(headers, &header::ORIGIN);
        let hosts = all(headers, &header::HOST);
        match (origins.as_slice(), hosts.as_slice()) {
            ([], _) => true,
            ([origin], [host]) => origin.strip_prefix("http://") == Some(host),
            _ => false,
        }
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        let cookies = all(headers, &header::COOKIE);
        let mut pairs = cookies.iter().flat_map(|cookies| cookies.split(';'));
        pairs.any(|pair| {
            pair.trim().split_once('=').is_some_and(|(found, value)| {
                found == name && same(value.as_bytes(), self.session.as_bytes())
            })
        })
    }

    fn opens(&self, token: &str) -> bool {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        same(token.as_bytes(), link.as_bytes())
    }

    /// Replaces the link by a new one for another browser, once the browser that followed it has sent the
    /// cookie.
    fn use_up(&self, token: &str) {
        let Ok(fresh) = secret() else { return };
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if same(token.as_bytes(), link.as_bytes()) {
            *link = fresh;
            drop(link);
            (self.announce)(&self.url());
        }
    }

    /// The answer to the link: sets the cookie and redirects to the page without the token in its address.
    fn welcome(&self, token: &str) -> Response {
        // The second cookie holds the token of the link, so that the link is used up only when a browser
        // has come back: a client that keeps no cookies does not use it up.
        let cookie = |name: String, value: &str| {
            format!("{name}={value}; HttpOnly; SameSite=Strict; Path=/")
        };
        let session = cookie(self.cookie_name(), &self.session);
        let followed = cookie(format!("{}_link", self.cookie_name()), token);
        let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response();
        for cookie in [session, followed] {
            let cookie = HeaderValue::from_str(&cookie).expect("a secret is plain hexadecimal");
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
        answer
    }

    fn followed(&self, headers: &HeaderMap) -> Option<String> {
        let name = format!("{}_link", self.cookie_name());
        let cookies = all(headers, &header::COOKIE);
        let mut pairs = cookies.iter().flat_map(|cookies| cookies.split(';'));
        pairs.find_map(|pair| {
            let (found, value) = pair.trim().split_once('=')?;
            (found == name).then(|| value.to_owned())
        })
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

/// Checks a request and passes it on with its body read, or refuses it.
pub(super) async fn guard(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let mut answer = match admitted(&guard, request).await {
        Ok(Admitted::Link(welcome)) => welcome,
        Ok(Admitted::Request(request)) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in HEADERS {
        answer
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    answer
}

enum Admitted {
    Link(Response),
    Request(Request),
}

async fn admitted(guard: &Guard, request: Request) -> Result<Admitted, Refusal> {
    let headers = request.headers();
    if !guard.host_is_ours(headers) {
        let text = format!("this server answers at 127.0.0.1:{} only", guard.port);
        return Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, text));
    }
    if !guard.origin_is_ours(headers) {
        let text = "requests from pages of other origins are refused";
        return Err(Refusal::new(StatusCode::FORBIDDEN, text));
    }
    let method = request.method();
    if !matches!(*method, Method::GET | Method::HEAD | Method::POST) {
        let text = format!("the method {method} is not supported");
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, text));
    }
    if *method != Method::POST
        && request.uri().path() == "/"
        && let Some(token) = token(request.uri().query())
    {
        if guard.opens(token) {
            return Ok(Admitted::Link(guard.welcome(token)));
        }
        if guard.knows(headers) {
            // An old link in a browser that has the cookie leads to the page.
            let home = (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]);
            return Ok(Admitted::Link(home.into_response()));
        }
        return Err(Refusal::stranger(
            "this link was already used, or belongs to another server",
        ));
    }
    if !guard.knows(headers) {
        return Err(Refusal::stranger("this page needs the key in its link"));
    }
    if let Some(token) = guard.followed(headers) {
        guard.use_up(&token);
    }
    if *method == Method::POST && !is_json(headers) {
        let text = "the body must be application/json";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    let (head, body) = request.into_parts();
    let too_large = || {
        let text = format!("the body is larger than {BODY_MAX} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, text)
    };
    let said = all(&head.headers, &header::CONTENT_LENGTH);
    let said = said.first().and_then(|text| text.parse::<usize>().ok());
    if said.is_some_and(|length| length > BODY_MAX) {
        return Err(too_large());
    }
    let read = axum::body::to_bytes(body, BODY_MAX);
    match tokio::time::timeout(BODY_PATIENCE, read).await {
        Ok(Ok(bytes)) => Ok(Admitted::Request(Request::from_parts(
            head,
            Body::from(bytes),
        ))),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => {
            let text = "the body of the request did not arrive in time";
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, text))
        }
    }
}

fn token(query: Option<&str>) -> Option<&str> {
    query?
        .split('&')
        .find_map(|pair| pair.strip_prefix("token="))
}

fn is_json(headers: &HeaderMap) -> bool {
    let [kind] = all(headers, &header::CONTENT_TYPE)[..] else {
        return false;
    };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// All values of a header; a value that is not text is given as empty.
fn all<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let values = headers.get_all(name).iter();
    values
        .map(|value| value.to_str().unwrap_or_default())
        .collect()
}

/// Compares in constant time, so that the time does not reveal how many bytes were equal.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// 128 random bits, in hexadecimal.
fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
