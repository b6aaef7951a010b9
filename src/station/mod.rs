//! A service station without its model: which customers wait, which server serves which customer, the state of the
//! servers over time, and the events there.
//!
//! Both models record [`Happening`]s; nothing here uses an actor, a message or a runtime. A [`Station`] holds every
//! queueing rule once: customers ([`Person`]), the queue (`waiting`), servers (`server`), and the events due
//! (`calendar`). For the desk there are the requests that wait for attendants (`requests`) and the attendants who
//! are free for them (`attendants`).

pub(crate) mod attendants;
mod calendar;
mod draws;
mod engine;
mod event;
mod happening;
pub(crate) mod instants;
mod measures;
mod person;
pub(crate) mod requests;
mod server;
mod sharing;
mod visit;
mod waiting;

pub use draws::Chance;
pub use engine::{Counts, Station};
pub use event::{CutOff, Onward, StationEvent, StationEventKind, Subject};
pub use happening::{
    CustomerRecord, FaultEvent, FaultRecord, Happening, Passage, RequestEvent, RequestEventKind,
    RequestOutcome, RequestRecord, StepRecord, Visit,
};
pub use measures::{Level, Measures};
pub use person::{Began, Person};
pub use server::ServerTime;
pub use visit::{CustomerEnd, Ended, Gone, StationVisit, VisitOutcome};
