//! `--on`: a study whose shards are run by an existing engine: Slurm, Dask, GNU parallel.
//!
//! All three are used in the same way: one of their processes is started, which ends when all its shards have ended.
//! Each shard is this program with `--shard I/K --after DIR --resume`, on a machine that sees the same files. Then its
//! rows are copied, and lost shards are submitted again. An engine only has to run commands, and its failures cost
//! time, not results.

use super::words;
use crate::cli::progress::Progress;
use crate::cli::publish::quoted;
use crate::cli::{Failure, call, output};
use crate::number::{agreeing, of_them};
use crate::report::rows::{self, RowFolder};
use crate::study::Share;
use crate::study::ledger::Ledger;
use parking_lot::Mutex;
use serde_json::json;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Number of times that shards without a row are submitted before the study is given up.
const ATTEMPTS: u32 = 3;

/// The time between two checks of the engine.
const LOOK: Duration = Duration::from_millis(300);

/// The script that the user's Python runs.
const DASK: &str = include_str!("dask.py");

/// The engine that runs the shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cluster {
    /// An array job of Slurm.
    Slurm,
    /// The workers of the Dask scheduler at this address.
    Dask(String),
    /// GNU parallel, here or over ssh.
    Parallel,
}

impl FromStr for Cluster {
    type Err = String;

    fn from_str(text: &str) -> Result<Cluster, String> {
        let is_address = |address: &str| {
            let port = address
                .rsplit_once(':')
                .map(|(_, port)| port.parse::<u16>());
            !address.starts_with(':') && matches!(port, Some(Ok(_)))
        };
        match text.split_once('=') {
            None if text == "slurm" => Ok(Cluster::Slurm),
            None if text == "parallel" => Ok(Cluster::Parallel),
            Some(("dask", address)) if is_address(address) => Ok(Cluster::Dask(address.to_owned())),
            _ => Err("shards are done on slurm, parallel or dask=HOST:PORT".to_owned()),
        }
    }
}

impl Cluster {
    /// The programs needed, the words that test whether each exists, and how to install it.
    fn needs(&self) -> [(&'static str, &'static [&'static str], &'static str); 2] {
        match self {
            Cluster::Slurm => [
                ("sbatch", &["--version"], "apt install slurm-client"),
                ("scancel", &["--version"], "apt install slurm-client"),
            ],
            Cluster::Dask(_) => [
                ("python3", &["--version"], "apt install python3"),
                (
                    "python3",
                    &["-c", "import distributed"],
                    "python3 -m pip install distributed",
                ),
            ],
            Cluster::Parallel => [
                ("parallel", &["--version"], "apt install parallel"),
                ("sh", &["-c", "true"], "apt install dash"),
            ],
        }
    }

    /// Whether the programs needed are on this machine.
    pub(super) fn is_there(&self) -> Result<(), Failure> {
        for (program, words, install) in self.needs() {
            let asked = Command::new(program)
                .args(words)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            // Slurm's own tools fail without its configuration, and report that when they are used.
            let is_there = |status: ExitStatus| status.success() || words == ["--version"];
            if !asked.is_ok_and(is_there) {
                let what = match words {
                    ["-c", "import distributed"] => "the Python package `distributed`",
                    _ => program,
                };
                return Err(Failure::Usage(format!(
                    "{what} is not on this machine; it comes with: {install}"
                )));
            }
        }
        Ok(())
    }

    /// The command that submits, and its input.
    fn submission(&self, work: &Shards<'_>, shares: &[Share]) -> (Vec<String>, String) {
        let own = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        match self {
            Cluster::Slurm => (
                own(&["sbatch", "--wait", "--parsable"]),
                work.script(shares),
            ),
            Cluster::Dask(address) => {
                let shard = |share: &Share| {
                    json!({
                        "words": work.words(*share),
                        "log": work.log(*share),
                    })
                };
                let shards: Vec<_> = shares.iter().map(shard).collect();
                let here = std::env::current_dir().unwrap_or_default();
                let task = json!({ "address": address, "folder": here, "shards": shards });
                (own(&["python3", "-c", DASK]), format!("{task:#}\n"))
            }
            Cluster::Parallel => {
                let line = |share: &Share| {
                    let words = work.words(*share);
                    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                    let log = work.log(*share);
                    let log = quoted(&log.to_string_lossy());
                    format!("{} >>{log} 2>&1\n", words.join(" "))
                };
                let lines: String = shares.iter().map(line).collect();
                (
                    own(&["parallel", "--halt", "never", "--workdir", "."]),
                    lines,
                )
            }
        }
    }
}

/// The shards of a study on a cluster.
pub(super) struct Shards<'a> {
    /// The engine that runs them.
    pub(super) on: &'a Cluster,
    /// The greatest number of shards.
    pub(super) most: u64,
    /// The study's folder, whose rows are those of the rounds before.
    pub(super) out: &'a Path,
    /// The study's command.
    pub(super) command: Vec<String>,
    /// The name of the study, for lists of jobs.
    pub(super) name: &'a str,
    /// Workers of each shard, if given.
    pub(super) jobs: Option<u64>,
    /// A scenario without a file, and the file from which the shards read it.
    pub(super) scenario: Option<(&'a str, PathBuf)>,
}

/// The file in which the shards in this folder find a scenario read from stdin.
pub(super) fn scenario_in(out: &Path) -> PathBuf {
    out.join("shards/scenario.toml")
}

impl Shards<'_> {
    fn folder(&self, share: Share) -> PathBuf {
        self.out.join("shards").join(share.number().to_string())
    }

