//! The program in a real terminal: tmux sets its size, presses keys and reads the screen.

use crate::cli::filas;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Number of times a screen is read before a test gives up: some tens of seconds.
const LOOKS: usize = 6000;

/// The last words on a terminal whose program has ended.
const END: &str = "nothing follows";

/// A terminal for one test, closed when dropped.
struct Tmux {
    place: tempfile::TempDir,
}

impl Tmux {
    /// Runs a command in a terminal of this size; prints its exit code and the terminal's state at
    /// the end.
    fn run(words: &str, (width, height): (u16, u16)) -> Tmux {
        let place = tempfile::tempdir().unwrap();
        let tmux = Tmux { place };
        let program = env!("CARGO_BIN_EXE_filas");
        let script = format!(
            "cd '{}' && '{program}' {words} > out.json; echo \"left with $?\"; \
             stty -a | grep -o -E -- '-?(icanon|echo)\\b' | tr '\\n' ' '; echo; echo {END}; cat",
            tmux.place.path().display()
        );
        let size = [width.to_string(), height.to_string()];
        tmux.tell(&[
            "new-session",
            "-d",
            "-x",
            &size[0],
            "-y",
            &size[1],
            "sh",
            "-c",
            &script,
        ]);
        tmux
    }

    fn tell(&self, words: &[&str]) -> String {
        let socket = self.place.path().join("tmux");
        let output = Command::new("tmux")
            .arg("-S")
            .arg(&socket)
            .args(["-f", "/dev/null"])
            .args(words)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX")
            .output()
            .expect("tmux is installed; .ci/test sees to that");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "tmux {words:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn press(&self, keys: &[&str]) {
        self.tell(&[&["send-keys"], keys].concat());
    }

    fn screen(&self) -> String {
        self.tell(&["capture-pane", "-p"])
    }

    /// Waits until a condition holds for the screen.
    fn until(&self, holds: impl Fn(&str) -> bool) -> String {
        for _ in 0..LOOKS {
            let screen = self.screen();
            if holds(&screen) {
                return screen;
            }
        }
        panic!(
            "what was waited for never came; the screen is\n{}",
            self.screen()
        );
    }

    /// Waits until the screen contains this.
    fn shows(&self, what: &str) -> String {
        self.until(|screen| screen.contains(what))
    }

    /// Waits until the screen contains all of these, since it may be read half drawn.
    fn shows_all(&self, parts: &[&str]) {
        self.until(|screen| parts.iter().all(|part| screen.contains(part)));
    }

    /// Waits until the program has ended; returns the terminal's whole output, with wrapped lines
    /// joined, including lines scrolled off at the top.
    fn end(&self) -> String {
        self.shows(END);
        self.tell(&["capture-pane", "-p", "-J", "-S", "-"])
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.place.path().join(name)).unwrap()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let socket = self.place.path().join("tmux");
        let mut command = Command::new("tmux");
        let _ = command.arg("-S").arg(&socket).arg("kill-server").output();
    }
}

/// The first number after these words.
fn number_after(screen: &str, words: &str) -> u64 {
    let (_, after) = screen.split_once(words).expect("the words are there");
    let digits = after.split(|c: char| !c.is_ascii_digit());
    digits.map(str::parse).next().unwrap().unwrap()
}

fn patch_in(folder: &Path) -> String {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut patches = names.filter(|path| path.to_string_lossy().ends_with(".patch.toml"));
    patches
        .next()
        .expect("a patch was left")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn a_desk_is_watched_touched_and_left_at_80_x_24_and_its_patch_runs_again() {
    let words = "run --live --pace 50 --engine inline --set steps=100000 --format json";
    let tmux = Tmux::run(words, (80, 24));
    tmux.shows_all(&["completed", "held", "[q] quit"]);
    tmux.shows("▶ #");
    tmux.press(&["Space"]);
    tmux.shows("paused");
    tmux.press(&["Down", "Down"]);
    tmux.shows("A-2 (");
    // At least one of the two keys, up and down, has an effect.
    tmux.press(&["k"]);
    let mut said = tmux.until(|screen| {
        ["goes down in step", "is down already"]
            .iter()
            .any(|said| screen.contains(said))
    });
    if said.contains("is down already") {
        tmux.press(&["r"]);
        said = tmux.shows("comes up in step");
    }
    let step = number_after(&said, " in step ");
    tmux.press(&["Right"]);
    tmux.press(&["Right"]);
    tmux.until(|screen| number_after(screen, " step ") > step);
    tmux.press(&["?"]);
    tmux.shows("Keys and signs");
    tmux.press(&["x"]);
    tmux.tell(&["resize-window", "-x", "60", "-y", "18"]);
    tmux.until(|screen| {
        let narrow = screen.lines().all(|line| line.chars().count() <= 60);
        let whole = ["atendimento", "paused", "[?] help [q] quit"];
        narrow && whole.iter().all(|part| screen.contains(part))
    });
    tmux.press(&["q"]);
    let end = tmux.end();
    assert!(
        end.contains("left with 130") && !end.contains("-icanon") && !end.contains("-echo"),
        "{end}"
    );
    assert!(end.contains("--patch"), "{end}");
    let summary: Value = serde_json::from_str(&tmux.file("out.json")).unwrap();
    let patch = patch_in(tmux.place.path());
    let steps = format!("steps={}", summary["steps"]);
    let again = [
        "run", "--patch", &patch, "--set", &steps, "--format", "json",
    ];
    let again = filas(&again).output().unwrap();
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again["digest"], summary["digest"]);
    let untouched = filas(&["run", "--set", &steps, "--format", "json"])
        .output()
        .unwrap();
    let untouched: Value = serde_json::from_slice(&untouched.stdout).unwrap();
    assert_ne!(untouched["digest"], summary["digest"]);
}

