//! The list of scenarios, and the check of a scenario that is being edited.
//!
//! Shipped scenarios are compiled into the program; others are in the folder given on the command line. They
//! are found by listing that folder, never by building a path from a request. A text from the page may read
//! CSV files in the folder of its file, or in the given folder; without a folder it may read none.

use super::Rooms;
use super::answer::{Refusal, Sent, apart};
use crate::actor::Recording;
use crate::model::Model;
use crate::observe::room::{Room, Watch};
use crate::scenario::edit::{Change, change, outline};
use crate::scenario::shipped::{SHIPPED, model, question};
use crate::scenario::{
    self, Limits, Loaded, Origin, Overrides, Scenario, ScenarioError, too_large_for,
};
use crate::study::answer::Measure;
use crate::study::measures::usual;
use crate::study::{ClosedForm, Layout};
use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest scenario the page runs; the command line takes its limits from its user.
pub const LIMITS: Limits = Limits {
    max_actors: 512,
    max_events: 50_000_000,
    max_memory: 1 << 30,
};

/// The maximum number of files of the folder that are listed.
const FILES_MAX: usize = 200;
/// The maximum number of entries of the folder that are examined.
const LOOKED_MAX: usize = 5_000;
/// The maximum depth of the folders below the given one that are examined.
const DEPTH_MAX: usize = 3;

/// The scenarios of one server.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: Option<PathBuf>,
}

/// One scenario as it is listed.
#[derive(Clone, Debug, Serialize)]
struct Listed {
    /// The name by which it is requested.
    id: String,
    /// The path of the file within the folder.
    file: String,
    shipped: bool,
    /// The question it asks, from its first line.
    question: String,
    model: &'static str,
}

/// A scenario that is being edited.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    /// The scenario it was made from, by `Listed::id`.
    pub(super) id: String,
    /// Its text now.
    pub(super) text: String,
}

impl Shelf {
    pub(super) fn new(folder: Option<PathBuf>) -> Shelf {
        Shelf { folder }
    }

    fn list(&self) -> Vec<Listed> {
        let shipped = SHIPPED.iter().map(|shipped| Listed {
            id: shipped.shown.to_owned(),
            file: shipped.file(),
            shipped: true,
            question: shipped.question(),
            model: shipped.model(),
        });
        shipped
            .chain(self.found().into_iter().map(|(listed, _)| listed))
            .collect()
    }