    fn log(&self, share: Share) -> PathBuf {
        self.folder(share).with_extension("log")
    }

    /// The words that run a shard, this program first.
    fn words(&self, share: Share) -> Vec<String> {
        let program = call::program();
        let study = words::of_share(&self.command, share, &self.folder(share), Some(self.out));
        let mut words = vec![program.to_string_lossy().into_owned()];
        words.extend(study);
        if self.jobs.is_none() {
            words.extend(["--jobs", "1"].map(str::to_owned));
        }
        words.push("--quiet".to_owned());
        words
    }

    /// The script of an array job.
    fn script(&self, shares: &[Share]) -> String {
        let numbers: Vec<String> = shares
            .iter()
            .map(|share| share.number().to_string())
            .collect();
        let shards = self.out.join("shards");
        let of = shares.first().map_or(1, |share| share.of());
        // The first shard's words, with the number of the task in place of its own.
        let first = Share::all(of).next().unwrap_or(Share::WHOLE);
        let folder = self.folder(first).to_string_lossy().into_owned();
        let words = self.words(first).into_iter().map(|word| {
            if word == first.to_string() {
                format!("\"$SLURM_ARRAY_TASK_ID/{of}\"")
            } else if word == folder {
                format!(
                    "{}/\"$SLURM_ARRAY_TASK_ID\"",
                    quoted(&shards.to_string_lossy())
                )
            } else {
                quoted(&word)
            }
        });
        let command = words.collect::<Vec<_>>().join(" ");
        format!(
            "#!/bin/sh\n\
             #SBATCH --job-name=filas-{}\n\
             #SBATCH --array={}\n\
             #SBATCH --cpus-per-task={}\n\
             #SBATCH --output={}/%a.log\n\
             #SBATCH --open-mode=append\n\
             #SBATCH --requeue\n\
             exec {command}\n",
            self.name,
            ranges(&numbers),
            self.jobs.unwrap_or(1),
            shards.display(),
        )
    }

    /// The shares with missing rows.
    fn wanted(&self, of: u64, missing: &[u64]) -> Vec<Share> {
        let held = |share: &Share| missing.iter().any(|&number| share.holds(number));
        Share::all(of).filter(held).collect()
    }

    /// The commands that would be submitted for this round.
    pub(super) fn dry(&self, missing: &[u64]) -> String {
        let of = self.most.min(missing.len() as u64);
        let (words, input) = self.on.submission(self, &self.wanted(of, missing));
        let words: Vec<String> = match words.as_slice() {
            // The script is long, and of no interest here.
            [python, flag, _] if python == "python3" => {
                vec![python.clone(), flag.clone(), "SCRIPT".to_owned()]
            }
            words => words.iter().map(|word| quoted(word)).collect(),
        };
        format!("{} <<'END'\n{input}END\n", words.join(" "))
    }

    /// Has the missing rows made, and copies them.
    pub(super) fn make(
        &self,
        missing: &[u64],
        rows: &RowFolder,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let shards = self.out.join("shards");
        let failed = |source| crate::report::WriteError::new(&shards, source);
        fs::create_dir_all(&shards).map_err(failed)?;
        if let Some((text, path)) = &self.scenario {
            fs::write(path, text).map_err(failed)?;
        }
        let range = missing[0]..missing[missing.len() - 1] + 1;
        let of = self.most.min(missing.len() as u64);
        // Rows made by an earlier process before it was killed.
        self.take_in(rows)?;
        let mut left = rows.missing(range.clone());
        let mut attempts = 0;
        while !left.is_empty() && !stop.load(Ordering::Relaxed) {
            let shares = self.wanted(of, &left);
            let said = self.submit(&shares, progress, stop)?;
            self.take_in(rows)?;
            let before = left.len();
            left = rows.missing(range.clone());
            if left.is_empty() || stop.load(Ordering::Relaxed) {
                break;
            }
            attempts = if left.len() < before { 0 } else { attempts + 1 };
            if attempts == ATTEMPTS {
                return Err(Failure::Cluster(self.complaint(&said, &left, of)));
            }
            let lost = left.len() as u64;
            let text = format!(
                "{} {} lost on the way and {} submitted again",
                of_them(lost, "run"),
                agreeing(lost, "was", "were"),
                agreeing(lost, "is", "are")
            );
            output::warn(&text.to_string());
        }
        if left.is_empty() {
            // All rows are here now.
            let _ = fs::remove_dir_all(&shards);
        }
        Ok(())
    }

