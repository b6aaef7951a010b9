//! Cases whose answer is known by a formula or by a Markov chain.

use super::Case;
use filas::study::ClosedForm;

/// The difference of a measure that does not matter, as a share of the best. A hundredth is settled by little more
/// than the runs that every setting has before the first look, so that there is nothing to save.
const ZONE: f64 = 0.001;

/// The value between those of the right number of servers and of one fewer, as far from both in proportion.
fn between(values: impl Fn(u32) -> f64, right: u32) -> f64 {
    (values(right) * values(right - 1)).sqrt()
}

/// The mean wait of an M/M/c with mean service 1, by Erlang's formula summed up term by term.
fn erlang_c_wait(offered: f64, servers: u32) -> f64 {
    let c = f64::from(servers);
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 0..servers {
        sum += term;
        term *= offered / f64::from(k + 1);
    }
    let last = term * c / (c - offered);
    last / (sum + last) / (c - offered)
}

/// The share of those who give up in an M/M/c+M with mean service 1, by the chain of births and deaths.
fn erlang_a_lost(offered: f64, servers: u32, patience: f64) -> f64 {
    let (mut weight, mut all, mut gone) = (1.0_f64, 0.0, 0.0);
    for n in 0_u32..4000 {
        let waiting = f64::from(n.saturating_sub(servers));
        all += weight;
        gone += weight * waiting / patience;
        let next =
            f64::from((n + 1).min(servers)) + f64::from((n + 1).saturating_sub(servers)) / patience;
        weight *= offered / next;
    }
    gone / all / offered
}

fn erlang_c(name: &'static str, offered: f64, right: u32, customers: u32) -> Case {
    let wait = between(|c| erlang_c_wait(offered, c), right);
    let warm_up = customers / 5;
    Case {
        name,
        text: format!(
            "model = \"tandem\"\n[arrivals]\ninterarrival = {{ exponential = {{ rate = {offered:?} }} }}\n[horizon]\n\
             customers = {customers}\nwarm_up = {warm_up}\n[[stages]]\nname = \"desk\"\nservice = {{ exponential = {{ \
             mean = 1.0 }} }}\n"
        ),
        choose: vec![format!(
            "stages.desk.servers={}..{}",
            right.saturating_sub(right / 4 + 2).max(offered as u32 + 1),
            3 * right + 4
        )],
        sum: Vec::new(),
        require: vec![format!("waiting.mean <= {wait}")],
        aim: "stages.desk.servers".to_owned(),
        greatest: false,
        indifference: None,
        right: vec![vec![i64::from(right)]],
    }
}

fn erlang_a(name: &'static str, offered: f64, right: u32, until: f64) -> Case {
    let lost = between(|c| erlang_a_lost(offered, c, 2.0), right);
    Case {
        name,
        text: format!(
            "model = \"desk\"\n[horizon]\nuntil = {until:?}\nwarm_up = {:?}\n[arrivals]\ninterarrival = {{ exponential = \
             {{ rate = {offered:?} }} }}\n[[classes]]\nname = \"call\"\nservice = {{ exponential = {{ mean = 1.0 }} \
             }}\npatience = {{ exponential = {{ mean = 2.0 }} }}\n[supervisor]\nqueue = \"central\"\n[[servers]]\nname \
             = \"A\"\nattendants = [ {{ skills = [\"call\"], count = 1 }} ]\n",
            until / 10.0
        ),
        choose: vec![format!("servers.A.attendants.0.count=1..{}", 3 * right + 4)],
        sum: Vec::new(),
        require: vec![format!("lost.total <= {lost}")],
        aim: "servers.A.attendants.0.count".to_owned(),
        greatest: false,
        indifference: None,
        right: vec![vec![i64::from(right)]],
    }
}

