//! Numbers as people read them.

use filas::number::{
    bound_beside, column, count, given, given_percent, percent, percent_beside, plain,
    plain_beside, with_error,
};

#[test]
fn thousands_stand_apart() {
    let shown = [0, 999, 1000, 1509, 1_234_567].map(count);
    assert_eq!(shown, ["0", "999", "1 000", "1 509", "1 234 567"]);
}

#[test]
fn three_figures_are_enough() {
    let shown = [0.0, 0.0123, 0.5, 4.8291, 12.34, 99.97, 231.6, 125_000.1].map(plain);
    let expected = [
        "0", "0.0123", "0.500", "4.83", "12.3", "100", "232", "125 000",
    ];
    assert_eq!(shown, expected);
    assert_eq!(plain(2.5e-7), "2.50e-7");
    assert_eq!(plain(1e300), "1.00e300");
}

#[test]
fn a_mean_has_the_figures_its_error_leaves() {
    let shown = |mean, half| with_error(Some(mean), half);
    assert_eq!(shown(5.1634, Some(0.0102)), "5.163 ± 0.010");
    assert_eq!(shown(1848.2, Some(25.3)), "1 848 ± 25");
    assert_eq!(shown(0.5, Some(0.0)), "0.500 ± 0");
    assert_eq!(
        (shown(0.5, None), with_error(None, None)),
        ("0.500".to_owned(), "–".to_owned())
    );
}

#[test]
fn a_column_has_one_number_of_decimals() {
    let shown = column(&[Some(1234.5), None, Some(3.21), Some(0.0)], "-");
    assert_eq!(shown, ["1 234.5", "-", "3.2", "0.0"]);
    assert_eq!(column(&[Some(3.0), Some(12.0)], "-"), ["3", "12"]);
}

#[test]
fn a_share_never_reads_as_nothing_or_all_when_it_is_not() {
    let shown = [0.0, 0.000_1, 0.004, 0.41, 0.999_9, 1.0].map(percent);
    assert_eq!(shown, ["0 %", "<0.1 %", "0.4 %", "41 %", "99.9 %", "100 %"]);
    // It is rounded, not cut off, where that does not make it 100.
    assert_eq!([2593.0 / 2604.0, 0.9966].map(percent), ["99.6 %", "99.7 %"]);
}

#[test]
fn nouns_and_verbs_agree_with_their_numbers() {
    use filas::number::{agreeing, of_them};
    let shown = [
        (1, "request"),
        (0, "request"),
        (1200, "customer"),
        (1, "entry"),
        (2, "entry"),
    ];
    let shown = shown.map(|(number, what)| of_them(number, what));
    assert_eq!(
        shown,
        [
            "1 request",
            "0 requests",
            "1 200 customers",
            "1 entry",
            "2 entries"
        ]
    );
    assert_eq!(
        [0, 1, 2].map(|number| agreeing(number, "is", "are")),
        ["are", "is", "are"]
    );
}

#[test]
fn thousands_of_percent_stand_apart() {
    assert_eq!(
        [9.99, 77.0, 12_345.6].map(percent),
        ["999 %", "7 700 %", "1 234 560 %"]
    );
}

#[test]
fn what_a_person_gave_keeps_all_of_its_figures() {
    let shown = [0.975, 0.985, 0.9999, 0.145, 0.8, 0.95, 0.005].map(given_percent);
    let typed = [
        "97.5 %", "98.5 %", "99.99 %", "14.5 %", "80 %", "95 %", "0.5 %",
    ];
    assert_eq!(shown, typed);
    assert_eq!([2.5, 1234.56, 20.0].map(given), ["2.5", "1 234.56", "20"]);
}

#[test]
fn a_number_beside_a_limit_reads_as_on_its_side_of_it() {
    let share = |share| percent_beside(share, &[0.86]);
    assert_eq!(
        [0.857, 0.86, 0.8604, 0.84, 0.859_97].map(share),
        ["85.7 %", "86 %", "86.04 %", "84 %", "85.997 %"]
    );
    let wait = |wait| plain_beside(wait, &[2.5]);
    assert_eq!(
        [2.4961, 2.5, 2.5004, 2.61].map(wait),
        ["2.496", "2.50", "2.5004", "2.61"]
    );
    assert_eq!(plain_beside(2.5004, &[]), "2.50");
    let most = |end| bound_beside(end, true, &[]);
    let least = |end| bound_beside(end, false, &[]);
    assert_eq!([1.944_12, 15.723, 0.8].map(most), ["1.95", "15.8", "0.800"]);
    assert_eq!(
        [80.582, 1.944_12, 0.8].map(least),
        ["80.5", "1.94", "0.800"]
    );
    assert_eq!(bound_beside(0.749_55, true, &[0.75]), "0.7496");
    // Never with fewer decimals than without a limit.
    assert_eq!(plain_beside(0.749_55, &[0.75]), "0.7496");
    assert_eq!(plain_beside(0.715_02, &[0.715]), "0.71502");
    assert_eq!(percent_beside(0.7996, &[0.8]), "79.96 %");
}
