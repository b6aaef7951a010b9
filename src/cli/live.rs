//! `filas run --live`: the terminal during a live run. The run has a thread of its own; the view is drawn here, several
//! times a second, from copies of the room. The terminal is restored in every case.

use super::{Failure, output};
use crate::observe::control::Control;
use crate::observe::feed::{Feed, Place};
use crate::observe::log::{Filter, Log, Said};
use crate::observe::room::Watch;
use crate::observe::view::{Deed, Look, View};
use crate::scenario::Start;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{self, Stderr};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// The time between two pictures.
const FRAME: Duration = Duration::from_millis(60);

/// The most lines of the log on their way to the view: a long line of stages makes thousands of them during one frame.
const LINES: usize = 100_000;

/// Whether the view has the terminal now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Runs in a thread and shows the run here until the user quits or the run cannot go on.
pub(super) fn show<O: Send>(
    (watched, clock): (&Watch, Option<Start>),
    control: &Control,
    log: Option<(&Log, &Feed<Said>)>,
    run: impl FnOnce() -> Result<O, Failure> + Send,
) -> Result<O, Failure> {
    let mut screen = Screen::take().map_err(Failure::Terminal)?;
    let ended = AtomicBool::new(false);
    let done = &ended;
    thread::scope(|scope| {
        let running = thread::Builder::new().name("run".to_owned());
        let running = running.spawn_scoped(scope, move || {
            // The view goes on to the end of the clock, even if the run failed.
            let ended = Ended {
                watched,
                control,
                done,
            };
            let outcome = run();
            drop(ended);
            outcome
        });
        let running = running.map_err(Failure::Terminal)?;
        let shown = look(&mut screen, (watched, clock), control, log, &ended);
        control.stop();
        let outcome = running.join();
        drop(screen);
        let outcome = outcome.unwrap_or_else(|panic| panic::resume_unwind(panic));
        // If the terminal is gone, as when its window was closed, the run ends as by Ctrl-C, and its results are kept.
        if let Err(error) = shown {
            output::warn(&format!("the terminal was lost: {error}"));
        }
        outcome
    })
}

/// Notes that the run has ended, even if it panics.
struct Ended<'a> {
    watched: &'a Watch,
    control: &'a Control,
    done: &'a AtomicBool,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.control.finish(self.watched.end());
        self.done.store(true, Ordering::Relaxed);
    }
}

/// Draws and handles keys until the user quits, a run that was stopped has ended, or a panic has restored the terminal.
fn look(
    screen: &mut Screen,
    (watched, clock): (&Watch, Option<Start>),
    control: &Control,
    log: Option<(&Log, &Feed<Said>)>,
    ended: &AtomicBool,
) -> io::Result<()> {
    let look = Look {
        unicode: output::unicode(),
        colour: output::colour(&io::stderr()),
    };
    let mut view = View::new(look, clock);
    let mut place = Place::default();
    let mut levels = ["debug", "trace", "info"].into_iter().cycle().skip(1);
    while is_shown() {
        let over = ended.load(Ordering::Relaxed);
        let reading = control.reading();
        let room = watched.room(reading.clock);
        if let Some((_, feed)) = log {
            let said = feed.read(&mut place, LINES);
            view.hear(said, place.dropped());
        }
        screen.0.draw(|frame| view.draw(frame, &room, &reading))?;
        if over && reading.stopped {
            return Ok(());
        }
        if !event::poll(FRAME)? {
            continue;
        }
        let Event::Key(key) = event::read()? else {
            continue;
        };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match view.press(key, &room, &reading) {
            Deed::Draw => {}
            Deed::Pause(paused) => control.pause(paused),
            Deed::Step => control.step(),
            Deed::Pace(pace) => control.set_pace(pace),
            Deed::Intervene(intervention) => control.intervene(intervention),
            Deed::Level => {
                let level = levels.next().unwrap_or("debug");
                if let (Some((log, _)), Ok(filter)) = (log, Filter::parse(level)) {
                    log.let_through(filter);
                    view.notice(format!("the log shows {level} from here on"));
                }
            }
            Deed::Quit if over => return Ok(()),
            Deed::Quit => control.stop(),
        }
    }
    Ok(())
}

/// The feed of the log for the view of a run in progress.
pub(super) fn feed() -> Arc<Feed<Said>> {
    Arc::new(Feed::new(LINES))
}

/// The terminal, held until this is dropped. Ratatui's own end would show the cursor again, and panics if the terminal
/// is gone; [`give_back`] shows it.
struct Screen(ManuallyDrop<Terminal<CrosstermBackend<Stderr>>>);

impl Screen {
    fn take() -> io::Result<Screen> {
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::Relaxed);
        // A panic is printed after the terminal is restored.
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give_back();
            tell(info);
        }));
        if let Err(error) = execute!(io::stderr(), EnterAlternateScreen) {
            give_back();
            return Err(error);
        }
        match Terminal::new(CrosstermBackend::new(io::stderr())) {
            Ok(terminal) => Ok(Screen(ManuallyDrop::new(terminal))),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whether a view is shown now.
pub(super) fn is_shown() -> bool {
    TAKEN.load(Ordering::Relaxed)
}

/// Restores the terminal, once.
pub(super) fn give_back() {
    if TAKEN.swap(false, Ordering::Relaxed) {
        // If this fails, there is no terminal left to restore.
        let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}
