//! Every message of the desk. They go down a tree and come back: an actor gets one, answers once, and
//! has at most one underway on each of its edges, so that no schedule can jam them.
//!
//! ```text
//! coordinator ── generator
//!             ── faults
//!             ── supervisor ── server A ── attendant A-1, A-2, ...
//!                           ── server B ── ...
//! ```
//!
//! What goes down an edge comes back up it: an order is a form on which the answer is filled in. So there
//! is one form an edge for a whole run, its lists keep their room, and no step allocates anything.

use crate::actor::Intervention;
use crate::station::requests::{Client, Key, Request};
use crate::time::Time;
use std::cmp::Ordering;

/// What goes along an edge of the tree.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// Coordinator to generator: the requests of this step or instant.
    Generate(Box<Arrivals>),
    /// And back.
    Generated(Box<Arrivals>),
    /// Coordinator to fault injector: who comes up and who goes down.
    Strike(Box<Calamity>),
    /// And back.
    Struck(Box<Calamity>),
    /// Coordinator to supervisor: a step or an instant.
    Begin(Box<Occasion>),
    /// And back: how it went.
    Done(Box<Occasion>),
    /// Supervisor to server, several times a step.
    Order(Box<ServerOrder>),
    /// And back.
    Report(Box<ServerOrder>),
    /// Server to attendant.
    Duty(Box<Duty>),
    /// And back.
    Duties(Box<Duty>),
    /// The run is over at this time; the one message without an answer.
    Close(Time),
}

/// The requests of a step or an instant.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals {
    pub(super) now: Time,
    /// Clients who come again now, by the numbers of their last tries.
    pub(super) again: Vec<Again>,
    /// The answer: in the order in which they enter.
    pub(super) requests: Vec<Request>,
    /// When the next arrive.
    pub(super) next: Time,
}

/// A client who comes again; in the order in which such clients enter.
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

/// A step or an instant at which something befalls attendants.
#[derive(Clone, Debug, Default)]
pub(super) struct Calamity {
    pub(super) now: Time,
    /// What a person does in it, as if it stood at the end of the script.
    pub(super) interventions: Vec<Intervention>,
    /// Who began and ended what since the last time.
    pub(super) notes: Vec<Note>,
    /// Whether that is all: nothing happens now.
    pub(super) listen: bool,
    /// The answer: in the order in which it happens: repairs, who comes on duty, the script, faults by chance, who goes
    /// off duty.
    pub(super) changes: Vec<Change>,
    /// When the next thing happens.
    pub(super) next: Time,
    /// When the next attendant comes up, as far as that is known.
    pub(super) next_up: Time,
}

/// It becomes another thing with an attendant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Change {
    /// Index of the server.
    pub(super) server: u32,
    /// Index within the server.
    pub(super) attendant: u32,
    /// What becomes of it.
    pub(super) kind: ChangeKind,
}

/// What becomes of an attendant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ChangeKind {
    /// It is repaired after this time, having been down or slowed.
    Repair {
        after: f64,
        /// Whether that counts, and whether it is told: since it counts, or on duty.
        counted: bool,
        told: bool,
        slowed: bool,
    },
    /// It goes down, for that long or for good, or until a crew that it waits for has repaired it.
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
    /// It comes on duty, perhaps in an outage.
    OnDuty { down: bool },
    /// It stays on duty, not having left yet.
    Stay,
    /// Its spell ends, and it finishes what it is at.
    Leaving,
    /// It goes off duty.
    OffDuty,
}

/// An attendant begins or ends something; for the fault injector, where that matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Note {
    pub(super) server: u32,
    pub(super) attendant: u32,
    pub(super) at: Time,
    pub(super) kind: NoteKind,
}

/// What an attendant begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoteKind {
    /// A service begins.
    Began,
    /// A service ends.
    Ended,
    /// It has nothing to do any more.
    Free,
}

/// What a step or an instant brings from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Occasion {
    pub(super) now: Time,
    pub(super) arrivals: Vec<Request>,
    pub(super) changes: Vec<Change>,
    /// Whether what ends ends first, and the rest waits for what befalls attendants.
    pub(super) ends_first: bool,
    /// The answer, with the lists above emptied: who began and ended what, where that matters; who comes again.
    pub(super) notes: Vec<Note>,
    pub(super) again: Vec<Again>,
    pub(super) report: StepReport,
}

/// How a step or an instant went, as the supervisor saw it.
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
    /// Whether some of those who wait are of a class that an attendant has the skill for, up or not.
    pub(super) hope: bool,
    /// When the supervisor next has something to do unless something comes from outside.
    pub(super) next: Time,
}

/// Where a turn stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pause {
    /// It is over.
    #[default]
    Over,
    /// Before phase 1: what ended is told to the fault injector.
    Ended,
    /// Before phase 3: clients may come again at once.
    BeforeArrivals,
}

