//! The closed form of a line with people and machines, if one is known.
//!
//! Each of these forms allows one departure from a plain line: balking, priorities with preemption, breakdowns of one
//! server, batches, or two machines that break down with a buffer between them.

use super::line::{LONG_RUN, NOT_RECORDED, gaps};
use super::{CUSTOMERS_LONG, ClosedForm, Trial, is_long, is_recorded, length, network, settling};
use crate::random::Law;
use crate::scenario::{
    Blocking, FaultClock, FaultWork, Horizon, LineArrivals, PerClass, Preemption, Service, Stage,
    StageFaults, Tandem,
};
use crate::theory::{
    batch_arrivals, m_g_1, m_m_c_balking, preemptive, two_machines, unreliable_server,
};

type Values = Vec<(String, f64)>;

/// The closest form.
pub(super) fn fit(line: &Tandem) -> ClosedForm {
    let any = |holds: fn(&Stage) -> bool| line.stages.iter().any(holds);
    if line.arrivals == LineArrivals::Saturated {
        machines(line)
    } else if any(|stage| !stage.join.is_empty()) {
        balking(line)
    } else if any(|stage| stage.preemption != Preemption::None) {
        priorities(line)
    } else if any(|stage| stage.faults.is_some()) {
        breakdowns(line)
    } else if line.batch.is_some() {
        batches(line)
    } else {
        network::of_line(line)
    }
}

/// Whether a line is plain, except for what `strip` removes.
fn otherwise_plain(line: &Tandem, strip: impl Fn(&mut Tandem)) -> bool {
    let mut bare = line.clone();
    strip(&mut bare);
    super::line::all_alike(&bare)
}

/// Checks the assumptions common to all forms of one queue: one stage, plain except for what `strip` removes,
/// Poisson arrivals, drawn services, and a run that is long for the time in which the queue settles, given the
/// arrivals per unit of time. Returns that rate.
fn one_queue(
    trial: &mut Trial,
    line: &Tandem,
    strip: impl Fn(&mut Tandem),
    settling: impl Fn(f64) -> f64,
) -> f64 {
    trial.assume("there is one stage", line.stages.len() == 1);
    trial.assume(
        "nothing else sets people or machines apart",
        otherwise_plain(line, strip),
    );
    let rate = poisson(&line.arrivals);
    trial.assume("arrivals are a Poisson process of one rate", rate.is_some());
    let rate = rate.unwrap_or(f64::NAN);
    let mut laws = line.stages.iter().flat_map(|stage| stage.service.laws());
    trial.assume(NOT_RECORDED, !laws.any(is_recorded));
    let customers = rate * line.batch.as_ref().map_or(1.0, Law::mean);
    let long = is_long(length(line, customers), customers, settling(rate));
    trial.assume(LONG_RUN, long);
    rate
}

/// The rate of a Poisson process.
fn poisson(arrivals: &LineArrivals) -> Option<f64> {
    let renewal = matches!(arrivals, LineArrivals::Renewal(_) | LineArrivals::Rates(_));
    let law = gaps(arrivals).filter(|law| renewal && law.is_exponential())?;
    Some(1.0 / law.mean())
}

fn one_law(stage: &Stage) -> Option<&Law> {
    match &stage.service {
        Service::PerClass(PerClass::Same(law)) => Some(law),
        _ => None,
    }
}

