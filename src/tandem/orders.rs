//! The same line in many orders of its stages, with the work of common prefixes done once.
//!
//! If no stage has a limit, the departures from the first stages of a line do not depend on what follows. So the
//! orders are walked as a tree: a stage is passed once for all orders with the same prefix (for 8 stages 109,600
//! passes instead of 322,560). The stages are the same actors as in [`super::run`], so the measures are those of a
//! run of each order to the last bit. Services are drawn once per stage: a stage's stream is named after it, and
//! customer k has the same service wherever the stage is.

use super::lookahead::Lookahead;
use super::message::{Chunk, LineMessage};
use super::sink::Sink;
use super::source::Source;
use super::summary::{LineSummary, mean_and_max};
use super::{CHUNK, LineActor, Pace, Plan, choose, shortage, shortest_trace};
use crate::actor::{Actor, Input, Outbox, Recording, RunError, Runtime, Wants};
use crate::random::laws::Trace;
use crate::random::{Draws, Law, Purpose};
use crate::scenario::{LineArrivals, Stage, Tandem};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The means by which orders are compared; a mean without observations is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LineMeans {
    /// Time waited over the whole line, per measured customer.
    pub waiting: Option<f64>,
    /// The number of stages at which a measured customer waited.
    pub queues_joined: Option<f64>,
    /// Idle time per server: the plain mean over the stages.
    pub idle_time: Option<f64>,
    /// Idle time per server: the maximum over the stages.
    pub idle_time_max: Option<f64>,
    /// Departure minus arrival, per measured customer.
    pub sojourn: Option<f64>,
    /// The line's last departure.
    pub clock: f64,
}

impl LineMeans {
    /// The means of a run.
    #[must_use]
    pub fn of(summary: &LineSummary) -> LineMeans {
        LineMeans {
            waiting: summary.waiting.mean,
            queues_joined: summary.queues_joined.mean,
            idle_time: summary.idle_time.mean,
            idle_time_max: summary.idle_time.max,
            sojourn: summary.sojourn.mean,
            clock: summary.clock,
        }
    }
}

/// Whether [`means_in_orders`] accepts this line: no stage has a limit, and it cannot run out of services in a way
/// that only the run itself would notice.
#[must_use]
pub fn orders_share_prefixes(scenario: &Tandem) -> bool {
    if !scenario.is_plain() {
        return false;
    }
    let unlimited = scenario.stages.iter().all(|stage| stage.buffer.is_none());
    let trace = |stage: &Stage| stage.expect_plain().service.length().is_some();
    let saturated = scenario.arrivals == LineArrivals::Saturated;
    unlimited && !(saturated && scenario.stages.iter().any(trace))
}

/// Runs one replication of each of these orders of the stages, given by their positions in the scenario. Returns
/// the means in the same sequence, or `None` if `stop` was set meanwhile. Orders with the same prefix should be
/// adjacent, as they are when sorted.
///
/// # Errors
/// [`RunError::Trace`].
///
/// # Panics
/// If the line is not one for which [`orders_share_prefixes`], or an order is not one of its stages.
pub fn means_in_orders(
    scenario: &Tandem,
    replication: u64,
    orders: &[Vec<u16>],
    stop: &AtomicBool,
) -> Result<Option<Vec<LineMeans>>, RunError> {
    assert!(
        orders_share_prefixes(scenario),
        "prefixes cannot be shared here"
    );
    let source = Source::new(
        &scenario.arrivals,
        scenario.horizon,
        CHUNK,
        shortest_trace(&scenario.stages).map_or(u64::MAX, |(_, values)| values),
        Lookahead::of(&scenario.stages),
        (scenario.seed, replication),
    );
    let mut arrived = None;
    if let Some(source) = source {
        let mut source = LineActor::Source(Box::new(source));
        arrived = Some(through(&mut source, Vec::new()));
        if let Some(shortage) = shortage(&source, scenario) {
            return Err(shortage);
        }
    }
    let mut walk = Walk {
        scenario,
        line: scenario.clone(),
        replication,
        services: vec![None; scenario.stages.len()],
        passed: Vec::new(),
        found: Vec::with_capacity(orders.len()),
        stop,
    };
    walk.descend(arrived.unwrap_or_default(), orders)?;
    Ok((walk.found.len() == orders.len()).then_some(walk.found))
}

/// All customers after some stages, in the chunks in which they travel.
type Flow = Vec<Box<Chunk>>;

/// The position of the walk in the tree of orders.
struct Walk<'a> {
    scenario: &'a Tandem,
    /// The line in the order of the path; the rest is in any order.
    line: Tandem,
    replication: u64,
    /// The services of each stage of the scenario, once drawn.
    services: Vec<Option<Arc<Vec<f64>>>>,
    /// The stages of the path.
    passed: Vec<LineActor>,
    found: Vec<LineMeans>,
    stop: &'a AtomicBool,
}

