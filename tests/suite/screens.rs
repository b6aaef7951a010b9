//! The terminal view, drawn off screen: desks and lines, small and large, with and without Unicode.
//! The screens are in `tests/suite/screens/`; `FILAS_SCREENS=write cargo test screens` writes them
//! again, for inspection.

use crate::settings::shipped;
use filas::actor::{Conductor, Recording, Runtime, Surroundings, Wish};
use filas::desk;
use filas::observe::control::Reading;
use filas::observe::log::Said;
use filas::observe::room::{DeskRoom, DeskWatch, LineRoom, LineWatch, Room};
use filas::observe::view::{Deed, Look, View};
use filas::scenario::Scenario;
use filas::tandem;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use std::fs;
use std::path::Path;

const PLAIN: Look = Look {
    unicode: true,
    colour: false,
};

/// Stops a run when the clock has reached a certain time.
struct Until(f64);

impl Conductor for Until {
    fn before(&self, clock: f64) -> Wish {
        if clock > self.0 { Wish::Stop } else { Wish::Go }
    }
}

fn desk_room(name: &str, step: u64, set: &[(&str, &str)]) -> DeskRoom {
    let Scenario::Desk(desk) = shipped(name, set) else {
        unreachable!("{name} is a desk");
    };
    let watch = DeskWatch::new(&desk);
    let around = Surroundings {
        conductor: &Until(step as f64),
        recorder: &watch,
    };
    desk::run(&desk, 0, Runtime::Inline, Recording::Everything, around).unwrap();
    watch.room()
}

fn line_room(name: &str, times: &[f64], set: &[(&str, &str)]) -> LineRoom {
    let Scenario::Tandem(line) = shipped(name, set) else {
        unreachable!("{name} is a line");
    };
    let watch = LineWatch::new(&line);
    let around = Surroundings {
        conductor: &(),
        recorder: &watch,
    };
    tandem::run(&line, 0, Runtime::Inline, 1, Recording::Everything, around).unwrap();
    let rooms = times.iter().map(|time| watch.room(*time));
    rooms.last().expect("a time was given")
}

fn said(time: f64, actor: &str, text: &str) -> Said {
    Said {
        time,
        level: "debug".to_owned(),
        actor: actor.to_owned(),
        text: text.to_owned(),
        names: vec![actor.to_owned()],
    }
}

fn reading(clock: f64) -> Reading {
    Reading {
        clock,
        pace: Some(5.0),
        paused: false,
        stopped: false,
        over: false,
    }
}

/// The screen as text, without the blanks at the ends of lines.
fn screen(view: &View, scene: &Room, reading: &Reading, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| view.draw(frame, scene, reading))
        .unwrap();
    let buffer = terminal.backend().buffer().clone();
    let mut text = String::new();
    for y in 0..height {
        let row: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        text += row.trim_end();
        text.push('\n');
    }
    text
}

/// Compares a screen with the stored one.
fn same(name: &str, screen: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/screens");
    let path = path.join(format!("{name}.txt"));
    if std::env::var_os("FILAS_SCREENS").is_some_and(|value| value == "write") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, screen).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        screen == wanted,
        "the screen {name} is not as on file; it is now\n{screen}\n(FILAS_SCREENS=write keeps it)"
    );
}

fn press(view: &mut View, code: KeyCode, scene: &Room, reading: &Reading) -> Deed {
    view.press(KeyEvent::from(code), scene, reading)
}

fn told() -> View {
    let mut view = View::new(PLAIN, None);
    view.hear(
        [
            said(
                46.0,
                "C-3",
                "✕ down, interrupts #598 (tecnica, 2 of 3 steps of work done)",
            ),
            said(46.0, "supervisor", "⇄ #598 tecnica from C to A"),
            said(47.0, "A-2", "▶ #598 tecnica, 3 steps of work, attempt 2"),
            said(47.0, "B-7", "✔ #571 vendas, waited 1, served 2"),
            said(48.0, "A-1", "▶ #610 vendas: not yet"),
        ],
        0,
    );
    view
}

#[test]
fn a_desk_at_80_x_24_and_at_200_x_60() {
    let room = desk_room("desk", 47, &[]);
    let scene = &Room::Desk(room.clone());
    let view = told();
    for (name, size) in [("desk-80x24", (80, 24)), ("desk-200x60", (200, 60))] {
        same(name, &screen(&view, scene, &reading(47.0), size));
    }
}

#[test]
fn a_desk_in_ascii_with_one_picked_and_its_log_only() {
    let room = desk_room("desk", 47, &[]);
    let scene = &Room::Desk(room.clone());
    let mut view = told();
    for _ in 0..7 {
        assert_eq!(
            press(&mut view, KeyCode::Down, scene, &reading(47.0)),
            Deed::Draw
        );
    }
    press(&mut view, KeyCode::Char('f'), scene, &reading(47.0));
    same(
        "desk-picked",
        &screen(&view, scene, &reading(47.0), (80, 24)),
    );
    let look = Look {
        unicode: false,
        colour: false,
    };
    let mut ascii = View::new(look, None);
    ascii.hear([said(47.0, "A-2", "▶ #598 tecnica")], 12);
    let drawn = screen(&ascii, scene, &reading(47.0), (80, 24));
    assert!(drawn.is_ascii(), "{drawn}");
    same("desk-ascii", &drawn);
}

