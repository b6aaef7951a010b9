//! Queueing theory: closed forms and small exact computations, to verify simulation against.
//!
//! Pure functions of numbers; each file names its equation and source. Only here the field's letters are used:
//! `lambda` the arrival rate, `mu` the service rate of one server, `c` the number of servers, `rho` = lambda / (c
//! mu), `wq` waiting in queue, `lq` the number in queue. Times and rates may be in any one unit. A queue without a
//! steady state has no answer here: [`NoAnswer`] gives the reason. Nothing here simulates or samples.

pub mod batch_arrivals;
pub mod chain;
pub mod closed_network;
pub mod erlang;
pub mod faulty_calls;
pub mod faulty_desk;
pub mod g_g_c;
pub mod gi_m_1;
pub mod jackson;
pub mod m_d_c;
pub mod m_g_1;
pub mod m_m_c;
pub mod m_m_c_abandonment;
pub mod m_m_c_balking;
pub mod m_m_c_k;
pub mod preemptive;
pub mod priorities;
pub mod redial;
pub mod relaxation;
pub mod saturated_line;
pub mod step_desk;
pub mod two_machines;
pub mod unreliable_server;

/// The reason a formula has no answer.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoAnswer {
    /// Work arrives at least as fast as it can be done, so queues grow without limit.
    #[error("no steady state: the load of {rho} per server is not below 1")]
    Unstable {
        /// Offered load per server.
        rho: f64,
    },
    /// An argument for which the formula has no meaning.
    #[error("{name} = {value} is out of range")]
    OutOfRange {
        /// The argument.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A Markov chain with more states than are solved.
    #[error("the Markov chain has more than {limit} states")]
    TooLarge {
        /// Largest number of states solved.
        limit: usize,
    },
}

/// Returns `value` if it is positive and finite.
fn positive(name: &'static str, value: f64) -> Result<f64, NoAnswer> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(NoAnswer::OutOfRange { name, value })
    }
}

/// Returns `value` if it is finite and not negative.
fn not_negative(name: &'static str, value: f64) -> Result<f64, NoAnswer> {
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(NoAnswer::OutOfRange { name, value })
    }
}

/// Returns `p` if it is a probability below one.
fn quantile_level(p: f64) -> Result<f64, NoAnswer> {
    if (0.0..1.0).contains(&p) {
        Ok(p)
    } else {
        Err(NoAnswer::OutOfRange {
            name: "p",
            value: p,
        })
    }
}

/// Returns `c` as a float if it is at least one.
fn servers(c: u32) -> Result<f64, NoAnswer> {
    positive("c", f64::from(c))
}

/// Returns the load per server if it is below one.
fn stable(offered: f64, c: f64) -> Result<f64, NoAnswer> {
    let rho = offered / c;
    if rho < 1.0 {
        Ok(rho)
    } else {
        Err(NoAnswer::Unstable { rho })
    }
}

/// The least t with 1 - `p0` exp(-`rate` t) >= `p`: a quantile of a wait that is zero with
/// probability 1 - `p0` and otherwise exponential.
fn waiting_quantile(p0: f64, rate: f64, p: f64) -> f64 {
    if p0 <= 1.0 - p {
        0.0
    } else {
        ((p0 / (1.0 - p)).ln() / rate).max(0.0)
    }
}

/// The standard deviation of a wait that is zero with probability 1 - `p0` and otherwise
/// exponential.
fn waiting_sd(p0: f64, rate: f64) -> f64 {
    (p0 * (2.0 - p0)).sqrt() / rate
}