/// What a server is to do, and what came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerOrder {
    pub(super) now: Time,
    pub(super) task: Task,
    /// Outage: what becomes of whom, in order.
    pub(super) changes: Vec<(u32, ChangeKind)>,
    /// Work: new ones from the supervisor.
    pub(super) requests: Vec<Request>,
    /// Ends: whose clients have waited too long, unless they are completed now; class and key.
    pub(super) timed_out: Vec<(u32, Key)>,
    /// Settling: who is taken over by others; class and key.
    pub(super) moved: Vec<(u32, Key)>,
    /// Work and taking over: which requests start with which attendants, whom they were given to.
    pub(super) taken_over: Vec<(u32, Request)>,
    /// The answer; the lists above come back empty.
    pub(super) report: ServerReport,
}

impl ServerOrder {
    /// Whether anything stands on it that the server has to do in phase 4.
    pub(super) fn gives_work(&self) -> bool {
        !self.requests.is_empty() || !self.taken_over.is_empty()
    }
}

/// Which part of a turn a server is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Task {
    /// In continuous time: end the services and wrap-ups that are due. On either clock: time-outs.
    End,
    /// Phases 1 and 2, where something becomes of attendants: give back what was interrupted, and what waits for
    /// nobody any more.
    Outage,
    /// Phase 4 and what follows from it: put to work.
    #[default]
    Work,
    /// The same, and those whose patience runs out leave at once: nobody will take them over.
    WorkAndSettle,
    /// The end of phase 4 and phase 5: give back what others take over, and let those leave whose
    /// patience runs out.
    Settle,
    /// The end of phase 4: these start with these attendants.
    TakeOver,
}

/// What came of a server's order. Whoever reads it empties the lists.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerReport {
    /// Cut off in service, with the attendant, by rising number.
    pub(super) interrupted: Vec<(u32, Request)>,
    /// Given back: waiting for nobody any more, or taken over by others (in the order asked for).
    pub(super) returned: Vec<Request>,
    /// Sent with the order, and waiting here still: class and key.
    pub(super) queued: Vec<(u32, Key)>,
    /// Put to service.
    pub(super) started: Vec<Started>,
    /// Completed in this turn.
    pub(super) finished: Vec<Finished>,
    /// Attendants whose wrap-up ended, and when.
    pub(super) freed: Vec<(u32, Time)>,
    /// Withdrawn by a time-out, with the attendant if one served it.
    pub(super) withdrawn: Vec<(Option<u32>, Request)>,
    /// Left behind by a time-out, with the attendant if one serves it.
    pub(super) left_behind: Vec<(Option<u32>, Key)>,
    /// Gave up waiting.
    pub(super) gave_up: Vec<Request>,
    /// How many wait here now.
    pub(super) waiting: u64,
    /// How many are in service here now, after completions.
    pub(super) in_service: u64,
    /// When the server next has something to do unless it is sent something.
    pub(super) next: Time,
    /// When the next of those waiting gives up.
    pub(super) deadline: Time,
}

/// A service that began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    pub(super) attendant: u32,
    pub(super) class: u32,
    pub(super) key: Key,
    pub(super) arrival: Time,
    /// Whether it is the request's first.
    pub(super) first: bool,
    /// Whether the client has gone.
    pub(super) for_nobody: bool,
    /// Whether it was reported before as waiting here.
    pub(super) listed: bool,
    /// Whether it was given to this attendant, and never waited here.
    pub(super) given: bool,
}

/// A service that ended well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finished {
    pub(super) attendant: u32,
    pub(super) id: u64,
    pub(super) class: u32,
    pub(super) arrival: Time,
    /// When it ended.
    pub(super) end: Time,
    /// What came of it.
    pub(super) work: Work,
    /// Whether the attendant is free then, since there is nothing left to do after it.
    pub(super) frees: bool,
}

/// The time that attendants spent on a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Work {
    /// In service: what counted, and all of it.
    pub(super) served: f64,
    pub(super) worked: f64,
    /// Whether the client had gone.
    pub(super) for_nobody: bool,
}

impl Work {
    /// What it was for a request that is over, or nearly so.
    pub(super) fn on(request: &Request) -> Work {
        Work {
            served: request.served,
            worked: request.worked,
            for_nobody: request.gone.is_some(),
        }
    }
}

/// What befalls an attendant and what it is to do, in this order; and what came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Duty {
    /// Whether there is anything to do.
    pub(super) called: bool,
    pub(super) now: Time,
    /// What becomes of it, in order.
    pub(super) changes: Vec<ChangeKind>,
    /// From now on the service it is at goes on at another speed, and ends then.
    pub(super) pace: Option<(Time, f64)>,
    /// A service begins.
    pub(super) start: Option<Start>,
    /// The service it is at ends.
    pub(super) finish: bool,
    /// When the work after it ends, if there is any.
    pub(super) wraps_up: Option<Time>,
    /// The work after its last service ends.
    pub(super) freed: bool,
    /// The client of the service it is at has gone, and its request goes too or not.
    pub(super) timed_out: Option<bool>,
    /// The answer: what was cut off.
    pub(super) interrupted: Option<Request>,
    /// The answer: what was withdrawn.
    pub(super) withdrawn: Option<Request>,
    /// The answer: the work on the request that was completed.
    pub(super) finished: Option<Work>,
}

/// A service that begins.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) request: Request,
    pub(super) ends: Time,
    /// Work done in a unit of time.
    pub(super) speed: f64,
}

impl Duty {
    /// Makes it blank again, once it was read.
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
