//! Statistics of observations, worked out by hand or in another way.

/// Intervals from the batches of one run.
mod batch_means {
    use filas::random::laws::Exponential;
    use filas::random::{Law, Purpose, Sampler, Stream};
    use filas::stats::{BatchMeans, Doubt, RunInterval, Tally};

    /// Waits in M/M/1 with this mean service and mean time between arrivals of 1, by Lindley.
    fn waits(service: f64, customers: usize, seed: u64) -> Vec<f64> {
        let draw = |name: &str, mean| {
            let stream = Stream::new(seed, 0, name, Purpose::Service);
            let mut values = vec![0.0; customers];
            Sampler::new(&Law::Exponential(Exponential { mean }), stream).fill(&mut values);
            values
        };
        let (gaps, services) = (draw("gaps", 1.0), draw("services", service));
        let mut wait = 0.0;
        let next = |(gap, service): (f64, f64)| {
            let now = wait;
            wait = f64::max(wait + service - gap, 0.0);
            now
        };
        gaps.into_iter().zip(services).map(next).collect()
    }

    /// The memory of the waits of M/M/1 at this load, by the exact formula of its asymptotic variance.
    fn memory(load: f64) -> f64 {
        let polynomial = 2.0 + 5.0 * load - 4.0 * load.powi(2) + load.powi(3);
        polynomial / ((2.0 - load) * (1.0 - load).powi(2))
    }

    fn verdict(values: &[f64], memory: Option<f64>) -> Result<RunInterval, Doubt> {
        let (mut batches, mut tally) = (BatchMeans::default(), Tally::default());
        batches.add_all(values);
        tally.add_all(values);
        batches.interval(0.95, &tally.statistics(), memory)
    }

