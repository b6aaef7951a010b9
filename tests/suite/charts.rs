//! Every kind of chart with no data, with one and ten points, with a hundred thousand, with zeros
//! and huge values, with a hundred rows and with long and hostile names: drawn as valid SVG that
//! has a description, keeps its marks inside, and converts to PNG. The drawings are left in the
//! build's folder for temporary files, `charts/`, for inspection.

use filas::report::chart::{
    Axis, Bars, Bin, Body, Chart, Estimate, Frame, HeatMap, Histogram, Ink, Intervals, Line, Lines,
    Mark, Panel, Panels, STYLE, Scales, Shade, Span, Stacked, Strip, Strips, Theme, Unit, escaped,
};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// The amount of data to draw.
#[derive(Clone, Copy, Debug)]
struct Load {
    name: &'static str,
    /// Number of points in a series, bins, spans.
    points: usize,
    /// Number of rows, series.
    rows: usize,
    /// Size of the values.
    size: f64,
    /// Whether names are long and hostile.
    long: bool,
}

const LOADS: [Load; 8] = [
    Load {
        name: "nothing",
        points: 0,
        rows: 0,
        size: 1.0,
        long: false,
    },
    Load {
        name: "one",
        points: 1,
        rows: 1,
        size: 5.0,
        long: false,
    },
    Load {
        name: "ten",
        points: 10,
        rows: 3,
        size: 12.0,
        long: false,
    },
    Load {
        name: "zeros",
        points: 10,
        rows: 3,
        size: 0.0,
        long: false,
    },
    Load {
        name: "huge",
        points: 40,
        rows: 4,
        size: 3.7e15,
        long: false,
    },
    Load {
        name: "many",
        points: 100_000,
        rows: 5,
        size: 250.0,
        long: false,
    },
    Load {
        name: "hundred-rows",
        points: 60,
        rows: 100,
        size: 0.8,
        long: false,
    },
    Load {
        name: "long-names",
        points: 60,
        rows: 6,
        size: 4.2,
        long: true,
    },
];

impl Load {
    fn row(&self, row: usize) -> String {
        match self.long {
            true => format!("<b>registration & \"intake\"-{row:02}"),
            false => ["triage", "consultation", "pharmacy", "till"]
                .get(row)
                .map_or_else(|| format!("stage-{row}"), |&name| name.to_owned()),
        }
    }

    /// A pseudo-random value that is the same in every run.
    fn value(&self, row: usize, at: usize) -> f64 {
        let mixed = (at as u64 + 1).wrapping_mul(2_654_435_761) ^ (row as u64).wrapping_mul(40_503);
        let wobble = (mixed % 1009) as f64 / 1009.0;
        let wave = ((at as f64 / 17.0).sin() + 1.2) / 2.2;
        self.size * (wave * 0.7 + wobble * 0.3) * (1.0 + row as f64 * 0.3)
    }

    fn rows<T>(&self, row: impl Fn(usize) -> T) -> Vec<T> {
        (0..self.rows).map(row).collect()
    }

