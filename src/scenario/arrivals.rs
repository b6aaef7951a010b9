//! Arrivals of customers: from the forms of arrivals, classes and rates to checked ones.

use super::data::origin::far_from_zero;
use super::data::series::{Take, counts, instants, rising};
use super::input;
use super::law::{self, For};
use super::load::{Door, name, unique};
use super::stage::OTHER;
use super::{CustomerClass, Flow, LineArrivals, RatePiece, recording};
use crate::problem::{KeyPath, Problem};
use crate::random::laws::sums_to_one;
use std::sync::Arc;

/// Checked arrivals of a line.
pub(super) struct Arrivals {
    pub(super) classes: Vec<CustomerClass>,
    pub(super) all: Flow,
    pub(super) busy_day: Option<f64>,
}

/// The parts of a file that describe arrivals.
pub(super) struct Forms {
    pub(super) arrivals: Option<input::LineArrivals>,
    pub(super) busy_day: Option<input::BusyDay>,
    pub(super) classes: Vec<ClassForm>,
}

/// The parts of a class of customers that are the same in a line and a network.
pub(super) struct ClassForm {
    pub(super) name: String,
    pub(super) share: Option<f64>,
    pub(super) comes: Comes,
    pub(super) priority: i64,
}

/// The source of the customers of a class.
pub(super) enum Comes {
    /// Arrivals of its own, or those of all classes if there are none.
    Arrivals(Option<Box<input::LineArrivals>>),
    /// This many customers present from the beginning.
    Population(u64),
    /// No arrivals; customers become this class.
    Nobody,
}

impl From<input::CustomerClass> for ClassForm {
    fn from(form: input::CustomerClass) -> ClassForm {
        ClassForm {
            name: form.name,
            share: form.share,
            comes: Comes::Arrivals(form.arrivals.map(Box::new)),
            priority: form.priority,
        }
    }
}

/// Checks the classes of a line, and their arrivals.
pub(super) fn check(
    forms: Forms,
    horizon: &input::Horizon,
    door: &mut Door,
) -> Result<Arrivals, Problem> {
    let at = KeyPath::to(&["arrivals"]);
    if forms.arrivals.is_none() && forms.classes.is_empty() {
        return Err(Problem::value(&at, "missing key `arrivals`").help(
            "`arrivals`: how customers reach the line, such as \
             `arrivals = { interarrival = { exponential = { mean = 2.0 } } }`",
        ));
    }
    let trace = forms.arrivals.as_ref().and_then(|all| all.trace.as_ref());
    let sharing = Sharing {
        shared: forms.arrivals.is_some(),
        recorded: trace.is_some_and(|trace| trace.class.is_some()),
        only: forms.classes.iter().filter(|class| comes(class)).count() == 1,
        example: "arrivals = { interarrival = { exponential = { mean = 5.0 } } }",
    };
    let mut flows = Vec::new();
    let mut classes = Vec::with_capacity(forms.classes.len());
    for (index, form) in forms.classes.into_iter().enumerate() {
        let at = KeyPath::to(&["classes"]).index(index);
        classes.push(CustomerClass {
            share: match &form.comes {
                Comes::Arrivals(own) => sharing.share(form.share, own.is_some(), &at)?,
                Comes::Population(_) | Comes::Nobody => 0.0,
            },
            name: class_name(form.name, &at.key("name"))?,
            priority: form.priority,
        });
        let there = match form.comes {
            Comes::Arrivals(Some(arrivals)) => {
                flows.push(of_class(*arrivals, &at.key("arrivals"), horizon, door)?);
                continue;
            }
            Comes::Arrivals(None) => continue,
            Comes::Population(count) => count,
            Comes::Nobody => 0,
        };
        flows.push(Flow {
            arrivals: LineArrivals::Population(there),
            batch: None,
        });
    }
    unique("classes", classes.iter().map(|class| class.name.as_str()))?;
    if sharing.shared && !sharing.recorded && !classes.is_empty() {
        shares_sum_to_one(classes.iter().map(|class| class.share))?;
    }
    let top = KeyPath::to(&["busy_day"]);
    let Some(form) = forms.arrivals else {
        let busy_day = check_busy_day(forms.busy_day, &flows, &top)?;
        let all = Flow {
            arrivals: LineArrivals::PerClass(flows),
            batch: None,
        };
        return Ok(Arrivals {
            classes,
            all,
            busy_day,
        });
    };
    if forms.busy_day.is_some() {
        let message = "`busy_day` stands at the top, but all classes share `[arrivals]`";
        return Err(Problem::key(&top, message)
            .also(at)
            .help("put it into `[arrivals]`"));
    }
    let busy_day = form.busy_day;
    let all = flow(form, &at, &classes, horizon, door)?;
    let busy_day = check_busy_day(busy_day, std::slice::from_ref(&all), &at.key("busy_day"))?;
    Ok(Arrivals {
        classes,
        all,
        busy_day,
    })
}

