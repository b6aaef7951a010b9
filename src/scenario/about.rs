//! The properties of every scenario, whatever its model (name, seed, model), and access to the parts of only one
//! model.

use super::{Desk, LineArrivals, OneClock, Scenario, ServerGroup, Start, Tandem};
use crate::number::{of_them, plain};
use crate::time::Time;

impl Scenario {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Scenario::Tandem(line) => &line.name,
            Scenario::Desk(desk) => &desk.name,
        }
    }

    /// The seed of all random streams.
    #[must_use]
    pub fn seed(&self) -> u64 {
        match self {
            Scenario::Tandem(line) => line.seed,
            Scenario::Desk(desk) => desk.seed,
        }
    }

    /// The key `model` of its file.
    #[must_use]
    pub fn model(&self) -> &'static str {
        match self {
            Scenario::Tandem(line) => line.model(),
            Scenario::Desk(_) => "desk",
        }
    }

    /// The unit of its times: the one its file names, otherwise the steps of a desk in steps.
    #[must_use]
    pub fn time_unit(&self) -> Option<&str> {
        match self {
            Scenario::Tandem(line) => line.time_unit.as_deref(),
            Scenario::Desk(desk) => {
                let steps = desk.steps().map(|_| "steps");
                desk.time_unit.as_deref().or(steps)
            }
        }
    }

    /// The unit of its times in its summary: null if none is named, absent for a desk in steps.
    #[must_use]
    pub fn stated_unit(&self) -> Option<Option<&str>> {
        match self {
            Scenario::Tandem(line) => Some(line.time_unit.as_deref()),
            Scenario::Desk(desk) => match (desk.time_unit.as_deref(), desk.steps()) {
                (None, Some(_)) => None,
                (unit, _) => Some(unit),
            },
        }
    }

    /// The time of day at time 0, if its file gives one.
    #[must_use]
    pub fn start(&self) -> Option<Start> {
        match self {
            Scenario::Tandem(line) => line.start,
            Scenario::Desk(desk) => desk.start,
        }
    }

    /// The start of the clock that its records show, if its file gives one: time 0 of a line; step 0 of a desk, so
    /// that a step is shown by the time of day at which it begins.
    #[must_use]
    pub fn clock(&self) -> Option<Start> {
        match self {
            Scenario::Tandem(line) => line.start,
            Scenario::Desk(desk) => desk.clock(),
        }
    }

    /// A clock on which every time of a run has a length in seconds: that of its file, or one from midnight on
    /// which a unit without a known length, or a step, is a second.
    #[must_use]
    pub fn real_clock(&self) -> Start {
        self.clock().unwrap_or_else(|| {
            let midnight = Start::midnight(self.stated_unit().flatten());
            let steps = self.desk().and_then(Desk::steps);
            steps.map_or(midnight, |_| midnight.earlier(1.0))
        })
    }

    /// The names of the entries of each list of its summary, by the list's key.
    #[must_use]
    pub fn entries(&self) -> Vec<(String, Vec<String>)> {
        match self {
            Scenario::Tandem(line) => {
                let stages = line.stages.iter().map(|stage| stage.name.clone());
                let classes = line.classes.iter().map(|class| class.name.clone());
                vec![
                    (line.list().to_owned(), stages.collect()),
                    ("classes".to_owned(), classes.collect()),
                ]
            }
            Scenario::Desk(desk) => {
                let classes = desk.classes.iter().map(|class| class.name.clone());
                let servers = desk.servers.iter().map(|server| server.name.clone());
                let mut entries = vec![
                    ("classes".to_owned(), classes.collect()),
                    ("servers".to_owned(), servers.collect()),
                ];
                for (index, server) in desk.servers.iter().enumerate() {
                    let numbers = 1..=server.attendants.len();
                    let names = numbers.map(|number| format!("{}-{number}", server.name));
                    entries.push((format!("servers.{index}.attendants"), names.collect()));
                }
                entries
            }
        }
    }

    /// Whether its actors on threads advance together from instant to instant, asked by a coordinator; the stages
    /// of other lines, and the stations of other networks, run ahead of each other.
    #[must_use]
    pub fn is_on_one_clock(&self) -> bool {
        self.line().is_none() || self.why_one_clock().is_some()
    }

    /// The part of a line or network that needs one clock; a desk always needs one.
    #[must_use]
    pub fn why_one_clock(&self) -> Option<OneClock> {
        let line = self.line().filter(|line| !line.is_plain())?;
        line.feeds().err()
    }

    /// The line or network, for what only these have: stages, a warm-up.
    #[must_use]
    pub fn line(&self) -> Option<&Tandem> {
        match self {
            Scenario::Tandem(line) => Some(line),
            Scenario::Desk(_) => None,
        }
    }

    /// The line, for changes.
    pub fn line_mut(&mut self) -> Option<&mut Tandem> {
        match self {
            Scenario::Tandem(line) => Some(line),
            Scenario::Desk(_) => None,
        }
    }

    /// The desk, for what only a desk has: attendants to take down, a buffer.
    #[must_use]
    pub fn desk(&self) -> Option<&Desk> {
        match self {
            Scenario::Tandem(_) => None,
            Scenario::Desk(desk) => Some(desk),
        }
    }
}

