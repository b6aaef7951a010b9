//! Small cases whose answers were worked out by hand from the rules.

use super::measures::{Ended, measure};
use super::{
    Blocking, Discipline, Ends, Faults, Flow, Horizon, Outcome, Past, Plan, Preemption, Services,
    Source, Spec, StationSpec, Visit, WarmUp, Work, simulate,
};
use Outcome::{Abandoned, Balked, Failed, Lost, Next, Scrapped, Served, Unfinished};

/// One visit in short: customer, station, arrival, service start, service end, departure, server, outcome.
type Row = (usize, usize, f64, f64, f64, f64, usize, Outcome);

/// What did not happen.
const NO: f64 = -1.0;

fn rows(past: &Past) -> Vec<Row> {
    let time = |time: Option<f64>| time.unwrap_or(NO);
    let row = |visit: &Visit| {
        (
            visit.customer,
            visit.station,
            visit.arrival,
            time(visit.service_start),
            time(visit.service_end),
            time(visit.departure),
            visit.server.unwrap_or(0),
            visit.outcome,
        )
    };
    past.visits.iter().map(row).collect()
}

fn ends(past: &Past) -> Vec<Outcome> {
    past.customers
        .iter()
        .map(|customer| customer.outcome)
        .collect()
}

/// Customers of these classes at these instants, one at each, all with the same priority as their class.
fn classed(arrivals: &[(f64, usize)], stations: Vec<StationSpec>) -> Spec {
    let times: Vec<f64> = arrivals.iter().map(|(time, _)| *time).collect();
    let arrivals = arrivals.iter().map(|&(time, class)| (time, vec![class]));
    Spec {
        source: Source::Flows(vec![Flow {
            absolute: false,
            arrivals: arrivals.collect(),
        }]),
        priorities: vec![0, 1, 2],
        ..Spec::line(&times, stations)
    }
}

/// Faults every so often, of every server.
fn faults(servers: usize, every: f64, repair: f64) -> Faults {
    Faults {
        every: vec![vec![every]; servers],
        repair: vec![vec![repair]; servers],
        busy: false,
        crew: None,
        work: Work::Resume,
        slow: None,
    }
}

#[test]
fn a_higher_priority_takes_the_server_and_the_cut_off_stand_first_in_theirs() {
    let arrivals = [(0.0, 0), (1.0, 0), (2.0, 1)];
    let station = |preemption| StationSpec {
        preemption,
        ..StationSpec::new(1, &[5.0, 2.0, 3.0])
    };
    let run = |preemption| simulate(&classed(&arrivals, vec![station(preemption)]));
    let past = run(Preemption::Resume);
    assert_eq!(
        rows(&past),
        [
            (3, 0, 2.0, 2.0, 5.0, 5.0, 1, Served),
            (1, 0, 0.0, 0.0, 8.0, 8.0, 1, Served),
            (2, 0, 1.0, 8.0, 10.0, 10.0, 1, Served),
        ]
    );
    assert_eq!(past.visits[1].service, 5.0);
    let past = run(Preemption::Restart);
    assert_eq!(
        rows(&past),
        [
            (3, 0, 2.0, 2.0, 5.0, 5.0, 1, Served),
            (1, 0, 0.0, 0.0, 10.0, 10.0, 1, Served),
            (2, 0, 1.0, 10.0, 12.0, 12.0, 1, Served),
        ]
    );
    assert_eq!(
        past.visits[1].service, 7.0,
        "time served twice counts twice"
    );
    let past = run(Preemption::None);
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 5.0, 5.0, 1, Served),
            (3, 0, 2.0, 5.0, 8.0, 8.0, 1, Served),
            (2, 0, 1.0, 8.0, 10.0, 10.0, 1, Served),
        ]
    );
}