fn comes(class: &ClassForm) -> bool {
    matches!(class.comes, Comes::Arrivals(_))
}

fn class_name(given: String, at: &KeyPath) -> Result<String, Problem> {
    if given == OTHER {
        let message = format!("no class may have the name `{OTHER}`");
        return Err(Problem::value(at, message).help(format!(
            "in `by_class`, `{OTHER}` stands for all classes not named"
        )));
    }
    name(given, at)
}

/// The division of arrivals among the classes of a scenario.
pub(super) struct Sharing {
    /// Whether there is a table `[arrivals]` for all.
    pub(super) shared: bool,
    /// Whether it names a recorded class for each.
    pub(super) recorded: bool,
    /// Whether there is only one class.
    pub(super) only: bool,
    /// An example of a class's own arrivals.
    pub(super) example: &'static str,
}

impl Sharing {
    /// A class's share: required if classes are drawn, not allowed otherwise. `own` says whether the class has
    /// arrivals of its own.
    pub(super) fn share(
        &self,
        given: Option<f64>,
        own: bool,
        at: &KeyPath,
    ) -> Result<f64, Problem> {
        let shared = KeyPath::to(&["arrivals"]);
        if self.shared && own {
            let message = "arrivals are given both in `[arrivals]` and in a class";
            return Err(Problem::key(&at.key("arrivals"), message)
                .also(shared)
                .help(
                    "either all classes share `[arrivals]`, or each class has its own `arrivals`",
                ));
        }
        if !self.shared && !own {
            let message = format!("missing key `arrivals` in `{at}`");
            return Err(Problem::value(at, message).help(format!(
                "without a table `[arrivals]` each class has its own, such as `{}`",
                self.example
            )));
        }
        if own && given.is_some() {
            let message = format!("`{at}` has both `share` and its own `arrivals`");
            return Err(Problem::key(&at.key("share"), message)
                .also(at.key("arrivals"))
                .help("a share is for classes that divide `[arrivals]`"));
        }
        match given {
            Some(_) if self.recorded => {
                let message = format!("`{at}` has a `share`, but classes are recorded");
                Err(Problem::key(&at.key("share"), message)
                    .also(shared.key("trace"))
                    .help("leave `share` out: each row says which class it has"))
            }
            Some(share) => Ok(share + 0.0),
            None if !self.shared || self.recorded => Ok(0.0),
            None if self.only => Ok(1.0),
            None => Err(Problem::value(at, format!("missing key `share` in `{at}`"))
                .help("with `[arrivals]` each class has a share of it, and shares add up to 1")),
        }
    }
}

/// Refuses shares of classes that do not add up to 1.
pub(super) fn shares_sum_to_one(shares: impl Iterator<Item = f64>) -> Result<(), Problem> {
    let shares: Vec<f64> = shares.collect();
    let share = |index| KeyPath::to(&["classes"]).index(index).key("share");
    let last = shares.len() - 1;
    sums_to_one("shares of the classes", &shares, &share(last))
        .map_err(|problem| (0..=last).map(share).fold(problem, Problem::also))
}

