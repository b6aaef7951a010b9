//! Tables: Parquet and CSV hold the same values to the last bit, and write errors are reported.

use filas::actor::Recorder;
use filas::report::tables::{Filing, Formats, Tables, begin};
use filas::report::{Folder, WriteError};
use filas::scenario::{Origin, Overrides, Scenario, load};
use filas::station::{CustomerRecord, Happening, Passage, Visit};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Numbers that are easily damaged by conversion to text.
const AWKWARD: [f64; 9] = [
    0.0,
    0.1,
    1.0 / 3.0,
    5e-324,
    f64::MIN_POSITIVE,
    1e15,
    1e22,
    123_456_789.123_456_79,
    f64::MAX,
];

fn record(customer: u64) -> Happening {
    let arrival = AWKWARD[customer as usize % AWKWARD.len()];
    let lost = customer.is_multiple_of(5);
    let visit = |stage| Visit {
        customer,
        stage,
        server: 1 + stage,
        arrival,
        service_start: arrival,
        service_end: arrival,
        departure: arrival,
    };
    Happening::Passage(Passage {
        customer: CustomerRecord {
            customer,
            arrival,
            departure: arrival,
            waiting: 0.1 * customer as f64,
            service: 0.0,
            blocked: 0.0,
            queues_joined: 2,
            lost,
        },
        visits: if lost {
            Vec::new()
        } else {
            vec![visit(0), visit(1)]
        },
    })
}

/// A line of two stages.
fn clinic() -> Scenario {
    let text = r#"
        model = "tandem"
        arrivals = { interarrival = { constant = { value = 1.0 } } }
        horizon = { customers = 1 }
        stages = [
            { name = "triage", service = { constant = { value = 1.0 } } },
            { name = "médica", service = { constant = { value = 1.0 } } },
        ]
    "#;
    let name = "clinic.toml";
    let loaded = load(Origin::Embedded { name, text }, &Overrides::default());
    loaded.unwrap().scenario
}

fn publish(path: &Path, customers: u64) {
    let stop = AtomicBool::new(false);
    let folder = Folder::open(path, false).unwrap();
    let filing = Filing::new(begin(&folder, Formats::ALL, &clinic()).unwrap(), &stop);
    for first in (1..=customers).step_by(7) {
        let last = (first + 6).min(customers);
        filing.record(&mut (first..=last).map(record).collect());
    }
    let drafts = filing.finish().unwrap();
    folder.publish(drafts, false, || "{}".to_owned()).unwrap();
}

/// The cells of a Parquet file, row by row; a real number as its bits.
fn parquet_cells(path: &Path) -> Vec<Vec<String>> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(|row| {
        let row = row.unwrap();
        row.get_column_iter()
            .map(|(_, field)| match field {
                Field::Null => String::new(),
                Field::Double(number) => format!("bits {}", number.to_bits()),
                Field::Long(number) => number.to_string(),
                Field::Bool(flag) => flag.to_string(),
                Field::Str(text) => text.clone(),
                other => panic!("{other:?} is in no table"),
            })
            .collect()
    });
    rows.collect()
}

/// The cells of a CSV file, row by row; a real number (it has a point or an exponent) as its bits.
fn csv_cells(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        row.iter()
            .map(|cell| match cell.parse::<f64>() {
                Ok(number) if cell.contains(['.', 'e']) => format!("bits {}", number.to_bits()),
                _ => cell.to_owned(),
            })
            .collect()
    });
    rows.collect()
}

#[test]
fn parquet_and_csv_hold_the_same_bits() {
    let place = tempfile::tempdir().unwrap();
    publish(place.path(), 20_000);
    for (table, rows) in [("visits", 32_000), ("customers", 20_000)] {
        let parquet = parquet_cells(&place.path().join(format!("{table}.parquet")));
        let csv = csv_cells(&place.path().join(format!("{table}.csv")));
        assert_eq!(parquet.len(), rows);
        assert!(parquet == csv, "{table} differs between its two forms");
    }
    let awkward = csv_cells(&place.path().join("customers.csv"));
    for customer in 1..=9 {
        let expected = format!("bits {}", AWKWARD[customer % 9].to_bits());
        assert_eq!(awkward[customer - 1][1], expected);
    }
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let place = tempfile::tempdir().unwrap();
    let folders = ["one", "two"].map(|name| place.path().join(name));
    folders.iter().for_each(|path| publish(path, 5000));
    for name in ["visits.parquet", "visits.csv", "customers.parquet"] {
        let [one, two] = folders
            .each_ref()
            .map(|path| std::fs::read(path.join(name)).unwrap());
        assert!(one == two, "{name} differs between two equal runs");
    }
}

#[test]
fn a_table_without_rows_is_a_readable_table() {
    let place = tempfile::tempdir().unwrap();
    publish(place.path(), 0);
    assert!(parquet_cells(&place.path().join("visits.parquet")).is_empty());
    let head = std::fs::read_to_string(place.path().join("visits.csv")).unwrap();
    assert_eq!(
        head,
        "customer,stage,arrival,service_start,service_end,departure,server\n"
    );
}

/// Tables on a disk that is full after ten records.
struct FullDisk(u64);

impl Tables for FullDisk {
    fn take(&mut self, _: &Happening) -> Result<(), WriteError> {
        self.0 += 1;
        assert!(self.0 <= 10, "nothing is filed after an error");
        if self.0 == 10 {
            let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(WriteError::new("visits.csv", full));
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<filas::report::Draft>, WriteError> {
        unreachable!("the error comes first")
    }
}

#[test]
fn a_full_disk_winds_the_run_up_and_is_told() {
    let stop = AtomicBool::new(false);
    let filing = Filing::new(Box::new(FullDisk(0)), &stop);
    filing.record(&mut (1..=9).map(record).collect());
    assert!(!stop.load(Ordering::Relaxed));
    filing.record(&mut (10..=30).map(record).collect());
    assert!(stop.load(Ordering::Relaxed));
    filing.record(&mut (31..=40).map(record).collect());
    let error = filing.finish().unwrap_err();
    assert_eq!(error.to_string(), "cannot write visits.csv");
    assert_eq!(error.source.kind(), std::io::ErrorKind::StorageFull);
}
