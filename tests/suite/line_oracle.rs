//! The event-list oracle for a tandem line: a second, plain implementation of the rules, to compare the
//! simulator with.
//!
//! Three kinds of events (a customer arrives, a service has finished, services begin) wait in one priority
//! queue; queues and servers are explicit. Events at one instant come in rounds: all finishes, later stages
//! first; then all arrivals; then services begin. A service that ends at the instant it began finishes in the
//! next round. Measures are not accumulated during the run: each is computed afterwards from the visits and
//! from the history of queue lengths and server states. It knows no laws, files or randomness: arrivals and
//! services are given as values. It shares no code with `filas`.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

/// The rule for a full next stage; it matters only for stages after the first with a finite buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blocking {
    /// A customer who finished holds the server until the next stage has a place.
    AfterService,
    /// Service begins only when a place of the next stage is free, and reserves it.
    BeforeService,
}

/// The source of customers; they are numbered from 1 in the order they reach the line.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Customer k arrives at `times[k - 1]`; not negative, non-decreasing.
    Times(Vec<f64>),
    /// The first stage is never starved, until this many customers have entered.
    Saturated { customers: usize },
    /// The first stage is never starved: customers enter at `until` at the latest, and at most `cap` of them.
    SaturatedUntil { until: f64, cap: usize },
}

/// One stage: its servers, its waiting places, and the service of each customer.
#[derive(Clone, Debug)]
pub(crate) struct StageSpec {
    /// At least 1.
    pub(crate) servers: usize,
    /// Waiting places, not counting those in service; `None` is no limit.
    pub(crate) buffer: Option<usize>,
    /// `services[k - 1]` belongs to customer k, also if it is lost, whatever the order of service.
    pub(crate) services: Vec<f64>,
}

/// A whole line.
#[derive(Clone, Debug)]
pub(crate) struct LineSpec {
    pub(crate) source: Source,
    pub(crate) blocking: Blocking,
    /// Customers, by arrival order and lost ones included, that enter no measure.
    pub(crate) warm_up: usize,
    pub(crate) stages: Vec<StageSpec>,
}

/// One customer at one stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Visit {
    /// From 1.
    pub(crate) customer: usize,
    /// From 0, the position in the line.
    pub(crate) stage: usize,
    pub(crate) arrival: f64,
    pub(crate) service_start: f64,
    pub(crate) service_end: f64,
    pub(crate) departure: f64,
    /// From 1.
    pub(crate) server: usize,
}

impl Visit {
    fn waiting(&self) -> f64 {
        self.service_start - self.arrival
    }

    fn service(&self) -> f64 {
        self.service_end - self.service_start
    }

    fn blocked(&self) -> f64 {
        self.departure - self.service_end
    }
}

/// The output of a run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// By customer, then stage.
    pub(crate) visits: Vec<Visit>,
    /// The customers that found stage 1 full, in order.
    pub(crate) lost: Vec<usize>,
    /// The line's last departure; 0 without departures.
    pub(crate) clock: f64,
    pub(crate) stages: Vec<StageMeasures>,
    pub(crate) line: LineMeasures,
}

/// The measures of one stage. `arrivals` and `departures` count the whole run; lists are of measured visits, in order of
/// service start; the rest is over the window. Values without observations are `None`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StageMeasures {
    pub(crate) arrivals: usize,
    pub(crate) departures: usize,
    /// The customers of the measured visits.
    pub(crate) customers: Vec<usize>,
    pub(crate) waiting: Vec<f64>,
    pub(crate) service: Vec<f64>,
    pub(crate) waited_fraction: Option<f64>,
    /// Opening and close; `None` if no measured customer reached the stage after a warm-up.
    pub(crate) window: Option<(f64, f64)>,
    /// Summed over the servers and clipped to the window, as are the next two; 0 without a window.
    pub(crate) busy_total: f64,
    pub(crate) idle_total: f64,
    pub(crate) blocked_total: f64,
    pub(crate) utilisation: Option<f64>,
    /// Per server.
    pub(crate) idle_time: Option<f64>,
    /// The longest spell of any one server; a service of length zero does not end a spell.
    pub(crate) idle_longest: Option<f64>,
    /// Per server.
    pub(crate) blocked_time: Option<f64>,
    /// The integral of the queue length over the window; 0 without a window.
    pub(crate) queue_length_total: f64,
    pub(crate) queue_length_mean: Option<f64>,
    pub(crate) queue_length_max: Option<usize>,
    pub(crate) queue_length_max_at: Option<f64>,
}