    /// The scenarios of the folder, with their paths.
    fn found(&self) -> Vec<(Listed, PathBuf)> {
        let Some(folder) = &self.folder else {
            return Vec::new();
        };
        let (mut found, mut looked) = (Vec::new(), 0);
        let mut pending = vec![(folder.clone(), 0)];
        while let Some((place, depth)) = pending.pop() {
            let mut entries: Vec<_> = fs::read_dir(&place)
                .into_iter()
                .flatten()
                .flatten()
                .collect();
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                looked += 1;
                if looked > LOOKED_MAX || found.len() >= FILES_MAX {
                    return found;
                }
                let (path, name) = (entry.path(), entry.file_name());
                // Reports a symbolic link as a link, so none is followed.
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                let hidden = name.to_string_lossy().starts_with('.');
                if kind.is_dir() && depth < DEPTH_MAX && !hidden && name != "target" {
                    pending.push((path, depth + 1));
                } else if kind.is_file()
                    && path
                        .extension()
                        .is_some_and(|extension| extension == "toml")
                    && let Some(text) = read(&path)
                    && let Some(model) = model(&text)
                    && let Ok(within) = path.strip_prefix(folder)
                {
                    let file = within.to_string_lossy().replace('\\', "/");
                    let listed = Listed {
                        id: format!("folder/{file}"),
                        file,
                        shipped: false,
                        question: question(&text),
                        model,
                    };
                    found.push((listed, path));
                }
            }
        }
        found
    }

    fn text(&self, id: &str) -> Option<String> {
        match id.split_once('/')? {
            ("shipped", _) => SHIPPED
                .iter()
                .find(|shipped| shipped.shown == id)
                .map(|shipped| shipped.text.to_owned()),
            _ => read(&self.path(id)?),
        }
    }

    /// A scenario as in its file, if that is valid.
    pub(super) fn filed(&self, id: &str) -> Option<Loaded> {
        let (id, text) = (id.to_owned(), self.text(id)?);
        self.load(&Draft { id, text }, &Overrides::default()).ok()
    }

    /// The path of a scenario of the folder.
    fn path(&self, id: &str) -> Option<PathBuf> {
        let found = self.found().into_iter().find(|(listed, _)| listed.id == id);
        found.map(|(_, path)| path)
    }

    /// Checks a text as the command line does, but with the limits of the page.
    pub(super) fn load(
        &self,
        draft: &Draft,
        overrides: &Overrides,
    ) -> Result<Loaded, ScenarioError> {
        let overrides = Overrides {
            limits: LIMITS,
            ..overrides.clone()
        };
        let name = draft.id.rsplit('/').next().unwrap_or_default();
        if draft.text.len() as u64 > TEXT_MAX {
            return Err(too_large_for(name, TEXT_MAX));
        }
        let path = match (&self.folder, self.path(&draft.id)) {
            (_, Some(path)) => path,
            (Some(folder), None) => folder.join(name),
            (None, None) => {
                let text = &draft.text;
                return scenario::load(Origin::Embedded { name, text }, &overrides);
            }
        };
        let origin = Origin::Kept {
            path: &path,
            text: &draft.text,
            folder: path.parent().unwrap_or(&path),
        };
        scenario::load(origin, &overrides)
    }
}

/// The largest scenario that the page takes, in bytes.
const TEXT_MAX: u64 = 256 * 1024;

/// The text of a file, if it is not larger than `TEXT_MAX`.
fn read(path: &Path) -> Option<String> {
    let about = fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > TEXT_MAX {
        return None;
    }
    fs::read_to_string(path).ok()
}

/// An error in a text, with its place, as JSON for the page.
pub(super) fn told(error: &ScenarioError) -> Value {
    let place = error.place();
    json!({
        "message": error.to_string(),
        "help": error.remedy(),
        "key": error.key(),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "width": place.map(|place| place.width),
        "plain": error.plain(),
    })
}

/// The check of a text for the page: its values for the form, and its error or its estimated cost.
fn judged(shelf: &Shelf, draft: &Draft) -> Value {
    let outline = outline(&draft.text).ok();
    match shelf.load(draft, &Overrides::default()) {
        Err(error) => json!({ "text": draft.text, "outline": outline, "error": told(&error) }),
        Ok(loaded) => {
            let estimate = scenario::estimate(&loaded.scenario);
            let fit = ClosedForm::of(&loaded.scenario);
            json!({
                "text": draft.text,
                "outline": outline,
                "error": null,
                "model": loaded.scenario.model(),
                "name": loaded.scenario.name(),
                "warnings": loaded.warnings,
                "span": estimate.span,
                "measures": measures(&loaded.scenario),
                "room": room(&loaded.scenario),
                "loads": loads(&loaded.scenario),
                "estimate": {
                    "threads": Model::of(&loaded.scenario).actors(Recording::Everything),
                    "events": estimate.events,
                    "memory_bytes": estimate.memory_bytes,
                    "seconds": estimate.threads_told_seconds,
                },
                "theory": { "applies": fit.applies, "model": fit.model, "fails": fit.fails() },
            })
        }
    }
}

