//! The room: the state of a running model that a view shows, folded from its records.
//!
//! The terminal and the web page draw the same room. It is updated where the records are made, so it is never out of
//! date and nothing is dropped from it; a view takes a copy. A [`DeskWatch`] or [`LineWatch`] is the recorder that
//! keeps it.
//!
//! # How to watch a run
//!
//! ```
//! use filas::actor::{Change, Intervention, Recording, Runtime, Surroundings};
//! use filas::observe::control::Control;
//! use filas::observe::room::DeskWatch;
//! use filas::scenario::{Origin, Overrides, load};
//!
//! let name = "two.toml";
//! let text = r#"
//!     model = "desk"
//!     steps = 50
//!     arrivals = { per_step = { poisson = { mean = 2.0 } } }
//!     classes = [ { name = "calm", service = { geometric = { mean = 1.5 } } } ]
//!     servers = [ { name = "A", attendants = [ { skills = ["calm"], count = 4 } ] } ]
//! "#;
//! let loaded = load(Origin::Embedded { name, text }, &Overrides::default())?;
//! let desk = loaded.scenario.desk().expect("the scenario says desk");
//!
//! // The run has a thread of its own; the control and the watch are shared with the view.
//! let control = Control::new(None);
//! let watch = DeskWatch::new(desk);
//! let outcome = std::thread::scope(|scope| {
//!     let run = scope.spawn(|| {
//!         let around = Surroundings { conductor: &control, recorder: &watch };
//!         let runtime = Runtime::Threads { channel_capacity: 4 };
//!         let outcome = filas::desk::run(desk, 0, runtime, Recording::Everything, around);
//!         control.finish(watch.room().time.get());
//!         outcome
//!     });
//!     // A view asks `watch.room()` and `control.reading()` as often as it draws; a key or a click is:
//!     control.intervene(Intervention { server: 0, attendant: 2, change: Change::TakeDown });
//!     run.join().expect("it does not panic")
//! })?;
//! assert_eq!(watch.room().counts.completed, outcome.summary.requests.completed);
//! // The interventions, as a patch that gives the same digest: `filas run two.toml --patch FILE`.
//! let patch = control.journal().patch(desk);
//! # assert!(control.journal().is_empty() || patch.contains("A-3"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A line is observed in the same way by a [`LineWatch`]. Run it with a chunk of 1 if it is paced, and ask for its room
//! at the control's clock, since its stages may be ahead of that clock.

pub(in crate::observe) mod desk;
mod line;
mod people;

pub use desk::{
    AttendantRoom, AttendantState, BufferRoom, DeskCounts, DeskCourse, DeskRoom, DeskSeries,
    DeskWatch, InService, ServerRoom, Spell,
};
pub use line::{LeftEarly, LineCounts, LineRoom, LineSample, LineWatch, ServerState, StageRoom};

use crate::actor::Recorder;
use crate::model::Model;
use crate::scenario::Scenario;
use crate::station::Happening;
use serde::Serialize;

/// The recorder that keeps the room of a run of either model.
#[derive(Debug)]
pub enum Watch {
    /// Of a desk.
    Desk(DeskWatch),
    /// Of a line.
    Line(LineWatch),
}

/// The state that a view shows.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Room {
    /// Of a desk.
    Desk(DeskRoom),
    /// Of a line.
    Line(LineRoom),
}

impl Watch {
    /// The room before the first event.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Watch {
        match Model::of(scenario) {
            Model::Desk(desk) => Watch::Desk(DeskWatch::new(desk)),
            Model::Line(line) => Watch::Line(LineWatch::new(line)),
        }
    }

    /// A copy of the room; of a line, at this time, which must not decrease from call to call.
    #[must_use]
    pub fn room(&self, clock: f64) -> Room {
        match self {
            Watch::Desk(watch) => Room::Desk(watch.room()),
            Watch::Line(watch) => Room::Line(watch.room(clock)),
        }
    }

    /// The time up to which events are known.
    #[must_use]
    pub fn end(&self) -> f64 {
        match self {
            Watch::Desk(watch) => watch.room().time.get(),
            Watch::Line(watch) => watch.last_departure(),
        }
    }
}

impl Recorder<Happening> for Watch {
    fn record(&self, records: &mut Vec<Happening>) {
        match self {
            Watch::Desk(watch) => watch.record(records),
            Watch::Line(watch) => watch.record(records),
        }
    }
}