#[test]
fn of_the_lowest_priority_in_service_the_one_who_began_last_loses_its_server() {
    let arrivals = [(0.0, 0), (1.0, 0), (1.0, 1), (2.0, 2)];
    let station = StationSpec {
        preemption: Preemption::Resume,
        ..StationSpec::new(3, &[6.0, 6.0, 6.0, 1.0])
    };
    let past = simulate(&classed(&arrivals, vec![station]));
    // At 1 server 2 goes to customer 3, who has the higher priority, and server 3 to customer 2, who so
    // began last of priority 0.
    assert_eq!(
        rows(&past),
        [
            (4, 0, 2.0, 2.0, 3.0, 3.0, 3, Served),
            (1, 0, 0.0, 0.0, 6.0, 6.0, 1, Served),
            (3, 0, 1.0, 1.0, 7.0, 7.0, 2, Served),
            (2, 0, 1.0, 1.0, 8.0, 8.0, 3, Served),
        ]
    );
}

#[test]
fn who_is_taken_at_the_instant_its_patience_ends_is_served() {
    let station = StationSpec {
        patience: vec![None, Some(2.0), Some(1.0), Some(0.0), Some(0.0)],
        ..StationSpec::new(1, &[3.0, 1.0, 1.0, 1.0, 1.0])
    };
    let past = simulate(&Spec::line(&[0.0, 1.0, 1.0, 2.0, 9.0], vec![station]));
    assert_eq!(
        rows(&past),
        [
            (3, 0, 1.0, NO, NO, 2.0, 0, Abandoned),
            (4, 0, 2.0, NO, NO, 2.0, 0, Abandoned),
            (1, 0, 0.0, 0.0, 3.0, 3.0, 1, Served),
            (2, 0, 1.0, 3.0, 4.0, 4.0, 1, Served),
            (5, 0, 9.0, 9.0, 10.0, 10.0, 1, Served),
        ]
    );
}

#[test]
fn a_customer_joins_by_the_number_who_would_still_wait() {
    let station = StationSpec {
        join: vec![1.0, 0.0],
        ..StationSpec::new(1, &[10.0, 1.0, 1.0, 1.0, 1.0])
    };
    // Customer 2 finds nobody waiting, 3 finds one and balks. At 10 the server is free before arrivals come, and
    // customer 2 would begin: customer 4 finds nobody, 5 finds customer 4.
    let past = simulate(&Spec::line(&[0.0, 1.0, 2.0, 10.0, 10.0], vec![station]));
    assert_eq!(ends(&past), [Served, Served, Balked, Served, Balked]);
    assert_eq!(past.customers[2].left, None);
}

#[test]
fn a_place_is_asked_for_before_joining() {
    let station = StationSpec {
        join: vec![0.0],
        buffer: Some(0),
        ..StationSpec::new(1, &[2.0, 1.0, 1.0])
    };
    let past = simulate(&Spec::line(&[0.0, 1.0, 2.0], vec![station]));
    assert_eq!(ends(&past), [Served, Lost, Served]);
}

#[test]
fn a_place_freed_by_preemption_is_a_place() {
    let arrivals = [(0.0, 0), (1.0, 0), (2.0, 1), (3.0, 0), (3.0, 0)];
    let station = |buffer| StationSpec {
        preemption: Preemption::Resume,
        buffer: Some(buffer),
        ..StationSpec::new(1, &[5.0; 5])
    };
    let past = simulate(&classed(&arrivals, vec![station(1)]));
    assert_eq!(ends(&past), [Served, Served, Lost, Lost, Lost]);
    // With three places customer 3 takes the last; once it has the server, customers 1 (cut off) and 3
    // count as one, so customer 4 has a place and 5 has none.
    let past = simulate(&classed(&arrivals, vec![station(2)]));
    assert_eq!(ends(&past), [Served, Served, Served, Served, Lost]);
}

