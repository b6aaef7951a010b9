//! The closed form of a desk: the Markov chain of its step, if the desk is plain enough; in continuous time, the
//! queues of telephone traffic (`calls`).

use super::line::LONG_RUN;
use super::{ClosedForm, Trial, calls, is_recorded};
use crate::random::Law;
use crate::random::laws::{Constant, Geometric};
use crate::scenario::{
    Arrivals, Class, Desk, DeskArrivals, DeskHorizon, InterruptedWork, Overflow, Queue, Skill,
};
use crate::theory::faulty_desk::FaultyDesk;
use crate::theory::step_desk::StepDesk;

/// The number of requests in a step at which the law of arrivals is cut.
const ARRIVALS_MAX: usize = 4096;

/// The number of steps from which a run is long.
const STEPS_LONG: u64 = 100;

pub(super) fn fit(desk: &Desk) -> ClosedForm {
    match desk.horizon {
        DeskHorizon::Steps(_) => fit_steps(desk),
        DeskHorizon::Until { .. } => calls::fit(desk),
    }
}

fn fit_steps(desk: &Desk) -> ClosedForm {
    let mut trial = Trial::new("Markov chain of the step");
    let arrivals = arrivals(desk);
    trial.assume("there is one class of requests", desk.classes.len() == 1);
    trial.assume("arrivals follow one law in every step", arrivals.is_some());
    let class = &desk.classes[0];
    let service = geometric_mean(&class.service);
    trial.assume(
        "services are geometric, or one step each",
        service.is_some(),
    );
    trial.assume("nobody gives up", class.patience.is_none());
    assume_once(&mut trial, desk);
    assume_plain_staff(&mut trial, desk);
    trial.assume(
        "the system has no limit of its own, and requests wait at servers",
        desk.system_capacity.is_none() && desk.queue == Queue::Servers,
    );
    trial.assume("no fault is scripted", desk.faults.script.is_empty());
    let faulty = desk.faults.probability > 0.0;
    if faulty {
        trial.model = "Markov chain of the step, with faults".to_owned();
    }
    trial.assume("there is one server", desk.servers.len() == 1);
    let server = &desk.servers[0];
    let able = |skills: &Vec<Skill>| skills.iter().all(|skill| skill.speed == 1.0);
    let able = server.attendants.iter().all(able);
    trial.assume(
        "its attendants are alike",
        able && !server.attendants.is_empty(),
    );
    let stops = desk.overflow == Overflow::Stop && desk.buffer.is_some();
    trial.assume("a full buffer does not end the run", !stops);
    trial.assume(
        LONG_RUN,
        desk.steps().is_some_and(|steps| steps >= STEPS_LONG),
    );
    if faulty {
        return with_faults(desk, trial, arrivals.unwrap_or_default(), service);
    }
    trial.conclude(|| {
        let size =
            |limit: Option<u64>| limit.map(|size| usize::try_from(size).unwrap_or(usize::MAX / 4));
        let solved = StepDesk {
            arrivals: arrivals.unwrap_or_default(),
            service_mean: service.unwrap_or(1.0),
            attendants: server.attendants.len(),
            capacity: size(server.capacity),
            buffer: size(desk.buffer),
        }
        .solve()?;
        let name = |key: &str| key.to_owned();
        Ok(vec![
            (name("waiting.mean"), solved.waiting_mean),
            (name("sojourn.mean"), solved.sojourn_mean),
            (name("lost.rejected"), solved.rejected_share),
            (name("buffer.mean"), solved.buffer_mean),
            (name("servers.0.utilisation"), solved.utilisation),
            (name("servers.0.held.mean"), solved.held_mean),
        ])
    })
}

/// Assumes that each client makes one request and waits for it.
pub(super) fn assume_once(trial: &mut Trial, desk: &Desk) {
    let once = |class: &Class| class.retry.is_none() && class.timeout.is_none();
    trial.assume(
        "no client comes again, or waits for its answer only so long",
        desk.classes.iter().all(once),
    );
}

/// Assumes that attendants only serve, always and at one speed.
pub(super) fn assume_plain_staff(trial: &mut Trial, desk: &Desk) {
    trial.assume(
        "attendants have no work after a service",
        desk.classes.iter().all(|class| class.wrap_up.is_none()),
    );
    let always = desk.servers.iter().all(|server| server.shifts.is_empty());
    trial.assume("attendants are always on duty", always);
    trial.assume("no fault slows an attendant", desk.faults.slow.is_none());
}

/// The chain in which attendants go down and come up.
fn with_faults(
    desk: &Desk,
    mut trial: Trial,
    arrivals: Vec<f64>,
    service: Option<f64>,
) -> ClosedForm {
    let faults = &desk.faults;
    let (server, service) = (&desk.servers[0], service.unwrap_or(1.0));
    let repair = faults.repair.as_ref().and_then(geometric_mean);
    trial.assume(
        "who goes down comes up after a geometric time",
        repair.is_some(),
    );
    trial.assume("repairs wait for no crew", faults.crew.is_none());
    // A service of one step begins and ends between two possible faults.
    let at_once = service == 1.0;
    let resumes = faults.work == InterruptedWork::Resume && desk.max_attempts.is_none();
    trial.assume(
        "an interruption undoes no work and fails no request",
        at_once || resumes,
    );
    trial.assume(
        "neither the buffer nor the server has a limit",
        desk.buffer.is_none() && server.capacity.is_none(),
    );
    trial.conclude(|| {
        let solved = FaultyDesk {
            arrivals,
            service_mean: service,
            attendants: server.attendants.len(),
            fault: faults.probability,
            repair_mean: repair.unwrap_or(1.0),
        }
        .solve()?;
        let mut values = vec![
            ("sojourn.mean".to_owned(), solved.sojourn_mean),
            ("servers.0.utilisation".to_owned(), solved.utilisation),
            ("servers.0.availability".to_owned(), solved.availability),
        ];
        if at_once {
            values.insert(0, ("waiting.mean".to_owned(), solved.delay_mean));
        }
        Ok(values)
    })
}

/// P(A = k) of the requests of one step.
fn arrivals(desk: &Desk) -> Option<Vec<f64>> {
    let law = match (&desk.arrivals, desk.classes.first()?.arrivals.as_ref()) {
        (DeskArrivals::Shared(Arrivals::PerStep(law)), _) => law,
        (DeskArrivals::PerClass, Some(Arrivals::PerStep(law))) => law,
        _ => return None,
    };
    if is_recorded(law) {
        return None;
    }
    let mut probabilities = Vec::new();
    let mut below = 0.0;
    for k in 0..ARRIVALS_MAX {
        let up_to = law.cdf(k as f64);
        probabilities.push(up_to - below);
        below = up_to;
        if below >= 1.0 - 1e-16 {
            return Some(probabilities);
        }
    }
    None
}

/// The mean of a service that ends in each step with the same probability; none for other laws.
fn geometric_mean(service: &Law) -> Option<f64> {
    match service {
        Law::Geometric(Geometric { mean }) => Some(*mean),
        Law::Constant(Constant { value }) if *value <= 1.0 => Some(1.0),
        _ => None,
    }
}
