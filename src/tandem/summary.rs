//! The summary of a line: every measure that the contract names, in serialised form.

use super::intervals::IntervalSummary;
use super::sink::Sink;
use crate::digest::Digest;
use crate::station::VisitOutcome;
use crate::stats::Statistics;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The measures of one run, in the scenario's time unit.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LineSummary {
    /// The line's last departure.
    pub clock: f64,
    /// Measured departures per unit of time, from the first measured arrival to the last departure.
    pub throughput: Option<f64>,
    /// The numbers of customers, by outcome.
    pub customers: CustomerCounts,
    /// Time waited over the whole line, per measured customer.
    pub waiting: Statistics,
    /// Time in service over the whole line, per measured customer.
    pub service: Statistics,
    /// Time blocked over the whole line, per measured customer.
    pub blocked: Statistics,
    /// Departure minus arrival, per measured customer.
    pub sojourn: Statistics,
    /// The number of stages at which a measured customer waited.
    pub queues_joined: QueuesJoined,
    /// Idle time of the stages.
    pub idle_time: IdleTime,
    /// The longest queue of all, and its stage.
    pub queue_length_max: LongestQueue,
    /// Shares of customers lost; none in the digest, since they follow from other measures.
    #[serde(default)]
    pub lost: Option<LineLoss>,
    /// The measures of each stage, in order; for a network, of its stations, under the key `stations`.
    #[serde(alias = "stations")]
    pub stages: Vec<StageSummary>,
    /// The measures of each class, in order, if there are classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassSummary>,
    /// Set for a network: its deadlock and swaps.
    #[serde(default)]
    pub deadlock: Option<DeadlockSummary>,
    /// The measures of each interval from time 0 on, if they are reported. They come last, since their number may
    /// depend on random values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<IntervalSummary>,
}

/// The outcome for stations of a network that block each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadlockSummary {
    /// The time at which the run ended in a deadlock; none if it did not.
    pub time: Option<f64>,
    /// Number of times that customers who waited for each other swapped places.
    pub swaps: u64,
}

/// Fields are written in the order of declaration, except absent lists and options.
impl Serialize for LineSummary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let list = match self.deadlock {
            Some(_) => "stations",
            None => "stages",
        };
        let mut fields = serializer.serialize_struct("LineSummary", 14)?;
        fields.serialize_field("clock", &self.clock)?;
        fields.serialize_field("throughput", &self.throughput)?;
        fields.serialize_field("customers", &self.customers)?;
        fields.serialize_field("waiting", &self.waiting)?;
        fields.serialize_field("service", &self.service)?;
        fields.serialize_field("blocked", &self.blocked)?;
        fields.serialize_field("sojourn", &self.sojourn)?;
        fields.serialize_field("queues_joined", &self.queues_joined)?;
        fields.serialize_field("idle_time", &self.idle_time)?;
        fields.serialize_field("queue_length_max", &self.queue_length_max)?;
        if let Some(lost) = &self.lost {
            fields.serialize_field("lost", lost)?;
        }
        fields.serialize_field(list, &self.stages)?;
        if !self.classes.is_empty() {
            fields.serialize_field("classes", &self.classes)?;
        }
        if let Some(deadlock) = &self.deadlock {
            fields.serialize_field("deadlock", deadlock)?;
        }
        if !self.intervals.is_empty() {
            fields.serialize_field("intervals", &self.intervals)?;
        }
        fields.end()
    }
}

impl LineSummary {
    /// The classes with any arrivals, if there are classes.
    pub fn classes_that_came(&self) -> impl Iterator<Item = &ClassSummary> {
        self.classes
            .iter()
            .filter(|class| class.customers.arrived > 0)
    }

