//! All messages of the desk. They go down a tree and come back: an actor receives one and answers once, and at most
//! one is underway on each edge, so no schedule can deadlock them.
//!
//! ```text
//! coordinator ── generator
//!             ── faults
//!             ── supervisor ── server A ── attendant A-1, A-2, ...
//!                           ── server B ── ...
//! ```
//!
//! The same object goes down an edge and comes back up: an order is a form on which the answer is filled in. So
//! there is one form per edge for a whole run, its lists are reused, and no step allocates anything.

use crate::actor::Intervention;
use crate::station::requests::{Client, Key, Request};
use crate::time::Time;
use std::cmp::Ordering;

/// A message along an edge of the tree.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// Coordinator to generator: the requests of this step or instant.
    Generate(Box<Arrivals>),
    /// The answer.
    Generated(Box<Arrivals>),
    /// Coordinator to fault injector: the attendants that come up or go down.
    Strike(Box<Calamity>),
    /// The answer.
    Struck(Box<Calamity>),
    /// Coordinator to supervisor: a step or an instant.
    Begin(Box<Occasion>),
    /// The answer: the results of the step or instant.
    Done(Box<Occasion>),
    /// Supervisor to server, several times a step.
    Order(Box<ServerOrder>),
    /// The answer.
    Report(Box<ServerOrder>),
    /// Server to attendant.
    Duty(Box<Duty>),
    /// The answer.
    Duties(Box<Duty>),
    /// The end of the run, at this time; the only message without an answer.
    Close(Time),
}

/// The requests of a step or an instant.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals {
    pub(super) now: Time,
    /// Clients who retry now, ordered by the numbers of their last tries.
    pub(super) again: Vec<Again>,
    /// The answer: requests in the order in which they enter.
    pub(super) requests: Vec<Request>,
    /// The time of the next arrivals.
    pub(super) next: Time,
}

/// A client who retries; ordered as such clients enter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Again {
    pub(super) due: Time,
    /// The number of its last try.
    pub(super) last: u64,
    pub(super) class: u32,
    pub(super) client: Client,
}

impl Eq for Again {}

impl Ord for Again {
    fn cmp(&self, other: &Again) -> Ordering {
        (self.due, self.last).cmp(&(other.due, other.last))
    }
}

impl PartialOrd for Again {
    fn partial_cmp(&self, other: &Again) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A step or an instant at which the state of attendants may change.
#[derive(Clone, Debug, Default)]
pub(super) struct Calamity {
    pub(super) now: Time,
    /// The interventions in it, as if they stood at the end of the script.
    pub(super) interventions: Vec<Intervention>,
    /// The services that began and ended since the last time.
    pub(super) notes: Vec<Note>,
    /// Whether the message only delivers the notes, and no attendant changes now.
    pub(super) listen: bool,
    /// The answer: the changes in order: repairs, attendants coming on duty, the script, faults by chance,
    /// attendants going off duty.
    pub(super) changes: Vec<Change>,
    /// The time of the next change.
    pub(super) next: Time,
    /// The time at which the next attendant comes up, as far as it is known.
    pub(super) next_up: Time,
}

/// A change of an attendant's state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Change {
    /// Index of the server.
    pub(super) server: u32,
    /// Index within the server.
    pub(super) attendant: u32,
    /// The kind of change.
    pub(super) kind: ChangeKind,
}

/// A kind of change of an attendant's state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ChangeKind {
    /// It is repaired after this time, having been down or slowed.
    Repair {
        after: f64,
        /// Whether it counts, and whether it is recorded: because it counts or because the attendant is on duty.
        counted: bool,
        told: bool,
        slowed: bool,
    },
    /// It goes down, for this long or permanently, or until the crew that it waits for has repaired it.
    Fault {
        down_for: Option<f64>,
        counted: bool,
        waits: bool,
    },
    /// It is slowed, in the same way.
    Slow {
        factor: f64,
        lasts: Option<f64>,
        counted: bool,
        waits: bool,
    },
    /// It comes on duty, possibly in an outage.
    OnDuty { down: bool },
    /// It stays on duty, not having left yet.
    Stay,
    /// Its period on duty ends while it finishes its current work.
    Leaving,
    /// It goes off duty.
    OffDuty,
}

