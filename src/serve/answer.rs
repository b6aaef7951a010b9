//! Answers to requests: JSON, or a refusal with its reason.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

/// The refusal of a request: an HTTP status and its reason.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
    /// Whether the request came without the cookie, so that a person may see the answer in place of the page.
    stranger: bool,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Refusal {
        Refusal {
            status,
            error: error.into(),
            stranger: false,
        }
    }

    /// The refusal of a request for something that does not exist (404).
    pub(super) fn missing(what: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, what)
    }

    /// The refusal of a request that is invalid, or invalid at this time (422).
    pub(super) fn wrong(what: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, what)
    }

    /// The refusal of a request without the cookie (401).
    pub(super) fn stranger(error: &str) -> Refusal {
        Refusal {
            status: StatusCode::UNAUTHORIZED,
            error: error.to_owned(),
            stranger: true,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if self.stranger {
            // No part of this text comes from the request.
            let text = format!(
                "filas: {}.\nOpen the link that `filas serve` shows in its terminal; it shows a \
                 fresh one for every browser.\n",
                self.error
            );
            let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            return (self.status, plain, text).into_response();
        }
        (self.status, axum::Json(json!({ "error": self.error }))).into_response()
    }
}

/// The body of a POST request, read from JSON.
#[derive(Debug)]
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Sent<T>, Refusal> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Sent(value)),
            Err(JsonRejection::JsonDataError(error)) => Err(Refusal::wrong(error.body_text())),
            Err(error) => Err(Refusal::new(StatusCode::BAD_REQUEST, error.body_text())),
        }
    }
}

/// Does slow work on a separate thread, so that other requests are answered meanwhile.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        let text = "internal error; see the terminal running filas serve";
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, text)
    })
}
