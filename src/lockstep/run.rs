//! The result of a run: the final state of the stations, and the outcomes of customers.

use super::arrivals::Arrivals;
use super::coordinator::Endless;
use super::jam::{Deadlocked, Jams};
use super::recordings::Shortage;
use super::sink::{Outcomes, Sink};
use super::{CoordinatorActor, IntervalMeasures, LockstepActor, pipeline};
use crate::actor::RunError;
use crate::digest::Digest;
use crate::station::Station;
use crate::stats::{BatchMeans, Tally};

/// The result of a run: the final state of the stations, and the outcomes of customers.
#[derive(Debug)]
pub struct Run<'a> {
    /// The stations, in order.
    pub stations: Vec<&'a Station>,
    sink: &'a Sink,
    arrivals: &'a Arrivals,
    /// The number of customers who found no place, by station.
    lost: Vec<u64>,
    /// The time at which the run was stopped by the clock, if it was.
    stopped_at: Option<f64>,
    /// State of the detection of stations that block each other, if there can be any.
    jams: Option<&'a Jams>,
    interrupted: bool,
}

/// Totals of customers over the whole system.
#[derive(Clone, Copy, Debug)]
pub struct Customers<'a> {
    /// Customers generated.
    pub arrived: u64,
    /// Customers served to the end.
    pub served: u64,
    /// Customers who came from outside and found no place.
    pub lost: u64,
    /// Customers who did not join a queue.
    pub balked: u64,
    /// Customers whose patience ended.
    pub abandoned: u64,
    /// Customers who left as scrap.
    pub scrapped: u64,
    /// Customers whose work a fault interrupted for good.
    pub failed: u64,
    /// Customers present when the run ended.
    pub unfinished: u64,
    /// Measured customers who had a place.
    pub measured: u64,
    /// Measured customers who were served.
    pub measured_served: u64,
    /// Customers who came after the warm-up and were not served to the end, except those still present.
    pub later_unserved: u64,
    /// Times waited, of measured customers who were served; so are the next three.
    pub waiting: &'a Tally,
    /// Times served.
    pub service: &'a Tally,
    /// Times blocked.
    pub blocked: &'a Tally,
    /// Times from arrival to departure.
    pub sojourn: &'a Tally,
}

impl<'a> Customers<'a> {
    fn of(ends: &'a Outcomes, arrived: u64) -> Customers<'a> {
        Customers {
            arrived,
            served: ends.served,
            lost: ends.lost,
            balked: ends.balked,
            abandoned: ends.abandoned,
            scrapped: ends.scrapped,
            failed: ends.failed,
            unfinished: ends.unfinished,
            measured: ends.measured,
            measured_served: ends.measured_served,
            later_unserved: ends.later_unserved,
            waiting: &ends.waiting,
            service: &ends.service,
            blocked: &ends.blocked,
            sojourn: &ends.sojourn,
        }
    }

    /// Customers who ended, with any outcome.
    #[must_use]
    pub fn ended(&self) -> u64 {
        let gone = self.lost + self.balked + self.abandoned + self.scrapped + self.failed;
        self.served + gone + self.unfinished
    }
}

impl<'a> Run<'a> {
    /// The result of a run, from its actors, all of which are done.
    ///
    /// # Errors
    /// [`RunError::Endless`] if an instant did not end, [`RunError::Trace`] if a recording was too short.
    ///
    /// # Panics
    /// If customers were not conserved.
    pub fn of(actors: &'a mut [LockstepActor]) -> Result<Run<'a>, RunError> {
        let (run, shortage, failure) = match actors {
            [LockstepActor::Coordinator(first), others @ ..] => Run::on_one_clock(first, others),
            actors => Run::along_pipeline(actors),
        };
        if let Some(shortage) = shortage {
            let Shortage { what, had, needed } = shortage.clone();
            return Err(RunError::Trace { what, had, needed });
        }
        if let Some(failure) = failure {
            let name = |&station: &u32| run.stations[station as usize].name().to_owned();
            return Err(RunError::Endless {
                time: failure.time,
                stations: failure.stations.iter().map(name).collect(),
            });
        }
        let all = run.customers();
        assert_eq!(all.arrived, all.ended(), "customers were not conserved");
        Ok(run)
    }

    fn on_one_clock(
        first: &'a CoordinatorActor,
        others: &'a [LockstepActor],
    ) -> (Run<'a>, Option<&'a Shortage>, Option<&'a Endless>) {
        let coordinator = &first.coordinator;
        let actors = others.iter().filter_map(|actor| match actor {
            LockstepActor::Station(actor) => Some(&actor.station),
            _ => None,
        });
        let run = Run {
            stations: coordinator.stations.at_hand.iter().chain(actors).collect(),
            sink: &coordinator.sink,
            arrivals: coordinator.made(),
            lost: coordinator.lost().collect(),
            stopped_at: coordinator.stopped_at(),
            jams: Some(coordinator.jams()),
            interrupted: coordinator.interrupted,
        };
        (run, coordinator.shortage(), coordinator.failure())
    }

    fn along_pipeline(
        actors: &'a mut [LockstepActor],
    ) -> (Run<'a>, Option<&'a Shortage>, Option<&'a Endless>) {
        let Some((LockstepActor::Collector(collector), actors)) = actors.split_last_mut() else {
            unreachable!("the sink is the last actor");
        };
        // Servers come and go as long as customers are present or may come, or until the run stops by the clock.
        let last = collector.stop_at.unwrap_or(collector.sink.clock);
        let mut stages: Vec<&pipeline::Stage> = Vec::new();
        let mut supply = None;
        for actor in actors {
            match actor {
                LockstepActor::Source(source) => supply = Some(&source.supply),
                LockstepActor::Stage(stage) => {
                    stage.run_until(last);
                    supply = supply.or(stage.supply.as_deref());
                    stages.push(stage);
                }
                _ => unreachable!("a pipeline has a source, stations and a sink"),
            }
        }
        stages.sort_by_key(|stage| stage.position);
        let supply = supply.expect("customers come from somewhere");
        let run = Run {
            sink: &collector.sink,
            arrivals: &supply.arrivals,
            lost: stages.iter().map(|stage| stage.lost).collect(),
            stations: stages.iter().map(|stage| &stage.station).collect(),
            stopped_at: collector.stop_at,
            jams: None,
            interrupted: supply.interrupted,
        };
        let endless = stages.iter().filter_map(|stage| stage.endless.as_ref());
        let first = endless.min_by(|one, other| one.time.total_cmp(&other.time));
        (run, supply.shortage.as_ref(), first)
    }

    /// All customers.
    #[must_use]
    pub fn customers(&self) -> Customers<'_> {
        Customers::of(&self.sink.all, self.arrivals.made())
    }