#[test]
fn a_desk_of_thirty_servers_shows_what_fits_and_whom_is_picked() {
    let servers: Vec<String> = (1..=30)
        .map(|number| {
            format!("{{ name = \"S{number}\", attendants = [ {{ skills = [\"tecnica\", \"vendas\"], count = 16 }} ] }}")
        })
        .collect();
    let servers = format!("[{}]", servers.join(", "));
    let room = desk_room(
        "desk",
        20,
        &[("servers", &servers), ("faults.script", "[]")],
    );
    let scene = &Room::Desk(room.clone());
    let mut view = View::new(PLAIN, None);
    press(&mut view, KeyCode::Up, scene, &reading(20.0));
    same(
        "desk-thirty",
        &screen(&view, scene, &reading(20.0), (80, 24)),
    );
}

#[test]
fn lines_with_queues_blocked_and_starved_servers() {
    let times: Vec<f64> = (1..=60).map(|step| f64::from(step) * 15.0).collect();
    let room = line_room("clinic", &times, &[]);
    let mut view = View::new(PLAIN, None);
    view.hear(
        [
            said(897.2, "pharmacy", "▶ #221 at server 2, waited 0.412"),
            said(899.9, "consultation", "✔ #226 leaves server 3"),
            said(900.4, "triage", "▶ #229: not yet"),
        ],
        0,
    );
    for (name, size) in [("line-80x24", (80, 24)), ("line-200x60", (200, 60))] {
        same(
            name,
            &screen(&view, &Room::Line(room.clone()), &reading(900.0), size),
        );
    }
    let room = line_room(
        "buffers",
        &[60.0, 61.0],
        &[("horizon.customers", "2000"), ("horizon.warm_up", "0")],
    );
    press(
        &mut view,
        KeyCode::Down,
        &Room::Line(room.clone()),
        &reading(61.0),
    );
    same(
        "line-buffers",
        &screen(&view, &Room::Line(room.clone()), &reading(61.0), (80, 24)),
    );
}

#[test]
fn the_help_an_end_and_a_terminal_too_small() {
    let room = desk_room("desk", 100, &[]);
    let scene = &Room::Desk(room.clone());
    let mut view = told();
    let over = Reading {
        over: true,
        ..reading(100.0)
    };
    same("desk-over", &screen(&view, scene, &over, (80, 24)));
    press(&mut view, KeyCode::Char('?'), scene, &over);
    same("help", &screen(&view, scene, &over, (80, 24)));
    assert_eq!(
        press(&mut view, KeyCode::Char('q'), scene, &over),
        Deed::Draw
    );
    assert_eq!(
        press(&mut view, KeyCode::Char('q'), scene, &over),
        Deed::Quit
    );
    let small = screen(&view, scene, &over, (30, 8));
    assert_eq!(small.trim_end(), "filas: 40 x 10 at least");
    for width in 40..=120 {
        for height in [10, 11, 13, 17, 24, 40] {
            let drawn = screen(&view, scene, &over, (width, height));
            assert!(drawn.contains("atend") && drawn.contains("quit"), "{drawn}");
        }
    }
}

#[test]
fn no_number_of_the_first_row_is_cut_however_narrow() {
    let desk = Room::Desk(desk_room("desk", 47, &[]));
    let line = Room::Line(line_room("clinic", &[900.0], &[]));
    let (Room::Desk(of_desk), Room::Line(of_line)) = (&desk, &line) else {
        unreachable!("they are these");
    };
    let buffer = format!("{}/50", of_desk.buffer.length);
    let (present, left) = (of_line.counts.present, of_line.counts.departed);
    for width in 40..=160 {
        for paused in [false, true] {
            let now = Reading {
                paused,
                ..reading(47.0)
            };
            let view = told();
            let first = |scene| {
                let drawn = screen(&view, scene, &now, (width, 24));
                drawn.lines().next().unwrap_or_default().to_owned()
            };
            let row = first(&desk);
            let words: Vec<&str> = row.split(' ').filter(|word| !word.is_empty()).collect();
            for wanted in ["47/100", "5/s", buffer.as_str()] {
                assert!(words.contains(&wanted), "{width}: {wanted} is not in {row}");
            }
            // What does not fit is left out whole.
            let row = first(&line);
            assert!(row.contains(" 900.0 min"), "{row}");
            for (word, number) in [("in the line", present), ("left", left)] {
                let whole = row.contains(&format!(" {word} {number}"));
                assert!(whole || !row.contains(word), "{width}: {row}");
                assert!(whole || width < 60, "{width}: {row}");
            }
        }
    }
}