/// The share lost at two groups and one that knows both, without a queue, by the chain of who is busy.
fn two_skills_lost(rates: [f64; 2], groups: [usize; 3]) -> f64 {
    let [a, b, both] = groups;
    let index = |i: usize, j: usize, k: usize, l: usize| {
        ((i * (b + 1) + j) * (both + 1) + k) * (both + 1) + l
    };
    let count = (a + 1) * (b + 1) * (both + 1) * (both + 1);
    let mut now = vec![0.0; count];
    now[0] = 1.0;
    let top = rates[0] + rates[1] + (a + b + both) as f64;
    let mut lost = 0.0;
    for _ in 0..4000 {
        let mut next = vec![0.0; count];
        lost = 0.0;
        for i in 0..=a {
            for j in 0..=b {
                for k in 0..=both {
                    for l in 0..=both - k {
                        let p = now[index(i, j, k, l)];
                        let mut stay = top;
                        let mut go = |to: usize, rate: f64| {
                            next[to] += p * rate / top;
                            stay -= rate;
                        };
                        match () {
                            () if i < a => go(index(i + 1, j, k, l), rates[0]),
                            () if k + l < both => go(index(i, j, k + 1, l), rates[0]),
                            () => lost += p * rates[0],
                        }
                        match () {
                            () if j < b => go(index(i, j + 1, k, l), rates[1]),
                            () if k + l < both => go(index(i, j, k, l + 1), rates[1]),
                            () => lost += p * rates[1],
                        }
                        if i > 0 {
                            go(index(i - 1, j, k, l), i as f64);
                        }
                        if j > 0 {
                            go(index(i, j - 1, k, l), j as f64);
                        }
                        if k > 0 {
                            go(index(i, j, k - 1, l), k as f64);
                        }
                        if l > 0 {
                            go(index(i, j, k, l - 1), l as f64);
                        }
                        next[index(i, j, k, l)] += p * stay / top;
                    }
                }
            }
        }
        now = next;
    }
    lost / (rates[0] + rates[1])
}

fn two_skills() -> Case {
    let rates = [2.0, 3.0];
    let cost = |g: [usize; 3]| 10 * g[0] + 10 * g[1] + 13 * g[2];
    let mut all: Vec<([usize; 3], f64)> = Vec::new();
    for a in 1..=5 {
        for b in 1..=6 {
            for x in 1..=4 {
                all.push(([a, b, x], two_skills_lost(rates, [a, b, x])));
            }
        }
    }
    // A level between that of the cheapest that meets 12 % and the next worse of all that are cheaper.
    let best = all
        .iter()
        .filter(|(_, lost)| *lost <= 0.12)
        .min_by_key(|(g, _)| cost(*g))
        .unwrap();
    let cheaper = all
        .iter()
        .filter(|(g, _)| cost(*g) <= cost(best.0) && *g != best.0);
    let next = cheaper.map(|(_, lost)| *lost).fold(f64::INFINITY, f64::min);
    let level = (best.1 * next).sqrt();
    assert!(level > best.1);
    Case {
        name: "two skills and a group that knows both, by its chain",
        text: "model = \"desk\"\n[horizon]\nuntil = 400.0\nwarm_up = 20.0\n[buffer]\ncapacity = 0\n[supervisor]\nqueue = \
               \"central\"\n[[classes]]\nname = \"a\"\nservice = { exponential = { mean = 1.0 } }\narrivals = { interarrival \
               = { exponential = { rate = 2.0 } } }\n[[classes]]\nname = \"b\"\nservice = { exponential = { mean = 1.0 } \
               }\narrivals = { interarrival = { exponential = { rate = 3.0 } } }\n[[servers]]\nname = \"A\"\nattendants = [ { \
               skills = [\"a\"], count = 1 } ]\n[[servers]]\nname = \"B\"\nattendants = [ { skills = [\"b\"], count = 1 } \
               ]\n[[servers]]\nname = \"X\"\nattendants = [ { skills = [\"a\", \"b\"], count = 1 } ]\n"
            .to_owned(),
        choose: ["A.attendants.0.count=1..5", "B.attendants.0.count=1..6", "X.attendants.0.count=1..4"]
            .map(|text| format!("servers.{text}"))
            .to_vec(),
        sum: Vec::new(),
        require: vec![format!("lost.total <= {level}")],
        aim: "10*servers.A.attendants.0.count + 10*servers.B.attendants.0.count + 13*servers.X.attendants.0.count".to_owned(),
        greatest: false,
        indifference: None,
        right: vec![best.0.map(|n| n as i64).to_vec()],
    }
}

