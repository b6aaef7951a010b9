//! A results folder is replaced only if asked, and wholly; drafts leave no trace.

use filas::report::{Folder, FolderError, sweep};
use std::fs;
use std::path::Path;

fn publish(folder: Folder, name: &str) {
    let mut draft = folder.draft(name).unwrap();
    draft.write_text("text").unwrap();
    folder
        .publish(vec![draft], false, || "{}".to_owned())
        .unwrap();
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_not_published_leaves_no_trace() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("new");
    let folder = Folder::open(&path, false).unwrap();
    let mut draft = folder.draft("visits.csv").unwrap();
    draft.write_text("half a").unwrap();
    assert_eq!(names(&path).len(), 1);
    assert!(!path.join("visits.csv").exists());
    drop(draft);
    drop(folder);
    assert!(!path.exists());
}

#[test]
fn earlier_results_are_replaced_only_if_asked_for_and_then_wholly() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("results");
    publish(Folder::open(&path, false).unwrap(), "visits.csv");
    assert_eq!(names(&path), ["manifest.json", "visits.csv"]);
    assert!(matches!(
        Folder::open(&path, false),
        Err(FolderError::Taken(_))
    ));
    fs::write(path.join("notes.txt"), "mine").unwrap();
    publish(Folder::open(&path, true).unwrap(), "visits.parquet");
    assert_eq!(
        names(&path),
        ["manifest.json", "notes.txt", "visits.parquet"]
    );
}

#[test]
fn a_folder_with_other_files_is_never_written_to() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("thesis.tex"), "years").unwrap();
    for overwrite in [false, true] {
        assert!(matches!(
            Folder::open(place.path(), overwrite),
            Err(FolderError::Foreign(_))
        ));
    }
    let file = place.path().join("thesis.tex");
    assert!(matches!(
        Folder::open(&file, true),
        Err(FolderError::NotAFolder(_))
    ));
}

#[test]
fn drafts_left_by_a_killed_run_go_with_the_next_one() {
    let place = tempfile::tempdir().unwrap();
    let beside = filas::report::Draft::beside(&place.path().join("timeline.json")).unwrap();
    fs::write(place.path().join(".filas-x1.part"), "half").unwrap();
    let folder = Folder::open(place.path(), false).unwrap();
    assert!(!place.path().join(".filas-x1.part").exists());
    assert!(beside.temporary().exists(), "one that is being written");
    drop(folder);
}

#[test]
fn a_folder_takes_one_run_at_a_time() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("results");
    let first = Folder::open(&path, false).unwrap();
    for second in [
        Folder::open(&path, false),
        Folder::open(&path, true),
        Folder::resume(&path),
    ] {
        assert!(matches!(second, Err(FolderError::InUse(_))));
    }
    publish(first, "visits.csv");
    assert_eq!(names(&path), ["manifest.json", "visits.csv"]);
    assert!(Folder::open(&path, true).is_ok());
}

#[test]
fn a_sweep_takes_drafts_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join(".filas-x1.part"), "half").unwrap();
    fs::write(place.path().join("notes.txt"), "mine").unwrap();
    sweep(place.path());
    assert_eq!(names(place.path()), ["notes.txt"]);
}
