//! A service station without its model: so far, the events there.
//!
//! Both models put [`Happening`]s on file; nothing here knows an actor, a message or a runtime.

mod happening;

pub use happening::{
    CustomerRecord, FaultEvent, FaultRecord, Happening, Passage, RequestEvent, RequestEventKind,
    RequestOutcome, RequestRecord, StepRecord, Visit,
};