#[test]
fn a_line_runs_to_its_end_at_200_x_60_and_leaves_a_results_folder() {
    let scenario = format!("{}/scenarios/clinic.toml", env!("CARGO_MANIFEST_DIR"));
    let words = format!(
        "run '{scenario}' --live --pace 1e4 --set horizon.customers=300 --set horizon.warm_up=0 --out results --format json"
    );
    let tmux = Tmux::run(&words, (200, 60));
    tmux.shows_all(&["the run is over", "consultation", "left 300"]);
    tmux.press(&["q"]);
    let end = tmux.end();
    assert!(
        end.contains("left with 0") && !end.contains("-icanon"),
        "{end}"
    );
    let lived: Value = serde_json::from_str(&tmux.file("out.json")).unwrap();
    let set = [
        "--set",
        "horizon.customers=300",
        "--set",
        "horizon.warm_up=0",
        "--format",
        "json",
    ];
    let quiet = filas(&["run", &scenario]).args(set).output().unwrap();
    let quiet: Value = serde_json::from_slice(&quiet.stdout).unwrap();
    assert_eq!(lived["digest"], quiet["digest"]);
    assert!(tmux.place.path().join("results/visits.parquet").is_file());
}

#[test]
fn ctrl_c_leaves_the_terminal_as_it_was_and_keeps_what_is_finished() {
    let tmux = Tmux::run(
        "run --live --pace 100 --set steps=100000 --format json",
        (80, 24),
    );
    tmux.shows("completed");
    tmux.press(&["C-c"]);
    let end = tmux.end();
    assert!(
        end.contains("left with 130") && !end.contains("-echo"),
        "{end}"
    );
    let summary: Value = serde_json::from_str(&tmux.file("out.json")).unwrap();
    assert_eq!(summary["interrupted"], true);
}

#[test]
fn a_key_lets_a_step_go_where_there_is_a_terminal() {
    let tmux = Tmux::run(
        "run --step --log filas::coordinator=info --set steps=9 --format json",
        (80, 24),
    );
    tmux.shows("next 1 ");
    tmux.press(&["n"]);
    tmux.shows("next 2 ");
    tmux.press(&["r"]);
    let end = tmux.end();
    assert!(
        end.contains("left with 0") && !end.contains("-icanon"),
        "{end}"
    );
    let summary: Value = serde_json::from_str(&tmux.file("out.json")).unwrap();
    assert_eq!(summary["steps"], 9);
}

#[test]
fn without_a_terminal_a_live_view_is_refused() {
    let output = filas(&["run", "--live"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("`--live` needs a terminal") && output.stdout.is_empty(),
        "{said}"
    );
}

#[test]
fn who_closes_the_window_ends_the_run_and_keeps_its_results() {
    let words = "run --live --pace 50 --engine inline --set steps=100000 --out results";
    let tmux = Tmux::run(words, (80, 24));
    tmux.shows_all(&["completed", "held", "[q] quit"]);
    tmux.tell(&["kill-server"]);
    let manifest = tmux.place.path().join("results/manifest.json");
    // Asking tmux for its version takes a few milliseconds.
    let kept = (0..LOOKS).any(|_| {
        let asked = Command::new("tmux").arg("-V").output();
        asked.unwrap().status.success() && manifest.exists()
    });
    assert!(kept, "the run goes on without its terminal");
    let manifest: Value = serde_json::from_str(&tmux.file("results/manifest.json")).unwrap();
    assert_eq!(manifest["interrupted"], true);
    let summary: Value = serde_json::from_str(&tmux.file("results/summary.json")).unwrap();
    assert!(summary["steps"].as_u64().unwrap() < 100_000);
}

#[test]
fn a_run_of_over_a_second_shows_how_far_it_is_and_clears_that_away() {
    let tmux = Tmux::run(
        "run --pace 40 --log off --set steps=100 --format json",
        (60, 24),
    );
    tmux.until(|screen| screen.contains(" %, ") && screen.contains(" left"));
    let end = tmux.end();
    assert!(
        end.contains("left with 0") && !end.contains(" %, "),
        "{end}"
    );
}

#[test]
fn hints_are_for_people_at_a_terminal() {
    let hint = "filas replicate clinic";
    let shown = |words: &str| Tmux::run(words, (80, 24)).end().contains(hint);
    assert!(shown("run clinic"));
    for other in ["--quiet", "--format json", "--log off --log-format json"] {
        assert!(!shown(&format!("run clinic {other}")), "{other}");
    }
    let output = filas(&["run", "clinic"]).output().unwrap();
    for said in [output.stdout, output.stderr] {
        assert!(!String::from_utf8_lossy(&said).contains(hint));
    }
}

#[test]
fn nothing_shows_how_far_a_run_is_in_a_pipe_when_quiet_or_beside_a_log() {
    let words = ["run", "--pace", "70", "--log", "off", "--set", "steps=100"];
    let output = filas(&words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.lines().all(|line| line.starts_with("warning: ")),
        "{said}"
    );
    for other in ["--quiet", "--log info,attendant=A-1", "--log info"] {
        let tmux = Tmux::run(&format!("run --pace 70 {other}"), (80, 24));
        let end = tmux.end();
        assert!(end.contains("left with 0"), "{end}");
        // A bar would have been drawn over the lines of the log.
        assert!(!end.contains(" left\n") && !end.contains('░'), "{end}");
    }
}
