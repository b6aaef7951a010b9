//! Every law with random parameters, 100,000 accepted ones in all: `cargo test --test laws -- --nocapture`.
//!
//! Parameters are of everyday size, extreme, or at the ends of what is allowed. Whatever a scenario accepts
//! yields values that are finite, not negative and within the bounds of the law, with at most 10,000 random
//! words a value; moments and distribution functions are numbers that make sense. Seeds are fixed, so the test
//! always does the same.
#![allow(clippy::print_stdout, reason = "figures for the documentation")]

use filas::random::{Draws, Law, Purpose, Sampler, Stream};
use filas::scenario::{Loaded, Origin, Overrides, Scenario, load};

/// The names of all laws.
const LAWS: [&str; 22] = [
    "constant",
    "exponential",
    "uniform",
    "triangular",
    "normal",
    "lognormal",
    "gamma",
    "erlang",
    "weibull",
    "pareto",
    "hyperexponential",
    "empirical",
    "trace",
    "discrete",
    "mixture",
    "shifted",
    "phase_type",
    "poisson",
    "uniform_int",
    "binomial",
    "geometric",
    "negative_binomial",
];

/// Accepted parameters, in all.
const ACCEPTED: usize = 100_000;

/// Values drawn with each.
const VALUES: usize = 100;

/// The most random words that a value may take.
const WORDS: u64 = 10_000;