/// The beginning or end of an attendant's work; for the fault injector, if that matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Note {
    pub(super) server: u32,
    pub(super) attendant: u32,
    pub(super) at: Time,
    pub(super) kind: NoteKind,
}

/// The kind of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoteKind {
    /// A service begins.
    Began,
    /// A service ends.
    Ended,
    /// The attendant has nothing more to do.
    Free,
}

/// The external events of a step or an instant.
#[derive(Clone, Debug, Default)]
pub(super) struct Occasion {
    pub(super) now: Time,
    pub(super) arrivals: Vec<Request>,
    pub(super) changes: Vec<Change>,
    /// Whether services end first, and the rest waits for the changes of attendants.
    pub(super) ends_first: bool,
    /// The answer, with the lists above emptied: notes of services that began and ended, if needed; and clients who
    /// retry.
    pub(super) notes: Vec<Note>,
    pub(super) again: Vec<Again>,
    pub(super) report: StepReport,
}

/// The results of a step or an instant, as counted by the supervisor.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StepReport {
    pub(super) rejected: u64,
    pub(super) dispatched: u64,
    pub(super) reallocated: u64,
    pub(super) interrupted: u64,
    pub(super) completed: u64,
    pub(super) abandoned: u64,
    pub(super) failed: u64,
    pub(super) timed_out: u64,
    /// Whether a request found the buffer full.
    pub(super) overflowed: bool,
    /// Whether the turn is over, or waits for more.
    pub(super) pause: Pause,
    /// Requests with the supervisor at the end.
    pub(super) buffer: u64,
    pub(super) handed_over: u64,
    /// Counted by the servers, at the end.
    pub(super) waiting_at_servers: u64,
    /// Counted by the servers, after completions.
    pub(super) in_service: u64,
    pub(super) attendants_up: u64,
    pub(super) on_duty: u64,
    /// Whether any waiting request is of a class that an attendant has the skill for, up or not.
    pub(super) hope: bool,
    /// The time at which the supervisor next has something to do, unless something comes from outside.
    pub(super) next: Time,
}

/// The progress of a turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pause {
    /// The turn is over.
    #[default]
    Over,
    /// Before phase 1: the fault injector is told which services ended.
    Ended,
    /// Before phase 3: clients may retry at once.
    BeforeArrivals,
}

/// An order to a server, and the results.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerOrder {
    pub(super) now: Time,
    pub(super) task: Task,
    /// Outage: the changes of attendants, in order.
    pub(super) changes: Vec<(u32, ChangeKind)>,
    /// Work: new requests from the supervisor.
    pub(super) requests: Vec<Request>,
    /// Ends: the requests whose clients have waited too long, unless they are completed now; class and key.
    pub(super) timed_out: Vec<(u32, Key)>,
    /// Settling: the requests taken over by others; class and key.
    pub(super) moved: Vec<(u32, Key)>,
    /// Work and taking over: the requests given to attendants, each with its attendant.
    pub(super) taken_over: Vec<(u32, Request)>,
    /// The answer; the lists above come back empty.
    pub(super) report: ServerReport,
}

impl ServerOrder {
    /// Whether it has anything for the server to do in phase 4.
    pub(super) fn gives_work(&self) -> bool {
        !self.requests.is_empty() || !self.taken_over.is_empty()
    }
}

/// The part of a turn that a server is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Task {
    /// In continuous time: end the services and wrap-ups that are due. On either clock: time-outs.
    End,
    /// Phases 1 and 2, if attendants change: return the requests that were interrupted, and those that no attendant
    /// can serve any more.
    Outage,
    /// Phase 4 and its consequences: put requests to work.
    #[default]
    Work,
    /// The same, and requests whose patience runs out leave at once: none of them will be taken over.
    WorkAndSettle,
    /// The end of phase 4 and phase 5: return the requests that others take over, and let those leave whose
    /// patience runs out.
    Settle,
    /// The end of phase 4: start these requests with these attendants.
    TakeOver,
}

