//! Digests tell results apart: every bit and place of a record matters.

use filas::digest::{Digest, RecordDigest};

fn bits(values: &[f64], at: usize) -> u64 {
    values[at].to_bits()
}

#[test]
fn order_and_every_bit_matter() {
    let of = |words: &[u64]| {
        let mut digest = Digest::EMPTY;
        words.iter().for_each(|&word| digest.fold(word));
        digest.value()
    };
    assert_ne!(of(&[1, 2]), of(&[2, 1]));
    assert_ne!(of(&[0]), of(&[]));
    for bit in 0..64 {
        assert_ne!(of(&[1 << bit, 5]), of(&[0, 5]));
    }
}

fn of_records(records: &[[u64; 4]]) -> u64 {
    let mut digest = RecordDigest::default();
    records.iter().for_each(|&record| digest.fold(record));
    digest.digest().value()
}

#[test]
fn every_bit_and_place_of_a_record_matters() {
    let base = [1, 2, 3, 4];
    for word in 0..4 {
        for bit in 0..64 {
            let mut other = base;
            other[word] ^= 1 << bit;
            assert_ne!(of_records(&[base]), of_records(&[other]));
        }
    }
    for other in [[2, 1, 3, 4], [1, 3, 2, 4], [1, 2, 4, 3], [4, 2, 3, 1]] {
        assert_ne!(of_records(&[base]), of_records(&[other]));
    }
    let ends = |end: f64, departure: f64| [1, 0, end.to_bits(), departure.to_bits()];
    assert_ne!(of_records(&[ends(2.0, 3.0)]), of_records(&[ends(3.0, 2.0)]));
}

#[test]
fn no_two_records_may_change_places() {
    let records: Vec<[u64; 4]> = (0..1200)
        .map(|i| [i / 7, (i as f64).sqrt().to_bits(), 0, 1 << (i % 64)])
        .collect();
    let right = of_records(&records);
    let mut seen = vec![right];
    for (i, j) in [(0, 1), (0, 8), (3, 67), (5, 517), (100, 612), (1, 1025)] {
        let mut changed = records.clone();
        changed.swap(i, j);
        seen.push(of_records(&changed));
    }
    seen.push(of_records(&records[1..]));
    seen.push(of_records(&records[..1199]));
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 9);
}

#[test]
fn columns_of_any_length_are_folded_like_single_records() {
    let words: Vec<u64> = (0..1000).map(|i| i * i).collect();
    let column = |by: f64| -> Vec<f64> { (0..1000).map(|i| f64::from(i) / by).collect() };
    let (b, c, d) = (column(3.0), column(7.0), column(11.0));
    let single: Vec<[u64; 4]> = (0..1000)
        .map(|i| [words[i], bits(&b, i), bits(&c, i), bits(&d, i)])
        .collect();
    for size in [1, 3, 8, 13, 256, 1000] {
        let mut digest = RecordDigest::default();
        for begin in (0..1000).step_by(size) {
            let part = begin..(begin + size).min(1000);
            digest.fold_columns(
                &words[part.clone()],
                [&b, &c, &d].map(|column| &column[part.clone()]),
            );
        }
        assert_eq!(digest.digest().value(), of_records(&single), "{size}");
    }
}

#[test]
fn texts_of_different_length_differ() {
    let of = |text: &str| {
        let mut digest = Digest::EMPTY;
        digest.fold_bytes(text.as_bytes());
        digest.value()
    };
    assert_ne!(of("a"), of("a\0"));
}
