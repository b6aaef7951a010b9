//! What is answered: JSON, or a refusal that says what was wrong.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
    /// Whether a person may be looking at this in place of the page.
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

    /// What was asked for is not there.
    pub(super) fn missing(what: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, what)
    }

    /// What was sent makes no sense, or not now.
    pub(super) fn wrong(what: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, what)
    }

    /// Somebody without the cookie.
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
            // No part of this text comes from outside.
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

/// What a POST brings, read from JSON.
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

/// Does work that takes its time on a thread apart, so that others are answered meanwhile.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        let text = "the server met a defect of its own while answering; its terminal tells more";
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, text)
    })
}
