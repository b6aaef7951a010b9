//! Bounded channels between threads, and the wall clock by which a stressed run times them: the only
//! file that uses crossbeam.
//!
//! Actors run on [`Sender::send`] and [`Receiver::receive`] alone. The calls that do not wait, or
//! wait for a limited time, serve stressed runs: they show whether an operation blocks, and end a
//! run that has jammed. No result depends on them.
#![allow(
    clippy::disallowed_methods,
    reason = "stressed runs are timed and put to sleep here, and only here"
)]

use std::time::{Duration, Instant};

/// The sending end.
#[derive(Debug)]
pub struct Sender<T>(crossbeam_channel::Sender<T>);

/// The receiving end.
#[derive(Debug)]
pub struct Receiver<T>(crossbeam_channel::Receiver<T>);

/// The other end is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnected;

/// The reason a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent<T> {
    /// There was no place for it.
    Full(T),
    /// The receiver is gone.
    Disconnected,
}

/// A channel that holds `capacity` messages; with 0, sender and receiver meet.
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = crossbeam_channel::bounded(capacity);
    (Sender(sender), Receiver(receiver))
}

/// The wall clock.
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

/// Puts this thread to sleep.
pub(super) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

impl<T> Sender<T> {
    /// Sends a message, waiting until the channel has a place for it.
    ///
    /// # Errors
    /// [`Disconnected`] if the receiver is gone.
    pub fn send(&self, message: T) -> Result<(), Disconnected> {
        self.0.send(message).map_err(|_| Disconnected)
    }

    /// Sends a message if there is a place.
    ///
    /// # Errors
    /// [`Unsent`] if there is none, or the receiver is gone.
    pub fn offer(&self, message: T) -> Result<(), Unsent<T>> {
        use crossbeam_channel::TrySendError;
        self.0.try_send(message).map_err(|error| match error {
            TrySendError::Full(message) => Unsent::Full(message),
            TrySendError::Disconnected(_) => Unsent::Disconnected,
        })
    }

    /// Sends a message, waiting at most `wait` for a place.
    ///
    /// # Errors
    /// [`Unsent`] if no place became free in time, or the receiver is gone.
    pub fn send_within(&self, message: T, wait: Duration) -> Result<(), Unsent<T>> {
        use crossbeam_channel::SendTimeoutError;
        let sent = self.0.send_timeout(message, wait);
        sent.map_err(|error| match error {
            SendTimeoutError::Timeout(message) => Unsent::Full(message),
            SendTimeoutError::Disconnected(_) => Unsent::Disconnected,
        })
    }
}

impl<T> Sender<T> {
    /// Does the same as [`Sender::send_within`], but sleeps from the start.
    ///
    /// Crossbeam yields the processor eight times before it lets a thread sleep. Where other
    /// programs keep the processors busy, each yield costs one of their time slices, some
    /// milliseconds; a sleeping thread is woken at once.
    ///
    /// # Errors
    /// [`Unsent`] if no place became free in time, or the receiver is gone.
    pub(super) fn send_asleep(&self, message: T, wait: Duration) -> Result<(), Unsent<T>> {
        let mut one = crossbeam_channel::Select::new();
        one.send(&self.0);
        match one.select_timeout(wait) {
            Ok(place) => place
                .send(&self.0, message)
                .map_err(|_| Unsent::Disconnected),
            Err(_) => Err(Unsent::Full(message)),
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender(self.0.clone())
    }
}

impl<T> Receiver<T> {
    /// Waits for the next message.
    ///
    /// # Errors
    /// [`Disconnected`] if the sender is gone and the channel is empty.
    pub fn receive(&self) -> Result<T, Disconnected> {
        self.0.recv().map_err(|_| Disconnected)
    }

    /// Takes the next message if it is there.
    ///
    /// # Errors
    /// [`Disconnected`] if the sender is gone and the channel is empty.
    pub fn poll(&self) -> Result<Option<T>, Disconnected> {
        use crossbeam_channel::TryRecvError;
        match self.0.try_recv() {
            Ok(message) => Ok(Some(message)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(Disconnected),
        }
    }

    /// Waits at most `wait` for the next message.
    ///
    /// # Errors
    /// [`Disconnected`] if the sender is gone and the channel is empty.
    pub fn receive_within(&self, wait: Duration) -> Result<Option<T>, Disconnected> {
        use crossbeam_channel::RecvTimeoutError;
        match self.0.recv_timeout(wait) {
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Disconnected),
        }
    }
    /// Does the same as [`Receiver::receive_within`], but sleeps from the start; see
    /// [`Sender::send_asleep`].
    ///
    /// # Errors
    /// [`Disconnected`] if the sender is gone and the channel is empty.
    pub(super) fn receive_asleep(&self, wait: Duration) -> Result<Option<T>, Disconnected> {
        let mut one = crossbeam_channel::Select::new();
        one.recv(&self.0);
        match one.select_timeout(wait) {
            Ok(place) => place.recv(&self.0).map(Some).map_err(|_| Disconnected),
            Err(_) => Ok(None),
        }
    }
}
