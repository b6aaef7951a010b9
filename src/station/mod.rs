//! A service station without its model: the events there, the requests that wait for attendants, and the
//! attendants who are free for them.
//!
//! Both models put [`Happening`]s on file; nothing here knows an actor, a message or a runtime.

pub(crate) mod attendants;
mod happening;
pub(crate) mod instants;
pub(crate) mod requests;

pub use happening::{
    CustomerRecord, FaultEvent, FaultRecord, Happening, Passage, RequestEvent, RequestEventKind,
    RequestOutcome, RequestRecord, StepRecord, Visit,
};