    #[test]
    fn blocks_of_any_size_make_the_same_batches() {
        let values = waits(0.7, 10_007, 1);
        let mut whole = BatchMeans::default();
        whole.add_all(&values);
        for size in [1, 7, 256] {
            let mut parts = BatchMeans::default();
            values.chunks(size).for_each(|part| parts.add_all(part));
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn intervals_of_single_long_runs_hold_the_true_mean_as_often_as_they_say() {
        // M/M/1 at load 0.7: the mean wait is 0.7 * 0.7 / 0.3.
        let (mut held, mut known) = (0, 0);
        for seed in 0..300 {
            if let Ok(seen) = verdict(&waits(0.7, 20_000, seed), Some(memory(0.7))) {
                known += 1;
                held += u32::from(seen.low <= 0.49 / 0.3 && 0.49 / 0.3 <= seen.high);
            }
        }
        assert!(known >= 270, "{known}");
        // At 95 % fewer than 92 % come about once in a hundred times.
        assert!(
            f64::from(held) >= 0.92 * f64::from(known),
            "{held} of {known}"
        );
        assert!(held < known, "an interval that always holds is too wide");
    }

    #[test]
    fn a_run_that_is_short_against_its_memory_gives_no_interval() {
        for seed in 0..20 {
            let values = waits(0.9, 20_000, seed);
            assert!(verdict(&values, Some(memory(0.9))).is_err());
            // Its own memory, estimated where none is known, needs more room still.
            assert!(verdict(&values, None).is_err());
        }
        let known = (0..20).filter(|&seed| verdict(&waits(0.5, 60_000, seed), None).is_ok());
        assert!(known.count() >= 16);
    }

    #[test]
    fn a_queue_that_grows_without_end_is_seen_to_rise_and_a_stable_one_is_not() {
        let rising = |load| {
            let runs = (0..50).map(|seed| verdict(&waits(load, 40_000, seed), None));
            runs.filter(|verdict| *verdict == Err(Doubt::Rising))
                .count()
        };
        assert!(rising(1.05) >= 45);
        assert_eq!(rising(0.7), 0);
        assert!(rising(0.95) <= 2);
    }

    #[test]
    fn too_few_or_equal_observations_tell_nothing() {
        assert_eq!(verdict(&[], None), Err(Doubt::Equal));
        assert_eq!(verdict(&[1.0; 2000], None), Err(Doubt::Equal));
        assert_eq!(verdict(&[1.0, 2.0, 3.0], None), Err(Doubt::TooShort));
    }
}

/// Sums kept in lanes.
mod lane_sum {
    use filas::stats::LaneSum;

    #[test]
    fn blocks_of_any_size_add_up_to_the_same_bits_as_single_numbers() {
        let begins: Vec<f64> = (0..1000).map(|i| f64::from(i).sqrt()).collect();
        let ends: Vec<f64> = (0..1000).map(|i| f64::from(i).cbrt() + 99.0).collect();
        let mut single = LaneSum::default();
        begins
            .iter()
            .zip(&ends)
            .for_each(|(b, e)| single.add(e - b));
        for size in [1, 5, 8, 11, 256, 1000] {
            let (mut sum, mut greatest) = (LaneSum::default(), 0.0_f64);
            for (b, e) in begins.chunks(size).zip(ends.chunks(size)) {
                greatest = greatest.max(sum.add_spans(b, e));
            }
            assert_eq!(sum.total().to_bits(), single.total().to_bits(), "{size}");
            assert_eq!(greatest, 99.0);
            let (mut numbers, mut by_one) = (LaneSum::default(), LaneSum::default());
            ends.chunks(size).for_each(|block| numbers.add_all(block));
            ends.iter().for_each(|&number| by_one.add(number));
            assert_eq!(numbers, by_one, "{size}");
        }
        let exact: f64 = begins.iter().zip(&ends).map(|(b, e)| e - b).sum();
        assert!((single.total() - exact).abs() < 1e-9 * exact);
    }
}

/// Mean and greatest length of a queue.
mod queue_length {
    use filas::stats::QueueLength;

    #[test]
    fn one_server_with_known_times_has_the_lengths_worked_out_by_hand() {
        // Arrivals 0 1 2 3, services of 3: starts 0 3 6 9. Length 1 on [1,2), 2 on [2,3), 2 on
        // [3,6) (one starts as one arrives), 1 on [6,9).
        let mut queue = QueueLength::default();
        queue.open(0.0);
        for (arrival, start) in [(0.0, 0.0), (1.0, 3.0), (2.0, 6.0), (3.0, 9.0)] {
            queue.add(arrival, start);
        }
        assert_eq!(queue.area(), 1.0 + 2.0 + 6.0 + 3.0);
        assert_eq!(queue.max(), (2, Some(2.0)));
    }

    #[test]
    fn a_length_that_lasts_no_time_is_no_record() {
        let mut queue = QueueLength::default();
        queue.open(0.0);
        queue.add(5.0, 5.0);
        queue.add(5.0, 5.0);
        assert_eq!(queue.max(), (0, Some(0.0)));
    }

    #[test]
    fn the_queue_found_at_opening_counts_from_there() {
        let mut queue = QueueLength::default();
        for (arrival, start) in [(0.0, 0.0), (1.0, 3.0), (2.0, 6.0)] {
            queue.add(arrival, start);
        }
        queue.open(4.0);
        queue.add(4.0, 9.0);
        assert_eq!(queue.area(), 2.0 + 5.0);
        assert_eq!(queue.max(), (2, Some(4.0)));
    }

    #[test]
    fn customers_in_blocks_count_as_they_do_one_by_one() {
        // Queues of up to several hundred, which empty from time to time.
        let arrivals: Vec<f64> = (0..20_000)
            .map(|i| f64::from(i) + f64::from(i % 7))
            .collect();
        let mut arrivals = arrivals;
        arrivals.sort_unstable_by(f64::total_cmp);
        let mut free = 0.0;
        let starts: Vec<f64> = (0..20_000_u32)
            .map(|i| {
                let start = arrivals[i as usize].max(free);
                free = start + if i / 900 % 2 == 0 { 1.6 } else { 0.3 };
                start
            })
            .collect();
        let of = |size: usize| {
            let mut queue = QueueLength::default();
            queue.open(0.0);
            for (arrivals, starts) in arrivals.chunks(size).zip(starts.chunks(size)) {
                queue.add_all(arrivals, starts);
            }
            (queue.max(), queue.area().to_bits())
        };
        let mut single = QueueLength::default();
        single.open(0.0);
        arrivals
            .iter()
            .zip(&starts)
            .for_each(|(&arrival, &start)| single.add(arrival, start));
        assert!(single.max().0 > 300);
        for size in [1, 7, 255, 256, 300, 1024, 20_000] {
            assert_eq!(of(size), (single.max(), single.area().to_bits()), "{size}");
        }
    }

    #[test]
    fn a_record_of_any_length_is_remembered() {
        let mut queue = QueueLength::default();
        queue.open(0.0);
        for i in 0..1000 {
            queue.add(f64::from(i), f64::from(10 * i));
        }
        // Customer i sees those of 0..=i that start after i: all above i / 10.
        assert_eq!(queue.max().0, 999 - 99);
    }
}

/// Tallies of real and of whole numbers.
mod tally {
    use filas::stats::{Statistics, Tally, WholeTally};

    #[test]
    fn equal_observations_have_no_deviation_at_all() {
        let mut tally = Tally::default();
        (0..1000).for_each(|_| tally.add(0.1));
        let seen = tally.statistics();
        assert_eq!((seen.mean, seen.sd), (Some(0.1), Some(0.0)));
        assert_eq!((seen.p50, seen.p99), (Some(0.1), Some(0.1)));
    }

    #[test]
    fn many_at_once_are_the_same_to_the_bit() {
        let values: Vec<f64> = (0..1000).map(|i| f64::from(i * i % 97).sqrt()).collect();
        let mut one_by_one = Tally::default();
        values.iter().for_each(|&value| one_by_one.add(value));
        for size in [1, 3, 7, 8, 9, 64, 1000] {
            let mut at_once = Tally::default();
            values.chunks(size).for_each(|block| at_once.add_all(block));
            assert_eq!(at_once.statistics(), one_by_one.statistics());
            assert_eq!(at_once.total().to_bits(), one_by_one.total().to_bits());
        }
    }

    #[test]
    fn a_small_spread_on_a_large_mean_is_kept() {
        let mut tally = Tally::default();
        (0..1000).for_each(|i| tally.add(1e9 + f64::from(i % 2)));
        let sd = tally.statistics().sd.unwrap();
        assert!((sd - (0.25f64 * 1000.0 / 999.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn no_observation_says_nothing_and_one_has_no_deviation() {
        assert_eq!(Tally::default().statistics(), Statistics::default());
        let mut one = Tally::default();
        one.add(2.5);
        assert_eq!(one.statistics().sd, None);
        assert_eq!(WholeTally::default().statistics(), Statistics::default());
    }

    #[test]
    fn whole_quantiles_are_the_least_value_that_reaches_the_share() {
        let mut tally = WholeTally::default();
        (1..=20).for_each(|value| tally.add(value));
        let seen = tally.statistics();
        assert_eq!((seen.p50, seen.p90), (Some(10.0), Some(18.0)));
        assert_eq!((seen.p95, seen.p99), (Some(19.0), Some(20.0)));
        assert_eq!(
            (seen.mean, seen.min, seen.max),
            (Some(10.5), Some(1.0), Some(20.0))
        );
        assert_eq!(tally.at_most(5), 5);
    }
}

/// The length of a warm-up.
mod warm_up {
    use filas::random::{Purpose, Stream};
    use filas::stats::mser5;

    fn noise(length: usize, seed: u64) -> Vec<f64> {
        let mut stream = Stream::new(seed, 0, "noise", Purpose::Service);
        (0..length).map(|_| stream.unit() - 0.5).collect()
    }

    #[test]
    fn a_curve_that_was_steady_from_the_start_loses_little() {
        let cuts: Vec<usize> = (0..50)
            .map(|seed| mser5(&noise(4000, seed)).unwrap_or(4000))
            .collect();
        let mean = cuts.iter().sum::<usize>() / cuts.len();
        assert!(mean < 600, "{cuts:?}");
    }

    #[test]
    fn the_rise_at_the_beginning_is_cut_off() {
        for seed in 0..20 {
            let rise = |(at, noise): (usize, f64)| noise - 20.0 * (-(at as f64) / 100.0).exp();
            let curve: Vec<f64> = noise(5000, seed)
                .into_iter()
                .enumerate()
                .map(rise)
                .collect();
            let cut = mser5(&curve).unwrap();
            assert!((300..1500).contains(&cut), "{cut}");
        }
    }

    #[test]
    fn the_rule_is_the_one_written_down() {
        // By its definition, batch by batch.
        let curve: Vec<f64> = noise(400, 7)
            .iter()
            .enumerate()
            .map(|(at, x)| x + 30.0 / (at + 1) as f64)
            .collect();
        let means: Vec<f64> = curve
            .chunks(5)
            .map(|five| five.iter().sum::<f64>() / 5.0)
            .collect();
        let error = |d: usize| {
            let rest = &means[d..];
            let n = rest.len() as f64;
            let mean = rest.iter().sum::<f64>() / n;
            rest.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (n * n)
        };
        let best = (0..=60)
            .min_by(|&a, &b| error(a).total_cmp(&error(b)))
            .unwrap();
        assert_eq!(mser5(&curve), Ok(5 * best));
    }

    #[test]
    fn a_curve_that_never_settles_is_too_short() {
        let rise: Vec<f64> = noise(2000, 1)
            .iter()
            .enumerate()
            .map(|(at, x)| x + at as f64)
            .collect();
        assert!(mser5(&rise).is_err());
        assert!(mser5(&[1.0; 30]).is_err());
        assert_eq!(mser5(&[1.0; 100]), Ok(0));
    }
}