/// The measures of the whole line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LineMeasures {
    /// All customers that reached the line, lost ones included.
    pub(crate) arrived: usize,
    pub(crate) departed: usize,
    /// The measured customers by number: those after the warm-up that were not lost.
    pub(crate) customers: BTreeMap<usize, CustomerMeasures>,
    pub(crate) idle_time_mean: Option<f64>,
    pub(crate) idle_time_max: Option<f64>,
    /// The first stage with the largest idle time.
    pub(crate) idle_time_max_stage: Option<usize>,
    /// The greatest length, and the first stage that reached it.
    pub(crate) queue_length_max: Option<(usize, usize)>,
    pub(crate) throughput: Option<f64>,
}

/// One customer over the whole line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CustomerMeasures {
    pub(crate) waiting: f64,
    pub(crate) service: f64,
    pub(crate) blocked: f64,
    pub(crate) sojourn: f64,
    /// Stages at which its wait was longer than zero.
    pub(crate) queues_joined: usize,
}

/// Runs the line until it is empty.
///
/// # Panics
/// If the line cannot be simulated: no stage, no server, too few services, a saturated first stage with a buffer.
pub(crate) fn simulate(spec: &LineSpec) -> Outcome {
    let mut line = Line::new(spec);
    match &spec.source {
        Source::Times(times) => {
            for (k, &time) in times.iter().enumerate() {
                line.schedule(time, 0, Kind::Arrival { customer: k + 1 });
            }
        }
        Source::Saturated { .. } | Source::SaturatedUntil { .. } => {
            assert!(
                spec.stages[0].buffer.is_none(),
                "a saturated first stage has no buffer"
            );
            line.schedule(0.0, 0, Kind::BeginService);
        }
    }
    while let Some(Reverse(event)) = line.events.pop() {
        line.now = event.time;
        line.round = event.round;
        match event.kind {
            Kind::FinishedService {
                stage: Reverse(stage),
                visit,
            } => line.finished_service(stage, visit),
            Kind::Arrival { customer } => line.arrival(customer),
            Kind::BeginService => line.begin_service(),
        }
    }
    line.outcome()
}

/// The events, in the order in which they happen within a round.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Later stages first; at one stage in the order of service starts, which is the order of its visits.
    FinishedService { stage: Reverse<usize>, visit: usize },
    /// At the first stage, from outside.
    Arrival { customer: usize },
    /// At every stage where it is possible. Which stage is looked at first makes no difference: a place is freed only by
    /// a departure, and only the stage before takes it.
    BeginService,
}

#[derive(Debug)]
struct Event {
    time: f64,
    round: usize,
    kind: Kind,
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.time.total_cmp(&other.time))
            .then_with(|| self.round.cmp(&other.round))
            .then_with(|| self.kind.cmp(&other.kind))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Event {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Busy,
    Blocked,
}

struct Server {
    state: State,
    free_since: f64,
    /// Each state with the time it began.
    history: Vec<(f64, State)>,
}

impl Server {
    fn becomes(&mut self, state: State, now: f64) {
        self.state = state;
        self.history.push((now, state));
    }
}

struct Stage {
    /// Servers and waiting places; `None` is no limit.
    places: Option<usize>,
    /// Places occupied or reserved.
    places_taken: usize,
    /// Customers waiting, with the time they arrived.
    queue: VecDeque<(usize, f64)>,
    servers: Vec<Server>,
    /// Visits whose customers finished and cannot leave, in the order they were blocked.
    blocked: VecDeque<usize>,
    /// In the order of service starts.
    visits: Vec<Visit>,
    /// Each queue length with the time it began.
    queue_history: Vec<(f64, usize)>,
}

impl Stage {
    fn new(spec: &StageSpec) -> Self {
        assert!(spec.servers > 0, "a stage has a server");
        let server = || Server {
            state: State::Idle,
            free_since: 0.0,
            history: vec![(0.0, State::Idle)],
        };
        Stage {
            places: spec.buffer.map(|buffer| spec.servers + buffer),
            places_taken: 0,
            queue: VecDeque::new(),
            servers: (0..spec.servers).map(|_| server()).collect(),
            blocked: VecDeque::new(),
            visits: Vec::new(),
            queue_history: vec![(0.0, 0)],
        }
    }

    fn has_place(&self) -> bool {
        self.places.is_none_or(|places| self.places_taken < places)
    }

    /// The server free longest, then the lowest number; `min_by` takes the first of equals.
    fn free_server(&self) -> Option<usize> {
        (0..self.servers.len())
            .filter(|&i| self.servers[i].state == State::Idle)
            .min_by(|&i, &j| {
                let (i, j) = (&self.servers[i], &self.servers[j]);
                i.free_since.total_cmp(&j.free_since)
            })
    }

    fn queue_changed(&mut self, now: f64) {
        self.queue_history.push((now, self.queue.len()));
    }
}