/// Random parameters.
struct Chance(Stream);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    fn one_of(&mut self, numbers: &[f64]) -> f64 {
        numbers[self.below(numbers.len() as u64) as usize]
    }

    /// A number with an exponent of ten in a range.
    fn power(&mut self, low: f64, high: f64) -> f64 {
        10f64.powf(low + (high - low) * self.0.unit())
    }

    /// A size: everyday, extreme, or an edge.
    fn size(&mut self) -> f64 {
        match self.below(8) {
            0..4 => self.power(-3.0, 3.0),
            4 => self.power(-20.0, 15.0),
            5 => self.power(-320.0, 100.0),
            6 => self.below(12) as f64,
            _ => self.one_of(&[0.0, -0.0, 5e-324, 1e-300, 0.5, 1.0, 1e12, 1e15, 1e98, 1e100]),
        }
    }

    /// A size of 1 or so; also just above and below.
    fn ratio(&mut self) -> f64 {
        match self.below(6) {
            0..3 => self.power(-1.5, 1.5),
            3 => self.power(-9.0, 4.0),
            4 => 1.0 + self.one_of(&[-1e-9, -1e-16, 0.0, 1e-15, 1e-9]),
            _ => self.one_of(&[1e-300, 1e-16, 1e-8, 0.5, 2.0, 3.0, 999.0, 1000.0]),
        }
    }

    fn share(&mut self) -> f64 {
        match self.below(4) {
            0..2 => self.0.unit(),
            2 => self.power(-18.0, 0.0),
            _ => self.one_of(&[0.0, 1e-300, 1e-12, 0.5, 1.0 - 1e-12, 1.0]),
        }
    }

    fn whole(&mut self, most: f64) -> u64 {
        match self.below(4) {
            0..2 => self.below(40),
            2 => self.power(0.0, most.log10()) as u64,
            _ => most as u64 - self.below(2),
        }
    }

    fn length(&mut self) -> usize {
        match self.below(20) {
            0 => 200,
            1..5 => 1,
            _ => 2 + self.below(5) as usize,
        }
    }

    fn sizes(&mut self, length: usize) -> Vec<f64> {
        (0..length).map(|_| self.size()).collect()
    }

    /// Numbers that add up to 1.
    fn shares(&mut self, length: usize) -> Vec<f64> {
        let weights: Vec<f64> = (0..length).map(|_| self.share() + 1e-30).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / total).collect()
    }

    fn rates(&mut self, phases: usize) -> String {
        let rows = (0..phases).map(|_| {
            let row = (0..phases).map(|_| if self.below(2) == 0 { 0.0 } else { self.size() });
            format!("{:?}", row.collect::<Vec<f64>>())
        });
        format!("[{}]", rows.collect::<Vec<String>>().join(", "))
    }

    /// A law of this name, as a scenario writes it; perhaps one that is refused.
    fn law(&mut self, name: &str, depth: u32) -> String {
        let inside = match name {
            "constant" => format!("value = {:?}", self.size()),
            "exponential" if self.below(2) == 0 => format!("rate = {:?}", self.size()),
            "exponential" => format!("mean = {:?}", self.size()),
            "uniform" => {
                let low = self.size();
                let high = low + self.size();
                format!("low = {low:?}, high = {high:?}")
            }
            "triangular" => {
                let low = self.size();
                let (mode, high) = (low + self.size(), low + self.size());
                let (mode, high) = (mode.min(high), mode.max(high));
                format!("low = {low:?}, mode = {mode:?}, high = {high:?}")
            }
            "normal" => {
                let sd = self.size();
                let mean = match self.below(3) {
                    0 => -3.0 * sd * self.0.unit(),
                    1 => -3.0 * sd,
                    _ => self.size(),
                };
                format!("mean = {mean:?}, sd = {sd:?}")
            }
            "lognormal" | "gamma" => format!("mean = {:?}, cv = {:?}", self.size(), self.ratio()),
            "erlang" => format!("k = {}, mean = {:?}", 1 + self.whole(99_999.0), self.size()),
            "weibull" => format!("shape = {:?}, scale = {:?}", self.ratio(), self.size()),
            "pareto" => format!("scale = {:?}, shape = {:?}", self.size(), self.ratio()),
            "hyperexponential" => {
                let length = self.length();
                let (shares, means) = (self.shares(length), self.sizes(length));
                format!("probabilities = {shares:?}, means = {means:?}")
            }
            "empirical" => {
                let length = self.length();
                return format!("{{ empirical = {{ values = {:?} }} }}", self.sizes(length));
            }
            "trace" => {
                let length = self.length();
                format!("values = {:?}, repeat = true", self.sizes(length))
            }
            "discrete" => {
                let length = self.length();
                let (values, shares) = (self.sizes(length), self.shares(length));
                format!("values = {values:?}, probabilities = {shares:?}")
            }
            "mixture" => {
                let length = 1 + self.below(4) as usize;
                let weights = self.sizes(length);
                let laws: Vec<String> = (0..length).map(|_| self.inner(depth)).collect();
                format!("weights = {weights:?}, of = [{}]", laws.join(", "))
            }
            "shifted" => {
                let by = self.size() * self.one_of(&[1.0, 1.0, 1.0, -1.0]);
                format!("by = {by:?}, law = {}", self.inner(depth))
            }
            "phase_type" => {
                let phases = match self.below(20) {
                    0 => 30,
                    _ => 1 + self.below(4) as usize,
                };
                let (shares, rates) = (self.shares(phases), self.rates(phases));
                format!("initial = {shares:?}, rates = {rates}")
            }
            "poisson" => format!("mean = {:?}", self.size().min(1e12)),
            "uniform_int" => {
                let low = self.whole(9e15);
                format!("low = {low}, high = {}", low + self.whole(9e15))
            }
            "binomial" => format!("n = {}, p = {:?}", self.whole(1e12), self.share()),
            "geometric" => format!("mean = {:?}", 1.0 + self.size().min(1e12)),
            "negative_binomial" => {
                let mean = self.size().min(1e12);
                let least = 1.0 / mean.sqrt();
                let cv = match self.below(3) {
                    0 => least * (1.0 + self.one_of(&[0.0, 1e-15, 1e-12, 1e-6])),
                    _ => least * (1.0 + self.ratio()),
                };
                format!("mean = {mean:?}, cv = {:?}", cv.min(1000.0))
            }
            other => unreachable!("{other} has no parameters here"),
        };
        format!("{{ {name} = {{ {inside} }} }}")
    }

    /// A law within another; at a depth of three one that has none within.
    fn inner(&mut self, depth: u32) -> String {
        loop {
            let name = LAWS[self.below(LAWS.len() as u64) as usize];
            if depth < 3 || !["mixture", "shifted"].contains(&name) {
                return self.law(name, depth + 1);
            }
        }
    }
}

