//! The compiled half of the Python module `filas`: commands carried out without the interpreter's lock, and tables
//! handed on by the Arrow PyCapsule protocol. What users see is in `filas/`.

#![allow(
    clippy::disallowed_methods,
    reason = "a call goes on in a thread of its own, which hands on what it left by a channel"
)]

mod table;
mod workers;

use filas::cli::call::{self as host, Called, Handle};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How often a long call looks for Ctrl-C and tells how far it is.
const LOOK: Duration = Duration::from_millis(50);

/// Exit code, stdout, lines of stderr, the error if there is one, and whether Ctrl-C wound it up.
type Answered = (u8, String, Vec<String>, Option<String>, bool);

/// Carries out a command of `filas` with these words. `text:0` among them stands for the first of `texts`. From time
/// to time `progress` is called with the runs done and wanted. Ctrl-C winds the command up with what it has.
#[pyfunction]
#[pyo3(signature = (command, words, texts, progress=None))]
fn call(
    py: Python<'_>,
    command: String,
    words: Vec<OsString>,
    texts: Vec<String>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answered> {
    let handle = Handle::new();
    let (sender, receiver) = mpsc::channel();
    let receiver = Mutex::new(receiver);
    let of_worker = handle.clone();
    let work = move || -> workers::Handing {
        let called = host::call(&of_worker, &command, words, texts);
        // Nobody waits for it any more only where the interpreter ends.
        Box::new(move || drop(sender.send(called)))
    };
    workers::carry_out(Box::new(work))
        .map_err(|error| PyRuntimeError::new_err(format!("cannot start a thread: {error}")))?;
    let mut raised: Option<PyErr> = None;
    let called: Called = loop {
        let waited = py.detach(|| {
            let receiver = receiver.lock().expect("only this thread locks it");
            receiver.recv_timeout(LOOK)
        });
        match waited {
            Ok(called) => break called,
            Err(RecvTimeoutError::Disconnected) => {
                let text = "filas failed because of a bug of its own; stderr has the details";
                return Err(PyRuntimeError::new_err(text));
            }
            Err(RecvTimeoutError::Timeout) => {
                let (done, wanted) = handle.progress();
                let told = progress.as_ref().filter(|_| raised.is_none());
                let told = told.map_or(Ok(()), |told| told.call1(py, (done, wanted)).map(drop));
                if let Err(error) = told.and_then(|()| py.check_signals()) {
                    handle.wind_up();
                    raised.get_or_insert(error);
                }
            }
        }
    };
    let interrupted = match raised {
        Some(error) if !error.is_instance_of::<PyKeyboardInterrupt>(py) => return Err(error),
        raised => raised.is_some(),
    };
    let exit = called.exit as u8;
    Ok((
        exit,
        called.printed,
        called.notes,
        called.error,
        interrupted,
    ))
}

/// Carries out a command line as the program `filas` does, and gives its exit code.
#[pyfunction]
fn main(py: Python<'_>, words: Vec<OsString>) -> u8 {
    py.detach(|| host::main(words))
}

/// States the file of this library, by which results of different builds are told apart, and that of the command
/// `filas` beside it.
#[pyfunction]
fn hosted(library: PathBuf, command: PathBuf) {
    host::hosted(library, command);
}

/// The module.
#[pymodule]
mod _filas {
    #[pymodule_export]
    use super::table::Table;
    #[pymodule_export]
    use super::{call, hosted, main};
}