/// The measures most often requested in studies, by key, with their names.
fn measures(scenario: &Scenario) -> Vec<Value> {
    let of_all: &[&str] = match scenario.desk() {
        Some(_) => &[
            "waiting.mean",
            "waiting.p95",
            "sojourn.mean",
            "lost.total",
            "requests.completed",
            "requests.rejected",
            "requests.abandoned",
            "requests.failed",
            "buffer.mean",
            "faults.availability",
        ],
        None => &[
            "waiting.mean",
            "waiting.p95",
            "sojourn.mean",
            "throughput",
            "customers.lost",
            "queues_joined.mean",
            "idle_time.mean",
            "blocked.mean",
        ],
    };
    let usual = [usual(scenario)];
    let parts = scenario.entries().into_iter();
    let parts = parts.filter(|(list, _)| !list.contains("attendants"));
    let parts = parts.flat_map(|(list, names)| {
        let of = (0..names.len()).map(move |at| format!("{list}.{at}"));
        let ends = [
            "waiting.mean",
            "utilisation",
            "cycle_time.mean",
            "cycle_rate",
        ];
        of.flat_map(move |part| ends.map(|one| format!("{part}.{one}")))
    });
    let of_all = of_all.iter().map(|&key| key.to_owned());
    let mut keys: Vec<String> = usual.into_iter().collect();
    for key in of_all.chain(parts) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let keys = keys.into_iter();
    let Ok(layout) = Layout::of(scenario) else {
        return Vec::new();
    };
    let known = keys.filter(|key| layout.find(key).is_ok()).take(60);
    known
        .map(|key| json!({ "key": key, "name": Measure::of(&key, scenario).title() }))
        .collect()
}

/// The load of each stage, station or server, in the words of the command line.
fn loads(scenario: &Scenario) -> Vec<Value> {
    let loads = scenario::loads(scenario).into_iter();
    loads
        .map(|load| json!({ "load": load, "says": load.map(|load| format!("{load:.2}")) }))
        .collect()
}

/// The room before a run, to be drawn; `None` if it is too large.
fn room(scenario: &Scenario) -> Option<Value> {
    const SERVERS_MAX: usize = 400;
    let room = Watch::new(scenario).room(0.0);
    let servers: usize = match &room {
        Room::Desk(room) => room.servers.iter().map(|one| one.attendants.len()).sum(),
        Room::Line(room) => room.stages.iter().map(|one| one.servers.len()).sum(),
    };
    (servers <= SERVERS_MAX).then(|| json!(room))
}

pub(super) async fn list(State(rooms): State<Arc<Rooms>>) -> Result<Json<Value>, Refusal> {
    let listed = apart(move || {
        let folder = rooms.shelf.folder.as_ref();
        let folder = folder.map(|folder| folder.display().to_string());
        json!({ "folder": folder, "scenarios": rooms.shelf.list() })
    });
    Ok(Json(listed.await?))
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    id: String,
}

pub(super) async fn text(
    State(rooms): State<Arc<Rooms>>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Refusal> {
    let answer = apart(move || {
        let text = rooms.shelf.text(&asked.id)?;
        let id = asked.id;
        Some(judged(&rooms.shelf, &Draft { id, text }))
    });
    let answer = answer.await?;
    Ok(Json(answer.ok_or_else(|| {
        Refusal::missing("there is no such scenario")
    })?))
}

pub(super) async fn check(
    State(rooms): State<Arc<Rooms>>,
    Sent(draft): Sent<Draft>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(apart(move || judged(&rooms.shelf, &draft)).await?))
}

/// A change of the text, requested by the form.
#[derive(Debug, Deserialize)]
pub(super) struct Edit {
    id: String,
    text: String,
    change: Change,
}

pub(super) async fn edit(
    State(rooms): State<Arc<Rooms>>,
    Sent(edit): Sent<Edit>,
) -> Result<Json<Value>, Refusal> {
    let Edit {
        id,
        text,
        change: wanted,
    } = edit;
    let changed = apart(move || {
        let text = change(&text, &wanted)?;
        Ok::<_, ScenarioError>(judged(&rooms.shelf, &Draft { id, text }))
    });
    let changed = changed.await?;
    Ok(Json(
        changed.map_err(|error| Refusal::wrong(error.to_string()))?,
    ))
}

pub(super) async fn schema() -> Json<Value> {
    Json(scenario::schema())
}