/// The measures at one stage that follow from the mean wait, the mean time from the begin of a service to its end,
/// and the mean service.
fn at_one(throughput: f64, wait: f64, residence: f64, service: f64) -> Values {
    [
        ("waiting.mean", wait),
        ("service.mean", service),
        ("sojourn.mean", wait + residence),
        ("throughput", throughput),
        ("stages.0.waiting.mean", wait),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .to_vec()
}

/// M/M/c with balking.
fn balking(line: &Tandem) -> ClosedForm {
    let mut trial = Trial::new("M/M/c with balking");
    let bare = |bare: &mut Tandem| bare.stages.iter_mut().for_each(|stage| stage.join.clear());
    // The rate of customers who join a long queue.
    let of_joining = |rate: f64| {
        let stage = &line.stages[0];
        let law = one_law(stage).zip(stage.servers.most());
        let last = stage.join.last().copied().unwrap_or(1.0);
        law.map_or(0.0, |(law, servers)| {
            let pace = f64::from(servers) / law.mean();
            settling(rate * last / pace, 1.0 + law.cv2(), pace)
        })
    };
    let lambda = one_queue(&mut trial, line, bare, of_joining);
    let stage = &line.stages[0];
    trial.assume("the stage has no buffer", stage.buffer.is_none());
    let law = one_law(stage).filter(|law| law.is_exponential());
    trial.assume("services are exponential", law.is_some());
    trial.conclude(|| {
        let service = law.map_or(f64::NAN, Law::mean);
        let servers = stage.servers.most().unwrap_or(0);
        let solved = m_m_c_balking::solve(lambda, 1.0 / service, servers, &stage.join)?;
        let mut values = at_one(solved.throughput, solved.waiting_mean, service, service);
        for key in ["stages.0.waited_fraction", "queues_joined.mean"] {
            values.push((key.to_owned(), solved.waited_fraction));
        }
        values.push(("stages.0.utilisation".to_owned(), solved.utilisation));
        values.push((
            "stages.0.queue_length.mean".to_owned(),
            solved.queue_length_mean,
        ));
        Ok(values)
    })
}

/// M/G/1 with preemptive resume.
fn priorities(line: &Tandem) -> ClosedForm {
    let mut trial = Trial::new("M/G/1 with preemptive priorities");
    let mut bare = line.clone();
    let own = match &line.arrivals {
        LineArrivals::PerClass(flows) => {
            let rates = flows.iter().filter(|flow| flow.batch.is_none());
            let rates: Vec<f64> = rates.filter_map(|flow| poisson(&flow.arrivals)).collect();
            bare.arrivals = flows[0].arrivals.clone();
            (rates.len() == flows.len()).then_some(rates)
        }
        arrivals => poisson(arrivals).map(|rate| {
            let shares = line.classes.iter().map(|class| class.share);
            shares.map(|share| rate * share).collect()
        }),
    };
    let stage = &line.stages[0];
    let law_of = |class: usize| match &stage.service {
        Service::PerClass(laws) => laws.of(class),
        Service::PerServer(laws) => &laws[0],
    };
    let of_all = |_| {
        let rates = own.iter().flatten().enumerate();
        let (mut all, mut first, mut second) = (0.0, 0.0, 0.0);
        for (class, rate) in rates {
            let law = law_of(class);
            all += rate;
            first += rate * law.mean();
            second += rate * (law.variance() + law.mean() * law.mean());
        }
        // 1 + cs2 of a service of any class.
        let spread = all * second / (first * first);
        settling(first, spread, all / first)
    };
    let strip = |bare: &mut Tandem| {
        bare.classes.clear();
        for stage in &mut bare.stages {
            stage.preemption = Preemption::None;
            if let Service::PerClass(PerClass::Each(laws)) = &stage.service {
                stage.service = laws[0].clone().into();
            }
        }
    };
    one_queue(&mut trial, &bare, strip, of_all);
    trial.assume("every class is a Poisson process", own.is_some());
    let resume = stage.preemption == Preemption::Resume;
    trial.assume("work that is cut off goes on where it stopped", resume);
    let single = stage.servers.most() == Some(1) && stage.buffer.is_none();
    trial.assume("there is one server and no limit on those waiting", single);
    let mut order: Vec<usize> = (0..line.classes.len()).collect();
    order.sort_by_key(|&class| std::cmp::Reverse(line.classes[class].priority));
    let priority = |class: usize| line.classes[class].priority;
    let differ = order
        .windows(2)
        .all(|pair| priority(pair[0]) != priority(pair[1]));
    trial.assume("no two classes have one priority", differ);
    trial.conclude(|| {
        let rates = own.unwrap_or_default();
        let class = |&class: &usize| {
            let law = law_of(class);
            preemptive::Class {
                lambda: rates[class],
                mean: law.mean(),
                variance: law.variance(),
            }
        };
        let classes: Vec<preemptive::Class> = order.iter().map(class).collect();
        let times = preemptive::solve(&classes)?;
        let all: f64 = rates.iter().sum();
        let mean = |of: &dyn Fn(usize) -> f64| {
            let parts = (0..classes.len()).map(|at| classes[at].lambda * of(at));
            parts.sum::<f64>() / all
        };
        let wait = mean(&|at| times[at].waiting_mean);
        let sojourn = mean(&|at| times[at].sojourn_mean);
        let mut values = at_one(all, wait, sojourn - wait, mean(&|at| classes[at].mean));
        for (at, &class) in order.iter().enumerate() {
            let mut push =
                |key: &str, value| values.push((format!("classes.{class}.{key}"), value));
            push("waiting.mean", times[at].waiting_mean);
            push("sojourn.mean", times[at].sojourn_mean);
        }
        Ok(values)
    })
}

/// Assumes that faults are those of theory: in time of service, at a constant rate, and the work is resumed.
fn assume_breakdowns(trial: &mut Trial, faults: &StageFaults) {
    let busy = faults.clock == FaultClock::Busy;
    trial.assume("servers break down in time of service", busy);
    trial.assume(
        "the time to a fault is exponential",
        faults.every.is_exponential(),
    );
    let resume = faults.work == FaultWork::Resume && faults.slow.is_none();
    trial.assume("work that is cut off goes on where it stopped", resume);
}

/// M/G/1 with breakdowns.
fn breakdowns(line: &Tandem) -> ClosedForm {
    let mut trial = Trial::new("M/G/1 with breakdowns (completion times)");
    let stage = &line.stages[0];
    let completion = |faults: &StageFaults, law: &Law| {
        let moments = |law: &Law| {
            let mean = law.mean();
            [mean, law.variance() + mean * mean, law.third_moment()]
        };
        let xi = 1.0 / faults.every.mean();
        unreliable_server::completion(moments(law), xi, moments(&faults.repair))
    };
    let with_repairs = |rate: f64| {
        let parts = stage.faults.as_ref().zip(one_law(stage));
        let times = parts.and_then(|(faults, law)| completion(faults, law).ok());
        times.map_or(0.0, |[c1, c2, _]| {
            settling(rate * c1, c2 / (c1 * c1), 1.0 / c1)
        })
    };
    let strip = |bare: &mut Tandem| bare.stages.iter_mut().for_each(|stage| stage.faults = None);
    let lambda = one_queue(&mut trial, line, strip, with_repairs);
    let single = stage.servers.most() == Some(1) && stage.buffer.is_none();
    trial.assume("there is one server and no limit on those waiting", single);
    let Some((faults, law)) = stage.faults.as_ref().zip(one_law(stage)) else {
        return trial.conclude(|| Ok(Vec::new()));
    };
    assume_breakdowns(&mut trial, faults);
    trial.conclude(|| {
        let [c1, c2, c3] = completion(faults, law)?;
        let variance = c2 - c1 * c1;
        let wait = m_g_1::waiting_mean(lambda, c1, variance)?;
        let sd = m_g_1::waiting_sd(lambda, c1, variance, c3)?;
        let mut values = at_one(lambda, wait, c1, law.mean());
        for key in ["stages.0.waited_fraction", "queues_joined.mean"] {
            values.push((key.to_owned(), lambda * c1));
        }
        for key in ["waiting.sd", "stages.0.waiting.sd"] {
            values.push((key.to_owned(), sd));
        }
        values.push(("sojourn.sd".to_owned(), sd.hypot(variance.sqrt())));
        values.push(("stages.0.utilisation".to_owned(), lambda * law.mean()));
        values.push(("stages.0.queue_length.mean".to_owned(), lambda * wait));
        Ok(values)
    })
}

/// M\[X\]/G/1.
fn batches(line: &Tandem) -> ClosedForm {
    let mut trial = Trial::new("M[X]/G/1");
    let stage = &line.stages[0];
    let of_batches = |rate: f64| {
        let parts = line.batch.as_ref().zip(one_law(stage));
        parts.map_or(0.0, |(size, law)| {
            let (each, all) = (law.mean(), rate * size.mean());
            // The variance of the number of arrivals in a long time, over its mean.
            let of_arrivals = size.mean() * (1.0 + size.cv2());
            settling(all * each, of_arrivals + law.cv2(), 1.0 / each)
        })
    };
    let lambda = one_queue(&mut trial, line, |bare| bare.batch = None, of_batches);
    let single = stage.servers.most() == Some(1) && stage.buffer.is_none();
    trial.assume("there is one server and no limit on those waiting", single);
    trial.conclude(|| {
        let nothing = (f64::NAN, f64::NAN);
        let both = |law: Option<&Law>| law.map_or(nothing, |law| (law.mean(), law.variance()));
        let (size, service) = (both(line.batch.as_ref()), both(one_law(stage)));
        let wait = batch_arrivals::waiting_mean(lambda, size, service)?;
        let rate = lambda * size.0;
        let mut values = at_one(rate, wait, service.0, service.0);
        values.push(("stages.0.utilisation".to_owned(), rate * service.0));
        values.push(("stages.0.queue_length.mean".to_owned(), rate * wait));
        Ok(values)
    })
}

/// Two machines that break down, with a buffer between them.
fn machines(line: &Tandem) -> ClosedForm {
    let mut trial = Trial::new("two machines that break down, with a buffer between them");
    trial.assume("there are two stages", line.stages.len() == 2);
    let only_faults = otherwise_plain(line, |bare| {
        bare.stages.iter_mut().for_each(|stage| stage.faults = None);
    });
    trial.assume("nothing else sets people or machines apart", only_faults);
    let single = |stage: &Stage| stage.servers.most() == Some(1);
    trial.assume("every stage has one server", line.stages.iter().all(single));
    let exponential = |stage: &Stage| one_law(stage).is_some_and(Law::is_exponential);
    let all = line.stages.iter().all(exponential);
    trial.assume("every service is exponential", all);
    for faults in line.stages.iter().filter_map(|stage| stage.faults.as_ref()) {
        assume_breakdowns(&mut trial, faults);
        trial.assume("repairs are exponential", faults.repair.is_exponential());
    }
    let buffer = line.stages.last().and_then(|stage| stage.buffer);
    let buffer = buffer.and_then(|buffer| u32::try_from(buffer).ok());
    trial.assume("the second stage has a finite buffer", buffer.is_some());
    let after = line.blocking == Blocking::AfterService;
    trial.assume("a machine is blocked after its service", after);
    let long = match line.horizon {
        Horizon::Customers(customers) => customers as f64 >= CUSTOMERS_LONG,
        Horizon::Until(until) => line
            .stages
            .iter()
            .all(|stage| until >= CUSTOMERS_LONG * one_law(stage).map_or(f64::INFINITY, Law::mean)),
    };
    trial.assume(LONG_RUN, long);
    trial.conclude(|| {
        let machine = |stage: &Stage| {
            let faults = stage.faults.as_ref();
            two_machines::Machine {
                mu: one_law(stage).map_or(f64::NAN, |law| 1.0 / law.mean()),
                faults: faults.map_or(0.0, |faults| 1.0 / faults.every.mean()),
                repairs: faults.map_or(1.0, |faults| 1.0 / faults.repair.mean()),
            }
        };
        let both = [machine(&line.stages[0]), machine(&line.stages[1])];
        let solved = two_machines::solve(both, buffer.unwrap_or(0))?;
        let mut values = vec![("throughput".to_owned(), solved.throughput)];
        for (at, busy) in solved.busy.into_iter().enumerate() {
            values.push((format!("stages.{at}.utilisation"), busy));
        }
        let waiting = solved.queue_length_mean;
        values.push(("stages.1.queue_length.mean".to_owned(), waiting));
        values.push((
            "stages.1.waiting.mean".to_owned(),
            waiting / solved.throughput,
        ));
        Ok(values)
    })
}