/// Checks the arrivals of one class.
fn of_class(
    form: input::LineArrivals,
    at: &KeyPath,
    horizon: &input::Horizon,
    door: &mut Door,
) -> Result<Flow, Problem> {
    if form.saturated == Some(true) {
        let path = at.key("saturated");
        let message =
            format!("`{path}` is true, but it is not said whose turn it is among the classes");
        return Err(Problem::key(&path, message)
            .help("put `saturated = true` into `[arrivals]`, and give the classes shares"));
    }
    if form.busy_day.is_some() {
        let path = at.key("busy_day");
        let message = "a busy day is busy for all classes";
        return Err(Problem::key(&path, message).help("put `busy_day` at the top of the file"));
    }
    if let Some(class) = form.trace.as_ref().map(|trace| &trace.class)
        && class.is_some()
    {
        let path = at.key("trace").key("class");
        let message = format!("`{path}` names a column of classes in the arrivals of one class");
        return Err(Problem::key(&path, message)
            .help("choose its rows by `where`, or put the trace into `[arrivals]`"));
    }
    flow(form, at, &[], horizon, door)
}

/// Checks the times of arrival, and the batch sizes.
fn flow(
    mut form: input::LineArrivals,
    at: &KeyPath,
    classes: &[CustomerClass],
    horizon: &input::Horizon,
    door: &mut Door,
) -> Result<Flow, Problem> {
    let batch = form.batch.take();
    // An arrival may bring no customer, so with batches it is not known how many are needed.
    let needed = horizon.customers.filter(|_| batch.is_none());
    let arrivals = instants_of(form, at, classes, (needed, horizon.until), door)?;
    let Some(batch) = batch else {
        return Ok(Flow {
            arrivals,
            batch: None,
        });
    };
    let path = at.key("batch");
    if arrivals == LineArrivals::Saturated {
        let message = "a saturated line has no arrivals, so no `batch` of customers comes at one";
        return Err(Problem::key(&path, message)
            .also(at.key("saturated"))
            .help("leave `batch` out, or give the arrivals a law"));
    }
    let law = law::check(batch, &path, For::Count, door)?;
    if law.mean() <= 0.0 {
        let message = format!("`{path}` is always 0, so nobody ever comes");
        return Err(Problem::value(&path, message).help("use a law whose mean is above 0"));
    }
    Ok(Flow {
        arrivals,
        batch: Some(law),
    })
}

/// Checks the times of arrival.
fn instants_of(
    form: input::LineArrivals,
    at: &KeyPath,
    classes: &[CustomerClass],
    (needed, until): (Option<u64>, Option<f64>),
    door: &mut Door,
) -> Result<LineArrivals, Problem> {
    exactly_one(
        at,
        &[
            ("interarrival", form.interarrival.is_some()),
            ("times", form.times.is_some()),
            ("rates", form.rates.is_some()),
            ("trace", form.trace.is_some()),
            ("saturated", form.saturated == Some(true)),
        ],
    )?;
    if let Some(law) = form.interarrival {
        door.take = match (needed, until) {
            (Some(customers), _) => Take::First(customers),
            (None, Some(until)) => Take::SumBeyond(until),
            (None, None) => Take::All,
        };
        let law = law::check(law, &at.key("interarrival"), For::Time, door)?;
        return Ok(LineArrivals::Renewal(law));
    }
    let take = match (needed, until) {
        (Some(customers), _) => Take::First(customers),
        (None, Some(until)) => Take::Beyond(until),
        (None, None) => Take::All,
    };
    if let Some(times) = form.times {
        return check_times(times, &at.key("times"), take, door).map(LineArrivals::Times);
    }
    if let Some(trace) = form.trace {
        return recording::customers(trace, classes, take, &at.key("trace"), door);
    }
    if let Some(rates) = form.rates {
        return check_rates(rates, &at.key("rates"), door).map(LineArrivals::Rates);
    }
    Ok(LineArrivals::Saturated)
}

/// Checks the factor of all rates; none if it does not vary.
fn check_busy_day(
    form: Option<input::BusyDay>,
    flows: &[Flow],
    at: &KeyPath,
) -> Result<Option<f64>, Problem> {
    let Some(input::BusyDay { cv }) = form.filter(|form| form.cv > 0.0) else {
        return Ok(None);
    };
    for flow in flows {
        let why = match &flow.arrivals {
            LineArrivals::Renewal(_)
            | LineArrivals::Rates(_)
            | LineArrivals::PerClass(_)
            | LineArrivals::Population(_) => continue,
            LineArrivals::Times(_) | LineArrivals::Recorded { .. } => {
                "arrivals at given instants have"
            }
            LineArrivals::Saturated => "a saturated line has",
        };
        let message = format!("{why} no rate that a busy day could raise");
        return Err(Problem::key(at, message)
            .help("leave `busy_day` out, or give all arrivals by `interarrival` or `rates`"));
    }
    Ok(Some(cv))
}

