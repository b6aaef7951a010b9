//! The shipped retry storm over forty seeds: after an outage of twenty seconds the desk stays collapsed, though nothing
//! is wrong with it any more; with few further tries it recovers.

use crate::desk_cases::outcome;
use crate::settings::shipped;
use filas::actor::Runtime;
use filas::desk::DeskInterval;

/// The half minutes of a run of four minutes, the outage being from 60 to 80 s.
fn half_minutes(seed: u64, set: &[(&str, &str)]) -> Vec<DeskInterval> {
    let seed = seed.to_string();
    let set = [set, &[("seed", seed.as_str())]].concat();
    let storm = shipped("retry-storm", &set);
    let run = outcome(storm.desk().unwrap(), 0, Runtime::Inline);
    let intervals = run.summary.intervals;
    assert_eq!(intervals.len(), 8);
    intervals
}

/// Before the outage the desk has more than it needs: hardly anybody waits a second, two fifths are busy.
fn was_well(run: &[DeskInterval]) -> bool {
    run[..2].iter().all(is_well)
}

fn is_well(interval: &DeskInterval) -> bool {
    interval.service_level > Some(0.95) && interval.occupancy < Some(0.65)
}

#[test]
fn a_retry_storm_collapses_and_does_not_recover_whatever_the_seed() {
    for seed in 1..=40 {
        let run = half_minutes(seed, &[]);
        assert!(was_well(&run), "seed {seed}: {:?}", &run[..2]);
        // In the last minute and a half, from 70 s after the outage on, all are busy and next to nobody is answered in
        // time.
        for interval in &run[5..] {
            let collapsed = interval.service_level.is_none_or(|level| level < 0.05)
                && interval.occupancy > Some(0.99);
            assert!(collapsed, "seed {seed}: {interval:?}");
        }
    }
}

#[test]
fn with_at_most_one_further_try_the_desk_recovers_whatever_the_seed() {
    for seed in 1..=40 {
        let run = half_minutes(seed, &[("classes.calls.retry.most", "1")]);
        assert!(was_well(&run), "seed {seed}: {:?}", &run[..2]);
        // The outage is felt: nobody of those who come in it is answered within a second.
        assert!(
            run[2].service_level < Some(0.5),
            "seed {seed}: {:?}",
            run[2]
        );
        // In the last minute, from 100 s after the outage on, it is as before.
        for interval in &run[6..] {
            assert!(is_well(interval), "seed {seed}: {interval:?}");
        }
    }
}
