//! The life of an actor on a stressed thread, from its start or restart to its end or death.

use super::super::kill::Doom;
use super::super::perturb::Disturbed;
use super::super::seen::{Act, Situation};
use super::super::watch::Doing;
use super::{Actor, Berth, Crew, Ending, Ends, Input, Killed};
use crate::actor::channel::Unsent;
use crate::actor::{Outbox, Port, Waited, Waiting, Wants};
use crate::planted::{self, Fault};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// Longest time before a waiting thread notices that the run is given up.
const GIVE_UP_WITHIN: Duration = Duration::from_millis(50);

/// The reason a life ends early.
enum Cut {
    Gone,
    GivenUp,
}

/// One life of an actor on a thread, from its start or restart to its end or death.
pub(super) struct Life<'a, 'b, A: Actor> {
    crew: &'a Crew<'b, A>,
    index: usize,
    berth: &'a Berth<A>,
    ends: Arc<Ends<A::Message>>,
    actor: A,
    outbox: Outbox<A::Message, A::Record>,
    again: Option<(Input<A::Message>, Option<usize>)>,
    turn: u64,
    attempt: u32,
    /// Number of the next message, by output.
    next: Vec<u64>,
    disturbed: Option<Disturbed>,
}

impl<'a, 'b, A: Actor> Life<'a, 'b, A> {
    pub(super) fn new(crew: &'a Crew<'b, A>, index: usize) -> Life<'a, 'b, A> {
        let berth = &crew.berths[index];
        let ends = berth.ends.lock().clone().expect("its channels are there");
        let mut saved = berth.saved.lock();
        let actor = match crew.kills.armed() {
            true => saved.actor.clone(),
            false => saved.actor.take(),
        };
        let life = saved.turn * 16 + u64::from(saved.attempt);
        let again = saved.kept.clone();
        if again.is_some() {
            berth.recent.lock().note(saved.turn, Act::Again);
            crew.seen.lock().redone += 1;
        }
        Life {
            crew,
            index,
            berth,
            ends,
            actor: actor.expect("its snapshot is there"),
            outbox: Outbox::default(),
            again,
            turn: saved.turn,
            attempt: saved.attempt,
            next: saved.next.clone(),
            disturbed: crew
                .perturbation
                .map(|perturbation| perturbation.of(index, &berth.name, life)),
        }
    }

    pub(super) fn live(mut self) -> Ending<A> {
        if self.turn + u64::from(self.attempt) > 0 && self.crew.is_missed(self.index) {
            self.crew.note(Situation::MissedWhileDead);
        }
        loop {
            let (input, from) = match self.again.take() {
                Some(again) => again,
                None => match self.next_input() {
                    Ok(Some(input)) => input,
                    Ok(None) => return Ending::Done(Box::new(self.actor)),
                    Err(ending) => return ending,
                },
            };
            let doom = self.crew.kills.doom(self.index, self.turn, self.attempt);
            if doom == Some(Doom::Before) {
                self.die(Situation::KilledBefore);
            }
            self.actor.handle(input, &mut self.outbox);
            if let Err(ending) = self.send_all(doom) {
                return ending;
            }
            self.commit(from);
            if doom == Some(Doom::Committed) {
                self.die(Situation::KilledCommitted);
            }
        }
    }