#[test]
fn the_parts_of_the_first_row_stand_closer_before_the_name_is_cut() {
    let desk = Room::Desk(desk_room("desk", 47, &[("steps", "1000000")]));
    let now = Reading {
        paused: true,
        ..reading(47.0)
    };
    let first = |width| {
        let drawn = screen(&told(), &desk, &now, (width, 24));
        drawn.lines().next().unwrap_or_default().to_owned()
    };
    let (close, broad) = (first(60), first(61));
    for row in [&close, &broad] {
        assert!(row.starts_with(" atendimento "), "{row}");
    }
    assert!(close.contains("atendimento step 47/1000000 "), "{close}");
    assert!(
        broad.contains("atendimento   step 47/1000000   "),
        "{broad}"
    );
}

#[test]
fn lines_of_the_log_that_come_early_are_shown_when_they_are_due_and_can_be_gone_back_to() {
    let scene = &Room::Line(line_room("clinic", &[10.0], &[]));
    let mut view = View::new(PLAIN, None);
    let lines = (0..30_000).map(|k| said(f64::from(k), "triage", &format!("▶ #{k} at server 1")));
    view.hear(lines, 0);
    let log = |view: &View, clock: f64| {
        let drawn = screen(view, scene, &reading(clock), (80, 24));
        let numbers = drawn.lines().filter_map(|line| {
            let (_, rest) = line.split_once("▶ #")?;
            rest.split(' ').next()?.parse::<u64>().ok()
        });
        (numbers.collect::<Vec<_>>(), drawn)
    };
    // They are thousands before their time, and none is lost.
    for clock in [5.0, 1_000.0, 9_999.0] {
        let (shown, drawn) = log(&view, clock);
        view.hear([], 0);
        assert_eq!(shown.last(), Some(&(clock as u64)), "{drawn}");
        assert!(!drawn.contains("dropped"), "{drawn}");
    }
    let (newest, _) = log(&view, 9_999.0);
    press(&mut view, KeyCode::PageUp, scene, &reading(9_999.0));
    let (before, drawn) = log(&view, 9_999.0);
    assert_eq!(before.last(), newest.first(), "{drawn}");
    assert!(drawn.contains("End shows the newest"), "{drawn}");
    // It stays where it is while the clock goes on.
    view.hear([], 0);
    assert_eq!(log(&view, 20_000.0).0, before);
    press(&mut view, KeyCode::PageDown, scene, &reading(20_000.0));
    assert_eq!(log(&view, 20_000.0).0.first(), before.last());
    press(&mut view, KeyCode::Home, scene, &reading(20_000.0));
    let (first, drawn) = log(&view, 20_000.0);
    assert_eq!(first.len(), newest.len());
    press(&mut view, KeyCode::PageUp, scene, &reading(20_000.0));
    assert_eq!(log(&view, 20_000.0).0, first, "{drawn}");
    press(&mut view, KeyCode::End, scene, &reading(20_000.0));
    let (newest, drawn) = log(&view, 20_000.0);
    assert_eq!(newest.last(), Some(&20_000), "{drawn}");
    assert!(!drawn.contains("End shows"), "{drawn}");
}

#[test]
fn keys_say_what_they_do_and_a_key_that_can_do_nothing_says_why() {
    let room = desk_room("desk", 47, &[]);
    let scene = &Room::Desk(room.clone());
    let mut view = View::new(PLAIN, None);
    let now = reading(47.0);
    assert_eq!(
        press(&mut view, KeyCode::Char(' '), scene, &now),
        Deed::Pause(true)
    );
    assert_eq!(press(&mut view, KeyCode::Right, scene, &now), Deed::Step);
    assert_eq!(
        press(&mut view, KeyCode::Char('+'), scene, &now),
        Deed::Pace(Some(10.0))
    );
    assert_eq!(
        press(&mut view, KeyCode::Char('-'), scene, &now),
        Deed::Pace(Some(2.0))
    );
    assert_eq!(
        press(&mut view, KeyCode::Char('k'), scene, &now),
        Deed::Draw
    );
    assert!(screen(&view, scene, &now, (80, 24)).contains("pick an attendant first"));
    press(&mut view, KeyCode::Down, scene, &now);
    let up = room.servers[0].attendants[0].state != filas::observe::room::AttendantState::Down;
    let deeds = ['k', 'r'].map(|key| press(&mut view, KeyCode::Char(key), scene, &now));
    let touched =
        |deed: &Deed| matches!(deed, Deed::Intervene(one) if (one.server, one.attendant) == (0, 0));
    assert_eq!(deeds.iter().map(touched).collect::<Vec<_>>(), [up, !up]);
    let line = line_room("clinic", &[10.0], &[]);
    assert_eq!(
        press(
            &mut view,
            KeyCode::Char('k'),
            &Room::Line(line.clone()),
            &now
        ),
        Deed::Draw
    );
    assert!(
        screen(&view, &Room::Line(line.clone()), &now, (80, 24))
            .contains("are not taken down by hand")
    );
}
