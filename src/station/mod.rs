//! What a service station is, without a model: so far, what happens there.
//!
//! Both models put [`Happening`]s on file; nothing here knows an actor, a message or a runtime.

mod happening;

pub use happening::{
    CustomerRecord, FaultEvent, FaultRecord, Happening, Passage, RequestEvent, RequestEventKind,
    RequestOutcome, RequestRecord, StepRecord, Visit,
};