/// Buffers of a saturated line of exponential stages with these means, by its chain.
fn buffers(name: &'static str, means: &[f64], places: i64) -> Case {
    let stage = |(at, mean): (usize, &f64)| {
        let buffer = if at == 0 { "" } else { "buffer = 1\n" };
        format!(
            "[[stages]]\nname = \"s{at}\"\n{buffer}service = {{ exponential = {{ mean = {mean:?} }} }}\n"
        )
    };
    let stages: String = means.iter().enumerate().map(stage).collect();
    let keys = (1..means.len()).map(|at| format!("stages.s{at}.buffer"));
    let keys: Vec<String> = keys.collect();
    Case {
        name,
        text: format!(
            "model = \"tandem\"\n[arrivals]\nsaturated = true\n[horizon]\ncustomers = 300\nwarm_up = 30\n{stages}"
        ),
        choose: keys.iter().map(|key| format!("{key}=0..{places}")).collect(),
        sum: vec![format!("{}={places}", keys.join("+"))],
        require: Vec::new(),
        aim: "throughput".to_owned(),
        greatest: true,
        indifference: None,
        right: Vec::new(),
    }
    .with_the_best_aim()
}

/// Where the servers of a closed network belong, by mean-value analysis: the demands of its stations differ.
fn bottleneck() -> Case {
    Case {
        name: "servers of a closed network, by mean-value analysis",
        text: "model = \"network\"\n[horizon]\nuntil = 300.0\nwarm_up = { time = 30.0 }\n[[classes]]\nname = \"user\"\n\
               population = 12\nenter = \"thinking\"\n[[stations]]\nname = \"thinking\"\nservers = \"unlimited\"\nservice = { \
               exponential = { mean = 2.0 } }\nnext = \"web\"\n[[stations]]\nname = \"web\"\nservers = 1\nservice = { exponential \
               = { mean = 0.5 } }\nnext = { db = 0.6, disk = 0.1, thinking = 0.3 }\n[[stations]]\nname = \"db\"\nservers = \
               1\nservice = { exponential = { mean = 1.2 } }\nnext = \"web\"\n[[stations]]\nname = \"disk\"\nservers = 1\nservice \
               = { exponential = { mean = 2.0 } }\nnext = \"web\"\n"
            .to_owned(),
        choose: ["web", "db", "disk"]
            .map(|name| format!("stations.{name}.servers=1..8"))
            .to_vec(),
        sum: vec!["stations.web.servers+stations.db.servers+stations.disk.servers=10".to_owned()],
        require: Vec::new(),
        aim: "classes.0.cycle_time.mean".to_owned(),
        greatest: false,
        indifference: None,
        right: Vec::new(),
    }
    .with_the_best_aim()
}

impl Case {
    /// The case with what its closed form says is right.
    fn with_the_best_aim(mut self) -> Case {
        let sign = if self.greatest { 1.0 } else { -1.0 };
        // A closed form speaks of long runs.
        let long = self.text.replace("customers = 300", "customers = 300000");
        let long = long.replace("until = 300.0", "until = 300000.0");
        let exact = |setting: &[i64]| {
            let fit = ClosedForm::of(&self.scenario_as(&long, setting, 1).unwrap());
            sign * fit.measure(&self.aim).expect("a closed form applies")
        };
        let all = self.question().space.all();
        let values: Vec<f64> = all.iter().map(|setting| exact(setting)).collect();
        let best = values
            .iter()
            .fold(f64::NEG_INFINITY, |best, value| best.max(*value));
        let zone = ZONE * best.abs();
        self.indifference = Some(zone);
        let near = all
            .into_iter()
            .zip(values)
            .filter(|(_, value)| *value >= best - zone);
        self.right = near.map(|(setting, _)| setting).collect();
        self
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        erlang_c("Erlang C, small", 2.0, 4, 3000),
        erlang_c("Erlang C, middling", 10.0, 13, 6000),
        erlang_c("Erlang C, large", 60.0, 66, 20_000),
        erlang_a("Erlang A, small", 3.0, 4, 100.0),
        erlang_a("Erlang A, middling", 12.0, 13, 150.0),
        erlang_a("Erlang A, large", 40.0, 41, 80.0),
        two_skills(),
        buffers(
            "buffers of three stages, the middle one slow",
            &[0.8, 1.0, 0.9],
            12,
        ),
        buffers(
            "buffers of four stages, the third one slow",
            &[0.8, 0.9, 1.0, 0.8],
            5,
        ),
        bottleneck(),
    ]
}
