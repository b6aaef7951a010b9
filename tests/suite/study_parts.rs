//! The parts of a study: shares of its numbers, workers, and the axes of a grid.

/// Every number is in one share.
mod shares {
    use filas::study::Share;

    #[test]
    fn every_number_is_in_one_share_and_shares_are_even() {
        for of in [1, 2, 3, 8, 64, 100] {
            let mut sizes = vec![0; of as usize];
            for number in 0..1000 {
                let mut holders = Share::all(of).filter(|share| share.holds(number));
                sizes[holders.next().unwrap().number() as usize - 1] += 1;
                assert_eq!(holders.next(), None);
            }
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            assert!(most - least <= 1, "{of}: {least} to {most}");
        }
    }

    #[test]
    fn cells_of_a_grid_go_round_the_shares() {
        // 4 cells among 4 shares: each share gets each cell in turn.
        let share: Share = "2/4".parse().unwrap();
        let cells: Vec<u64> = (0..16).filter(|&n| share.holds(n)).map(|n| n % 4).collect();
        assert_eq!(cells, [1, 0, 3, 2]);
    }

    #[test]
    fn shares_are_read_and_written() {
        let share: Share = "3/8".parse().unwrap();
        assert_eq!(
            (share.to_string(), share.number(), share.of()),
            ("3/8".to_owned(), 3, 8)
        );
        for wrong in [
            "", "3", "0/8", "9/8", "1/0", "a/b", "1/8/2", "-1/3", "1/999999",
        ] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}

/// Lists and ranges of a grid.
mod axes {
    use filas::study::sweep::{Axis, grid};

    fn values(text: &str) -> Vec<String> {
        Axis::parse(text).unwrap().values
    }

    #[test]
    fn lists_and_ranges_are_read() {
        assert_eq!(values("a.b=1..5"), ["1", "2", "3", "4", "5"]);
        assert_eq!(values("a=0.5,0.7, 0.9"), ["0.5", "0.7", "0.9"]);
        assert_eq!(values("a=1..3,10"), ["1", "2", "3", "10"]);
        assert_eq!(
            values("a=0.1..0.5/0.1"),
            ["0.1", "0.2", "0.3", "0.4", "0.5"]
        );
        assert_eq!(values("a=-1..1"), ["-1", "0", "1"]);
        let laws = "{ uniform = { low = 1, high = 2 } },{ constant = { value = 1 } }";
        assert_eq!(values(&format!("s={laws}")).len(), 2);
        assert_eq!(values("d=\"a,b\",c"), ["\"a,b\"", "c"]);
        for wrong in [
            "a",
            "=1",
            "a=",
            "a=1,,2",
            "a=5..1",
            "a=1..x",
            "a=0..1/0",
            "a=0..9999999",
        ] {
            assert!(Axis::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_grid_is_in_order_of_rows() {
        let axes = [
            Axis::parse("a=1,2").unwrap(),
            Axis::parse("b=x,y,z").unwrap(),
        ];
        let cells = grid(&axes).unwrap();
        let short = |cell: &Vec<(String, String)>| format!("{}{}", cell[0].1, cell[1].1);
        let short: Vec<String> = cells.iter().map(short).collect();
        assert_eq!(short, ["1x", "1y", "1z", "2x", "2y", "2z"]);
        assert!(grid(&vec![Axis::parse("a=1..200").unwrap(); 2]).is_err());
    }
}

/// Results in the order of their numbers.
mod workers {
    use filas::study::Workers;
    use std::sync::atomic::AtomicBool;

    fn numbers(
        workers: &Workers,
        job: impl Fn(u64) -> Result<Option<u64>, u64> + Sync,
    ) -> Result<Vec<u64>, u64> {
        workers.work(3..40, &AtomicBool::new(false), job, &|| ())
    }

    #[test]
    fn results_stand_in_the_order_of_their_numbers() {
        for workers in [1, 2, 5] {
            let workers = Workers::new(workers).unwrap();
            let squares = numbers(&workers, |number| Ok(Some(number * number)));
            assert_eq!(squares.unwrap(), (3..40).map(|n| n * n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_lowest_failure_is_the_one_that_is_told() {
        let workers = Workers::new(3).unwrap();
        for _ in 0..20 {
            let failed = numbers(&workers, |n| if n % 10 == 7 { Err(n) } else { Ok(Some(n)) });
            assert_eq!(failed, Err(7));
        }
    }

    #[test]
    fn what_was_cut_short_ends_the_unbroken_beginning() {
        let workers = Workers::new(2).unwrap();
        let kept = numbers(&workers, |n| Ok((n != 20).then_some(n))).unwrap();
        assert_eq!(kept, (3..20).collect::<Vec<_>>());
        let stop = AtomicBool::new(true);
        let none = workers.work(0..9, &stop, |n| Ok::<_, ()>(Some(n)), &|| ());
        assert!(none.unwrap().is_empty());
    }
}
