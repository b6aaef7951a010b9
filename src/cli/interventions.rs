//! The interventions of a live run: kept as a patch of the scenario, never lost, and printed with the command that
//! repeats the run.

use super::options::ScenarioOptions;
use super::publish::quoted;
use super::{Failure, output};
use crate::observe::journal::Journal;
use crate::report::{Draft, Folder};
use crate::scenario::{Loaded, Patch};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A run with interventions.
pub(super) struct Touched {
    patch: String,
    /// The scenario with the patch in it.
    pub(super) loaded: Loaded,
}

/// The run as the interventions changed it, if there were any.
pub(super) fn touched(
    journal: &Journal,
    loaded: &Loaded,
    options: &ScenarioOptions,
) -> Result<Option<Touched>, Failure> {
    let Some(desk) = loaded.scenario.desk() else {
        return Ok(None);
    };
    if journal.is_empty() {
        return Ok(None);
    }
    let patch = journal.patch(desk);
    let name = "what was done by hand".to_owned();
    let text = patch.clone();
    let loaded = options.load_patched(Patch { name, text })?;
    Ok(Some(Touched { patch, loaded }))
}

impl Touched {
    /// The patch as a file of the results folder.
    pub(super) fn draft(&self, folder: &Folder) -> Result<Draft, Failure> {
        let mut draft = folder.draft("patch.toml")?;
        draft.write_text(&self.patch)?;
        Ok(draft)
    }

    /// Prints the command that repeats the run. If no folder keeps the patch, it is written to the current folder under
    /// an unused name; if that fails, it is printed. `end` are the options that end the run where it was quit.
    pub(super) fn tell(&self, options: &ScenarioOptions, out: Option<&Path>, end: String) {
        let file = options.named();
        let again = |patch: &Path| {
            let patch = quoted(&patch.to_string_lossy());
            format!("the same run again: filas run{file} --patch {patch}{end}")
        };
        if let Some(out) = out {
            let patch = out.join("patch.toml");
            output::note(&format!("what was done by hand is in {}", patch.display()));
            return output::note(&again(&patch));
        }
        match self.write() {
            Some(path) => {
                output::note(&format!("what was done by hand is in {}", path.display()));
                output::note(&again(&path));
            }
            None => {
                output::note("what was done by hand, to be kept in a file:");
                output::note(&self.patch);
                output::note(&again(Path::new("FILE")));
            }
        }
    }

    /// Writes the patch into this folder.
    fn write(&self) -> Option<PathBuf> {
        let name = self.loaded.scenario.name();
        let mut tries = 0;
        loop {
            tries += 1;
            let path = match tries {
                1 => PathBuf::from(format!("{name}.patch.toml")),
                _ => PathBuf::from(format!("{name}-{tries}.patch.toml")),
            };
            match File::create_new(&path) {
                Ok(mut file) => {
                    let written = file.write_all(self.patch.as_bytes());
                    return written.and_then(|()| file.sync_all()).ok().map(|()| path);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists && tries < 1000 => {}
                Err(_) => return None,
            }
        }
    }
}