struct Line<'a> {
    spec: &'a LineSpec,
    now: f64,
    round: usize,
    events: BinaryHeap<Reverse<Event>>,
    stages: Vec<Stage>,
    arrived: usize,
    lost: Vec<usize>,
    clock: f64,
}

impl<'a> Line<'a> {
    fn new(spec: &'a LineSpec) -> Self {
        assert!(!spec.stages.is_empty(), "a line has a stage");
        Line {
            spec,
            now: 0.0,
            round: 0,
            events: BinaryHeap::new(),
            stages: spec.stages.iter().map(Stage::new).collect(),
            arrived: 0,
            lost: Vec::new(),
            clock: 0.0,
        }
    }

    fn schedule(&mut self, time: f64, round: usize, kind: Kind) {
        self.events.push(Reverse(Event { time, round, kind }));
    }

    fn schedule_begin(&mut self) {
        self.schedule(self.now, self.round, Kind::BeginService);
    }

    fn arrival(&mut self, customer: usize) {
        self.arrived += 1;
        if self.stages[0].has_place() {
            self.stages[0].places_taken += 1;
            self.join_queue(0, customer);
            self.schedule_begin();
        } else {
            self.lost.push(customer);
        }
    }

    fn join_queue(&mut self, stage: usize, customer: usize) {
        let stage = &mut self.stages[stage];
        stage.queue.push_back((customer, self.now));
        stage.queue_changed(self.now);
    }

    fn begin_service(&mut self) {
        for stage in 0..self.stages.len() {
            while self.may_begin(stage)
                && let Some(server) = self.stages[stage].free_server()
                && let Some((customer, arrival)) = self.next_customer(stage)
            {
                self.begin(stage, server, customer, arrival);
            }
        }
    }

    fn may_begin(&self, stage: usize) -> bool {
        match (self.spec.blocking, self.stages.get(stage + 1)) {
            (Blocking::BeforeService, Some(next)) => next.has_place(),
            (Blocking::AfterService, _) | (_, None) => true,
        }
    }

    /// The head of the queue; at a saturated first stage a new customer, who arrives now.
    fn next_customer(&mut self, stage: usize) -> Option<(usize, f64)> {
        let enters = match self.spec.source {
            _ if stage > 0 => false,
            Source::Times(_) => false,
            Source::Saturated { customers } => self.arrived < customers,
            Source::SaturatedUntil { until, cap } => self.now <= until && self.arrived < cap,
        };
        if enters {
            self.arrived += 1;
            self.stages[0].places_taken += 1;
            return Some((self.arrived, self.now));
        }
        let head = self.stages[stage].queue.pop_front()?;
        self.stages[stage].queue_changed(self.now);
        Some(head)
    }

    fn begin(&mut self, stage: usize, server: usize, customer: usize, arrival: f64) {
        let services = &self.spec.stages[stage].services;
        assert!(
            customer <= services.len(),
            "stage {stage} needs a service for customer {customer}"
        );
        if self.spec.blocking == Blocking::BeforeService
            && let Some(next) = self.stages.get_mut(stage + 1)
        {
            next.places_taken += 1;
        }
        let service_end = self.now + services[customer - 1];
        let here = &mut self.stages[stage];
        here.servers[server].becomes(State::Busy, self.now);
        here.visits.push(Visit {
            customer,
            stage,
            arrival,
            service_start: self.now,
            service_end,
            departure: f64::NAN,
            server: server + 1,
        });
        let kind = Kind::FinishedService {
            stage: Reverse(stage),
            visit: here.visits.len() - 1,
        };
        let round = if service_end > self.now {
            0
        } else {
            self.round + 1
        };
        self.schedule(service_end, round, kind);
    }

    fn finished_service(&mut self, stage: usize, visit: usize) {
        let may_leave = match (self.spec.blocking, self.stages.get(stage + 1)) {
            (Blocking::AfterService, Some(next)) => next.has_place(),
            (Blocking::BeforeService, _) | (_, None) => true,
        };
        if may_leave {
            self.leave(stage, visit);
            self.schedule_begin();
        } else {
            let here = &mut self.stages[stage];
            here.servers[here.visits[visit].server - 1].becomes(State::Blocked, self.now);
            here.blocked.push_back(visit);
        }
    }

