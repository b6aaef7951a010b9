//! Stations that need no common clock: a source, the stations in the order in which customers pass them, and a
//! sink.
//!
//! A turn of the source covers a span of time, and sends one message to each station at which customers enter. Each
//! station takes one message of each of its inputs, all for the same span, runs its own moments within it, and
//! sends one message to each station that it feeds, and one to the sink. So a message without customers still says
//! that none comes, and no station waits for an input that has nothing to send.
//!
//! A station for whose places customers wait has one input. The station before it counts those places, and goes on
//! until a customer needs one and none is known to be free. It then sends the customers it has so far, and asks.
//! The other answers with the places that have been given up; if there are none, it first runs on by itself until
//! there is one, since no customer can arrive before that. It may have to ask a station further on itself. Both
//! stay within the span of time for which all their other inputs are known. The answer names, for each place, the
//! moment and the phase in which it was given up: a blocked customer leaves in that same phase, and arrives in this
//! round if customers have not arrived yet, otherwise in the next. Nothing else at one moment depends on the order
//! of stations, since each of these stations is filled by only one other.
//!
//! Customers from outside come from the source or, if the first station is never starved, from that station, which
//! then takes the turns and ends a span where no station further on has run beyond it.
//!
//! There is no deadlock, whatever the capacity of the channels, since the stations form no cycle. Order all
//! channels except those of answers by the sending actor, then by the receiving one: each actor takes its messages
//! in this order, and afterwards sends those that end a span in this order. Of all messages that end a span and are
//! not delivered, the first by span and then by channel can be delivered as soon as its sender has it. The sender
//! may have to ask first. The station it asks has taken and sent all messages of the spans before, which are
//! delivered, and has one input; so it takes the question. It asks only further on, and the stations form no cycle;
//! so it answers, and the answer is awaited.

mod collector;
mod feed;
mod message;
mod source;
mod stage;

pub use collector::Collector;
pub use message::{Customers, Ends, Places};
pub use source::Source;
pub use stage::Stage;

use super::LockstepActor;
use super::arrivals::Arrivals;
use super::routes::Routes;
use super::sink::Sink;
use super::system::{self, Full, System};
use crate::actor::{ActorId, Network, Port};
use crate::scenario::LineArrivals;
use crate::station::Station;
use feed::Feed;
use source::Supply;
use stage::Rules;

/// The actors of a system whose stations feed these, and the channels between them. `chunk` is the number of
/// customers from outside in a turn of the source.
pub(super) fn network(
    (system, feeds): (&System, &[Vec<u32>]),
    replication: u64,
    chunk: usize,
    stations: Vec<Station>,
    arrivals: Arrivals,
    sink: Sink,
) -> Network<LockstepActor> {
    let order = in_order(feeds);
    let mut place = vec![0; order.len()];
    for (at, &station) in order.iter().enumerate() {
        place[station as usize] = at;
    }
    let saturated = system.arrivals == LineArrivals::Saturated;
    // The number of inputs of each station that customers reach.
    let entries = entries(system, &place);
    let mut inputs = vec![0; order.len()];
    let mut is_reached = vec![false; order.len()];
    for &station in &entries {
        inputs[station as usize] += usize::from(!saturated);
        is_reached[station as usize] = true;
    }
    for &station in &order {
        if is_reached[station as usize] {
            for &next in &feeds[station as usize] {
                inputs[next as usize] += 1;
                is_reached[next as usize] = true;
            }
        }
    }
    let stop_at = system.stop_at();
    let mut fed_at_all = vec![false; order.len()];
    for &next in feeds.iter().flatten() {
        fed_at_all[next as usize] = true;
    }
    let stage = |station: u32| &system.stations[station as usize].stage;
    let awaited = |station: u32| {
        let blocks = system.full != Full::Loses && fed_at_all[station as usize];
        stage(station).places().filter(|_| blocks)
    };
    let rules = |station: u32| Rules {
        places: stage(station).places(),
        servers: stage(station).places_at_servers(),
        awaited: awaited(station).is_some(),
        later_first: system.ends == system::Ends::LaterFirst,
        stop_at,
    };
    let output = |class: &system::Class| entries.iter().position(|&entry| entry == class.enter);
    let outputs = system.classes.iter();
    let outputs = outputs.map(|class| Port(output(class).expect("it is an entry")));
    let supply = Supply::new(arrivals, chunk, stop_at);
    // A station that is never starved generates its customers itself.
    let (source, mut supply) = match saturated {
        true => (None, Some(Box::new(supply))),
        false => (
            Some(Source::new(supply, outputs.collect(), entries.len())),
            None,
        ),
    };
    let source = source.map(|source| LockstepActor::Source(Box::new(source)));
    let mut actors: Vec<LockstepActor> = source.into_iter().collect();
    let first = actors.len();
    let mut stations: Vec<Option<Station>> = stations.into_iter().map(Some).collect();
    let fed = |station: u32| {
        let mut fed = feeds[station as usize].clone();
        fed.sort_by_key(|&station| place[station as usize]);
        fed
    };
    for &station in &order {
        let at = station as usize;
        let one = stations[at].take().expect("each station comes once");
        let to = fed(station).into_iter();
        let to = to.map(|next| Feed::new(next, awaited(next)));
        let stop = Stage::new(
            &system.stations[at].stage.name,
            (station, one),
            rules(station),
            Routes::of_station(system, replication, at),
            (inputs[at], to.collect()),
            supply.take_if(|_| entries.contains(&station)),
        );
        actors.push(LockstepActor::Stage(Box::new(stop)));
    }
    let reached = order.iter().copied();
    let reached = reached.filter(|&station| is_reached[station as usize]);
    let reached: Vec<u32> = reached.collect();
    let collector = Collector::new(sink, reached.clone(), order.len(), stop_at);
    actors.push(LockstepActor::Collector(Box::new(collector)));
    let last = ActorId(actors.len() - 1);
    let actor = |station: u32| ActorId(place[station as usize] + first);
    let mut network = Network::new(actors);
    for &entry in entries.iter().filter(|_| !saturated) {
        network.link(ActorId(0), actor(entry));
    }
    for &station in &reached {
        for next in fed(station) {
            network.link(actor(station), actor(next));
        }
        network.link(actor(station), last);
    }
    for &station in &reached {
        for next in fed(station) {
            if awaited(next).is_some() {
                network.link_back(actor(next), actor(station), 1);
            }
        }
    }
    network
}

/// The stations at which customers enter, in the order of the pipeline.
fn entries(system: &System, place: &[usize]) -> Vec<u32> {
    let mut entries: Vec<u32> = system.classes.iter().map(|class| class.enter).collect();
    entries.sort_by_key(|&station| place[station as usize]);
    entries.dedup();
    entries
}

/// All stations, each before those that it feeds; otherwise in the order of the system.
fn in_order(feeds: &[Vec<u32>]) -> Vec<u32> {
    let mut waits_for = vec![0; feeds.len()];
    for &next in feeds.iter().flatten() {
        waits_for[next as usize] += 1;
    }
    let mut order = Vec::with_capacity(feeds.len());
    while order.len() < feeds.len() {
        let is_next = |&station: &usize| waits_for[station] == 0;
        let next = (0..feeds.len()).find(is_next).expect("there is no loop");
        waits_for[next] = usize::MAX;
        for &fed in &feeds[next] {
            waits_for[fed as usize] -= 1;
        }
        order.push(next as u32);
    }
    order
}