impl Walk<'_> {
    /// Continues from the end of the path, for orders that all begin with it.
    fn descend(&mut self, flow: Flow, orders: &[Vec<u16>]) -> Result<(), RunError> {
        let depth = self.passed.len();
        if depth == self.line.stages.len() {
            let means = self.leave(flow);
            self.found.extend(orders.iter().map(|_| means));
            return Ok(());
        }
        let mut flow = Some(flow);
        let mut left = orders;
        for alike in orders.chunk_by(|a, b| a[depth] == b[depth]) {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            left = &left[alike.len()..];
            // The last to take the customers may keep them.
            let mine = match left {
                [] => flow.take(),
                _ => flow.clone(),
            };
            let mine = mine.expect("only the last keeps them");
            let mut stage = self.stage(usize::from(alike[0][depth]), &mine)?;
            let onwards = through(&mut stage, mine);
            self.passed.push(stage);
            self.descend(onwards, alike)?;
            self.passed.pop();
        }
        Ok(())
    }

    /// The next stage of the path, with its services drawn.
    fn stage(&mut self, index: usize, flow: &Flow) -> Result<LineActor, RunError> {
        let depth = self.passed.len();
        let stage = &self.scenario.stages[index];
        // A saturated first stage generates as many customers as the horizon allows.
        let known = depth > 0 || self.scenario.arrivals != LineArrivals::Saturated;
        let service = match known {
            true => Law::Trace(Trace {
                values: self.services(index, flow)?,
                repeat: false,
            })
            .into(),
            false => stage.service.clone(),
        };
        self.line.stages[depth] = Stage {
            service,
            ..stage.clone()
        };
        let plan = Plan {
            scenario: &self.line,
            replication: self.replication,
            chunk: CHUNK,
            recording: Recording::Nothing,
            pace: Pace::of(Runtime::Inline),
            kernels: choose(&self.line, Runtime::Inline, Recording::Nothing),
        };
        let actor = plan.stage(depth);
        // A shortage of the line's own traces must not be attributed to those created here.
        self.line.stages[depth].service = stage.service.clone();
        Ok(actor)
    }

    fn services(&mut self, index: usize, flow: &Flow) -> Result<Arc<Vec<f64>>, RunError> {
        if let Some(services) = &self.services[index] {
            return Ok(Arc::clone(services));
        }
        let customers = flow.iter().map(|chunk| chunk.customers.len()).sum();
        let stage = &self.scenario.stages[index];
        let (seed, replication) = (self.scenario.seed, self.replication);
        let needed = customers as u64;
        if let Some(had) = stage
            .expect_plain()
            .service
            .length()
            .filter(|&had| had < needed)
        {
            let what = format!("the services of stage {}", stage.name);
            return Err(RunError::Trace { what, had, needed });
        }
        let mut values = vec![0.0; customers];
        let mut draws = Draws::new(
            stage.expect_plain().service,
            seed,
            replication,
            &stage.name,
            Purpose::Service,
        );
        draws.fill(1, &mut values);
        let values: Arc<Vec<f64>> = values.into();
        self.services[index] = Some(Arc::clone(&values));
        Ok(values)
    }

    /// Lets the customers leave a line of all stages, and returns the means.
    fn leave(&self, flow: Flow) -> LineMeans {
        let warm_up = self.line.warm_up.customers().unwrap_or(0);
        let sink = Sink::new(warm_up, self.passed.len(), Recording::Nothing);
        let mut sink = LineActor::Sink(Box::new(sink));
        through(&mut sink, flow);
        let LineActor::Sink(sink) = sink else {
            unreachable!("a sink stays one");
        };
        let idle = |actor: &LineActor| match actor {
            LineActor::Stage(stage) => stage.idle_time(sink.clock),
            LineActor::Several(stage) => stage.idle_time(sink.clock),
            LineActor::Chain(run) => run.stages()[0].idle_time(sink.clock),
            LineActor::Source(_) | LineActor::Sink(_) => None,
        };
        let idle: Vec<f64> = self.passed.iter().filter_map(idle).collect();
        let (idle_time, idle_time_max) = mean_and_max(&idle);
        let waiting = match self.passed.as_slice() {
            [LineActor::Stage(only)] => only.measures.waiting().mean(),
            [LineActor::Several(only)] => only.measures.waiting().mean(),
            [LineActor::Chain(only)] => only.stages()[0].measures.waiting().mean(),
            _ => sink.waiting.mean(),
        };
        let measured = sink.measured();
        LineMeans {
            waiting,
            queues_joined: (measured > 0).then(|| sink.queues_joined as f64 / measured as f64),
            idle_time,
            idle_time_max,
            sojourn: sink.sojourn.mean(),
            clock: sink.clock,
        }
    }
}

/// Runs an actor on all its input, and returns its messages.
fn through(actor: &mut LineActor, flow: Flow) -> Flow {
    let mut flow = flow.into_iter();
    let mut outbox = Outbox::default();
    let mut sent = Vec::with_capacity(flow.len());
    loop {
        let input = match actor.wants() {
            Wants::Turn(_) => Input::Turn,
            Wants::Message(_) => {
                let chunk = flow.next().expect("the last chunk says that it is");
                Input::Message(LineMessage::Customers(chunk))
            }
            Wants::Nothing => return sent,
        };
        actor.handle(input, &mut outbox);
        while let Some((_, message)) = outbox.next() {
            if let LineMessage::Customers(chunk) = message {
                sent.push(chunk);
            }
        }
    }
}