    /// Moves the customer on; its server and its place become free, and the place goes to the customer
    /// blocked first, if any.
    fn leave(&mut self, stage: usize, visit: usize) {
        let here = &mut self.stages[stage];
        here.visits[visit].departure = self.now;
        let customer = here.visits[visit].customer;
        let server = &mut here.servers[here.visits[visit].server - 1];
        server.becomes(State::Idle, self.now);
        server.free_since = self.now;
        here.places_taken -= 1;
        if stage + 1 < self.stages.len() {
            if self.spec.blocking == Blocking::AfterService {
                self.stages[stage + 1].places_taken += 1;
            }
            self.join_queue(stage + 1, customer);
        } else {
            self.clock = self.now;
        }
        if stage > 0
            && let Some(first) = self.stages[stage - 1].blocked.pop_front()
        {
            self.leave(stage - 1, first);
        }
    }

    fn outcome(self) -> Outcome {
        let stages: Vec<StageMeasures> = (self.stages.iter())
            .map(|stage| stage_measures(stage, self.spec, self.clock))
            .collect();
        let mut visits: Vec<Visit> = self.stages.iter().flat_map(|s| s.visits.clone()).collect();
        visits.sort_by_key(|visit| (visit.customer, visit.stage));
        let line = line_measures(&self, &visits, &stages);
        Outcome {
            visits,
            lost: self.lost,
            clock: self.clock,
            stages,
            line,
        }
    }
}

/// The pieces of a step function inside a window, as (from, to, value); pieces of length zero are kept.
fn pieces<T: Copy>(history: &[(f64, T)], window: (f64, f64)) -> Vec<(f64, f64, T)> {
    let (open, close) = window;
    let mut pieces = Vec::new();
    for (i, &(began, value)) in history.iter().enumerate() {
        let ended = history.get(i + 1).map_or(close, |next| next.0);
        let (from, to) = (began.max(open), ended.min(close));
        if from <= to {
            pieces.push((from, to, value));
        }
    }
    pieces
}

fn ratio(total: f64, over: f64) -> Option<f64> {
    (over > 0.0).then(|| total / over)
}

fn stage_measures(stage: &Stage, spec: &LineSpec, clock: f64) -> StageMeasures {
    let warm_up = spec.warm_up;
    let measured: Vec<&Visit> = (stage.visits.iter())
        .filter(|visit| visit.customer > warm_up)
        .collect();
    let opens = if warm_up == 0 {
        Some(match &spec.source {
            Source::Times(times) => times.first().copied().unwrap_or(0.0),
            Source::Saturated { .. } | Source::SaturatedUntil { .. } => 0.0,
        })
    } else {
        measured.iter().map(|visit| visit.arrival).reduce(f64::min)
    };
    let waited = measured.iter().filter(|visit| visit.waiting() > 0.0);
    let mut measures = StageMeasures {
        arrivals: stage.visits.len(),
        departures: stage.visits.len(),
        customers: measured.iter().map(|visit| visit.customer).collect(),
        waiting: measured.iter().map(|visit| visit.waiting()).collect(),
        service: measured.iter().map(|visit| visit.service()).collect(),
        waited_fraction: ratio(waited.count() as f64, measured.len() as f64),
        window: opens.map(|open| (open, clock)),
        busy_total: 0.0,
        idle_total: 0.0,
        blocked_total: 0.0,
        utilisation: None,
        idle_time: None,
        idle_longest: None,
        blocked_time: None,
        queue_length_total: 0.0,
        queue_length_mean: None,
        queue_length_max: None,
        queue_length_max_at: None,
    };
    let Some((open, close)) = measures.window else {
        return measures;
    };
    let mut idle_longest: f64 = 0.0;
    for server in &stage.servers {
        // The idle spell that lasts until now.
        let (mut begin, mut end) = (open, open);
        for (from, to, state) in pieces(&server.history, (open, close)) {
            match state {
                State::Busy => measures.busy_total += to - from,
                State::Blocked => measures.blocked_total += to - from,
                State::Idle => {
                    measures.idle_total += to - from;
                    if from > end {
                        begin = from;
                    }
                    end = to;
                    idle_longest = idle_longest.max(end - begin);
                }
            }
        }
    }
    for (from, to, length) in pieces(&stage.queue_history, (open, close)) {
        measures.queue_length_total += length as f64 * (to - from);
        if to > from && measures.queue_length_max.is_none_or(|max| length > max) {
            measures.queue_length_max = Some(length);
            measures.queue_length_max_at = Some(from);
        }
    }
    let servers = stage.servers.len() as f64;
    measures.utilisation = ratio(measures.busy_total, servers * (close - open));
    measures.idle_time = Some(measures.idle_total / servers);
    measures.idle_longest = Some(idle_longest);
    measures.blocked_time = Some(measures.blocked_total / servers);
    measures.queue_length_mean = ratio(measures.queue_length_total, close - open);
    measures
}

