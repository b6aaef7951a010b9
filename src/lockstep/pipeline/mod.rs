//! Stations that need no common clock: a source, the stations in the order in which customers pass them, and a sink.
//!
//! A turn of the source covers a span of time, and sends one message to each station at which customers enter. Each
//! station takes one message of each of its inputs, all for the same span, runs its own moments within it, and sends one
//! message to each station that it feeds, and one to the sink. So a message that brings nobody still says that nobody
//! comes, and no station waits for an input that has nothing to say.
//!
//! Nothing jams, whatever the channels hold, since no station can come before itself. Put all channels in order, by
//! the actor that sends and then by the one that receives: each actor takes its messages in this order and sends its own
//! in this order, after those. Of all messages that are not through, the first by span and then by channel can always
//! pass.

mod collector;
mod message;
mod source;
mod stage;

pub use collector::Collector;
pub use message::{Customers, Ends};
pub use source::Source;
pub use stage::Stage;

use super::LockstepActor;
use super::arrivals::Arrivals;
use super::routes::Routes;
use super::sink::Sink;
use super::system::{self, System};
use crate::actor::{ActorId, Network, Port};
use crate::station::Station;
use stage::Rules;

/// The actors of a system whose stations feed these, and the channels between them. `chunk` is the number of customers
/// from outside in a turn of the source.
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
    // The stations that each is fed by, as far as somebody comes there.
    let entries = entries(system, &place);
    let mut inputs = vec![0; order.len()];
    for &station in &entries {
        inputs[station as usize] += 1;
    }
    for &station in &order {
        if inputs[station as usize] > 0 {
            for &next in &feeds[station as usize] {
                inputs[next as usize] += 1;
            }
        }
    }
    let stop_at = system.stop_at();
    let rules = |station: usize| {
        let stage = &system.stations[station].stage;
        Rules {
            places: stage
                .places()
                .map(|places| (places, stage.places_at_servers())),
            later_first: system.ends == system::Ends::LaterFirst,
            stop_at,
        }
    };
    let output = |class: &system::Class| entries.iter().position(|&entry| entry == class.enter);
    let outputs = system.classes.iter();
    let outputs = outputs.map(|class| Port(output(class).expect("it is an entry")));
    let source = Source::new(arrivals, outputs.collect(), entries.len(), chunk, stop_at);
    let mut actors = vec![LockstepActor::Source(Box::new(source))];
    let mut stations: Vec<Option<Station>> = stations.into_iter().map(Some).collect();
    let fed = |station: u32| {
        let mut fed = feeds[station as usize].clone();
        fed.sort_by_key(|&station| place[station as usize]);
        fed
    };
    for &station in &order {
        let at = station as usize;
        let one = stations[at].take().expect("each station comes once");
        let stop = Stage::new(
            &system.stations[at].stage.name,
            (station, one),
            rules(at),
            Routes::of_station(system, replication, at),
            (inputs[at], fed(station)),
        );
        actors.push(LockstepActor::Stage(Box::new(stop)));
    }
    let reached = order.iter().copied();
    let reached = reached.filter(|&station| inputs[station as usize] > 0);
    let reached: Vec<u32> = reached.collect();
    let collector = Collector::new(sink, reached.clone(), order.len(), stop_at);
    actors.push(LockstepActor::Collector(Box::new(collector)));
    let last = ActorId(actors.len() - 1);
    let actor = |station: u32| ActorId(place[station as usize] + 1);
    let mut network = Network::new(actors);
    for &entry in &entries {
        network.link(ActorId(0), actor(entry));
    }
    for station in reached {
        for next in fed(station) {
            network.link(actor(station), actor(next));
        }
        network.link(actor(station), last);
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
