//! Made-up lines of people and machines: what holds of each.

use crate::line::{lines, run, scenario};
use crate::line_oracle::{self, LineSpec};
use crate::station_cases::{Case, cases};
use crate::station_oracle::measures::measure;
use crate::station_oracle::summary::{differences, summary};
use crate::station_oracle::{
    self, Blocking, Doing, Flow, Horizon, Outcome, Services, Source, Spec, StationSpec, Visit,
    WarmUp,
};
use filas::actor::Runtime;
use filas::scenario::{Origin, Overrides, load};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Whether a case is a sound scenario, and whether the oracle loses nobody and no time.
fn check(case: &Case) {
    let name = "case.toml";
    let text = &case.toml;
    let origin = Origin::Embedded { name, text };
    let loaded = load(origin, &Overrides::default());
    let loaded = loaded.unwrap_or_else(|error| panic!("{}\n{text}", error.plain()));
    let text = &loaded.normalised();
    let origin = Origin::Embedded { name, text };
    let again = load(origin, &Overrides::default());
    let again = again.unwrap_or_else(|error| panic!("{}\n{text}", error.plain()));
    assert_eq!(again.scenario, loaded.scenario, "{text}");

    let measures = measure(&case.spec, &case.past);
    let ended = measures.customers;
    let all = [
        ended.departed,
        ended.lost,
        ended.balked,
        ended.abandoned,
        ended.scrapped,
        ended.failed,
        ended.unfinished,
    ];
    assert_eq!(ended.arrived, all.iter().sum::<usize>());
    assert_eq!(ended.arrived, case.past.customers.len());
    for (station, here) in measures.stations.iter().enumerate() {
        assert_eq!(
            here.arrivals,
            here.departures + here.abandoned + here.failed + here.unfinished,
            "station {station}"
        );
        if let (Some((open, close)), Some(servers)) =
            (here.window, case.spec.stations[station].servers)
        {
            let parts = here.busy + here.idle + here.blocked + here.setup + here.down + here.off;
            assert_eq!(parts, servers as f64 * (close - open), "station {station}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_made_up_line_is_a_sound_scenario_and_the_oracle_accounts_for_everything(case in cases()) {
        check(&case);
    }
}

/// How often each situation comes up in a case.
fn situations(case: &Case) -> Vec<(&'static str, usize)> {
    let (spec, past) = (&case.spec, &case.past);
    let ended = |outcome| {
        let customers = past.customers.iter();
        customers.filter(|one| one.outcome == outcome).count()
    };
    let doing = |doing| {
        let servers = past.stations.iter().flat_map(|here| &here.servers);
        servers.flatten().filter(|(_, now)| *now == doing).count()
    };
    let count =
        |holds: &dyn Fn(&Visit) -> bool| past.visits.iter().filter(|one| holds(one)).count();
    let any = |holds: &dyn Fn(&StationSpec) -> bool| {
        spec.stations.iter().filter(|one| holds(one)).count()
    };
    let balked_further = past
        .customers
        .iter()
        .filter(|one| one.outcome == Outcome::Balked && one.left.is_some());
    vec![
        ("served", ended(Outcome::Served)),
        ("lost", ended(Outcome::Lost)),
        ("balked", ended(Outcome::Balked)),
        ("balked further on", balked_further.count()),
        ("abandoned", ended(Outcome::Abandoned)),
        ("scrapped", ended(Outcome::Scrapped)),
        ("failed", ended(Outcome::Failed)),
        ("unfinished", ended(Outcome::Unfinished)),
        ("blocked", doing(Doing::Blocked)),
        ("down with work", doing(Doing::DownWithWork)),
        ("down", doing(Doing::Down)),
        ("off", doing(Doing::Off)),
        ("set up", count(&|visit| visit.setup > 0.0)),
        ("cut off", count(&|visit| visit.cut_off > 0)),
        ("cut off twice", count(&|visit| visit.cut_off > 1)),
        ("unlimited", any(&|here| here.servers.is_none())),
        (
            "slowed",
            any(&|here| {
                here.faults
                    .as_ref()
                    .is_some_and(|faults| faults.slow.is_some())
            }),
        ),
        (
            "by server",
            any(&|here| matches!(here.services, Services::ByServer(_))),
        ),
        (
            "saturated",
            usize::from(matches!(spec.source, Source::Saturated(_))),
        ),
        (
            "before service",
            usize::from(spec.blocking == Blocking::BeforeService),
        ),
        ("stopped", usize::from(spec.stop)),
        (
            "a warm-up by time",
            usize::from(matches!(spec.warm_up, WarmUp::Time(_))),
        ),
    ]
}

#[test]
fn made_up_lines_reach_every_situation() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut made = 0;
    for case in (0..2000).filter_map(Case::numbered) {
        made += 1;
        for (what, times) in situations(&case) {
            *seen.entry(what).or_default() += usize::from(times > 0);
        }
    }
    assert!(made >= 1800, "only {made} come to an end");
    for (what, cases) in seen {
        assert!(cases >= 30, "`{what}` came up in {cases} cases");
    }
}

/// A line of the old keys, as the oracle for people and machines is given it.
fn spec_of(line: &LineSpec) -> Spec {
    let customers = line.stages[0].services.len();
    let (source, horizon) = match &line.source {
        line_oracle::Source::Times(times) => {
            let arrivals = times.iter().map(|&time| (time, vec![0]));
            let flow = Flow {
                absolute: true,
                arrivals: arrivals.collect(),
            };
            (Source::Flows(vec![flow]), Horizon::Customers(times.len()))
        }
        line_oracle::Source::Saturated { customers } => {
            let classes = vec![0; *customers];
            (Source::Saturated(classes), Horizon::Customers(*customers))
        }
        line_oracle::Source::SaturatedUntil { until, .. } => {
            let classes = vec![0; customers];
            (Source::Saturated(classes), Horizon::Until(*until))
        }
    };
    let stations = line.stages.iter().map(|stage| StationSpec {
        buffer: stage.buffer,
        ..StationSpec::new(stage.servers, &stage.services)
    });
    Spec {
        source,
        horizon,
        warm_up: WarmUp::Customers(line.warm_up),
        blocking: match line.blocking {
            line_oracle::Blocking::AfterService => Blocking::AfterService,
            line_oracle::Blocking::BeforeService => Blocking::BeforeService,
        },
        ..Spec::line(&[], stations.collect())
    }
}

/// Whether a difference is about a key that the summary of a line of the old keys does not have, or has another
/// meaning there: a service of length zero splits an idle spell.
fn of_the_new_keys(difference: &str) -> bool {
    let keys = [
        "balked",
        "abandoned",
        "scrapped",
        "failed",
        "unfinished",
        "time_to_abandon",
        "occupancy",
        "setup_time",
        "down_time",
        "off_time",
        "idle_longest",
    ];
    let path = difference.split(' ').next().unwrap_or_default();
    keys.iter().any(|key| path.ends_with(key))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn without_people_and_machines_both_oracles_say_the_same(line in lines()) {
        let old = line_oracle::simulate(&line);
        let spec = spec_of(&line);
        let past = station_oracle::simulate(&spec);
        let mut visits = past.visits.clone();
        visits.sort_by_key(|visit| (visit.customer, visit.station));
        prop_assert_eq!(visits.len(), old.visits.len());
        for (new, old) in visits.iter().zip(&old.visits) {
            prop_assert_eq!((new.customer, new.station), (old.customer, old.stage));
            prop_assert_eq!(new.arrival, old.arrival);
            prop_assert_eq!(new.service_start, Some(old.service_start));
            prop_assert_eq!(new.service_end, Some(old.service_end));
            prop_assert_eq!(new.departure, Some(old.departure));
            prop_assert_eq!(new.server, Some(old.server));
        }
        let numbered = past.customers.iter().zip(1..);
        let lost = numbered.filter(|(customer, _)| customer.outcome == Outcome::Lost);
        prop_assert_eq!(lost.map(|(_, number)| number).collect::<Vec<_>>(), old.lost);
        let new = measure(&spec, &past);
        prop_assert_eq!(new.clock, old.clock);
        prop_assert_eq!(new.throughput, old.line.throughput);
        prop_assert_eq!(new.customers.departed, old.line.departed);
        prop_assert_eq!(new.served.len(), old.line.customers.len());
        for (whole, (number, old)) in new.served.iter().zip(&old.line.customers) {
            prop_assert_eq!(whole.customer, *number);
            prop_assert_eq!(whole.waiting, old.waiting);
            prop_assert_eq!(whole.service, old.service);
            prop_assert_eq!(whole.blocked, old.blocked);
            prop_assert_eq!(whole.sojourn, old.sojourn);
            prop_assert_eq!(whole.queues_joined, old.queues_joined);
        }
        for (new, old) in new.stations.iter().zip(&old.stages) {
            prop_assert_eq!((new.arrivals, new.departures), (old.arrivals, old.departures));
            prop_assert_eq!(new.window, old.window);
            prop_assert_eq!((new.busy, new.idle, new.blocked), (old.busy_total, old.idle_total, old.blocked_total));
            prop_assert_eq!(new.utilisation, old.utilisation);
            prop_assert_eq!(new.queue_length_mean, old.queue_length_mean);
            prop_assert_eq!(new.queue_length_max, old.queue_length_max);
            prop_assert_eq!(new.queue_length_max_at, old.queue_length_max_at);
            prop_assert_eq!(new.waited_fraction, old.waited_fraction);
            let sorted = |values: &[f64]| {
                let mut values = values.to_vec();
                values.sort_by(f64::total_cmp);
                values
            };
            prop_assert_eq!(sorted(&new.waiting), sorted(&old.waiting));
            prop_assert_eq!(sorted(&new.service), sorted(&old.service));
            // A service of length zero splits an idle spell under the old keys alone.
            prop_assert!(new.idle_longest >= old.idle_longest);
        }
        let (outcome, _) = run(&scenario(&line), Runtime::Inline, 512);
        let seen = serde_json::to_value(&outcome.summary).unwrap();
        let right = summary(&spec, &new, &[]);
        let differences = differences(&right, &seen);
        let differences: Vec<&String> = differences.iter().filter(|one| !of_the_new_keys(one)).collect();
        prop_assert!(differences.is_empty(), "{:#?}", differences);
    }
}
