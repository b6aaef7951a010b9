//! A run in progress: its state, streamed as it changes, and the commands that steer it.
//!
//! All watchers of a run share one picture of it, made at most once per `FRAME`, whatever their number; each has its
//! own position in the log. A slow reader delays neither the run nor another reader: a picture is made when the
//! connection accepts one, and log lines that are lost by then are counted.
#![allow(
    clippy::disallowed_methods,
    reason = "the interval between pictures is wall-clock time"
)]

use super::Rooms;
use super::answer::{Refusal, Sent, apart};
use super::performance::Line;
use super::runs::{Eye, Run};
use super::scenarios::Draft;
use crate::actor::{Change, Intervention};
use crate::number::plain;
use crate::observe::feed::Place;
use crate::observe::room::{Room, Spell};
use crate::report::chart::{Axis, Body, Chart, Frame, Ink, Line as Series, Lines, Theme};
use crate::scenario::estimate;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// The minimum time between two pictures.
const FRAME: Duration = Duration::from_millis(100);

/// Keep-alive interval while nothing changes.
const ALIVE: Duration = Duration::from_secs(5);

/// The maximum number of log lines in one picture; of more, the newest are sent.
const LINES: usize = 200;

/// The maximum number of log lines later than the clock that are kept until the clock reaches them.
const AHEAD: usize = 4096;

/// A run to start.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    id: String,
    text: String,
    /// Steps or units of simulated time per second; without one, as fast as possible.
    pace: Option<f64>,
    #[serde(default)]
    paused: bool,
}

pub(super) async fn begin(
    State(rooms): State<Arc<Rooms>>,
    Sent(wanted): Sent<Wanted>,
) -> Result<Json<Value>, Refusal> {
    let pace = sound(wanted.pace)?;
    let begun = apart(move || {
        let Wanted {
            id, text, paused, ..
        } = wanted;
        let draft = Draft { id, text };
        rooms.hall.begin(&rooms.shelf, draft, pace, paused)
    });
    Ok(Json(begun.await??.told()))
}

fn sound(pace: Option<f64>) -> Result<Option<f64>, Refusal> {
    match pace {
        Some(pace) if !(pace > 0.0 && pace.is_finite()) => {
            Err(Refusal::wrong("a pace is a number above 0, or null"))
        }
        pace => Ok(pace),
    }
}

pub(super) async fn list(State(rooms): State<Arc<Rooms>>) -> Json<Value> {
    Json(json!({ "runs": rooms.hall.list() }))
}

pub(super) async fn told(
    State(rooms): State<Arc<Rooms>>,
    Path(number): Path<u64>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(rooms.hall.run(number)?.told()))
}

/// A command that steers a run.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Command {
    Pause,
    Go,
    Step,
    Stop,
    Pace { pace: Option<f64> },
    Down { server: u32, attendant: u32 },
    Repair { server: u32, attendant: u32 },
}

pub(super) async fn command(
    State(rooms): State<Arc<Rooms>>,
    Path(number): Path<u64>,
    Sent(command): Sent<Command>,
) -> Result<Json<Value>, Refusal> {
    let run = rooms.hall.run(number)?;
    match command {
        Command::Pause => run.control.pause(true),
        Command::Go => run.control.pause(false),
        Command::Step => run.control.step(),
        Command::Stop => run.control.stop(),
        Command::Pace { pace } => run.control.set_pace(sound(pace)?),
        Command::Down { server, attendant } => {
            touch(&run, server, attendant, Change::TakeDown)?;
        }
        Command::Repair { server, attendant } => {
            touch(&run, server, attendant, Change::Repair)?;
        }
    }
    Ok(Json(json!({ "reading": run.control.reading() })))
}

fn touch(run: &Run, server: u32, attendant: u32, change: Change) -> Result<(), Refusal> {
    let Some(desk) = run.loaded.scenario.desk() else {
        return Err(Refusal::wrong("only a desk has attendants"));
    };
    let group = desk.servers.get(server as usize);
    if group.is_none_or(|group| attendant as usize >= group.attendants.len()) {
        return Err(Refusal::wrong("there is no such attendant"));
    }
    if run.control.reading().over {
        return Err(Refusal::wrong("the run is over"));
    }
    run.control.intervene(Intervention {
        server,
        attendant,
        change,
    });
    Ok(())
}

/// One watcher of a run.
struct Watcher {
    run: Arc<Run>,
    _eye: Eye,
    ticks: Interval,
    place: Place,
    /// Log lines later than the clock.
    ahead: Vec<Line>,
    last: Arc<str>,
    over: bool,
}

