//! The flat records of a line: one per visit of a customer to a stage, one per customer.

/// One customer at one stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visit {
    /// The customer's number, from 1.
    pub customer: u64,
    /// The stage's position, from 0.
    pub stage: u32,
    /// The server's number, from 1.
    pub server: u32,
    /// When the customer reached the stage.
    pub arrival: f64,
    /// When the service began.
    pub service_start: f64,
    /// When the service ended.
    pub service_end: f64,
    /// When the customer left the stage: later than the end of service where it was blocked.
    pub departure: f64,
}

/// One customer over the whole line. Of a lost one only the number and the arrival say anything:
/// its departure equals its arrival, and all else is zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CustomerRecord {
    /// The customer's number, from 1.
    pub customer: u64,
    /// When it reached the line.
    pub arrival: f64,
    /// When it left the line.
    pub departure: f64,
    /// Time waited at all stages.
    pub waiting: f64,
    /// Time in service at all stages.
    pub service: f64,
    /// Time blocked at all stages.
    pub blocked: f64,
    /// At how many stages it waited.
    pub queues_joined: u32,
    /// Whether it found no place at the first stage.
    pub lost: bool,
}

/// What the line puts on file.
#[derive(Clone, Debug, PartialEq)]
pub enum LineRecord {
    /// A customer has left the line, or was lost; see [`Passage`].
    Passage(Passage),
    /// A change of state at a stage, for those who watch; see [`LineEvent`].
    Event(LineEvent),
}

/// A change of state at a stage, put out by the stage as soon as it is known: in the order of time at
/// one stage, in no order across stages. It may well lie ahead of what happens elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LineEvent {
    /// A customer reaches the stage and waits there.
    Reached {
        /// The stage's position, from 0.
        stage: u32,
        /// The customer's number.
        customer: u64,
        /// When.
        time: f64,
    },
    /// Its service begins, and it is known when it ends; the departure is that of the end of service,
    /// as far as is known.
    Began(Visit),
    /// It leaves, and all of the visit is known. Where stages do not wait for each other, this is all
    /// that is told of a visit.
    Left(Visit),
    /// A customer finds no place at the first stage.
    Lost {
        /// Its number.
        customer: u64,
        /// When.
        time: f64,
    },
}

/// A customer who has left the line, put on file in the order of leaving, its visits in the order of
/// stages. A lost one stands just before the first with a higher number who leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The customer as a whole.
    pub customer: CustomerRecord,
    /// Its visits; none if it was lost.
    pub visits: Vec<Visit>,
}