    /// Copies the rows of all shards.
    fn take_in(&self, rows: &RowFolder) -> Result<(), Failure> {
        let entries = fs::read_dir(self.out.join("shards")).into_iter().flatten();
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        folders.retain(|path| path.is_dir());
        folders.sort();
        for folder in folders {
            for damaged in rows.adopt(&folder)? {
                output::warn(&format!("{} is damaged", damaged.display()));
                let _ = fs::remove_file(damaged);
            }
        }
        Ok(())
    }

    /// Submits shards and waits until the engine has finished; returns its output.
    fn submit(
        &self,
        shares: &[Share],
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<String, Failure> {
        let (words, input) = self.on.submission(self, shares);
        let path = self.out.join("shards/submitted.log");
        let failed = |source: io::Error| {
            Failure::Cluster(format!("{} could not be started: {source}", words[0]))
        };
        let log = File::create(&path).map_err(failed)?;
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A worker that does not listen reports the reason itself.
            let _ = stdin.write_all(input.as_bytes());
        }
        let mut seen = self.rows_of(shares);
        let asleep = Mutex::new(());
        let nobody = parking_lot::Condvar::new();
        while child.try_wait().map_err(failed)?.is_none() {
            nobody.wait_for(&mut asleep.lock(), LOOK);
            let now = self.rows_of(shares);
            progress.done_more(now.saturating_sub(seen));
            seen = seen.max(now);
            if stop.load(Ordering::Relaxed) {
                self.cancel(&mut child, &path);
            }
        }
        Ok(fs::read_to_string(path).unwrap_or_default())
    }

    fn rows_of(&self, shares: &[Share]) -> u64 {
        let folders = shares.iter().map(|&share| self.folder(share));
        folders.map(|folder| rows::count(&folder)).sum()
    }

    /// Cancels the shards submitted.
    fn cancel(&self, child: &mut Child, said: &Path) {
        if *self.on == Cluster::Slurm {
            let said = fs::read_to_string(said).unwrap_or_default();
            let job = said.lines().next().and_then(|line| line.split(';').next());
            let _ = Command::new("scancel").args(job).status();
        }
        let _ = child.kill();
    }

    /// The reason why shards did not finish, as far as it is known here.
    fn complaint(&self, said: &str, left: &[u64], of: u64) -> String {
        let last = |text: &str| text.trim().lines().last().map(str::to_owned);
        let logs = self
            .wanted(of, left)
            .into_iter()
            .map(|share| self.log(share));
        let log = logs.filter_map(|path| Some((last(&fs::read_to_string(&path).ok()?)?, path)));
        let told = match log
            .map(|(line, path)| format!("{}: {line}", path.display()))
            .next()
        {
            Some(line) => line,
            None => last(said).unwrap_or_else(|| "it said nothing".to_owned()),
        };
        format!(
            "{} {} not made though submitted {ATTEMPTS} times; {told}",
            of_them(left.len() as u64, "run"),
            agreeing(left.len() as u64, "was", "were")
        )
    }
}

/// Sorted numbers in Slurm's notation: 1-5,7.
fn ranges(numbers: &[String]) -> String {
    let numbers: Vec<u64> = numbers
        .iter()
        .filter_map(|number| number.parse().ok())
        .collect();
    let runs = numbers.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
        [one] => one.to_string(),
        run => format!("{}-{}", run[0], run[run.len() - 1]),
    });
    runs.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_read() {
        assert_eq!("slurm".parse(), Ok(Cluster::Slurm));
        assert_eq!(
            "dask=h:8786".parse(),
            Ok(Cluster::Dask("h:8786".to_owned()))
        );
        for wrong in [
            "",
            "dask",
            "dask=",
            "dask=h",
            "dask=:1",
            "dask=h:x",
            "slurm=h:1",
            "pbs",
        ] {
            assert!(wrong.parse::<Cluster>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn arrays_are_written_in_ranges() {
        let text =
            |numbers: &[u64]| ranges(&numbers.iter().map(u64::to_string).collect::<Vec<_>>());
        assert_eq!(text(&[1, 2, 3, 7, 9, 10]), "1-3,7,9-10");
        assert_eq!(text(&[4]), "4");
    }
}