    /// Whether all customers stay for ever, so that none is served to the end.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        let mut came = self.classes_that_came().peekable();
        came.peek().is_some() && came.all(|class| class.cycle_time.is_some())
    }

    /// Whether any customer waited for some time, including those not served to the end or still present.
    #[must_use]
    pub fn somebody_waited(&self) -> bool {
        let mut longest = self.stages.iter().map(|stage| stage.queue_length.max);
        longest.any(|length| length > Some(0))
    }

    /// Whether it is of a network of stations.
    #[must_use]
    pub fn is_network(&self) -> bool {
        self.deadlock.is_some()
    }

    /// The word for one of its stages.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        if self.is_network() {
            "station"
        } else {
            "stage"
        }
    }

    /// Combines the results of the sink and the stages.
    pub(super) fn new(arrived: u64, sink: &Sink, stages: Vec<StageSummary>) -> LineSummary {
        let measured = sink.measured();
        let (waiting, service) = match stages.as_slice() {
            [only] => (only.waiting, only.service),
            _ => (sink.waiting.statistics(), sink.service.statistics()),
        };
        let span = sink.clock - sink.first_measured;
        let customers = CustomerCounts {
            arrived,
            lost: sink.lost,
            departed: sink.departed,
            measured,
            balked: None,
            abandoned: None,
            scrapped: None,
            failed: None,
            unfinished: None,
        };
        LineSummary {
            clock: sink.clock,
            throughput: (span > 0.0).then(|| measured as f64 / span),
            customers,
            waiting,
            service,
            blocked: sink.blocked.statistics(),
            sojourn: sink.sojourn.statistics(),
            queues_joined: QueuesJoined {
                mean: (measured > 0).then(|| sink.queues_joined as f64 / measured as f64),
                max: (measured > 0).then_some(u64::from(sink.queues_joined_max)),
            },
            idle_time: IdleTime::over(&stages),
            queue_length_max: LongestQueue::over(&stages),
            lost: Some(LineLoss::of(sink.lost_later, measured)),
            stages,
            classes: Vec::new(),
            intervals: Vec::new(),
            deadlock: None,
        }
    }

    /// The fingerprint of these records and the summary, without names.
    pub(super) fn digest(&self, records: impl IntoIterator<Item = Digest>) -> Digest {
        let mut digest = Digest::EMPTY;
        for records in records {
            digest.fold(records.value());
        }
        let text = serde_json::to_vec(&self.without_names()).expect("a summary is plain data");
        digest.fold_bytes(&text);
        digest
    }

    /// The same measures without names, as they enter the digest.
    fn without_names(&self) -> LineSummary {
        let mut summary = self.clone();
        // A line written as a network has the digest of the line.
        if summary
            .deadlock
            .is_some_and(|deadlock| deadlock.time.is_none() && deadlock.swaps == 0)
        {
            summary.deadlock = None;
        }
        // Measures that follow from others are left out.
        summary.lost = None;
        for class in &mut summary.classes {
            class.cycle_rate = None;
        }
        summary.idle_time.max_stage = None;
        summary.queue_length_max.stage = None;
        for stage in &mut summary.stages {
            stage.lost = None;
            stage.name.clear();
        }
        for class in &mut summary.classes {
            class.name.clear();
        }
        summary
    }
}

impl IdleTime {
    pub(super) fn over(stages: &[StageSummary]) -> IdleTime {
        let times: Vec<f64> = stages.iter().filter_map(|stage| stage.idle_time).collect();
        let (mean, max) = mean_and_max(&times);
        let most_idle = stages
            .iter()
            .find(|stage| max.is_some() && stage.idle_time == max);
        IdleTime {
            mean,
            max,
            max_stage: most_idle.map(|stage| stage.name.clone()),
        }
    }
}

/// The plain mean and the maximum of the stages' idle times.
pub(super) fn mean_and_max(times: &[f64]) -> (Option<f64>, Option<f64>) {
    let mean = (!times.is_empty()).then(|| times.iter().sum::<f64>() / times.len() as f64);
    (mean, times.iter().copied().reduce(f64::max))
}

impl LongestQueue {
    pub(super) fn over(stages: &[StageSummary]) -> LongestQueue {
        let length = stages
            .iter()
            .filter_map(|stage| stage.queue_length.max)
            .max();
        let stage = stages
            .iter()
            .find(|stage| length.is_some() && stage.queue_length.max == length);
        LongestQueue {
            length,
            stage: stage.map(|stage| stage.name.clone()),
        }
    }
}

