//! The least staff of a call centre, for each shift and skill.

use super::{Case, studies};
use filas::scenario::Scenario;
use filas::study::{Conditions, Goal, InMemory, Layout, Workers, replicate};

/// The share of the runs of the full grid that a search may take.
const SHARE: f64 = 0.1;

/// Days by which the answer is checked, other than those of the search.
const DAYS: u64 = 400;

/// A day from eight to six with a peak before noon and one at three: two skills, each in two shifts.
const DAY: &str = r#"
model = "desk"
time_unit = "min"
start = "8:00"
horizon = { until = "18:00" }
[supervisor]
queue = "central"
[[classes]]
name = "bills"
arrivals = { rates = [
  { until = 60, rate = 0.8 },
  { until = 120, rate = 1.2 },
  { until = 240, rate = 1.6 },
  { until = 360, rate = 1.1 },
  { until = 480, rate = 1.5 },
  { until = 600, rate = 0.8 },
] }
service = { lognormal = { mean = 3.0, cv = 0.8 } }
patience = { exponential = { mean = "3 min" } }
service_level = { within = "20 s" }
[[classes]]
name = "faults"
arrivals = { rates = [
  { until = 120, rate = 0.3 },
  { until = 480, rate = 0.5 },
  { until = 600, rate = 0.35 },
] }
service = { gamma = { mean = 6.0, cv = 0.6 } }
patience = { exponential = { mean = "5 min" } }
service_level = { within = "20 s" }
[[shifts]]
name = "early"
spells = [["8:00", "14:00"]]
[[shifts]]
name = "late"
spells = [["11:00", "18:00"]]
[[servers]]
name = "bills"
attendants = [ { skills = ["bills"], count = 1, shift = "early" }, { skills = ["bills"], count = 1, shift = "late" } ]
[[servers]]
name = "faults"
attendants = [ { skills = ["faults"], count = 1, shift = "early" }, { skills = ["faults"], count = 1, shift = "late" } ]
"#;

fn centre() -> Case {
    let key = |group: &str, shift: usize| format!("servers.{group}.attendants.{shift}.count");
    let groups = [("bills", 0), ("bills", 1), ("faults", 0), ("faults", 1)];
    let keys = groups.map(|(group, shift)| key(group, shift));
    Case {
        name: "a call centre of two skills in two shifts",
        text: DAY.to_owned(),
        choose: keys.iter().map(|key| format!("{key}=1..7")).collect(),
        sum: Vec::new(),
        require: ["service_level.of_offered >= 0.8", "lost.total <= 0.05"]
            .map(str::to_owned)
            .to_vec(),
        aim: keys.join(" + "),
        greatest: false,
        indifference: None,
        right: Vec::new(),
    }
}

/// The means of the requirements' measures over days that no search has seen.
fn day(scenario: &Scenario, workers: &Workers) -> [f64; 2] {
    let layout = Layout::of(scenario).unwrap();
    let rows = InMemory::default();
    let conditions = Conditions::by(workers, &rows);
    let study = replicate(scenario, &layout, &Goal::Count(DAYS), conditions).unwrap();
    ["service_level.of_offered", "lost.total"]
        .map(|key| study.intervals[layout.find(key).unwrap()].mean.unwrap())
}

#[test]
fn the_least_staff_of_a_call_centre_takes_a_tenth_of_the_runs_of_the_grid() {
    let workers = Workers::new(0).unwrap();
    let case = centre();
    for seed in 1..=studies().div_ceil(100) {
        let found = case.study(seed, &workers);
        let best = &found.tried[found.best];
        let most = found.tried.iter().map(|tried| tried.replications).max();
        let grid = most.unwrap() as f64 * found.settings as f64;
        println!(
            "{:?}, {} runs, {:.1} % of the grid of {} settings: {}",
            best.setting,
            found.runs,
            100.0 * found.runs as f64 / grid,
            found.settings,
            case.name
        );
        assert!(found.meets() && found.settled && found.searched.is_none());
        assert!(found.runs as f64 <= SHARE * grid);
        // Other days say so too: it meets both, and with one fewer anywhere it does not.
        let seen = |setting: &[i64]| day(&case.scenario(setting, 1000 + seed).unwrap(), &workers);
        let meets = |[level, lost]: [f64; 2]| level >= 0.8 && lost <= 0.05;
        let here = seen(&best.setting);
        assert!(meets(here), "{here:?}");
        for at in 0..best.setting.len() {
            let mut fewer = best.setting.clone();
            fewer[at] -= 1;
            if fewer[at] > 0 {
                let there = seen(&fewer);
                assert!(!meets(there), "{fewer:?}: {there:?}");
            }
        }
    }
}