    fn charts(&self) -> Vec<Chart> {
        let title = |kind: &str| format!("{kind}: {}", self.name);
        let line = |row: usize| {
            let points = (0..self.points).map(|at| (at as f64, self.value(row, at)));
            Line {
                name: self.row(row),
                ink: Ink::Series(row),
                points: points.collect(),
                band: match row {
                    0 => (0..self.points)
                        .map(|at| (at as f64, self.value(0, at) * 0.8, self.value(0, at) * 1.2))
                        .collect(),
                    _ => Vec::new(),
                },
                stepped: row == 1,
            }
        };
        let lines = Lines {
            x: Axis::whole("step"),
            y: Axis::numbers("requests a step"),
            series: self.rows(line),
            marks: vec![
                Mark::X(self.points as f64 / 3.0, "warm-up ends".to_owned()),
                Mark::Y(self.size * 1.1, "capacity".to_owned()),
            ],
        };
        let bin = |at: usize| Bin {
            low: at as f64 * self.size,
            high: (at + 1) as f64 * self.size,
            height: 0.3 * (-(at as f64) / 6.0).exp(),
            open: at + 1 == self.points.min(60),
        };
        let mean = 4.0 * self.size;
        let panels = Panels {
            x: Axis::whole("step"),
            panels: lines
                .series
                .iter()
                .take(8)
                .map(|line| Panel {
                    y: Axis::numbers(format!("requests a step, of {}", line.name)),
                    series: vec![line.clone()],
                    marks: lines.marks.clone(),
                })
                .collect(),
            shades: (0..self.points.min(50))
                .map(|at| Shade {
                    from: at as f64,
                    to: at as f64 + 1.0,
                    share: at as f64 / 50.0,
                })
                .collect(),
            shaded: "attendants down".to_owned(),
        };
        let histogram = Histogram {
            x: Axis::numbers("min waited"),
            y: Axis::shares("of customers"),
            bins: (0..self.points.min(60)).map(bin).collect(),
            ink: Ink::Waiting,
            marks: vec![
                (mean, "mean 4.00".to_owned()),
                (mean * 1.1, "half at most 4.40".to_owned()),
                (mean * 3.0, "95 % at most 12.0".to_owned()),
                (mean * 1e3, "99 % at most 4 000".to_owned()),
            ],
        };
        let shares = |row: usize| {
            let busy = ((row * 37) % 90) as f64 / 100.0 * self.size.min(1.0);
            (
                self.row(row),
                vec![busy, (1.0 - busy) * 0.3, (1.0 - busy) * 0.7],
            )
        };
        let stacked = Stacked {
            axis: Axis::shares("of the time"),
            parts: vec![
                ("busy".to_owned(), Ink::Busy),
                ("blocked".to_owned(), Ink::Blocked),
                ("idle".to_owned(), Ink::Idle),
            ],
            rows: self.rows(shares),
        };
        let bars = |scales| Bars {
            series: vec![
                ("completed".to_owned(), Ink::Completed, Unit::Number),
                ("faults".to_owned(), Ink::Down, Unit::Number),
                ("rejected".to_owned(), Ink::Rejected, Unit::Number),
            ],
            rows: self.rows(|row| {
                let values = vec![self.value(row, 1), self.value(row, 2) / 10.0, f64::NAN];
                (self.row(row), values)
            }),
            scales,
        };
        let spans = |row: usize| {
            let span = |at: usize| Span {
                from: at as f64,
                to: at as f64 + 1.0,
                state: if (at * 7 + row).is_multiple_of(40) {
                    2
                } else {
                    usize::from((at + row).is_multiple_of(5))
                },
            };
            Strip {
                name: self.row(row),
                spans: (0..self.points).map(span).collect(),
            }
        };
        let strips = Strips {
            x: Axis::whole("step"),
            states: vec![
                ("busy".to_owned(), Ink::Busy),
                ("idle".to_owned(), Ink::Idle),
                ("down".to_owned(), Ink::Down),
            ],
            rows: self.rows(spans),
        };
        let estimate = |row: usize| {
            let mean = self.value(row, 3);
            Estimate {
                name: self.row(row),
                mean,
                interval: (row != 1).then_some((mean * 0.9, mean * 1.15)),
                ink: if row == 0 { Ink::Completed } else { Ink::Faint },
                note: if row == 0 {
                    "the best".to_owned()
                } else {
                    String::new()
                },
            }
        };
        let intervals = Intervals {
            axis: Axis::numbers("mean wait, min").cropped(),
            rows: self.rows(estimate),
            mark: (self.rows > 1).then(|| (self.value(1, 3), "as filed".to_owned())),
        };
        let map = HeatMap {
            label: "mean wait, min".to_owned(),
            unit: Unit::Number,
            ink: Ink::Waiting,
            columns: ("servers".to_owned(), self.rows(|row| self.row(row))),
            rows: ("stages.0.rate".to_owned(), self.rows(|row| self.row(row))),
            values: self.rows(|row| self.rows(|at| self.value(row, at))),
        };
        let chart = |kind: &str, body| Chart {
            title: title(kind),
            body,
        };
        vec![
            chart("Lines with a band", Body::Lines(lines)),
            chart("Histogram", Body::Histogram(histogram)),
            chart("Stacked shares", Body::Stacked(stacked)),
            chart("Bars on one scale", Body::Bars(bars(Scales::Shared))),
            chart("Bars on their own scales", Body::Bars(bars(Scales::Own))),
            chart("Strips of states", Body::Strips(strips)),
            chart("Estimates and intervals", Body::Intervals(intervals)),
            chart("Heat map", Body::HeatMap(map)),
            chart("Panels over one axis", Body::Panels(panels)),
        ]
    }
}