impl Tandem {
    /// Whether it is a network of stations.
    #[must_use]
    pub fn is_network(&self) -> bool {
        self.routing.is_some()
    }

    /// Whether a network may lose customers at any station, at its entries or further on.
    #[must_use]
    pub fn may_lose(&self) -> bool {
        let limited = self.stages.iter().any(|stage| stage.places().is_some());
        let routing = self.routing.as_ref();
        routing.is_some_and(|routing| limited || routing.system_capacity.is_some())
    }

    /// Whether the customers of a class, by index, are present from the beginning and never leave.
    #[must_use]
    pub fn stays(&self, class: usize) -> bool {
        let LineArrivals::PerClass(flows) = &self.arrivals else {
            return false;
        };
        matches!(flows.get(class), Some(flow) if matches!(flow.arrivals, LineArrivals::Population(1..)))
    }

    /// Whether all its customers are present from the beginning and never leave.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        let LineArrivals::PerClass(flows) = &self.arrivals else {
            return false;
        };
        let mut flows = flows.iter();
        self.has_population()
            && flows.all(|flow| matches!(flow.arrivals, LineArrivals::Population(_)))
    }

    /// Whether the customers of any class never leave.
    #[must_use]
    pub fn has_population(&self) -> bool {
        (0..self.classes.len()).any(|class| self.stays(class))
    }

    /// The key `model` of its file.
    #[must_use]
    pub fn model(&self) -> &'static str {
        if self.is_network() {
            "network"
        } else {
            "tandem"
        }
    }

    /// The key of its list of stages, in its file and its summary.
    #[must_use]
    pub fn list(&self) -> &'static str {
        if self.is_network() {
            "stations"
        } else {
            "stages"
        }
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
}

impl Desk {
    /// The start of the clock that its records show; see [`Scenario::clock`].
    #[must_use]
    pub fn clock(&self) -> Option<Start> {
        let steps = if self.steps().is_some() { 1.0 } else { 0.0 };
        self.start.map(|start| start.earlier(steps))
    }

    /// The unit of its durations: steps, or the unit its file names.
    #[must_use]
    pub fn unit(&self) -> &str {
        match self.steps() {
            Some(_) => "steps",
            None => self.time_unit.as_deref().unwrap_or("units of time"),
        }
    }

    /// A duration in words, such as `3 steps` or `2.5 min`.
    #[must_use]
    pub fn lasting(&self, duration: f64) -> String {
        match self.steps() {
            Some(_) if duration.fract() == 0.0 => of_them(duration as u64, "step"),
            _ => format!("{} {}", plain(duration), self.unit()),
        }
    }

    /// A time on its clock in words, such as `step 12`, `08:32:15` or `12.5 min`.
    #[must_use]
    pub fn moment(&self, time: Time) -> String {
        match (self.steps(), self.start) {
            (Some(_), _) => format!("step {time}"),
            (None, Some(start)) => start.at(time.get()),
            (None, None) => match &self.time_unit {
                Some(unit) => format!("{} {unit}", plain(time.get())),
                None => format!("time {}", plain(time.get())),
            },
        }
    }
}

impl ServerGroup {
    /// The name of one of its attendants, by index.
    #[must_use]
    pub fn attendant(&self, index: u32) -> String {
        format!("{}-{}", self.name, index + 1)
    }
}