    /// Waits for the actor's next input; returns `None` if it is done.
    #[expect(
        clippy::type_complexity,
        reason = "an input and the channel it came from"
    )]
    fn next_input(&mut self) -> Result<Option<(Input<A::Message>, Option<usize>)>, Ending<A>> {
        let (input, from) = match self.actor.wants() {
            Wants::Turn(clock) => (self.crew.around.turn(clock), None),
            Wants::Message(port) => {
                let link = self.ends.inputs[port.0].1;
                let message = self.receive(port);
                let message = message.map_err(|cut| self.cut_short(cut, false, link))?;
                (Input::Message(message), Some(link))
            }
            Wants::Nothing => return Ok(None),
        };
        let took_from = from.map_or(0, |link| link as u64 + 1);
        self.berth.took_from.store(took_from, SeqCst);
        self.remember(from.map_or(Act::Turn, Act::Took));
        if self.crew.kills.armed() {
            self.berth.saved.lock().kept = Some((input.clone(), from));
        }
        Ok(Some((input, from)))
    }

    fn remember(&self, act: Act) {
        if self.disturbed.is_some() {
            self.berth.recent.lock().note(self.turn, act);
        }
    }

    fn cut_short(&self, cut: Cut, sending: bool, link: usize) -> Ending<A> {
        match cut {
            Cut::GivenUp => Ending::GivenUp,
            Cut::Gone => {
                let link = self.crew.links[link];
                let peer = if sending { link.to } else { link.from }.0.0;
                Ending::Abandoned(Waiting {
                    actor: self.berth.name.clone(),
                    sending,
                    peer: self.crew.berths[peer].name.clone(),
                    channel: None,
                    waited: Waited::Unknown,
                })
            }
        }
    }

    fn receive(&mut self, port: Port) -> Result<A::Message, Cut> {
        if let Some(disturbed) = &mut self.disturbed {
            disturbed.before_operation();
        }
        let (receiver, link) = &self.ends.inputs[port.0];
        let numbered = match receiver.poll() {
            Ok(Some(numbered)) => numbered,
            Err(_) => return Err(Cut::Gone),
            Ok(None) => {
                let from = self.crew.begun.elapsed();
                self.berth.post.write(Doing::Receiving(*link), from);
                let received = loop {
                    // A receive with a timeout arms a timer, so runs that are only counted block
                    // without one.
                    let came = match self.disturbed {
                        Some(_) => receiver.receive_asleep(GIVE_UP_WITHIN),
                        None => receiver.receive().map(Some),
                    };
                    match came {
                        Ok(Some(numbered)) => break Ok(numbered),
                        Ok(None) if self.crew.given_up.load(SeqCst) => break Err(Cut::GivenUp),
                        Ok(None) => {}
                        Err(_) => break Err(Cut::Gone),
                    }
                };
                let until = self.crew.begun.elapsed();
                self.berth.post.write(Doing::Acting, until);
                self.berth.waited(&self.berth.idle, until - from);
                received?
            }
        };
        let (number, message) = numbered.ok_or(Cut::GivenUp)?;
        let due = self.crew.books[*link].taken.fetch_add(1, SeqCst);
        assert!(number == due, "a channel lost or repeated a message");
        Ok(message)
    }

    /// Sends the messages of the turn, unless the actor is to die while sending.
    fn send_all(&mut self, doom: Option<Doom>) -> Result<(), Ending<A>> {
        let dies_after = doom.and_then(|doom| doom.after_sends(self.outbox.sends.len()));
        let mut sent = 0;
        loop {
            let next = self.outbox.next();
            if dies_after == Some(sent) {
                self.die(match (next, sent) {
                    (_, 0) => Situation::KilledUnsent,
                    (Some(_), _) => Situation::KilledBetweenSends,
                    (None, _) => Situation::KilledSent,
                });
            }
            let Some((port, message)) = next else {
                return Ok(());
            };
            self.file();
            let link = self.ends.outputs[port.0].1;
            let done = self.send(port, message);
            done.map_err(|cut| self.cut_short(cut, true, link))?;
            sent += 1;
        }
    }

    fn send(&mut self, port: Port, message: A::Message) -> Result<(), Cut> {
        if let Some(disturbed) = &mut self.disturbed {
            disturbed.before_operation();
        }
        let (sender, link) = &self.ends.outputs[port.0];
        let books = &self.crew.books[*link];
        let number = self.next[port.0];
        self.next[port.0] += 1;
        // A message that entered before its sender died does not enter again.
        if number < books.entered.load(SeqCst) {
            self.crew.seen.lock().repeats += 1;
            self.crew.note(Situation::RepeatDropped);
            self.remember(Act::Dropped(*link));
            return Ok(());
        }
        match sender.offer(Some((number, message))) {
            Ok(()) => {}
            Err(Unsent::Disconnected) => return Err(Cut::Gone),
            Err(Unsent::Full(mut unsent)) => {
                books.blocked.fetch_add(1, SeqCst);
                let from = self.crew.begun.elapsed();
                self.berth.post.write(Doing::Sending(*link), from);
                let sent = loop {
                    let went = match self.disturbed {
                        Some(_) => sender.send_asleep(unsent, GIVE_UP_WITHIN),
                        None => sender.send_within(unsent, GIVE_UP_WITHIN),
                    };
                    match went {
                        Ok(()) => break Ok(()),
                        Err(Unsent::Full(_)) if self.crew.given_up.load(SeqCst) => {
                            break Err(Cut::GivenUp);
                        }
                        Err(Unsent::Full(message)) => unsent = message,
                        Err(Unsent::Disconnected) => break Err(Cut::Gone),
                    }
                };
                let until = self.crew.begun.elapsed();
                self.berth.post.write(Doing::Acting, until);
                self.berth.waited(&self.berth.blocked, until - from);
                self.crew.waits[*link].lock().push(until - from);
                sent?;
            }
        }
        let entered = books.entered.fetch_add(1, SeqCst) + 1;
        let fill = entered.saturating_sub(books.taken.load(SeqCst));
        books.high_water.fetch_max(fill, SeqCst);
        self.remember(Act::Sent(*link));
        Ok(())
    }

    /// Files the records of a turn once, before any actor can act on the messages it sends.
    fn file(&mut self) {
        let filed = std::mem::replace(&mut self.berth.saved.lock().filed, self.turn + 1);
        if filed > self.turn {
            self.outbox.forget_records();
        } else {
            self.outbox.file(self.crew.around.recorder);
        }
    }

    /// Ends the turn for good: nothing of it is repeated.
    fn commit(&mut self, from: Option<usize>) {
        self.file();
        if let Some(link) = from {
            self.crew.books[link].handled.fetch_add(1, SeqCst);
        }
        self.berth.turns.fetch_add(1, SeqCst);
        self.turn += 1;
        self.attempt = 0;
        if self.crew.kills.armed() {
            let mut saved = self.berth.saved.lock();
            saved.actor = Some(self.actor.clone());
            if !planted::is(Fault::TwiceOnRestart) {
                saved.kept = None;
            }
            saved.turn = self.turn;
            saved.attempt = 0;
            saved.died_of_it = false;
            saved.next.clone_from(&self.next);
        }
    }

    /// Unwinds this thread, without the output of an unplanned panic.
    fn die(&self, how: Situation) -> ! {
        self.crew.note(how);
        resume_unwind(Box::new(Killed))
    }
}
