//! Clients who stop waiting: time-outs, and retries.

use super::super::message::{Again, Task};
use super::{Out, Round, Supervisor};
use crate::scenario::{Desk, Loss, Retry};
use crate::station::requests::{Client, Key, Request};
use crate::station::{RequestEventKind, RequestOutcome};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Clients with a time limit for their answer.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    /// The end of each one's time limit.
    due: BTreeSet<(Time, Key)>,
    /// The place of the request, by its number.
    waiting: BTreeMap<Key, Awaited>,
    /// Per class, whether a request is withdrawn when its client leaves.
    withdraws: Arc<[bool]>,
    /// Per class, the losses after which clients retry.
    after: Vec<Vec<Loss>>,
    /// The requests timed out in this turn that are not at a server, in ascending order.
    struck: Vec<Key>,
    /// The requests withdrawn and left behind in this turn at servers, with their attendants.
    withdrawn: Vec<(Option<(u32, u32)>, Request)>,
    left_behind: Vec<(Option<(u32, u32)>, Key)>,
}

/// A request whose client has a time limit.
#[derive(Clone, Copy, Debug)]
struct Awaited {
    due: Time,
    class: u32,
    arrival: Time,
    client: Client,
    /// The server it is at; none if it is with the supervisor.
    server: Option<u32>,
}

/// A request that timed out: its server and attendant if it was in service, and the request itself if it is
/// withdrawn.
type Struck = (Key, Option<(u32, u32)>, Option<Request>);

/// Per class, whether a request is withdrawn by a time-out.
pub(in super::super) fn withdraws(desk: &Desk) -> Arc<[bool]> {
    let classes = desk.classes.iter();
    classes
        .map(|class| {
            class
                .timeout
                .as_ref()
                .is_some_and(|timeout| timeout.withdraw)
        })
        .collect()
}

/// Whether clients may retry at the instant at which a try is lost.
pub(in super::super) fn may_come_at_once(desk: &Desk) -> bool {
    let mut retries = desk.classes.iter().filter_map(|class| class.retry.as_ref());
    desk.steps().is_none() && retries.any(Retry::may_come_at_once)
}

impl Clients {
    pub(super) fn new(desk: &Desk) -> Clients {
        let after = desk.classes.iter().map(|class| match &class.retry {
            Some(retry) => retry.after.clone(),
            None => Vec::new(),
        });
        Clients {
            due: BTreeSet::new(),
            waiting: BTreeMap::new(),
            withdraws: withdraws(desk),
            after: after.collect(),
            struck: Vec::new(),
            withdrawn: Vec::new(),
            left_behind: Vec::new(),
        }
    }

    /// The time at which the next time limit ends.
    pub(super) fn next(&self) -> Time {
        self.due.first().map_or(Time::NEVER, |due| due.0)
    }

    /// Adds a request, if its client has a time limit.
    pub(super) fn enter(&mut self, request: &Request) {
        if !request.timeout.is_never() {
            self.due.insert((request.timeout, request.id));
            let awaited = Awaited {
                due: request.timeout,
                class: request.class,
                arrival: request.arrival,
                client: request.client,
                server: None,
            };
            self.waiting.insert(request.id, awaited);
        }
    }

    /// Notes that a request is now at this server, or with the supervisor.
    pub(super) fn place(&mut self, id: u64, server: Option<u32>) {
        if !self.waiting.is_empty()
            && let Some(awaited) = self.waiting.get_mut(&id)
        {
            awaited.server = server;
        }
    }

    /// Removes a request for which no client waits any more.
    pub(super) fn leave(&mut self, id: u64) {
        if !self.waiting.is_empty()
            && let Some(awaited) = self.waiting.remove(&id)
        {
            self.due.remove(&(awaited.due, id));
        }
    }

    /// Processes a server's answer about requests that timed out.
    pub(super) fn heard(
        &mut self,
        server: u32,
        withdrawn: &mut Vec<(Option<u32>, Request)>,
        left_behind: &mut Vec<(Option<u32>, Key)>,
    ) {
        let at = |attendant: Option<u32>| Some((server, attendant?));
        let withdrawn = withdrawn.drain(..);
        self.withdrawn
            .extend(withdrawn.map(|(attendant, request)| (at(attendant), request)));
        let left_behind = left_behind.drain(..);
        self.left_behind
            .extend(left_behind.map(|(attendant, key)| (at(attendant), key)));
    }
}