#[test]
fn a_server_that_goes_off_duty_finishes_or_is_interrupted() {
    let station = |interrupt| StationSpec {
        plan: Some(Plan {
            pieces: vec![(0.0, 2), (2.0, 1)],
            repeat: Some(10.0),
            interrupt,
        }),
        ..StationSpec::new(2, &[4.0, 4.0, 4.0])
    };
    let past = simulate(&Spec::line(&[0.0, 0.0, 0.0], vec![station(false)]));
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 4.0, 4.0, 1, Served),
            (2, 0, 0.0, 0.0, 4.0, 4.0, 2, Served),
            (3, 0, 0.0, 4.0, 8.0, 8.0, 1, Served),
        ]
    );
    let here = &measure(&Spec::line(&[0.0; 3], vec![station(false)]), &past).stations[0];
    assert_eq!((here.busy, here.off, here.idle), (12.0, 4.0, 0.0));
    let past = simulate(&Spec::line(&[0.0, 0.0, 0.0], vec![station(true)]));
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 4.0, 4.0, 1, Served),
            (2, 0, 0.0, 0.0, 6.0, 6.0, 1, Served),
            (3, 0, 0.0, 6.0, 10.0, 10.0, 1, Served),
        ]
    );
    // At 10 the plan begins again, but services end before servers come up.
    let here = &measure(&Spec::line(&[0.0; 3], vec![station(true)]), &past).stations[0];
    assert_eq!((here.busy, here.off), (12.0, 8.0));
}

#[test]
fn work_stays_with_a_server_that_is_down_and_goes_on_or_begins_again() {
    let station = |work| StationSpec {
        faults: Some(Faults {
            work,
            ..faults(1, 3.0, 2.0)
        }),
        ..StationSpec::new(1, &[2.0, 1.0])
    };
    let run = |work| simulate(&Spec::line(&[2.0, 4.0], vec![station(work)]));
    // Down from 3 to 5, then from 8 to 10.
    let past = run(Work::Resume);
    assert_eq!(
        rows(&past),
        [
            (1, 0, 2.0, 2.0, 6.0, 6.0, 1, Served),
            (2, 0, 4.0, 6.0, 7.0, 7.0, 1, Served),
        ]
    );
    assert_eq!(past.visits[0].service, 2.0);
    let spec = Spec::line(&[2.0, 4.0], vec![station(Work::Resume)]);
    let here = &measure(&spec, &past).stations[0];
    assert_eq!((here.busy, here.down, here.idle), (3.0, 2.0, 2.0));
    let past = run(Work::Restart);
    // The service of customer 2 ends at the instant of the next fault, before it.
    assert_eq!(
        rows(&past),
        [
            (1, 0, 2.0, 2.0, 7.0, 7.0, 1, Served),
            (2, 0, 4.0, 7.0, 8.0, 8.0, 1, Served),
        ]
    );
    assert_eq!(past.visits[0].service, 3.0);
    let past = run(Work::Lost);
    assert_eq!(
        rows(&past),
        [
            (1, 0, 2.0, 2.0, NO, 3.0, 1, Failed),
            (2, 0, 4.0, 5.0, 6.0, 6.0, 1, Served),
        ]
    );
}

#[test]
fn work_that_is_requeued_may_take_another_server() {
    let mut only_first = faults(2, 3.0, 4.0);
    only_first.every[1] = vec![100.0];
    only_first.work = Work::Requeue;
    let station = StationSpec {
        faults: Some(only_first),
        ..StationSpec::new(2, &[4.0, 4.0, 1.0])
    };
    let past = simulate(&Spec::line(&[0.0, 0.0, 1.0], vec![station]));
    // Customer 1 is cut off at 3 with 1 left, and stands before customer 3.
    assert_eq!(
        rows(&past),
        [
            (2, 0, 0.0, 0.0, 4.0, 4.0, 2, Served),
            (1, 0, 0.0, 0.0, 5.0, 5.0, 2, Served),
            (3, 0, 1.0, 5.0, 6.0, 6.0, 2, Served),
        ]
    );
}

#[test]
fn a_busy_clock_counts_services_alone_and_not_one_that_ends_as_it_strikes() {
    let station = |services: &[f64]| StationSpec {
        faults: Some(Faults {
            busy: true,
            ..faults(1, 3.0, 2.0)
        }),
        ..StationSpec::new(1, services)
    };
    let past = simulate(&Spec::line(&[0.0, 4.0], vec![station(&[2.0, 2.0])]));
    // Two units served up to 2, the third at 5; down until 7.
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 2.0, 2.0, 1, Served),
            (2, 0, 4.0, 4.0, 8.0, 8.0, 1, Served),
        ]
    );
    let past = simulate(&Spec::line(&[0.0, 3.0], vec![station(&[3.0, 4.0])]));
    // At 3 the service ends as the fault is due, so that the clock starts anew; at 6 it strikes.
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 3.0, 3.0, 1, Served),
            (2, 0, 3.0, 3.0, 9.0, 9.0, 1, Served),
        ]
    );
}

