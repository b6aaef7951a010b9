//! Threads for numbered jobs.
//!
//! A free worker takes the next number, so no worker idles while there is work, and at any moment the numbers done
//! are an unbroken beginning except for those in progress. Results are put in order of their numbers; nothing
//! depends on which worker did which.

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use std::fmt;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Workers, each a thread.
pub struct Workers(ThreadPool);

/// The error if the workers could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the threads of the workers")]
pub struct NoWorkers(#[from] ThreadPoolBuildError);

impl Workers {
    /// Starts this many workers; 0 means one for each core.
    ///
    /// # Errors
    /// If the system cannot start their threads.
    pub fn new(workers: usize) -> Result<Workers, NoWorkers> {
        let name = |worker| format!("worker-{worker}");
        let pool = ThreadPoolBuilder::new()
            .num_threads(workers)
            .thread_name(name);
        Ok(Workers(pool.build()?))
    }

    /// Number of workers.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.current_num_threads()
    }

    /// Does the jobs of these numbers and returns their results in order: all of them or, if `stop` is set, the
    /// longest unbroken beginning that was finished. A job that is cut short returns `None`. `done` is called for
    /// each result.
    ///
    /// # Errors
    /// The error of the lowest number that failed.
    pub fn work<T: Send, E: Send>(
        &self,
        numbers: Range<u64>,
        stop: &AtomicBool,
        job: impl Fn(u64) -> Result<Option<T>, E> + Sync,
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<T>, E> {
        let next = AtomicU64::new(numbers.start);
        let end = AtomicU64::new(numbers.end);
        let failure: Mutex<Option<(u64, E)>> = Mutex::new(None);
        let finished = self.0.broadcast(|_| {
            let mut mine = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end.load(Ordering::Relaxed) {
                    break;
                }
                match job(number) {
                    Ok(Some(result)) => {
                        mine.push((number, result));
                        done();
                    }
                    Ok(None) => break,
                    Err(error) => {
                        // Lower numbers are all in progress, so the lowest failure is always found.
                        end.fetch_min(number, Ordering::Relaxed);
                        let mut failure = failure.lock().expect("nobody panics with the lock");
                        if failure.as_ref().is_none_or(|(lowest, _)| number < *lowest) {
                            *failure = Some((number, error));
                        }
                        break;
                    }
                }
            }
            mine
        });
        if let Some((_, error)) = failure.into_inner().expect("nobody panics with the lock") {
            return Err(error);
        }
        let mut results: Vec<(u64, T)> = finished.into_iter().flatten().collect();
        results.sort_unstable_by_key(|&(number, _)| number);
        let unbroken = numbers
            .zip(&results)
            .take_while(|(number, (found, _))| number == found)
            .count();
        results.truncate(unbroken);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} workers", self.count())
    }
}
