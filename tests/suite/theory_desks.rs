//! The Markov chains of desks against known queues and one another.

/// A desk without faults.
mod step_desk {
    use filas::theory::NoAnswer;
    use filas::theory::step_desk::StepDesk;

    #[test]
    fn a_desk_that_ends_every_service_at_once_never_waits() {
        let desk = StepDesk {
            arrivals: vec![0.25, 0.5, 0.25],
            service_mean: 1.0,
            attendants: 2,
            capacity: None,
            buffer: None,
        };
        let steady = desk.solve().unwrap();
        assert!(steady.waiting_mean.abs() < 1e-12);
        assert!((steady.sojourn_mean - 1.0).abs() < 1e-12);
        assert!((steady.utilisation - 0.5).abs() < 1e-12);
    }

    #[test]
    fn one_attendant_and_at_most_one_arrival_is_the_queue_geo_geo_1() {
        // Arrivals with probability a before services that end with probability s: the number present
        // is a birth-death chain, and the mean wait a (1 - s) / (s (s - a)) (Hunter, Mathematical
        // Techniques of Applied Probability II, 1983, chapter 9, early arrivals).
        let (a, s) = (0.3, 0.4);
        let desk = StepDesk {
            arrivals: vec![1.0 - a, a],
            service_mean: 1.0 / s,
            attendants: 1,
            capacity: None,
            buffer: None,
        };
        let steady = desk.solve().unwrap();
        let right = a * (1.0 - s) / (s * (s - a));
        assert!(
            (steady.waiting_mean / right - 1.0).abs() < 1e-9,
            "{steady:?}"
        );
        assert!((steady.sojourn_mean - right - 1.0 / s).abs() < 1e-8);
    }

    #[test]
    fn too_much_work_has_no_steady_state_without_limits_and_one_with_them() {
        let mut desk = StepDesk {
            arrivals: vec![0.0, 0.0, 1.0],
            service_mean: 2.0,
            attendants: 3,
            capacity: Some(3),
            buffer: None,
        };
        assert!(matches!(desk.solve(), Err(NoAnswer::Unstable { .. })));
        desk.buffer = Some(4);
        let steady = desk.solve().unwrap();
        assert!(steady.rejected_share > 0.2 && steady.utilisation > 0.95);
    }
}

/// A desk with faults.
mod faulty_desk {
    use filas::theory::NoAnswer;
    use filas::theory::faulty_desk::FaultyDesk;
    use filas::theory::step_desk::StepDesk;

    fn desk(fault: f64) -> FaultyDesk {
        FaultyDesk {
            arrivals: vec![0.3, 0.4, 0.2, 0.1],
            service_mean: 1.5,
            attendants: 3,
            fault,
            repair_mean: 2.0,
        }
    }

    #[test]
    fn without_faults_it_is_the_desk_without_them() {
        let faultless = desk(0.0).solve().unwrap();
        let plain = StepDesk {
            arrivals: desk(0.0).arrivals,
            service_mean: 1.5,
            attendants: 3,
            capacity: None,
            buffer: None,
        };
        let plain = plain.solve().unwrap();
        assert!((faultless.availability - 1.0).abs() < 1e-12);
        assert!((faultless.sojourn_mean / plain.sojourn_mean - 1.0).abs() < 1e-9);
        assert!((faultless.delay_mean / plain.waiting_mean - 1.0).abs() < 1e-9);
    }

    #[test]
    fn work_is_conserved_and_faults_make_it_slower() {
        let (few, many) = (desk(0.05).solve().unwrap(), desk(0.2).solve().unwrap());
        // The load on attendants is the arriving work, whatever the faults: 1.1 requests of 1.5
        // steps.
        for steady in [few, many] {
            assert!((steady.utilisation * 3.0 / (1.1 * 1.5) - 1.0).abs() < 1e-9);
        }
        assert!(few.sojourn_mean < many.sojourn_mean);
        assert!(matches!(desk(0.5).solve(), Err(NoAnswer::Unstable { .. })));
    }
}

/// What theory says of losses where nothing can be lost.
mod losses {
    use filas::theory::step_desk::StepDesk;

    #[test]
    fn nothing_is_lost_where_nothing_can_be() {
        // Seven arrivals at most find seven places or more before the server takes them over.
        let seven = vec![0.2, 0.3, 0.2, 0.1, 0.1, 0.05, 0.03, 0.02];
        for (capacity, buffer) in [(None, None), (None, Some(7)), (Some(6), None)] {
            for service_mean in [1.0, 1.7, 2.2] {
                let desk = StepDesk {
                    arrivals: seven.clone(),
                    service_mean,
                    attendants: 5,
                    capacity,
                    buffer,
                };
                assert_eq!(desk.solve().unwrap().rejected_share, 0.0, "{desk:?}");
            }
        }
    }

    #[test]
    fn what_is_rejected_is_what_is_not_completed() {
        let desk = StepDesk {
            arrivals: vec![0.2, 0.3, 0.2, 0.2, 0.1],
            service_mean: 2.5,
            attendants: 3,
            capacity: Some(4),
            buffer: Some(2),
        };
        let steady = desk.solve().unwrap();
        let share = 1.0 - steady.completed / steady.generated;
        assert!((steady.rejected_share - share).abs() < 1e-12, "{steady:?}");
        assert!(share > 0.1);
    }
}