fn gallery() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("charts");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Checks what must hold of any drawing.
fn assert_sound(svg: &str, width: f64) {
    for banned in [
        "<script",
        "style=",
        "href",
        "NaN",
        "inf",
        "<b>",
        "onload",
        "http://www.w3.org/1999",
    ] {
        assert!(
            !svg.contains(banned),
            "`{banned}` in {}",
            &svg[..svg.len().min(600)]
        );
    }
    let open = svg.matches('<').count();
    assert_eq!(open, svg.matches('>').count());
    assert!(
        svg.contains("role=\"img\"") && svg.contains("<title id=") && svg.contains("<desc id=")
    );
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
    let begins = svg.find("viewBox=\"0 0 ").unwrap() + "viewBox=\"0 0 ".len();
    let size = svg[begins..].split('"').next().unwrap();
    let (wide, high) = size.split_once(' ').unwrap();
    assert_eq!(wide.parse::<f64>().unwrap(), width);
    let high = high.parse::<f64>().unwrap();
    assert!((10.0..3500.0).contains(&high), "{high} high");
    // Every text lies within the drawing.
    for text in svg.split("<text").skip(1) {
        let number = |name: &str| -> f64 {
            let from = text.find(name).unwrap() + name.len();
            text[from..].split('"').next().unwrap().parse().unwrap()
        };
        let (x, y, size) = (number(" x=\""), number(" y=\""), number("font-size=\""));
        assert!(
            (0.0..=width).contains(&x) && (size * 0.6..=high).contains(&y),
            "{text:.80}"
        );
    }
}

#[test]
fn names_of_marks_stand_above_a_histogram_in_the_order_of_their_values_and_apart() {
    let bin = |at: u32| Bin {
        low: f64::from(at),
        high: f64::from(at + 1),
        height: 1.0 / f64::from(at + 1),
        open: false,
    };
    let marks = [
        (9.2, "95 % at most 9.2"),
        (9.9, "99 % at most 9.9"),
        (9.0, "half at most 9.0"),
        (8.9, "mean 8.90"),
    ];
    let histogram = Histogram {
        x: Axis::numbers("min waited"),
        y: Axis::shares("of customers"),
        bins: (0..10).map(bin).collect(),
        ink: Ink::Waiting,
        marks: marks.map(|(at, name)| (at, name.to_owned())).to_vec(),
    };
    let chart = Chart::new("wait", Body::Histogram(histogram));
    for width in [Frame::WIDE, Frame::NARROW] {
        let svg = chart.svg(&Frame {
            id: "x",
            width,
            theme: Theme::Page,
            titled: false,
        });
        let number = |text: &str, name: &str| -> f64 {
            let from = text.find(name).expect("it has one") + name.len();
            let digits = text[from..].split(['"', ' ', 'h', 'v']).next();
            digits
                .and_then(|digits| digits.parse().ok())
                .expect("a number")
        };
        let texts = svg.split("<text").skip(1);
        let named = |text: &&str| {
            text.contains("text-anchor=\"middle\"")
                && !text.contains("fill=")
                && !text.contains("min waited")
        };
        let names: Vec<(f64, f64, &str)> = texts
            .filter(named)
            .map(|text| {
                let said = text
                    .split('>')
                    .nth(1)
                    .and_then(|rest| rest.split('<').next());
                (
                    number(text, " x=\""),
                    number(text, " y=\""),
                    said.expect("it says something"),
                )
            })
            .collect();
        let mut firsts: Vec<_> = names
            .iter()
            .filter(|name| {
                ["mean", "half", "95 %", "99 %"]
                    .iter()
                    .any(|begin| name.2.starts_with(begin))
            })
            .collect();
        firsts.sort_by(|a, b| a.0.total_cmp(&b.0));
        let order: Vec<&str> = firsts
            .iter()
            .map(|name| name.2.get(..4).unwrap_or(name.2))
            .collect();
        assert_eq!(order, ["mean", "half", "95 %", "99 %"], "{width}");
        // The bars begin below all names.
        let bars = svg
            .split("<path d=\"M")
            .filter(|path| path.contains("var(--waiting)"));
        let top = bars.map(|bars| {
            let place = bars.split_once(' ').expect("two numbers").1;
            place
                .split(['h', 'v', ' '])
                .next()
                .and_then(|y| y.parse().ok())
                .expect("a number")
        });
        let top = top.fold(f64::MAX, f64::min);
        assert!(
            names.iter().all(|name| name.1 < top - 5.0),
            "{names:?} above {top}"
        );
        // Names in one row do not touch.
        for (at, one) in names.iter().enumerate() {
            for other in &names[at + 1..] {
                let apart = 6.0 * (one.2.chars().count() + other.2.chars().count()) as f64 / 2.0;
                assert!(
                    one.1 != other.1 || (one.0 - other.0).abs() > apart,
                    "{one:?} {other:?} {width}"
                );
            }
        }
    }
}