    /// The customers of each class.
    #[must_use]
    pub fn classes(&self) -> Vec<Customers<'_>> {
        let made = self.arrivals.made_of();
        let classes = self.sink.by_class().iter().zip(made);
        classes
            .map(|(ends, &made)| Customers::of(ends, made))
            .collect()
    }

    /// The number of stages at which measured customers who were served waited: in all, and the maximum for one
    /// customer.
    #[must_use]
    pub fn queues_joined(&self) -> (u64, u32) {
        (self.sink.queues_joined, self.sink.queues_joined_max)
    }

    /// The close of the windows: the last departure of a customer who had a place, or the end of a run that stops.
    #[must_use]
    pub fn clock(&self) -> f64 {
        self.stopped_at.unwrap_or(self.sink.clock)
    }

    /// The deadlock that ended the run, if stations blocked each other.
    #[must_use]
    pub fn deadlocked(&self) -> Option<&Deadlocked> {
        self.jams.and_then(|jams| jams.ended.as_ref())
    }

    /// The number of customers who found no place, by station.
    pub fn lost(&self) -> impl Iterator<Item = u64> {
        self.lost.iter().copied()
    }

    /// Number of times that customers who waited for each other swapped places.
    #[must_use]
    pub fn swaps(&self) -> u64 {
        self.jams.map_or(0, |jams| jams.swapped)
    }

    /// The times from leaving the entry to leaving it again, by class, of customers who stay for ever.
    #[must_use]
    pub fn cycles(&self) -> &[Tally] {
        &self.sink.cycles
    }

    /// Departures from their entry of customers of a class that stays for ever, per unit of measured time.
    #[must_use]
    pub fn cycle_rate(&self, class: usize) -> Option<f64> {
        self.sink.cycle_rate(class, self.clock())
    }

    /// The time at which the first measured customer who had a place reached the system.
    #[must_use]
    pub fn first_measured(&self) -> Option<f64> {
        self.sink.first_measured
    }

    /// The waits of measured customers who were served in batches, in the order of leaving.
    #[must_use]
    pub fn waiting_batches(&self) -> &BatchMeans {
        &self.sink.waiting_batches
    }

    /// Measures of each interval, if they are reported. `ends_early` says that the run was to end before the last
    /// interval, like a run that was wound up or deadlocked.
    #[must_use]
    pub fn intervals(&self, ends_early: bool) -> Vec<IntervalMeasures> {
        let ends_early = ends_early || self.interrupted || self.deadlocked().is_some();
        let by_interval = self.sink.by_interval.as_ref();
        by_interval.map_or(Vec::new(), |one| one.measures(self.clock(), ends_early))
    }

    /// The fingerprint of the records.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.sink.digest.digest()
    }

    /// Whether the run was wound up before its horizon.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.interrupted
    }
}