pub(super) async fn watch(
    State(rooms): State<Arc<Rooms>>,
    Path(number): Path<u64>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let run = rooms.hall.run(number)?;
    let mut ticks = interval(FRAME);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watcher = Watcher {
        _eye: run.eye(),
        run,
        ticks,
        place: Place::default(),
        ahead: Vec::new(),
        last: Arc::from(""),
        over: false,
    };
    let pictures = unfold(watcher, |mut watcher| async move {
        let picture = watcher.next().await?;
        Some((Ok(Event::default().data(picture)), watcher))
    });
    Ok(Sse::new(pictures).keep_alive(KeepAlive::new().interval(ALIVE)))
}

impl Watcher {
    /// The next picture that differs from the last, with the new lines of the log; `None` after the end.
    async fn next(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        loop {
            self.ticks.tick().await;
            let over = self.run.is_over();
            let picture = self.run.picture.of(&self.run, over);
            // At the end, lines later than the clock are past as well.
            let clock = match over {
                true => f64::INFINITY,
                false => self.run.control.reading().clock,
            };
            let log = self.log(clock);
            if picture == self.last && log.is_empty() && !over {
                continue;
            }
            self.over = over;
            let log = json!(log);
            let dropped = self.place.dropped();
            let text = format!(r#"{{"picture":{picture},"log":{log},"dropped":{dropped}}}"#);
            self.last = picture;
            return Some(text);
        }
    }

    fn log(&mut self, clock: f64) -> Vec<Line> {
        let scenario = &self.run.loaded.scenario;
        let new = self.run.sight.log(scenario, &mut self.place);
        self.ahead.extend(new);
        self.ahead.sort_by(|a, b| a.clock.total_cmp(&b.clock));
        let due = self.ahead.partition_point(|line| line.clock <= clock);
        let mut due: Vec<Line> = self.ahead.drain(..due).collect();
        self.ahead.truncate(AHEAD);
        due.drain(..due.len().saturating_sub(LINES));
        due
    }
}

/// The last picture made of a run, and the time at which it was made.
#[derive(Debug, Default)]
pub(super) struct Picture(Mutex<Option<(Instant, Arc<str>)>>);

impl Picture {
    /// The picture of the run, made anew if it is older than `FRAME` or the last one.
    fn of(&self, run: &Run, last: bool) -> Arc<str> {
        let mut kept = self.0.lock();
        let now = Instant::now();
        if let Some((made, picture)) = &*kept
            && !last
            && now.duration_since(*made) < FRAME * 3 / 4
        {
            return Arc::clone(picture);
        }
        let mut reading = run.control.reading();
        if last {
            // The clock of a run that was stopped may be before or after its last event.
            reading.clock = run.sight.end();
        }
        let mut room = json!(run.sight.room(reading.clock));
        // The page itself draws no series.
        for series in ["series", "samples"] {
            if let Some(room) = room.as_object_mut() {
                room.remove(series);
            }
        }
        let scenario = &run.loaded.scenario;
        let clock = match scenario.desk().and_then(|desk| desk.steps()) {
            Some(_) => reading.clock.floor(),
            None => reading.clock,
        };
        let start = scenario.clock().filter(|_| clock > 0.0);
        let time_of_day = start.map(|start| start.at(clock));
        let picture = json!({
            "run": run.told(),
            "reading": reading,
            "room": room,
            "time_of_day": time_of_day,
        });
        let picture: Arc<str> = Arc::from(picture.to_string());
        *kept = Some((now, Arc::clone(&picture)));
        picture
    }
}

/// The charts of a run up to now.
pub(super) async fn charts(
    State(rooms): State<Arc<Rooms>>,
    Path(number): Path<u64>,
) -> Result<Json<Value>, Refusal> {
    let run = rooms.hall.run(number)?;
    Ok(Json(apart(move || json!({ "charts": drawn(&run) })).await?))
}

fn drawn(run: &Run) -> Vec<Value> {
    let clock = match run.is_over() {
        true => run.sight.end(),
        false => run.control.reading().clock,
    };
    let start = run.loaded.scenario.clock();
    let axis = |plain: Axis| start.map_or(plain, Axis::times_of_day).cropped();
    let charts = match run.sight.room(clock) {
        Room::Desk(room) => {
            let (width, spells) = (room.course.width, &room.course.spells);
            let origin = if room.stepped { 1.0 } else { 0.0 };
            let course = |name: &str, ink, value: &dyn Fn(&Spell) -> f64| Series {
                name: name.to_owned(),
                ink,
                // The last spell is repeated, so that it is drawn as long as the others.
                points: (0..)
                    .zip(spells.iter().chain(spells.last()))
                    .map(|(at, spell)| (origin + f64::from(at) * width, value(spell)))
                    .collect(),
                band: Vec::new(),
                stepped: true,
            };
            let per = |spell: &Spell| match room.stepped {
                true => spell.rows.max(1) as f64,
                false => 1.0,
            };
            let (title, label, x) = match room.stepped {
                true => ("in each step", "step", Axis::whole("step")),
                false => ("over time", "time", Axis::numbers("time")),
            };
            let (mean, most) = match room.stepped && width > 1.0 {
                true => (
                    format!(", means of {width} {label}s"),
                    format!(", the most in {width} {label}s"),
                ),
                false => (String::new(), String::new()),
            };
            let x = axis(x).always(origin, origin + room.span);
            let y = Axis::whole("requests");
            let unit = run.loaded.scenario.time_unit().unwrap_or("units of time");
            let each = match room.stepped {
                true => "requests a step".to_owned(),
                false => format!("requests in each {} {unit}", plain(width)),
            };
            let places = room.buffer.capacity.map(|capacity| capacity as f64);
            vec![
                (
                    format!("Completed and lost {title}{mean}"),
                    vec![
                        course("completed", Ink::Completed, &|spell| {
                            spell.completed as f64 / per(spell)
                        }),
                        course("lost", Ink::Failed, &|spell| spell.lost as f64 / per(spell)),
                    ],
                    (x.clone(), Axis::whole(each)),
                ),
                (
                    format!("Requests in the buffer{most}"),
                    vec![course("buffer", Ink::Waiting, &|spell| spell.buffer as f64)],
                    (x, places.into_iter().fold(y, |y, most| y.always(0.0, most))),
                ),
            ]
        }
        Room::Line(room) => {
            let course = |name: &str, ink, value: &dyn Fn(usize) -> f64| Series {
                name: name.to_owned(),
                ink,
                points: (0..room.samples.len())
                    .map(|at| (room.samples[at].clock, value(at)))
                    .collect(),
                band: Vec::new(),
                // Samples are taken at the pace of the watcher; between two of them the values are unknown.
                stepped: false,
            };
            let unit = room.time_unit.clone().unwrap_or_else(|| "time".to_owned());
            let present = |at: usize| room.samples[at].present as f64;
            let departed = |at: usize| room.samples[at].departed as f64;
            // A little longer than expected, as the last customers leave after the last arrival.
            let span = Some(1.05 * estimate(&run.loaded.scenario).span);
            let span = span.filter(|span| span.is_finite() && *span > 0.0);
            let x = axis(Axis::numbers(unit.as_str()));
            let x = span.into_iter().fold(x, |x, span| x.always(0.0, span));
            let y = Axis::whole("customers");
            let all = room.customers.map(|all| all as f64);
            let line = run.loaded.scenario.line();
            let place = match line.is_some_and(|line| line.routing.is_some()) {
                true => "network",
                false => "line",
            };
            vec![
                (
                    format!("Customers in the {place}, at the moments seen"),
                    vec![course(&format!("in the {place}"), Ink::Waiting, &present)],
                    (x.clone(), y.clone()),
                ),
                (
                    "Customers served so far".to_owned(),
                    vec![course("served", Ink::Completed, &departed)],
                    (x, all.into_iter().fold(y, |y, all| y.always(0.0, all))),
                ),
            ]
        }
    };
    let charts = (0..).zip(charts).map(|(at, (title, series, (x, y)))| {
        let chart = Chart {
            title,
            body: Body::Lines(Lines {
                x,
                y,
                series,
                marks: Vec::new(),
            }),
        };
        picture(&chart, &format!("live-{at}"))
    });
    charts.collect()
}

/// A chart as JSON for the page: a drawing for each possible width, and its values.
pub(super) fn picture(chart: &Chart, id: &str) -> Value {
    let drawings = chart.widths().iter().map(|&(class, width)| {
        let frame = Frame {
            id: &format!("{id}-{class}"),
            width,
            theme: Theme::Page,
            titled: false,
        };
        let (svg, reading) = chart.svg_and_reading(&frame);
        let reading = (!reading.is_empty()).then_some(reading);
        json!({ "class": class, "svg": svg, "reading": reading })
    });
    json!({
        "title": chart.title,
        "says": chart.says(),
        "broad": chart.is_broad(),
        "drawings": drawings.collect::<Vec<_>>(),
    })
}