#[test]
fn every_kind_draws_every_load_soundly() {
    for load in LOADS {
        let mut page = format!(
            "<!doctype html><meta charset=utf-8><title>{}</title><style>{STYLE}\
             body{{background:var(--paper);color:var(--text);margin:16px;display:grid;gap:28px;\
             grid-template-columns:500px 320px}}</style>",
            load.name
        );
        for (number, chart) in load.charts().iter().enumerate() {
            for (width, kind) in [(Frame::WIDE, "w"), (Frame::NARROW, "n")] {
                let id = format!("{}-{number}-{kind}", load.name);
                let frame = Frame {
                    id: &id,
                    width,
                    theme: Theme::Page,
                    titled: true,
                };
                let svg = chart.svg(&frame);
                assert_sound(&svg, width);
                // A hundred thousand points are thinned; ten thousand cells are the most there are.
                assert!(svg.len() < 200_000, "{} takes {}", chart.title, svg.len());
                let _ = write!(page, "<div>{svg}</div>");
            }
        }
        fs::write(gallery().join(format!("{}.html", load.name)), page).unwrap();
    }
}

#[test]
fn a_drawing_of_its_own_theme_needs_no_page_and_becomes_pixels() {
    for load in [LOADS[2], LOADS[7]] {
        for (number, chart) in load.charts().iter().enumerate() {
            let frame = Frame {
                id: "c",
                width: Frame::SLIDE,
                theme: Theme::Light,
                titled: true,
            };
            let svg = chart.svg(&frame);
            assert_sound(&svg, Frame::SLIDE);
            assert!(!svg.contains("var(") && !svg.contains("class="));
            let pixels = chart.png(&frame).unwrap();
            assert_eq!(&pixels[1..4], b"PNG");
            let wide = u32::from_be_bytes(pixels[16..20].try_into().unwrap());
            assert_eq!(wide, 1440);
            let name = format!("{}-{number}.png", load.name);
            fs::write(gallery().join(name), pixels).unwrap();
        }
    }
    // A picture of 2^32 pixels or more is refused.
    let frame = Frame {
        id: "c",
        width: 1e9,
        theme: Theme::Light,
        titled: false,
    };
    let error = LOADS[2].charts()[0].png(&frame).unwrap_err().to_string();
    assert!(error.contains("2000000000 by"), "{error}");
}

#[test]
fn a_description_says_what_is_to_be_seen() {
    let charts = LOADS[2].charts();
    let says: Vec<String> = charts.iter().map(Chart::says).collect();
    assert!(
        says[0].starts_with("requests a step over step. triage: from "),
        "{}",
        says[0]
    );
    assert!(says[1].contains("the most, 30 %, from 0 on"), "{}", says[1]);
    assert!(
        says[5].contains("triage: ") && says[5].contains("% busy"),
        "{}",
        says[5]
    );
    let svg = charts[0].svg(&Frame {
        id: "a",
        width: 400.0,
        theme: Theme::Page,
        titled: false,
    });
    assert!(svg.contains(&format!("<desc id=\"a-desc\">{}</desc>", escaped(&says[0]))));
}

#[test]
fn a_peak_among_many_points_is_drawn() {
    let mut points: Vec<(f64, f64)> = (0..100_000).map(|at| (f64::from(at), 1.0)).collect();
    points[61_803].1 = 1000.0;
    let line = Line {
        name: "queue".to_owned(),
        ink: Ink::Waiting,
        points,
        band: Vec::new(),
        stepped: true,
    };
    let body = Body::Lines(Lines {
        x: Axis::whole("step"),
        y: Axis::whole("waiting"),
        series: vec![line],
        marks: Vec::new(),
    });
    let chart = Chart {
        title: "A queue".to_owned(),
        body,
    };
    let svg = chart.svg(&Frame {
        id: "a",
        width: 720.0,
        theme: Theme::Page,
        titled: false,
    });
    // The label of the unit takes 24 above the plot, where the greatest value lies.
    assert!(
        svg.contains(" 24 ") || svg.contains(" 24\""),
        "the peak was lost"
    );
    assert!(svg.len() < 40_000);
}