#[test]
fn a_crew_repairs_one_after_the_other() {
    let station = StationSpec {
        faults: Some(Faults {
            crew: Some(1),
            ..faults(2, 3.0, 2.0)
        }),
        ..StationSpec::new(2, &[1.0, 1.0, 1.0])
    };
    let past = simulate(&Spec::line(&[4.0, 4.0, 7.0], vec![station]));
    // Server 1 is down from 3 to 5, server 2 from 3 to 7. At 7 both are idle since then, and at 8 the service ends
    // before server 1 fails again.
    assert_eq!(
        rows(&past),
        [
            (1, 0, 4.0, 5.0, 6.0, 6.0, 1, Served),
            (2, 0, 4.0, 6.0, 7.0, 7.0, 1, Served),
            (3, 0, 7.0, 7.0, 8.0, 8.0, 1, Served),
        ]
    );
}

#[test]
fn a_fault_of_a_server_off_duty_does_not_happen() {
    let station = StationSpec {
        plan: Some(Plan {
            pieces: vec![(0.0, 1), (2.0, 0), (4.0, 1)],
            repeat: None,
            interrupt: false,
        }),
        faults: Some(faults(1, 3.0, 2.0)),
        ..StationSpec::new(1, &[3.0])
    };
    // Due at 3, off duty: the next is at 6.
    let past = simulate(&Spec::line(&[4.0], vec![station]));
    assert_eq!(rows(&past), [(1, 0, 4.0, 4.0, 9.0, 9.0, 1, Served)]);
}

#[test]
fn a_slowed_server_works_on_at_part_of_its_speed() {
    let station = StationSpec {
        faults: Some(Faults {
            slow: Some(0.5),
            ..faults(1, 2.0, 3.0)
        }),
        ..StationSpec::new(1, &[4.0])
    };
    // Two units up to 2, one and a half up to 5, the rest at full speed.
    let past = simulate(&Spec::line(&[0.0], vec![station]));
    assert_eq!(rows(&past), [(1, 0, 0.0, 0.0, 5.5, 5.5, 1, Served)]);
    assert_eq!(past.visits[0].service, 5.5);
}

#[test]
fn a_server_is_set_up_for_another_class_and_at_first_for_any() {
    let station = StationSpec {
        setups: vec![Some(2.0), Some(1.0), Some(1.0), None],
        ..StationSpec::new(1, &[2.0, 3.0, 1.0, 1.0])
    };
    let arrivals = [(0.0, 0), (0.0, 1), (0.0, 1), (0.0, 2)];
    let spec = Spec {
        priorities: vec![0, 0, 0],
        ..classed(&arrivals, vec![station])
    };
    let past = simulate(&spec);
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 2.0, 2.0, 1, Served),
            (2, 0, 0.0, 2.0, 6.0, 6.0, 1, Served),
            (3, 0, 0.0, 6.0, 7.0, 7.0, 1, Served),
            (4, 0, 0.0, 7.0, 8.0, 8.0, 1, Served),
        ]
    );
    assert_eq!((past.visits[1].setup, past.visits[1].service), (1.0, 3.0));
    let here = &measure(&spec, &past).stations[0];
    assert_eq!((here.setup, here.busy, here.idle), (1.0, 7.0, 0.0));
    assert_eq!(here.occupancy, Some(7.0 / 8.0));
}

#[test]
fn a_set_up_that_is_cut_off_is_made_again() {
    let station = StationSpec {
        setups: vec![None, Some(4.0), None],
        preemption: Preemption::Resume,
        ..StationSpec::new(1, &[1.0, 1.0, 1.0])
    };
    let spec = Spec {
        priorities: vec![0, 0, 1],
        ..classed(&[(0.0, 0), (0.0, 1), (3.0, 2)], vec![station])
    };
    let past = simulate(&spec);
    // Set-up from 1 to 3, cut off; after customer 3 the server is set for its class, so again from 4 to 8.
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 1.0, 1.0, 1, Served),
            (3, 0, 3.0, 3.0, 4.0, 4.0, 1, Served),
            (2, 0, 0.0, 1.0, 9.0, 9.0, 1, Served),
        ]
    );
    assert_eq!(past.visits[2].setup, 6.0);
}