/// The results of a server's order. The reader empties the lists.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerReport {
    /// Requests interrupted in service, with the attendant, by ascending number.
    pub(super) interrupted: Vec<(u32, Request)>,
    /// Requests returned: no attendant can serve them any more, or others take them over (in the order asked for).
    pub(super) returned: Vec<Request>,
    /// Requests that were sent with the order and still wait here: class and key.
    pub(super) queued: Vec<(u32, Key)>,
    /// Services that began.
    pub(super) started: Vec<Started>,
    /// Services completed in this turn.
    pub(super) finished: Vec<Finished>,
    /// Attendants whose wrap-up ended, and its time.
    pub(super) freed: Vec<(u32, Time)>,
    /// Requests withdrawn by a time-out, with the attendant if one served it.
    pub(super) withdrawn: Vec<(Option<u32>, Request)>,
    /// Requests left behind by a time-out, with the attendant if one serves it.
    pub(super) left_behind: Vec<(Option<u32>, Key)>,
    /// Requests that gave up waiting.
    pub(super) gave_up: Vec<Request>,
    /// The number of requests waiting here now.
    pub(super) waiting: u64,
    /// The number of requests in service here now, after completions.
    pub(super) in_service: u64,
    /// The time at which the server next has something to do, unless it is sent something.
    pub(super) next: Time,
    /// The time at which the next waiting request gives up.
    pub(super) deadline: Time,
}

/// A service that began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    pub(super) attendant: u32,
    pub(super) class: u32,
    pub(super) key: Key,
    pub(super) arrival: Time,
    /// Whether it is the first service of the request.
    pub(super) first: bool,
    /// Whether the client has left.
    pub(super) for_nobody: bool,
    /// Whether it was reported before as waiting here.
    pub(super) listed: bool,
    /// Whether it was given to this attendant, and never waited here.
    pub(super) given: bool,
}

/// A service that was completed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finished {
    pub(super) attendant: u32,
    pub(super) id: u64,
    pub(super) class: u32,
    pub(super) arrival: Time,
    /// The time at which it ended.
    pub(super) end: Time,
    /// The work on the request.
    pub(super) work: Work,
    /// Whether the attendant is free then, because there is no wrap-up.
    pub(super) frees: bool,
}

/// The time that attendants spent on a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Work {
    /// Time in service: the part that counted, and all of it.
    pub(super) served: f64,
    pub(super) worked: f64,
    /// Whether the client had left.
    pub(super) for_nobody: bool,
}

impl Work {
    /// The work on a request that has ended, or is about to.
    pub(super) fn on(request: &Request) -> Work {
        Work {
            served: request.served,
            worked: request.worked,
            for_nobody: request.gone.is_some(),
        }
    }
}

/// The changes of an attendant and its tasks, carried out in this order; and the results.
#[derive(Clone, Debug, Default)]
pub(super) struct Duty {
    /// Whether there is anything to do.
    pub(super) called: bool,
    pub(super) now: Time,
    /// The changes of its state, in order.
    pub(super) changes: Vec<ChangeKind>,
    /// A change of speed of the service or wrap-up in progress: its new end, and the new speed.
    pub(super) pace: Option<(Time, f64)>,
    /// The service to begin.
    pub(super) start: Option<Start>,
    /// Whether the service in progress ends.
    pub(super) finish: bool,
    /// The end of the wrap-up, if there is one.
    pub(super) wraps_up: Option<Time>,
    /// Whether the wrap-up ends.
    pub(super) freed: bool,
    /// Set if the client of the service in progress has left; true if its request is withdrawn.
    pub(super) timed_out: Option<bool>,
    /// The answer: the request interrupted.
    pub(super) interrupted: Option<Request>,
    /// The answer: the request withdrawn.
    pub(super) withdrawn: Option<Request>,
    /// The answer: the work on the request completed.
    pub(super) finished: Option<Work>,
}

/// A service that begins.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) request: Request,
    pub(super) ends: Time,
    /// Work per unit of time.
    pub(super) speed: f64,
}

impl Duty {
    /// Clears it for the next use, after it was read.
    pub(super) fn clear(&mut self) {
        self.called = false;
        self.changes.clear();
        self.pace = None;
        self.finish = false;
        self.wraps_up = None;
        self.freed = false;
        self.timed_out = None;
        self.finished = None;
    }
}