/// The numbers of customers in the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerCounts {
    /// Customers who reached the line.
    pub arrived: u64,
    /// Customers who found no place at the first stage.
    pub lost: u64,
    /// Customers who left the line served.
    pub departed: u64,
    /// Measured customers: after the warm-up, not lost and not balked on arrival.
    pub measured: u64,
    /// Customers who did not join a queue they found; this and the next four are present for people and machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balked: Option<u64>,
    /// Customers whose patience ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abandoned: Option<u64>,
    /// Customers who left as scrap after a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrapped: Option<u64>,
    /// Customers whose work a fault interrupted for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// Customers present when the run ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<u64>,
}

impl CustomerCounts {
    /// Whether the line has people and machines.
    #[must_use]
    pub fn has_people(&self) -> bool {
        self.unfinished.is_some()
    }

    /// The number of customers with each outcome; these add up to all arrivals.
    #[must_use]
    pub fn ends(&self) -> [(VisitOutcome, u64); 7] {
        [
            (VisitOutcome::Served, self.departed),
            (VisitOutcome::Lost, self.lost),
            (VisitOutcome::Balked, self.balked.unwrap_or(0)),
            (VisitOutcome::Abandoned, self.abandoned.unwrap_or(0)),
            (VisitOutcome::Failed, self.failed.unwrap_or(0)),
            (VisitOutcome::Scrapped, self.scrapped.unwrap_or(0)),
            (VisitOutcome::Unfinished, self.unfinished.unwrap_or(0)),
        ]
    }

    /// Customers who left without being served to the end; those still present are not counted.
    #[must_use]
    pub fn unserved(&self) -> u64 {
        self.arrived - self.departed - self.unfinished.unwrap_or(0)
    }
}

/// Shares of customers lost, among those who came after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LineLoss {
    /// The share of measured customers no longer present that left without being served to the end, or found no
    /// place.
    pub total: Option<f64>,
}

impl LineLoss {
    pub(super) fn of(unserved: u64, served: u64) -> LineLoss {
        let ended = unserved + served;
        LineLoss {
            total: (ended > 0).then(|| unserved as f64 / ended as f64),
        }
    }
}

/// A measure that is present, with or without a value.
fn told<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Option<f64>>, D::Error> {
    Option::deserialize(source).map(Some)
}

/// The measures of one class of customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassSummary {
    /// The class's name.
    pub name: String,
    /// The numbers of customers, by outcome.
    pub customers: CustomerCounts,
    /// Time waited over the whole line, per measured customer who was served.
    pub waiting: Statistics,
    /// Time served over the whole line, per measured customer who was served.
    pub service: Statistics,
    /// Departure minus arrival, per measured customer who was served.
    pub sojourn: Statistics,
    /// Times from leaving the entry to leaving it again, of customers who stay for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle_time: Option<Statistics>,
    /// Departures from the entry of all customers who stay for ever, per unit of measured time.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "told"
    )]
    pub cycle_rate: Option<Option<f64>>,
}

/// The number of stages at which a measured customer waited.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueuesJoined {
    /// Mean.
    pub mean: Option<f64>,
    /// Maximum.
    pub max: Option<u64>,
}

/// Idle time per server, over the stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdleTime {
    /// Plain mean over the stages.
    pub mean: Option<f64>,
    /// Maximum over the stages.
    pub max: Option<f64>,
    /// The stage with the maximum; the first of equals.
    pub max_stage: Option<String>,
}

/// The longest queue of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LongestQueue {
    /// The number of customers waiting.
    pub length: Option<u64>,
    /// The stage; the first of equals.
    pub stage: Option<String>,
}