fn line_measures(line: &Line<'_>, visits: &[Visit], stages: &[StageMeasures]) -> LineMeasures {
    let mut customers = BTreeMap::new();
    let mut first_arrival = None;
    for path in visits.chunk_by(|a, b| a.customer == b.customer) {
        if path[0].customer <= line.spec.warm_up {
            continue;
        }
        first_arrival.get_or_insert(path[0].arrival);
        let measures = CustomerMeasures {
            waiting: path.iter().map(Visit::waiting).sum(),
            service: path.iter().map(Visit::service).sum(),
            blocked: path.iter().map(Visit::blocked).sum(),
            sojourn: path[path.len() - 1].departure - path[0].arrival,
            queues_joined: path.iter().filter(|visit| visit.waiting() > 0.0).count(),
        };
        customers.insert(path[0].customer, measures);
    }
    let mut idle_time_max: Option<(f64, usize)> = None;
    let mut queue_length_max: Option<(usize, usize)> = None;
    for (i, stage) in stages.iter().enumerate() {
        if let Some(idle) = stage.idle_time
            && idle_time_max.is_none_or(|(max, _)| idle > max)
        {
            idle_time_max = Some((idle, i));
        }
        if let Some(length) = stage.queue_length_max
            && queue_length_max.is_none_or(|(max, _)| length > max)
        {
            queue_length_max = Some((length, i));
        }
    }
    let idle_times: Vec<f64> = stages.iter().filter_map(|stage| stage.idle_time).collect();
    LineMeasures {
        arrived: line.arrived,
        departed: stages[stages.len() - 1].departures,
        idle_time_mean: ratio(idle_times.iter().sum(), idle_times.len() as f64),
        idle_time_max: idle_time_max.map(|(idle, _)| idle),
        idle_time_max_stage: idle_time_max.map(|(_, stage)| stage),
        queue_length_max,
        throughput: first_arrival
            .and_then(|first| ratio(customers.len() as f64, line.clock - first)),
        customers,
    }
}

fn stage(servers: usize, buffer: Option<usize>, services: &[f64]) -> StageSpec {
    StageSpec {
        servers,
        buffer,
        services: services.to_vec(),
    }
}

fn run(source: Source, blocking: Blocking, warm_up: usize, stages: Vec<StageSpec>) -> Outcome {
    simulate(&LineSpec {
        source,
        blocking,
        warm_up,
        stages,
    })
}

fn run_times(times: &[f64], stages: Vec<StageSpec>) -> Outcome {
    let source = Source::Times(times.to_vec());
    run(source, Blocking::AfterService, 0, stages)
}

/// Each visit of a stage as [arrival, service start, service end, departure], by customer.
fn times_at(outcome: &Outcome, stage: usize) -> Vec<[f64; 4]> {
    (outcome.visits.iter())
        .filter(|visit| visit.stage == stage)
        .map(|v| [v.arrival, v.service_start, v.service_end, v.departure])
        .collect()
}

/// The server of each visit of a stage, by customer.
fn servers_at(outcome: &Outcome, stage: usize) -> Vec<usize> {
    let visits = outcome.visits.iter().filter(|visit| visit.stage == stage);
    visits.map(|visit| visit.server).collect()
}

