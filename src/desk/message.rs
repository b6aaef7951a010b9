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

use super::request::{Key, Request};
use crate::actor::Intervention;
use crate::time::Step;

/// What goes along an edge of the tree.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// Coordinator to generator: the requests of this step.
    Generate(Box<Arrivals>),
    /// And back.
    Generated(Box<Arrivals>),
    /// Coordinator to fault injector: who comes up and who goes down in this step.
    Strike(Box<Calamity>),
    /// And back.
    Struck(Box<Calamity>),
    /// Coordinator to supervisor: a step.
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
    /// The run is over after these steps; the one message without an answer.
    Close(Step),
}

/// The requests of a step.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals {
    pub(super) step: Step,
    /// The answer: in the order in which they enter.
    pub(super) requests: Vec<Request>,
    /// The next step in which any arrive; [`Step::MAX`] is never.
    pub(super) next: Step,
}

/// A step in which something befalls attendants.
#[derive(Clone, Debug, Default)]
pub(super) struct Calamity {
    pub(super) step: Step,
    /// What a person does in it, as if it stood at the end of the script.
    pub(super) interventions: Vec<Intervention>,
    /// The answer: in the order in which it happens: repairs, scripted faults, faults by chance.
    pub(super) changes: Vec<Change>,
    /// The next step in which anything happens; [`Step::MAX`] is never.
    pub(super) next: Step,
}

/// An attendant comes up or goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// Index of the server.
    pub(super) server: u32,
    /// Index within the server.
    pub(super) attendant: u32,
    /// Whether it comes up or goes down.
    pub(super) kind: ChangeKind,
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeKind {
    /// It is repaired after this many steps.
    Repair { after: u64 },
    /// It goes down, for so many steps or for good.
    Fault { down_for: Option<u64> },
}

/// What a step brings from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Occasion {
    pub(super) step: Step,
    pub(super) arrivals: Vec<Request>,
    pub(super) changes: Vec<Change>,
    /// The answer, with the lists emptied.
    pub(super) report: StepReport,
}

/// How a step went, as the supervisor saw it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StepReport {
    pub(super) rejected: u64,
    pub(super) dispatched: u64,
    pub(super) reallocated: u64,
    pub(super) interrupted: u64,
    pub(super) completed: u64,
    pub(super) abandoned: u64,
    pub(super) failed: u64,
    /// Requests with the supervisor at the end of the step.
    pub(super) buffer: u64,
    pub(super) handed_over: u64,
    /// Counted by the servers, at the end of the step.
    pub(super) waiting_at_servers: u64,
    /// Counted by the servers, after completions.
    pub(super) in_service: u64,
    pub(super) attendants_up: u64,
    /// The next step in which the supervisor has something to do unless something comes from outside.
    pub(super) next: Step,
}

/// What a server is to do, and what came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerOrder {
    pub(super) step: Step,
    pub(super) task: Task,
    /// Outage and work: whom something befalls, by rising number; with work nobody goes down.
    pub(super) shifts: Vec<Shift>,
    /// Work: new ones from the supervisor.
    pub(super) requests: Vec<Request>,
    /// Settling: who is taken over by others; class and key.
    pub(super) moved: Vec<(u32, Key)>,
    /// Taking over: who starts with whom, by rising number of the attendant.
    pub(super) taken_over: Vec<(u32, Request)>,
    /// The answer; the lists above come back empty.
    pub(super) report: ServerReport,
}

/// Which part of a step a server is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Task {
    /// Phases 1 and 2, where attendants go down: give back what was interrupted, and what waits for
    /// nobody any more.
    Outage,
    /// Phases 1 and 4 and what follows from them: put to work.
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

/// What befalls one attendant in a step: it may come up and go down again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shift {
    pub(super) attendant: u32,
    pub(super) repaired: bool,
    pub(super) failed: bool,
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
    /// Completed in this step.
    pub(super) finished: Vec<Finished>,
    /// Gave up waiting: class and key.
    pub(super) gave_up: Vec<(u32, Key)>,
    /// How many wait here now.
    pub(super) waiting: u64,
    /// How many are in service here now, after completions.
    pub(super) in_service: u64,
    /// The next step in which the server has something to do unless it is sent something.
    pub(super) next: Step,
    /// The step in which the next of those waiting gives up.
    pub(super) deadline: Step,
}

/// A service that began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    pub(super) attendant: u32,
    pub(super) class: u32,
    pub(super) key: Key,
    pub(super) arrival: Step,
    /// Whether it is the request's first.
    pub(super) first: bool,
    /// Whether it was reported before as waiting here.
    pub(super) listed: bool,
}

/// A service that ended well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finished {
    pub(super) attendant: u32,
    pub(super) class: u32,
    pub(super) arrival: Step,
}

/// What befalls an attendant and what it is to do, in this order; and what came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Duty {
    pub(super) step: Step,
    pub(super) repaired: bool,
    pub(super) failed: bool,
    /// A service begins.
    pub(super) start: Option<Request>,
    /// The service it is at ends in this step.
    pub(super) finish: bool,
    /// The answer: what was cut off.
    pub(super) interrupted: Option<Request>,
    /// The answer: whether a service was completed.
    pub(super) finished: bool,
}

impl Duty {
    /// Makes it blank again, once it was read.
    pub(super) fn clear(&mut self) {
        self.step = 0;
        self.repaired = false;
        self.failed = false;
        self.finish = false;
        self.finished = false;
    }
}
