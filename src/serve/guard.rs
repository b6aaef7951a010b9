//! Who may ask, and for how much: checked for every request before anything else looks at it.
//!
//! A server on loopback can be reached by every program of the machine and, through its browser, by
//! every page of the web. So: the `Host` must be ours (a name that was pointed at 127.0.0.1 is not), an
//! `Origin` must be ours, a POST must be JSON (which a foreign form cannot send), and but for the link
//! everything needs the cookie. There are no CORS headers, and the content security policy lets the
//! page load nothing but what comes from here and run no script that stands in the page.

use super::answer::Refusal;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The largest body of a request, in bytes: a scenario of 256 KiB, written as JSON.
pub const BODY_MAX: usize = 1 << 20;

/// Who has not sent the whole of a body after this long is not waited for.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// What pages from here may do.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What a browser is told with every answer.
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

/// The secrets of one server, and where it is.
pub(super) struct Guard {
    port: u16,
    /// What the cookie holds.
    session: String,
    /// What the link holds, until it was used.
    link: Mutex<String>,
    /// Told a new link when the last one was used.
    announce: Box<dyn Fn(&str) + Send + Sync>,
}

impl Guard {
    /// The guard of a server on this port of the loopback.
    ///
    /// # Errors
    /// If the machine has no chance to give.
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

    /// The URL to open.
    pub(super) fn url(&self) -> String {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        format!("http://127.0.0.1:{}/?token={link}", self.port)
    }

    /// Cookies know no ports, so the name holds it: two servers on one machine do not disturb each other.
    fn cookie_name(&self) -> String {
        format!("filas_{}", self.port)
    }

    fn host_is_ours(&self, headers: &HeaderMap) -> bool {
        let [host] = all(headers, &header::HOST)[..] else {
            return false;
        };
        host == format!("127.0.0.1:{}", self.port) || host == format!("localhost:{}", self.port)
    }

    /// What is not sent cannot be foreign: programs that are no browsers send none.
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

    /// Whoever followed the link came back with the cookie: the link is used up, and there is a new one for
    /// another browser.
    fn use_up(&self, token: &str) {
        let Ok(fresh) = secret() else { return };
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if same(token.as_bytes(), link.as_bytes()) {
            *link = fresh;
            drop(link);
            (self.announce)(&self.url());
        }
    }

    /// The answer to the link: the cookie, and the way to the page without the token in its address.
    fn welcome(&self, token: &str) -> Response {
        // The second cookie names the link that was followed, so that it is used up only when a browser
        // has come back: a look at the address that keeps no cookies does not spoil it.
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

/// Checks a request, and lets it through with its body read, or refuses it.
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
        let text = format!("this server answers to 127.0.0.1:{} only", guard.port);
        return Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, text));
    }
    if !guard.origin_is_ours(headers) {
        let text = "a page from elsewhere may ask for nothing here";
        return Err(Refusal::new(StatusCode::FORBIDDEN, text));
    }
    let method = request.method();
    if !matches!(*method, Method::GET | Method::HEAD | Method::POST) {
        let text = format!("{method} is not understood here");
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
            // An old link in a browser that has the cookie: to the page, and no harm done.
            let home = (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]);
            return Ok(Admitted::Link(home.into_response()));
        }
        return Err(Refusal::stranger(
            "this link was used already, or is another server's",
        ));
    }
    if !guard.knows(headers) {
        return Err(Refusal::stranger("this page needs its key"));
    }
    if let Some(token) = guard.followed(headers) {
        guard.use_up(&token);
    }
    if *method == Method::POST && !is_json(headers) {
        let text = "what is sent here must be application/json";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    let (head, body) = request.into_parts();
    let too_large = || {
        let text = format!("more than {BODY_MAX} bytes were sent");
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
            let text = "the request did not come whole in time";
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

/// Every value of a header; one that is no text is empty.
fn all<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let values = headers.get_all(name).iter();
    values
        .map(|value| value.to_str().unwrap_or_default())
        .collect()
}

/// Compares without telling by its time how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// 128 bits that nobody guesses, in hexadecimal.
fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