/// Uniform on (0, 1): Knuth's MMIX generator, its upper 53 bits.
fn uniform(state: &mut u64) -> f64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    ((*state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// Arrivals at 1, 2, 3, 10, each service 2: services begin at 1, 3, 5, 10. One waits over [2, 3) (customer 2) and over
/// [3, 5) (customer 3, who arrives as customer 1 leaves and 2 begins: the length 2 of that instant does not last).
#[test]
fn one_server_with_constant_service() {
    let outcome = run_times(&[1.0, 2.0, 3.0, 10.0], vec![stage(1, None, &[2.0; 4])]);
    let expected = [
        [1.0, 1.0, 3.0, 3.0],
        [2.0, 3.0, 5.0, 5.0],
        [3.0, 5.0, 7.0, 7.0],
        [10.0, 10.0, 12.0, 12.0],
    ];
    assert_eq!(times_at(&outcome, 0), expected);
    assert_eq!(outcome.clock, 12.0);
    let expected = StageMeasures {
        arrivals: 4,
        departures: 4,
        customers: vec![1, 2, 3, 4],
        waiting: vec![0.0, 1.0, 2.0, 0.0],
        service: vec![2.0; 4],
        waited_fraction: Some(0.5),
        window: Some((1.0, 12.0)),
        busy_total: 8.0,
        idle_total: 3.0,
        blocked_total: 0.0,
        utilisation: Some(8.0 / 11.0),
        idle_time: Some(3.0),
        idle_longest: Some(3.0),
        blocked_time: Some(0.0),
        queue_length_total: 3.0,
        queue_length_mean: Some(3.0 / 11.0),
        queue_length_max: Some(1),
        queue_length_max_at: Some(2.0),
    };
    assert_eq!(outcome.stages, [expected]);
    assert_eq!(outcome.line.throughput, Some(4.0 / 11.0));
    let third = CustomerMeasures {
        waiting: 2.0,
        service: 2.0,
        blocked: 0.0,
        sojourn: 4.0,
        queues_joined: 1,
    };
    assert_eq!(outcome.line.customers[&3], third);
}

/// Server 1 serves [0, 5), server 2 [1, 2): at 6 server 2 is free longer.
#[test]
fn a_customer_takes_the_server_free_longest() {
    let outcome = run_times(&[0.0, 1.0, 6.0], vec![stage(2, None, &[5.0, 1.0, 1.0])]);
    assert_eq!(servers_at(&outcome, 0), [1, 2, 2]);
}

/// At 1, round 1: customers 1 and 2 begin on servers 1 and 2. Round 2: both finish, 3 begins on server 1. Round 3: 3
/// finishes. At 2 both servers are free since 1, whatever the round, so 4 takes server 1.
#[test]
fn services_of_length_zero_end_in_the_next_round() {
    let outcome = run_times(&[1.0, 1.0, 1.0, 2.0], vec![stage(2, None, &[0.0; 4])]);
    assert_eq!(servers_at(&outcome, 0), [1, 2, 1, 1]);
    assert_eq!(times_at(&outcome, 0)[2], [1.0; 4]);
    assert_eq!(outcome.stages[0].queue_length_max, Some(0));
    // Two servers idle over [1, 2): the window opens at the first arrival.
    assert_eq!(outcome.stages[0].idle_total, 2.0);
    assert_eq!(outcome.stages[0].idle_longest, Some(1.0));
}

/// One server, no waiting place. Customer 2 arrives at 2, as customer 1 leaves, and finds the place free; 3 finds it
/// taken. At 5 customers 4 and 5 arrive in one round; the service of 4 is zero, but ends after the arrivals.
#[test]
fn who_finds_no_place_at_the_door_is_lost() {
    let services = [2.0, 2.0, 7.0, 0.0, 7.0];
    let outcome = run_times(
        &[0.0, 2.0, 3.0, 5.0, 5.0],
        vec![stage(1, Some(0), &services)],
    );
    assert_eq!(outcome.lost, [3, 5]);
    assert_eq!(outcome.line.arrived, 5);
    assert_eq!(outcome.line.departed, 3);
    assert_eq!(outcome.stages[0].arrivals, 3);
    assert_eq!(outcome.stages[0].service, [2.0, 2.0, 0.0]);
    assert_eq!(outcome.line.throughput, Some(3.0 / 5.0));
}

/// Customer 1 is at stage 3 over [2, 12). Customer 2 finishes stage 2 at 3 and customer 3 finishes stage 1 at 3; both are
/// blocked until 12, when 1 leaves: 2 moves up, and so 3 does, in the same round.
#[test]
fn after_service_one_departure_unblocks_the_whole_chain() {
    let stages = vec![
        stage(1, None, &[1.0; 3]),
        stage(1, Some(0), &[1.0; 3]),
        stage(1, Some(0), &[10.0, 1.0, 1.0]),
    ];
    let outcome = run_times(&[0.0; 3], stages);
    assert_eq!(times_at(&outcome, 0)[2], [0.0, 2.0, 3.0, 12.0]);
    assert_eq!(times_at(&outcome, 1)[1], [2.0, 2.0, 3.0, 12.0]);
    assert_eq!(times_at(&outcome, 1)[2], [12.0, 12.0, 13.0, 13.0]);
    assert_eq!(times_at(&outcome, 2)[1], [12.0, 12.0, 13.0, 13.0]);
    assert_eq!(outcome.clock, 14.0);
    // Stage 1 of the window [0, 14): busy 3, blocked over [3, 12), idle over [12, 14).
    let first = &outcome.stages[0];
    let totals = (first.busy_total, first.blocked_total, first.idle_total);
    assert_eq!(totals, (3.0, 9.0, 2.0));
    assert_eq!(outcome.line.customers[&3].blocked, 9.0);
}

/// The same line. A service at stage 1 needs the place of stage 2: customer 2 begins at 2, when 1 leaves stage 2; its
/// service there needs stage 3 and begins at 12; so customer 3 begins stage 1 at 13. No server is blocked.
#[test]
fn before_service_a_place_is_reserved() {
    let stages = vec![
        stage(1, None, &[1.0; 3]),
        stage(1, Some(0), &[1.0; 3]),
        stage(1, Some(0), &[10.0, 1.0, 1.0]),
    ];
    let source = Source::Times(vec![0.0; 3]);
    let outcome = run(source, Blocking::BeforeService, 0, stages);
    let first = [
        [0.0, 0.0, 1.0, 1.0],
        [0.0, 2.0, 3.0, 3.0],
        [0.0, 13.0, 14.0, 14.0],
    ];
    let second = [
        [1.0, 1.0, 2.0, 2.0],
        [3.0, 12.0, 13.0, 13.0],
        [14.0, 14.0, 15.0, 15.0],
    ];
    let third = [
        [2.0, 2.0, 12.0, 12.0],
        [13.0, 13.0, 14.0, 14.0],
        [15.0, 15.0, 16.0, 16.0],
    ];
    assert_eq!(times_at(&outcome, 0), first);
    assert_eq!(times_at(&outcome, 1), second);
    assert_eq!(times_at(&outcome, 2), third);
    // The window is [0, 16). Stage 1 queues 2 over [0, 2) and 1 over [2, 13); the server of stage 2 is idle over [2, 12).
    assert_eq!(outcome.stages[0].queue_length_total, 15.0);
    assert_eq!(outcome.stages[1].idle_longest, Some(10.0));
    assert_eq!(outcome.line.customers[&2].waiting, 11.0);
    assert_eq!(outcome.line.customers[&2].queues_joined, 2);
}

/// Customer 2 overtakes at stage 1 and keeps its own service, 10, at stage 2: it is there over [1, 11), 3 behind it.
/// Customers 1 and 3 finish together at 5 and leave in the order their services began: 1, on server 1, at 0; 3 at 1.
#[test]
fn a_service_belongs_to_the_customer_who_overtakes() {
    let stages = vec![
        stage(2, None, &[5.0, 1.0, 4.0]),
        stage(1, None, &[2.0, 10.0, 3.0]),
    ];
    let outcome = run_times(&[0.0; 3], stages);
    let second = [
        [5.0, 11.0, 13.0, 13.0],
        [1.0, 1.0, 11.0, 11.0],
        [5.0, 13.0, 16.0, 16.0],
    ];
    assert_eq!(times_at(&outcome, 1), second);
    assert_eq!(outcome.stages[1].customers, [2, 1, 3]);
    assert_eq!(outcome.stages[1].waiting, [0.0, 6.0, 8.0]);
}

/// Two servers, then one without waiting places. Customer 2 finishes at 1 and is at stage 2 over [1, 11). Customer 3
/// begins at 1 and is blocked at 3, customer 1 at 5: at 11 customer 3 goes first, at 12 customer 1.
#[test]
fn blocked_customers_go_in_the_order_they_were_blocked() {
    let stages = vec![
        stage(2, None, &[5.0, 1.0, 2.0]),
        stage(1, Some(0), &[1.0, 10.0, 1.0]),
    ];
    let outcome = run_times(&[0.0; 3], stages);
    assert_eq!(times_at(&outcome, 0)[0], [0.0, 0.0, 5.0, 12.0]);
    assert_eq!(times_at(&outcome, 0)[2], [0.0, 1.0, 3.0, 11.0]);
    assert_eq!(outcome.stages[1].customers, [2, 3, 1]);
    // Of the window [0, 13) each server of stage 1 is blocked: 7 and 8.
    assert_eq!(outcome.stages[0].blocked_time, Some(7.5));
}

/// Services [0, 4), [4, 8), [8, 12), [12, 16); customers 3 and 4 are measured. The window opens at 3 with customers 2
/// and 3 waiting: 2 over [3, 4), 1 over [4, 8), 0 over [8, 9), 1 over [9, 12). Stage 2 opens at 12, when 3 gets there.
#[test]
fn a_window_opens_with_the_first_measured_customer() {
    let source = Source::Times(vec![0.0, 1.0, 3.0, 9.0]);
    let stages = vec![stage(1, None, &[4.0; 4]), stage(1, None, &[1.0; 4])];
    let outcome = run(source, Blocking::AfterService, 2, stages);
    let first = &outcome.stages[0];
    assert_eq!(first.window, Some((3.0, 17.0)));
    assert_eq!((first.arrivals, first.departures), (4, 4));
    assert_eq!(first.waiting, [5.0, 3.0]);
    assert_eq!((first.busy_total, first.idle_total), (13.0, 1.0));
    assert_eq!(first.queue_length_total, 9.0);
    assert_eq!(first.queue_length_max, Some(2));
    assert_eq!(first.queue_length_max_at, Some(3.0));
    let second = &outcome.stages[1];
    assert_eq!(second.window, Some((12.0, 17.0)));
    assert_eq!((second.busy_total, second.idle_total), (2.0, 3.0));
    assert_eq!(outcome.line.idle_time_mean, Some(2.0));
    assert_eq!(outcome.line.idle_time_max_stage, Some(1));
    assert_eq!(outcome.line.queue_length_max, Some((2, 0)));
    assert_eq!(outcome.line.throughput, Some(2.0 / 14.0));
}

/// Services [1000, 1004), [1004, 1008), [1010, 1014): without warm-up the windows open at the first arrival.
#[test]
fn without_warm_up_a_window_opens_at_the_first_of_absolute_times() {
    let source = Source::Times(vec![1000.0, 1002.0, 1010.0]);
    let stages = vec![stage(1, None, &[4.0; 3]), stage(1, None, &[1.0; 3])];
    let outcome = run(source, Blocking::AfterService, 0, stages);
    let first = &outcome.stages[0];
    assert_eq!(first.window, Some((1000.0, 1015.0)));
    assert_eq!((first.busy_total, first.idle_total), (12.0, 3.0));
    assert_eq!(first.queue_length_mean, Some(2.0 / 15.0));
    let second = &outcome.stages[1];
    assert_eq!((second.busy_total, second.idle_total), (3.0, 12.0));
    assert_eq!(second.idle_longest, Some(5.0));
}

/// Services of 2 would begin at 0, 2, 4, 6: a customer entering at 4 is accepted, and none after it.
#[test]
fn a_saturated_source_ends_at_its_horizon() {
    let source = Source::SaturatedUntil {
        until: 4.0,
        cap: 10,
    };
    let stages = vec![stage(1, None, &[2.0; 3])];
    let outcome = run(source, Blocking::AfterService, 0, stages);
    assert_eq!(times_at(&outcome, 0)[2], [4.0, 4.0, 6.0, 6.0]);
    assert_eq!(outcome.line.arrived, 3);
    assert_eq!(outcome.stages[0].queue_length_max, Some(0));
}

/// Whole times, many of them equal, so that every sum is exact: the integral of the queue length is the sum of the waits
/// (Little), and every server is busy, idle or blocked at any time.
#[test]
fn small_random_lines_balance_exactly() {
    let mut state = 1;
    let mut whole = |below: f64| (uniform(&mut state) * below).floor();
    for case in 0..2_000 {
        let mut time = 0.0;
        let mut next_arrival = || {
            time += whole(3.0);
            time
        };
        let times: Vec<f64> = (0..30).map(|_| next_arrival()).collect();
        let stages: Vec<StageSpec> = (0..=whole(4.0) as usize)
            .map(|_| StageSpec {
                servers: 1 + whole(3.0) as usize,
                buffer: [None, Some(0), Some(1), Some(3)][whole(4.0) as usize],
                services: (0..30).map(|_| whole(5.0)).collect(),
            })
            .collect();
        let blocking = [Blocking::AfterService, Blocking::BeforeService][case % 2];
        let opens = times[0];
        let outcome = run(Source::Times(times), blocking, 0, stages.clone());
        assert_eq!(outcome.line.departed + outcome.lost.len(), 30);
        for (measures, stage) in outcome.stages.iter().zip(&stages) {
            assert_eq!(
                measures.queue_length_total,
                measures.waiting.iter().sum::<f64>() + 0.0
            );
            let total = measures.busy_total + measures.idle_total + measures.blocked_total;
            assert_eq!(total, stage.servers as f64 * (outcome.clock - opens));
        }
    }
}

/// Three exponential stages of mean 1, saturated, without waiting places: throughput 22/39 with blocking after service
/// (Hunt 1956, Operations Research 4). With blocking before service 2/5, from its four states: server 1 alone (1/5),
/// servers 1 and 3 (1/5), server 2 (2/5), server 3 with a customer waiting at 2 (1/5).
#[test]
fn saturated_lines_reach_their_known_throughput() {
    let customers = 100_000;
    let mut state = 7;
    let mut exponential = || -uniform(&mut state).ln();
    let stages: Vec<StageSpec> = [None, Some(0), Some(0)]
        .into_iter()
        .map(|buffer| StageSpec {
            servers: 1,
            buffer,
            services: (0..customers).map(|_| exponential()).collect(),
        })
        .collect();
    for (blocking, expected) in [
        (Blocking::AfterService, 22.0 / 39.0),
        (Blocking::BeforeService, 0.4),
    ] {
        let source = Source::Saturated { customers };
        let outcome = run(source, blocking, 1_000, stages.clone());
        let throughput = outcome.line.throughput.unwrap_or(0.0);
        assert!(
            (throughput - expected).abs() < 0.006,
            "{blocking:?}: {throughput}, not {expected}"
        );
    }
}