#[test]
fn the_fastest_idle_server_is_taken_then_the_one_idle_longest() {
    let station = StationSpec {
        speeds: vec![1.0, 2.0, 1.0],
        ..StationSpec::new(3, &[2.0, 2.0, 1.0, 2.0, 1.0])
    };
    let past = simulate(&Spec::line(&[0.0, 0.0, 0.0, 2.0, 2.0], vec![station]));
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 1.0, 1.0, 2, Served),
            (3, 0, 0.0, 0.0, 1.0, 1.0, 3, Served),
            (2, 0, 0.0, 0.0, 2.0, 2.0, 1, Served),
            (4, 0, 2.0, 2.0, 3.0, 3.0, 2, Served),
            (5, 0, 2.0, 2.0, 3.0, 3.0, 3, Served),
        ]
    );
}

#[test]
fn disciplines_choose_among_those_who_wait() {
    let run = |discipline, choices: &[f64]| {
        let station = StationSpec {
            discipline,
            choices: choices.to_vec(),
            ..StationSpec::new(1, &[1.0, 3.0, 2.0, 2.0])
        };
        let past = simulate(&Spec::line(&[0.0, 0.0, 0.0, 0.0], vec![station]));
        past.visits
            .iter()
            .map(|visit| visit.customer)
            .collect::<Vec<_>>()
    };
    assert_eq!(run(Discipline::Fifo, &[]), [1, 2, 3, 4]);
    assert_eq!(run(Discipline::Lifo, &[]), [4, 3, 2, 1]);
    assert_eq!(run(Discipline::Shortest, &[]), [1, 3, 4, 2]);
    // Of four the third, of three the first, of two the second; for one no number is drawn.
    assert_eq!(run(Discipline::Random, &[0.5, 0.25, 0.75]), [3, 1, 4, 2]);
}

#[test]
fn the_work_is_that_of_the_server_taken_first() {
    let station = StationSpec {
        services: Services::ByServer(vec![vec![2.0, 2.0], vec![7.0, 7.0]]),
        ..StationSpec::new(2, &[0.0, 0.0])
    };
    let past = simulate(&Spec::line(&[0.0, 0.0], vec![station]));
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 2.0, 2.0, 1, Served),
            (2, 0, 0.0, 0.0, 7.0, 7.0, 2, Served),
        ]
    );
}

#[test]
fn batches_come_whole_and_find_the_places_one_after_the_other() {
    let station = StationSpec {
        buffer: Some(1),
        ..StationSpec::new(1, &[1.0; 4])
    };
    let flow = |arrivals: &[(f64, usize)]| Flow {
        absolute: false,
        arrivals: arrivals
            .iter()
            .map(|&(at, batch)| (at, vec![0; batch]))
            .collect(),
    };
    let spec = Spec {
        source: Source::Flows(vec![flow(&[(0.0, 3), (1.0, 0)]), flow(&[(0.0, 1)])]),
        horizon: Horizon::Until(1.0),
        ..Spec::line(&[], vec![station])
    };
    let past = simulate(&spec);
    assert_eq!(ends(&past), [Served, Served, Lost, Lost]);
}

#[test]
fn scrap_leaves_before_a_place_is_asked_for_and_frees_the_server() {
    let first = StationSpec {
        scrapped: vec![false, false, true],
        ..StationSpec::new(1, &[1.0, 1.0, 1.0])
    };
    let second = StationSpec {
        buffer: Some(0),
        ..StationSpec::new(1, &[5.0, 1.0, 1.0])
    };
    let past = simulate(&Spec::line(&[0.0, 0.0, 0.0], vec![first, second]));
    // Customer 2 is blocked from 2 to 6.
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 1.0, 1.0, 1, Next),
            (2, 0, 0.0, 1.0, 2.0, 6.0, 1, Next),
            (1, 1, 1.0, 1.0, 6.0, 6.0, 1, Served),
            (3, 0, 0.0, 6.0, 7.0, 7.0, 1, Scrapped),
            (2, 1, 6.0, 6.0, 7.0, 7.0, 1, Served),
        ]
    );
}

