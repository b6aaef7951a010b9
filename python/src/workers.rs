//! The threads in which calls go on. An idle one is kept for the next call: it has its memory at hand, and to start
//! another takes a tenth of a short run.

use std::io;
use std::mem;
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};

/// Hands on what a call left.
pub(crate) type Handing = Box<dyn FnOnce() + Send>;

/// Carries a call out.
pub(crate) type Work = Box<dyn FnOnce() -> Handing + Send>;

/// Threads without work, of one process.
struct Idle {
    process: u32,
    workers: Vec<Sender<Work>>,
}

static IDLE: Mutex<Idle> = Mutex::new(Idle {
    process: 0,
    workers: Vec::new(),
});

/// Has work done by an idle thread, or by a new one.
///
/// # Errors
/// If the system starts no thread.
pub(crate) fn carry_out(work: Work) -> io::Result<()> {
    let mut work = work;
    while let Some(worker) = take() {
        match worker.send(work) {
            Ok(()) => return Ok(()),
            Err(refused) => work = refused.0,
        }
    }
    let (sender, receiver) = mpsc::channel::<Work>();
    let own = sender.clone();
    let serve = move || {
        for work in receiver {
            let handing = work();
            // It is idle before anybody knows of the result, and may ask for more.
            put(own.clone());
            handing();
        }
    };
    std::thread::Builder::new()
        .name("filas".to_owned())
        .spawn(serve)?;
    sender
        .send(work)
        .map_err(|_| io::Error::other("the thread has ended"))
}

fn take() -> Option<Sender<Work>> {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let here = std::process::id();
    if idle.process != here {
        // In a process that was forked there are no threads of the one it comes from.
        mem::forget(mem::take(&mut idle.workers));
        idle.process = here;
    }
    idle.workers.pop()
}

fn put(worker: Sender<Work>) {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    idle.workers.push(worker);
}
