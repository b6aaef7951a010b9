//! Bounded channels between threads: the only file that knows crossbeam.

/// The sending end.
#[derive(Debug)]
pub struct Sender<T>(crossbeam_channel::Sender<T>);

/// The receiving end.
#[derive(Debug)]
pub struct Receiver<T>(crossbeam_channel::Receiver<T>);

/// The other end is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnected;

/// A channel that holds `capacity` messages; with 0, sender and receiver meet.
#[must_use]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = crossbeam_channel::bounded(capacity);
    (Sender(sender), Receiver(receiver))
}

impl<T> Sender<T> {
    /// Sends a message, and waits for a place first.
    ///
    /// # Errors
    /// [`Disconnected`] if nobody will ever receive it.
    pub fn send(&self, message: T) -> Result<(), Disconnected> {
        self.0.send(message).map_err(|_| Disconnected)
    }
}

impl<T> Receiver<T> {
    /// Waits for the next message.
    ///
    /// # Errors
    /// [`Disconnected`] if none will ever come.
    pub fn receive(&self) -> Result<T, Disconnected> {
        self.0.recv().map_err(|_| Disconnected)
    }
}