#[test]
fn a_blocked_server_that_fails_lets_its_customer_go() {
    let first = StationSpec {
        faults: Some(faults(1, 3.0, 10.0)),
        ..StationSpec::new(1, &[1.0, 1.0, 1.0])
    };
    let second = StationSpec {
        buffer: Some(0),
        ..StationSpec::new(1, &[4.0, 1.0, 1.0])
    };
    let spec = Spec::line(&[0.0, 0.0, 0.0], vec![first, second]);
    let past = simulate(&spec);
    // Down from 3 to 13. Customer 2, blocked from 2, goes at 5; customer 3 begins at 13.
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 1.0, 1.0, 1, Next),
            (2, 0, 0.0, 1.0, 2.0, 5.0, 1, Next),
            (1, 1, 1.0, 1.0, 5.0, 5.0, 1, Served),
            (2, 1, 5.0, 5.0, 6.0, 6.0, 1, Served),
            (3, 0, 0.0, 13.0, 14.0, 14.0, 1, Next),
            (3, 1, 14.0, 14.0, 15.0, 15.0, 1, Served),
        ]
    );
    let here = &measure(&spec, &past).stations[0];
    assert_eq!(
        (here.busy, here.blocked, here.down, here.idle),
        (3.0, 3.0, 8.0, 1.0)
    );
}

#[test]
fn before_service_a_place_is_reserved_and_given_back() {
    let first = StationSpec {
        scrapped: vec![false, true, false, false],
        ..StationSpec::new(2, &[1.0, 1.0, 1.0, 1.0])
    };
    let second = StationSpec {
        buffer: Some(0),
        ..StationSpec::new(1, &[3.0, 1.0, 1.0, 1.0])
    };
    let spec = Spec {
        blocking: Blocking::BeforeService,
        ..Spec::line(&[0.0, 0.0, 0.0, 0.0], vec![first, second])
    };
    let past = simulate(&spec);
    // One place: customer 1 reserves it until it leaves at 4. Customer 2 is scrapped at 5, whereupon 3 begins.
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 1.0, 1.0, 1, Next),
            (1, 1, 1.0, 1.0, 4.0, 4.0, 1, Served),
            (2, 0, 0.0, 4.0, 5.0, 5.0, 2, Scrapped),
            (3, 0, 0.0, 5.0, 6.0, 6.0, 1, Next),
            (3, 1, 6.0, 6.0, 7.0, 7.0, 1, Served),
            (4, 0, 0.0, 7.0, 8.0, 8.0, 2, Next),
            (4, 1, 8.0, 8.0, 9.0, 9.0, 1, Served),
        ]
    );
}

#[test]
fn a_run_that_stops_leaves_unfinished_what_is_there() {
    let station = StationSpec::new(1, &[2.0, 3.0, 1.0, 1.0]);
    let spec = Spec {
        horizon: Horizon::Until(4.0),
        stop: true,
        ..Spec::line(&[0.0, 1.0, 4.0, 5.0], vec![station])
    };
    let past = simulate(&spec);
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 2.0, 2.0, 1, Served),
            (2, 0, 1.0, 2.0, NO, NO, 1, Unfinished),
            (3, 0, 4.0, NO, NO, NO, 0, Unfinished),
        ]
    );
    let measures = measure(&spec, &past);
    assert_eq!(measures.clock, 4.0);
    let ended = Ended {
        arrived: 3,
        departed: 1,
        unfinished: 2,
        measured: 3,
        ..Ended::default()
    };
    assert_eq!(measures.customers, ended);
    assert_eq!(measures.stations[0].busy, 4.0);
    assert_eq!(measures.stations[0].waiting, [0.0, 1.0]);
    assert_eq!(measures.stations[0].service, [2.0]);
    assert_eq!(measures.throughput, Some(0.25));
}

