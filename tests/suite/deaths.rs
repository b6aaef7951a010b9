//! An actor that panics over a message by itself: on threads with kills it is restored once; if the
//! same message kills it again, that is reported as a bug. In one thread it is reported at once.

use filas::actor::trial::{self, Schedule, Seen, Strategy};
use filas::actor::{Actor, ActorId, Input, Network, Outbox, Port, RunError, Surroundings, Wants};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Three actors: one gives the numbers from 5 down to 1, the next adds them up and dies of the 3
/// this many times, the last waits for the sum.
#[derive(Clone)]
enum Hand {
    Giver { left: u64 },
    Taker { sum: u64, deaths: Arc<AtomicU32> },
    Heir { told: bool },
}

impl Actor for Hand {
    type Message = u64;
    type Record = ();

    fn name(&self) -> &str {
        match self {
            Hand::Giver { .. } => "giver",
            Hand::Taker { .. } => "taker",
            Hand::Heir { .. } => "heir",
        }
    }

    fn wants(&self) -> Wants {
        match self {
            Hand::Giver { left: 0 } | Hand::Taker { sum: 15, .. } | Hand::Heir { told: true } => {
                Wants::Nothing
            }
            Hand::Giver { .. } => Wants::Turn(0.0),
            Hand::Taker { .. } | Hand::Heir { .. } => Wants::Message(Port(0)),
        }
    }

    fn handle(&mut self, input: Input<u64>, outbox: &mut Outbox<u64, ()>) {
        match (self, input) {
            (Hand::Giver { left }, _) => {
                outbox.send(Port(0), *left);
                *left -= 1;
            }
            (Hand::Taker { sum, deaths }, Input::Message(number)) => {
                // Changes made to its state by then are lost with it.
                *sum += number;
                let dies = |left: u32| left.checked_sub(1);
                let order = Ordering::SeqCst;
                assert!(
                    number != 3 || deaths.fetch_update(order, order, dies).is_err(),
                    "cannot count to three"
                );
                if *sum == 15 {
                    outbox.send(Port(0), *sum);
                }
            }
            (Hand::Heir { told }, Input::Message(sum)) => *told = sum == 15,
            (Hand::Taker { .. } | Hand::Heir { .. }, _) => panic!("it wants messages only"),
        }
    }
}

fn network(deaths: u32) -> Network<Hand> {
    let taker = Hand::Taker {
        sum: 0,
        deaths: Arc::new(AtomicU32::new(deaths)),
    };
    let giver = Hand::Giver { left: 5 };
    let mut network = Network::new(vec![giver, taker, Hand::Heir { told: false }]);
    network.link(ActorId(0), ActorId(1));
    network.link(ActorId(1), ActorId(2));
    network
}

const AROUND: Surroundings<'static, ()> = Surroundings {
    conductor: &(),
    recorder: &(),
};

fn run(strategy: Strategy, kills: u32, deaths: u32) -> (Result<u64, RunError>, Seen) {
    let schedule = Schedule {
        strategy,
        seed: 1,
        channel_capacity: 1,
        chunk: 1,
        kills,
    };
    let tried = trial::run(network(deaths), &schedule, 10, AROUND);
    let sum = tried.ending.map(|actors| match &actors[1] {
        Hand::Taker { sum, .. } => *sum,
        Hand::Giver { .. } | Hand::Heir { .. } => panic!("actors keep their places"),
    });
    (sum, tried.seen)
}

#[test]
fn an_actor_that_dies_of_a_message_once_is_brought_back_and_loses_nothing() {
    let (sum, seen) = run(Strategy::Threads, 1, 1);
    assert_eq!(sum.unwrap(), 15);
    assert_eq!((seen.kills, seen.redone), (1, 1));
    assert_eq!((seen.lost, seen.duplicated), (0, 0));
}

#[test]
fn a_message_that_kills_its_actor_twice_is_a_bug_that_names_actor_message_and_turn() {
    let (ended, _) = run(Strategy::Threads, 1, 2);
    let told = ended.unwrap_err().to_string();
    assert_eq!(
        told,
        "actor taker panicked: cannot count to three (on a message from giver, after 2 others, and again \
         when that was repeated)"
    );
}

#[test]
fn in_one_thread_and_where_nobody_is_to_be_killed_the_first_panic_ends_the_run() {
    for (strategy, kills) in [
        (Strategy::Random, 0),
        (Strategy::Random, 1),
        (Strategy::Threads, 0),
    ] {
        let (ended, seen) = run(strategy, kills, 1);
        let told = ended.unwrap_err().to_string();
        let turn = "(on a message from giver, after 2 others)";
        assert!(
            told.starts_with("actor taker panicked: cannot count to three"),
            "{told}"
        );
        assert!(told.ends_with(turn), "{told}");
        assert_eq!(seen.redone, 0);
    }
}

#[test]
fn a_counted_run_ends_though_somebody_waits_for_the_dead() {
    for channel_capacity in [0, 1, 64] {
        let ended = trial::counted(network(1), channel_capacity, AROUND).ending;
        let told = ended.map(|_| ()).unwrap_err().to_string();
        assert!(
            told.starts_with("actor taker panicked: cannot count to three"),
            "{told}"
        );
        let counted = trial::counted(network(0), channel_capacity, AROUND).ending;
        assert!(matches!(counted.unwrap()[2], Hand::Heir { told: true }));
    }
}