/// The measures of one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageSummary {
    /// The stage's name.
    pub name: String,
    /// Its number of servers, the maximum of a plan; none if servers are unlimited.
    pub servers: Option<u32>,
    /// Customers who came to it and were not lost, in the whole run.
    pub arrivals: u64,
    /// Customers who left it, in the whole run.
    pub departures: u64,
    /// Service start minus arrival, per measured visit.
    pub waiting: Statistics,
    /// The share of measured visits that waited.
    pub waited_fraction: Option<f64>,
    /// Service end minus service start, per measured visit.
    pub service: Statistics,
    /// Busy share of the window, without blocked time.
    pub utilisation: Option<f64>,
    /// Busy share of the time on duty and up.
    pub occupancy: Option<f64>,
    /// Idle time per server in the window.
    pub idle_time: Option<f64>,
    /// The longest idle period of any one server, clipped to the window.
    pub idle_longest: Option<f64>,
    /// Blocked time per server in the window.
    pub blocked_time: Option<f64>,
    /// Customers waiting, not in service, over the window.
    pub queue_length: QueueLengthSummary,
    /// Customers who found no place here, in the whole run. This and all that follow are present for people and
    /// machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<u64>,
    /// Customers who did not join the queue they found, in the whole run; so are the next four.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balked: Option<u64>,
    /// Customers whose patience ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abandoned: Option<u64>,
    /// Customers who left as scrap after their service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrapped: Option<u64>,
    /// Customers whose work a fault interrupted for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// Customers present when the run ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<u64>,
    /// Time waited by measured customers who gave up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_abandon: Option<Statistics>,
    /// Set-up time per server in the window.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "told"
    )]
    pub setup_time: Option<Option<f64>>,
    /// Time under repair, or waiting for it, per server in the window.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "told"
    )]
    pub down_time: Option<Option<f64>>,
    /// Time off duty per server in the window.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "told"
    )]
    pub off_time: Option<Option<f64>>,
    /// Customers in service over the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_service: Option<InService>,
}

/// The use of the time of a stage's servers, as shares of the window; they add up to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeShares {
    /// In service.
    pub busy: f64,
    /// Held by a customer who finds no place further on.
    pub blocked: f64,
    /// In set-ups.
    pub setup: f64,
    /// Under repair, or waiting for it.
    pub down: f64,
    /// Off duty.
    pub off: f64,
    /// Up and on duty without a customer.
    pub idle: f64,
}

impl StageSummary {
    /// The use of the time of its servers. None if no window opened, or if servers are unlimited.
    #[must_use]
    pub fn time_shares(&self) -> Option<TimeShares> {
        let busy = self.utilisation?;
        let time = |time: Option<Option<f64>>| time.flatten().unwrap_or(0.0);
        let (blocked, idle) = (self.blocked_time?, self.idle_time?);
        let [setup, down, off] = [self.setup_time, self.down_time, self.off_time].map(time);
        let rest = idle + blocked + setup + down + off;
        let share = |time: f64| match rest > 0.0 {
            true => time / rest * (1.0 - busy),
            false => 0.0,
        };
        Some(TimeShares {
            busy,
            blocked: share(blocked),
            setup: share(setup),
            down: share(down),
            off: share(off),
            idle: share(idle),
        })
    }

    /// The number of customers who left the line here without being served to the end, by outcome. Those who found
    /// no place here are not among the arrivals.
    #[must_use]
    pub fn ends(&self) -> [(VisitOutcome, u64); 6] {
        [
            (VisitOutcome::Lost, self.lost.unwrap_or(0)),
            (VisitOutcome::Balked, self.balked.unwrap_or(0)),
            (VisitOutcome::Abandoned, self.abandoned.unwrap_or(0)),
            (VisitOutcome::Failed, self.failed.unwrap_or(0)),
            (VisitOutcome::Scrapped, self.scrapped.unwrap_or(0)),
            (VisitOutcome::Unfinished, self.unfinished.unwrap_or(0)),
        ]
    }
}

/// Number of customers in service over a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct InService {
    /// Mean over time.
    pub mean: Option<f64>,
}

/// Queue length over a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueLengthSummary {
    /// Mean over time.
    pub mean: Option<f64>,
    /// The maximum, over lengths that lasted longer than zero.
    pub max: Option<u64>,
    /// The time at which it was first reached; none if no customer ever waited.
    pub max_at: Option<f64>,
}