#[test]
fn unlimited_servers_serve_everybody_at_once() {
    let station = StationSpec {
        servers: None,
        speeds: Vec::new(),
        ..StationSpec::new(0, &[3.0, 1.0])
    };
    let spec = Spec::line(&[0.0, 1.0], vec![station]);
    let past = simulate(&spec);
    assert_eq!(
        rows(&past),
        [
            (2, 0, 1.0, 1.0, 2.0, 2.0, 0, Served),
            (1, 0, 0.0, 0.0, 3.0, 3.0, 0, Served),
        ]
    );
    assert_eq!(
        measure(&spec, &past).stations[0].in_service_mean,
        Some(4.0 / 3.0)
    );
}

#[test]
fn a_saturated_first_station_is_never_starved() {
    let first = StationSpec::new(2, &[1.0, 2.0, 2.0]);
    let spec = Spec {
        source: Source::Saturated(vec![0, 0, 0]),
        horizon: Horizon::Customers(3),
        ..Spec::line(&[], vec![first])
    };
    let past = simulate(&spec);
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 1.0, 1.0, 1, Served),
            (2, 0, 0.0, 0.0, 2.0, 2.0, 2, Served),
            (3, 0, 1.0, 1.0, 3.0, 3.0, 1, Served),
        ]
    );
}

#[test]
fn a_service_of_length_zero_ends_in_the_next_round_and_splits_no_idle_spell() {
    let station = StationSpec::new(1, &[0.0, 0.0, 2.0]);
    let spec = Spec {
        warm_up: WarmUp::Time(1.0),
        ..Spec::line(&[0.0, 2.0, 5.0], vec![station])
    };
    let past = simulate(&spec);
    let measures = measure(&spec, &past);
    assert_eq!(measures.customers.measured, 2);
    let here = &measures.stations[0];
    assert_eq!(here.window, Some((2.0, 7.0)));
    assert_eq!((here.idle, here.idle_longest), (3.0, Some(3.0)));
    assert_eq!(here.waiting, [0.0, 0.0]);
}

#[test]
fn queues_count_the_cut_off_and_who_gave_up_is_timed() {
    let station = StationSpec {
        preemption: Preemption::Resume,
        patience: vec![None, None, Some(3.0)],
        ..StationSpec::new(1, &[4.0, 2.0, 1.0])
    };
    let arrivals = [(0.0, 0), (1.0, 1), (2.0, 0)];
    let spec = classed(&arrivals, vec![station]);
    let past = simulate(&spec);
    // 1 is cut off from 1 to 3 and served until 6; 3 waits from 2 to 5 and gives up.
    assert_eq!(ends(&past), [Served, Served, Abandoned]);
    let here = &measure(&spec, &past).stations[0];
    assert_eq!(here.time_to_abandon, [3.0]);
    assert_eq!(here.queue_length_mean, Some((1.0 + 2.0 + 2.0) / 6.0));
    assert_eq!(
        (here.queue_length_max, here.queue_length_max_at),
        (Some(2), Some(2.0))
    );
    assert_eq!((here.arrivals, here.departures, here.abandoned), (3, 2, 1));
}

#[test]
fn in_a_network_services_end_as_they_began_and_paths_may_return() {
    let stations = || {
        vec![
            StationSpec::new(1, &[2.0, 1.0]),
            StationSpec::new(1, &[2.0, 1.0]),
            StationSpec::new(1, &[2.0, 1.0]),
        ]
    };
    let spec = |ends| Spec {
        ends,
        paths: vec![vec![0, 2, 2], vec![1, 2]],
        ..Spec::line(&[0.0, 1.0], stations())
    };
    // Both end at 2; who began first leaves first.
    let past = simulate(&spec(Ends::AsBegun));
    assert_eq!(
        rows(&past),
        [
            (1, 0, 0.0, 0.0, 2.0, 2.0, 1, Next),
            (2, 1, 1.0, 1.0, 2.0, 2.0, 1, Next),
            (1, 2, 2.0, 2.0, 4.0, 4.0, 1, Next),
            (2, 2, 2.0, 4.0, 5.0, 5.0, 1, Served),
            (1, 2, 4.0, 5.0, 7.0, 7.0, 1, Served),
        ]
    );
    assert_eq!(past.visits[4].number, 2);
    // On a line the later station comes first.
    let past = simulate(&spec(Ends::LaterStationsFirst));
    assert_eq!(past.visits[2].customer, 2);
}