impl Supervisor {
    /// Asks servers that have services to end, or requests that timed out; returns whether there are any.
    pub(super) fn order_ends(&mut self, out: &mut Out) -> bool {
        self.round = Round::End;
        while let Some(&(due, id)) = self.clients.due.first()
            && due <= self.now
        {
            self.clients.due.pop_first();
            let awaited = self.clients.waiting[&id];
            match awaited.server {
                None => self.clients.struck.push(id),
                Some(server) => {
                    let form = self.mirrors[server as usize].form();
                    form.timed_out.push((awaited.class, id));
                    self.asked.push(server as usize);
                }
            }
        }
        if !self.clock.stepped() {
            self.busy.due(self.now, &mut self.asked);
        }
        self.asked.sort_unstable();
        self.asked.dedup();
        self.ask(Task::End, out);
        !self.awaited.is_empty()
    }

    /// Lets the clients leave whose time limit is over, by the numbers of their requests.
    pub(super) fn let_clients_go(&mut self, out: &mut Out) {
        let mut struck: Vec<Struck> = Vec::new();
        for id in std::mem::take(&mut self.clients.struck) {
            let awaited = self.clients.waiting[&id];
            let (class, now) = (awaited.class as usize, self.now);
            let request = match self.clients.withdraws[class] {
                true => Some(
                    self.buffer
                        .take(class, id)
                        .expect("it waits with the supervisor"),
                ),
                false => {
                    self.buffer.lose_client(class, id, now);
                    None
                }
            };
            struck.push((id, None, request));
        }
        for (with, request) in std::mem::take(&mut self.clients.withdrawn) {
            struck.push((request.id, with, Some(request)));
        }
        for (with, id) in std::mem::take(&mut self.clients.left_behind) {
            struck.push((id, with, None));
        }
        struck.sort_unstable_by_key(|one| one.0);
        for (id, with, request) in struck {
            self.let_client_go(id, with, request, out);
        }
    }

    fn let_client_go(
        &mut self,
        id: u64,
        with: Option<(u32, u32)>,
        request: Option<Request>,
        out: &mut Out,
    ) {
        let awaited = self.clients.waiting.remove(&id);
        let awaited = awaited.expect("its client waited until now");
        let kind = RequestEventKind::TimedOut {
            after: self.now.since(awaited.arrival),
            withdrawn: request.is_some(),
            with,
        };
        self.register
            .event_of(self.now, (id, awaited.class), kind, out);
        if let Some(mut request) = request {
            request.gone = Some(self.now);
            self.in_system -= 1;
            self.report.timed_out += 1;
            self.measures.timed_out(&request, self.now);
            let row = request.record(RequestOutcome::TimedOut, Some(self.now));
            self.register.request(row, out);
        }
        self.come_again(id, awaited.class, awaited.client, Loss::TimedOut, out);
    }

    /// Schedules a retry after a lost try, if the client makes one.
    pub(super) fn come_again(
        &mut self,
        last: u64,
        class: u32,
        client: Client,
        loss: Loss,
        out: &mut Out,
    ) {
        let Some(delay) = client.delay else {
            return;
        };
        if !self.clients.after[class as usize].contains(&loss) {
            return;
        }
        let due = self.now.after(delay);
        let again = Again {
            due,
            last,
            class,
            client,
        };
        self.again.push(again);
        if self.clock.admits(due) {
            let kind = RequestEventKind::ComesAgain {
                after: delay,
                attempt: client.attempt + 1,
            };
            self.register.event_of(self.now, (last, class), kind, out);
        }
    }

    /// The same for a request that ends while its client still waits.
    pub(super) fn lose(&mut self, request: &Request, loss: Loss, out: &mut Out) {
        self.clients.leave(request.id);
        if request.gone.is_none() {
            self.come_again(request.id, request.class, request.client, loss, out);
        }
    }
}