/// The law written so, as times between services or as a number of customers at once; none if it is refused.
fn accepted(law: &str, counts: bool) -> Option<Law> {
    let used = match counts {
        true => {
            format!("service = {{ constant = {{ value = 1 }} }} }} ]\n[arrivals]\nbatch = {law}\n")
        }
        false => format!("service = {law} }} ]\n[arrivals]\n"),
    };
    let text = format!(
        "model = \"tandem\"\nhorizon = {{ customers = 10 }}\nstages = [ {{ name = \"s\", {used}\
         interarrival = {{ exponential = {{ mean = 99 }} }}\n"
    );
    let origin = Origin::Embedded {
        name: "x.toml",
        text: &text,
    };
    let Loaded { scenario, .. } = load(origin, &Overrides::default()).ok()?;
    let Scenario::Tandem(line) = scenario else {
        unreachable!("it is a line")
    };
    match counts {
        true => line.batch.clone(),
        false => Some(line.stages[0].expect_plain().service.clone()),
    }
}

/// Draws of a law, judged: the most words that a value took, or what is wrong.
fn judged(law: &Law, seed: u64) -> Result<u64, String> {
    let stream = Stream::new(seed, 0, "laws", Purpose::Service);
    let (low, high) = law.support();
    let ceiling = law.ceiling();
    let fits = |value: f64| {
        let is_time = (0.0..f64::INFINITY).contains(&value);
        if is_time && (low..=high).contains(&value) && value <= ceiling {
            return Ok(());
        }
        Err(format!(
            "the value {value:e}, of {low:e} to {high:e}, at most {ceiling:e}"
        ))
    };
    let (mut sampler, mut behind) = (Sampler::new(law, stream.clone()), stream);
    let mut most = 0;
    for _ in 0..VALUES {
        let mut value = [f64::NAN];
        assert_eq!(sampler.fill(&mut value), 1);
        fits(value[0])?;
        let words = words_between(&mut behind, sampler.stream());
        if words > WORDS {
            return Err(format!("{words} words for a value"));
        }
        most = most.max(words);
    }
    let mut by_index = Draws::new(law, seed, 0, "laws", Purpose::Service);
    for index in [1, 2, 1024, 1025, 1 << 40] {
        fits(by_index.of(index))?;
    }
    let properties = [law.mean(), law.variance(), law.third_moment(), law.cv2()];
    if !properties.iter().all(|property| *property >= 0.0) {
        return Err(format!(
            "mean, variance, third moment and cv2 {properties:?}"
        ));
    }
    for x in [0.0, low, law.mean(), ceiling] {
        let share = law.cdf(x);
        if !(0.0..=1.0 + 1e-12).contains(&share) {
            return Err(format!("P(X <= {x:e}) = {share}"));
        }
    }
    Ok(most)
}

/// The number of words from one state of a stream to another; the first is moved there.
fn words_between(behind: &mut Stream, ahead: &Stream) -> u64 {
    let next = |stream: &Stream| {
        let mut stream = stream.clone();
        [stream.next_word(), stream.next_word()]
    };
    let goal = next(ahead);
    for words in 0..=100 * WORDS {
        if next(behind) == goal {
            return words;
        }
        behind.next_word();
    }
    u64::MAX
}

#[test]
fn laws_with_any_accepted_parameters_yield_times_in_bounded_work() {
    let quota = ACCEPTED.div_ceil(LAWS.len());
    let mut chance = Chance(Stream::new(20_261_129, 0, "parameters", Purpose::Service));
    let (mut all, mut wanted, mut wrong) = (0, 0u64, Vec::new());
    for name in LAWS {
        let (mut found, mut tried, mut most) = (0, 0u64, 0);
        while found < quota {
            tried += 1;
            assert!(tried < 100 * quota as u64, "{name} is hardly ever accepted");
            let text = chance.law(name, 1);
            let Some(law) = accepted(&text, tried.is_multiple_of(4)) else {
                continue;
            };
            found += 1;
            match judged(&law, tried) {
                Ok(words) => most = most.max(words),
                Err(what) => wrong.push(format!("{text}: {what}")),
            }
        }
        println!("{name}: {found} of {tried} accepted, at most {most} words a value");
        all += found;
        wanted += tried;
    }
    println!("{all} of {wanted} accepted, {VALUES} values each");
    assert!(
        wrong.is_empty(),
        "{} laws have\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
