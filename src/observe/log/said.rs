//! The log as a feed: lines for a view, in bounded memory.

use super::format::Parts;
use crate::observe::feed::Feed;
use serde::Serialize;
use std::sync::Arc;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// A line of the log for a view.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// Step or time.
    pub time: f64,
    /// `info`, `debug`, ...
    pub level: String,
    /// The actor.
    pub actor: String,
    /// The message: a sign, then words.
    pub text: String,
    /// The names in it: attendant, server, stage.
    pub names: Vec<String>,
}

impl Said {
    /// Whether it is about the actor of this name.
    #[must_use]
    pub fn concerns(&self, name: &str) -> bool {
        self.actor == name || self.names.iter().any(|other| other == name)
    }
}

/// Puts every event that the filter lets through into a feed. The writer never waits.
#[derive(Debug)]
pub struct Feeding(pub Arc<Feed<Said>>);

impl<S: Subscriber> Layer<S> for Feeding {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let parts = Parts::of(event, true);
        let level = event.metadata().level().as_str().to_lowercase();
        let (actor, text) = parts.actor_and_text(event.metadata().target());
        self.0.push(Said {
            time: parts.time.parse().unwrap_or(0.0),
            level,
            actor: actor.to_owned(),
            text: text.to_owned(),
            names: parts.names.clone(),
        });
    }
}
