//! Made-up scenarios with all features: lines, networks, and desks in steps and in continuous time.
//!
//! A scenario is determined by its number; its length is a parameter. All laws have a finite variance.

use filas::random::{Purpose, Stream};

/// A kind of scenario.
pub(crate) const KINDS: [&str; 6] = [
    "line",
    "people",
    "network",
    "closed",
    "desk in steps",
    "desk",
];

/// The scenario of a number, of the kind that the number falls on, with a length in customers, steps or time.
pub(crate) fn scenario(number: u64, length: u64) -> (&'static str, String) {
    let kind = KINDS[(number % KINDS.len() as u64) as usize];
    let mut chance = Chance(Stream::new(number, 0, "made", Purpose::Schedule));
    let text = match kind {
        "line" => chance.line(length, false),
        "people" => chance.line(length, true),
        "network" => chance.network(length, false),
        "closed" => chance.network(length, true),
        "desk in steps" => chance.desk(length, true),
        _ => chance.desk(length, false),
    };
    (kind, text)
}

struct Chance(Stream);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.unit()
    }

    /// A law of this mean.
    fn law(&mut self, mean: f64) -> String {
        let cv = self.between(0.2, 1.5);
        let inside = match self.below(9) {
            0 => format!("constant = {{ value = {mean:?} }}"),
            1 => format!("gamma = {{ mean = {mean:?}, cv = {cv:?} }}"),
            2 => format!("lognormal = {{ mean = {mean:?}, cv = {cv:?} }}"),
            3 => format!("erlang = {{ k = 3, mean = {mean:?} }}"),
            4 => format!("uniform = {{ low = 0.0, high = {:?} }}", 2.0 * mean),
            5 => format!(
                "hyperexponential = {{ probabilities = [0.8, 0.2], means = [{:?}, {:?}] }}",
                0.5 * mean,
                3.0 * mean
            ),
            _ => format!("exponential = {{ mean = {mean:?} }}"),
        };
        format!("{{ {inside} }}")
    }

    /// A table of arrivals at this rate, with a law of those that come at once or none.
    fn arrivals(&mut self, rate: f64, batches: bool) -> String {
        let batch = if batches && self.one_in(6) { 2.0 } else { 1.0 };
        let rate = rate / batch;
        let flow = match self.below(5) {
            0 => format!(
                "rates = [{{ until = 50.0, rate = {:?} }}, {{ until = 100.0, rate = {:?} }}]",
                0.5 * rate,
                1.5 * rate
            ),
            1 => format!("interarrival = {}", self.law(1.0 / rate)),
            _ => format!("interarrival = {{ exponential = {{ rate = {rate:?} }} }}"),
        };
        match batch > 1.0 {
            true => format!("{flow}, batch = {{ geometric = {{ mean = 2 }} }}"),
            false => flow,
        }
    }

    /// How much there is to do for each that can do it.
    fn load(&mut self) -> f64 {
        match self.below(8) {
            0 => self.between(1.02, 1.6),
            1 => self.between(0.02, 0.3),
            _ => self.between(0.3, 0.95),
        }
    }

    fn servers(&mut self) -> u64 {
        match self.below(6) {
            0..3 => 1,
            3 => 2 + self.below(4),
            4 => 2 + self.below(20),
            _ => 20 + self.below(100),
        }
    }

    /// The keys of a station to which customers come at this rate.
    fn station(&mut self, rate: f64, people: bool, classes: bool) -> String {
        let servers = self.servers();
        let mean = self.load() * servers as f64 / rate;
        let mut keys = match people && classes && self.one_in(4) {
            true => format!(
                "service = {{ by_class = {{ a = {}, other = {} }} }}\n",
                self.law(0.7 * mean),
                self.law(1.2 * mean)
            ),
            false => format!("service = {}\n", self.law(mean)),
        };
        if people && self.one_in(10) {
            return keys + "servers = \"unlimited\"\n";
        }
        let plan = people && servers > 1 && self.one_in(5);
        keys += &match plan {
            true => format!(
                "servers = {{ plan = [{{ from = 0, count = {} }}, {{ from = 40, count = {servers} }}], repeat = 80 }}\n",
                servers / 2
            ),
            false => format!("servers = {servers}\n"),
        };
        if self.one_in(4) {
            keys += &format!("buffer = {}\n", self.of(&[0u64, 1, 5, 40, 1000, 1_000_000]));
        }
        if !people {
            return keys;
        }
        if self.one_in(4) {
            let longer = self.of(&[1.0, 10.0]);
            keys += &format!("patience = {}\n", self.law(longer * mean));
        }
        if self.one_in(8) {
            keys += "join = [1.0, 0.9, 0.5]\n";
        }
        if self.one_in(8) {
            keys += "scrap = 0.1\n";
        }
        match self.below(10) {
            0 => keys += "discipline = \"lifo\"\n",
            1 => keys += "discipline = \"random\"\n",
            2 => keys += "discipline = \"shortest\"\n",
            3 if !plan && !keys.contains("patience") && !keys.contains("join") => {
                return keys + "discipline = \"processor-sharing\"\n";
            }
            _ => {}
        }
        if classes && self.one_in(5) {
            keys += "preemption = \"resume\"\n";
        } else if classes && self.one_in(5) {
            keys += &format!("setup = {}\n", self.law(0.1 * mean));
        }
        if self.one_in(5) {
            keys += &format!(
                "faults = {{ every = {}, repair = {}, work = \"{}\" }}\n",
                self.law(30.0 * mean),
                self.law(3.0 * mean),
                self.of(&["resume", "restart", "requeue", "lost"])
            );
        }
        keys
    }

    fn line(&mut self, length: u64, people: bool) -> String {
        let rate = self.of(&[0.1, 1.0, 20.0]);
        let classes = people && self.one_in(2);
        let stages = self.of(&[1, 1, 2, 3, 5, 12]);
        let mut text = format!("model = \"tandem\"\nhorizon = {{ customers = {length} }}\n");
        if self.one_in(3) {
            text += "line = { blocking = \"before-service\" }\n";
        }
        text += &match !people && self.one_in(6) {
            true => "arrivals = { saturated = true }\n".to_owned(),
            false => format!("arrivals = {{ {} }}\n", self.arrivals(rate, people)),
        };
        if classes {
            text += "classes = [{ name = \"a\", share = 0.3, priority = 1 }, { name = \"b\", share = 0.7 }]\n";
        }
        for stage in 0..stages {
            let station = self.station(rate, people, classes);
            text += &format!("[[stages]]\nname = \"s{stage}\"\n{station}");
        }
        text
    }

    fn network(&mut self, length: u64, closed: bool) -> String {
        let rate = self.of(&[0.1, 1.0, 20.0]);
        let stations = 2 + self.below(5);
        let classes = self.one_in(2);
        let mut text = "model = \"network\"\n".to_owned();
        text += &match closed {
            true => format!("horizon = {{ until = {:?} }}\n", length as f64 / rate),
            false => format!("horizon = {{ customers = {length} }}\n"),
        };
        if self.one_in(3) {
            text += "line = { blocking = \"lose\" }\n";
        } else {
            text += "line = { deadlock = \"swap\" }\n";
        }
        match (closed, classes) {
            (true, _) => {
                text += &format!(
                    "classes = [{{ name = \"a\", population = {}, enter = \"s0\" }}]\n",
                    self.of(&[1u64, 5, 40, 300])
                );
            }
            (false, true) => {
                text += &format!(
                    "classes = [{{ name = \"a\", priority = 1, route = [\"s0\", \"s1\", \"s0\", \"out\"], arrivals = {{ {} }} }}, \
                     {{ name = \"b\", enter = \"s1\", arrivals = {{ {} }} }}]\n",
                    self.arrivals(0.3 * rate, true),
                    self.arrivals(0.7 * rate, true)
                );
            }
            (false, false) => text += &format!("arrivals = {{ {} }}\n", self.arrivals(rate, true)),
        }
        let again = self.of(&[0.0, 0.2, 0.6]);
        for station in 0..stations {
            let keys = self.station(rate / (1.0 - again), true, classes && !closed);
            let next = match (station + 1 == stations, closed) {
                (true, true) => "\"s0\"".to_owned(),
                (true, false) => format!("{{ s0 = {again:?}, out = {:?} }}", 1.0 - again),
                (false, _) if self.one_in(5) => {
                    format!(
                        "{{ shortest = [\"s{}\", \"s{}\"] }}",
                        station + 1,
                        stations - 1
                    )
                }
                (false, _) => format!("\"s{}\"", station + 1),
            };
            text += &format!("[[stations]]\nname = \"s{station}\"\nnext = {next}\n");
            text += &match closed {
                // Nobody is ever lost of those who stay.
                true => keys
                    .lines()
                    .filter(|key| {
                        !["scrap", "patience", "join"]
                            .iter()
                            .any(|lost| key.starts_with(lost))
                    })
                    .map(|key| format!("{}\n", key.replace("\"lost\"", "\"resume\"")))
                    .collect::<String>(),
                false => keys,
            };
        }
        text
    }

    fn desk(&mut self, length: u64, steps: bool) -> String {
        let count = self.of(&[1u64, 3, 10, 30, 120]);
        let servers = 1 + self.below(count.min(4));
        let attendants = servers * (count / servers).max(1);
        let classes = 1 + self.below(3);
        let mean = match steps {
            true => self.of(&[1.5, 4.0, 20.0]),
            false => self.of(&[0.2, 3.0]),
        };
        let rate = self.load() * attendants as f64 / mean;
        let mut text = "model = \"desk\"\n".to_owned();
        text += &match steps {
            true => format!(
                "steps = {length}\narrivals = {{ per_step = {{ poisson = {{ mean = {rate:?} }} }} }}\n"
            ),
            false => format!(
                "horizon = {{ until = {:?} }}\narrivals = {{ {} }}\n",
                length as f64 / rate,
                self.arrivals(rate, true)
            ),
        };
        if self.one_in(3) {
            text += "supervisor = { queue = \"central\" }\n";
        } else {
            let dispatch = self.of(&[
                "first-available",
                "round-robin",
                "random",
                "least-loaded",
                "power-of-two",
            ]);
            let rebalance = self.one_in(2);
            text +=
                &format!("supervisor = {{ dispatch = \"{dispatch}\", rebalance = {rebalance} }}\n");
        }
        if self.one_in(4) {
            text += &format!("buffer = {{ capacity = {} }}\n", 1 + self.below(100));
        }
        if self.one_in(3) {
            let every = self.law(50.0 * mean);
            let down = self.law(5.0 * mean);
            let probability = 0.02 / mean;
            text += &match steps {
                true => format!("faults = {{ probability = {probability:?}, repair = {down} }}\n"),
                false => format!("faults = {{ every = {every}, repair = {down} }}\n"),
            };
        }
        let shift = self.one_in(4);
        if shift {
            text += "shifts = [{ name = \"day\", spells = [[0, 40], [50, 80]], repeat = 100 }]\n";
        }
        for class in 0..classes {
            let share = 1.0 / classes as f64;
            text += &format!(
                "[[classes]]\nname = \"c{class}\"\nshare = {share:?}\nservice = {}\n",
                self.law(mean)
            );
            if self.one_in(3) {
                text += &format!("patience = {}\n", self.law(2.0 * mean));
                if self.one_in(2) {
                    text += &format!(
                        "retry = {{ after = [\"abandoned\"], probability = 0.5, delay = {} }}\n",
                        self.law(5.0 * mean)
                    );
                }
            }
            if self.one_in(5) {
                text += &format!("wrap_up = {}\n", self.law(0.2 * mean));
            }
            if self.one_in(5) {
                text += &format!("priority = {}\n", self.below(3));
            }
        }
        let skills: Vec<String> = (0..classes).map(|class| format!("\"c{class}\"")).collect();
        for server in 0..servers {
            let duty = if shift && self.one_in(2) {
                ", shift = \"day\""
            } else {
                ""
            };
            text += &format!(
                "[[servers]]\nname = \"s{server}\"\nattendants = [{{ skills = [{}], count = {}{duty} }}]\n",
                skills.join(", "),
                attendants / servers
            );
        }
        text
    }
}