/// Refuses a table in which none or several of some keys are given.
pub(super) fn exactly_one(at: &KeyPath, given: &[(&str, bool)]) -> Result<(), Problem> {
    let names: Vec<&str> = given.iter().map(|(key, _)| *key).collect();
    let found: Vec<&str> = given
        .iter()
        .filter(|(_, given)| *given)
        .map(|(key, _)| *key)
        .collect();
    let help = format!("exactly one is allowed of {}", super::error::listed(&names));
    match found.as_slice() {
        [_] => Ok(()),
        [] => Err(Problem::value(at, format!("missing key in `{at}`")).help(help)),
        [first, second, ..] => Err(Problem::key(
            &at.key(second),
            format!("`{at}` has both `{first}` and `{second}`"),
        )
        .also(at.key(first))
        .help(format!(
            "{help}; an option replaces the whole table by `--set '{at}={{ {second} = ... }}'`"
        ))),
    }
}

pub(super) fn check_times(
    times: input::Times,
    at: &KeyPath,
    take: Take,
    door: &mut Door,
) -> Result<Arc<Vec<f64>>, Problem> {
    match times {
        input::Times::List(times) => {
            rising(&times, at)?;
            let remedy = "`{ values = [...], origin = \"first\" }` counts from the first";
            door.warnings.extend(far_from_zero(at, &times, remedy));
            Ok(Arc::new(times.iter().map(|time| time + 0.0).collect()))
        }
        input::Times::Column(form) => instants(form, at, take, door),
    }
}

/// The smallest number of customers in a table of rates: with fewer the clock could not distinguish its pieces.
const FEWEST_A_TABLE: f64 = 1e-9;

/// Checks a table of rates: its ends ascend, and not every rate is zero.
pub(super) fn check_rates(
    rates: input::Rates,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Vec<RatePiece>, Problem> {
    let pieces = match rates {
        input::Rates::Pieces(pieces) => pieces,
        input::Rates::Counts(form) => (1..)
            .zip(counts(&form, at, door)?)
            .map(|(number, count)| input::RatePiece {
                until: f64::from(number) * form.every,
                rate: count / form.every,
            })
            .collect(),
    };
    for (index, pair) in pieces.windows(2).enumerate() {
        if pair[1].until <= pair[0].until {
            let path = at.index(index + 1).key("until");
            let message = format!(
                "`{path}` is {}, but must be above the {} before it",
                pair[1].until, pair[0].until
            );
            return Err(Problem::value(&path, message).also(at.index(index).key("until")));
        }
    }
    if pieces.iter().all(|piece| piece.rate == 0.0) {
        let message = format!("`{at}` has no rate above 0, so nobody ever arrives");
        return Err(Problem::value(at, message));
    }
    for (index, piece) in pieces.iter().enumerate() {
        for (key, value) in [("until", piece.until), ("rate", piece.rate)] {
            if value > 1e15 {
                let path = at.index(index).key(key);
                let message = format!("`{path}` is {value}, but must be at most 1e15");
                return Err(Problem::value(&path, message));
            }
        }
    }
    let mut begin = 0.0;
    let mut expected = 0.0;
    for piece in &pieces {
        expected += (piece.until - begin) * piece.rate;
        begin = piece.until;
    }
    if expected < FEWEST_A_TABLE {
        let message = format!(
            "`{at}` brings {expected:e} customers each time it is gone through, but must bring at \
             least {FEWEST_A_TABLE:e}"
        );
        return Err(Problem::value(at, message));
    }
    Ok(pieces
        .iter()
        .map(|piece| RatePiece {
            until: piece.until,
            rate: piece.rate + 0.0,
        })
        .collect())
}
