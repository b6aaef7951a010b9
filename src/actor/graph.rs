//! The graph of a network: the check that its channels cannot jam, and its Graphviz text.
//!
//! A graph without cycles cannot jam: each sender waits for an actor further down, and the last one
//! down waits for none. Two actors who send to each other cannot jam if one answers the other, one
//! message for each, and at most 2c + 1 messages are unanswered over channels of capacity c: c in
//! each channel and one held by an actor. With 2c + 2 both may block on full channels. A network is
//! therefore refused unless it has no cycle once the answer channels that keep to this bound are
//! removed.

use super::{Actor, ActorId, Network, RunError};
use std::fmt::Write as _;

impl<A: Actor> Network<A> {
    /// Checks that the channels cannot jam when each holds `capacity` messages.
    ///
    /// # Errors
    /// [`RunError::Unsafe`] if they can jam.
    pub(super) fn check(&self, capacity: usize) -> Result<(), RunError> {
        let most = capacity.saturating_mul(2).saturating_add(1);
        let name = |actor: ActorId| self.actors[actor.0].name().to_owned();
        for (index, answers) in self.answers.iter().enumerate() {
            if let Some(unanswered) = answers
                && *unanswered > most
            {
                let link = self.links[index];
                return Err(RunError::Unsafe {
                    cycle: vec![name(link.to.0), name(link.from.0)],
                    why: format!(
                        "{unanswered} messages may be unanswered, but channels that hold {capacity} \
                         are safe up to {most}"
                    ),
                });
            }
        }
        // Remove actors without inputs until none are left (Kahn 1962).
        let mut waits_for = vec![0; self.actors.len()];
        let forward = || {
            let pairs = self.links.iter().zip(&self.answers);
            pairs
                .filter(|(_, answers)| answers.is_none())
                .map(|(l, _)| l)
        };
        let mut outputs = vec![Vec::new(); self.actors.len()];
        for link in forward() {
            waits_for[link.to.0.0] += 1;
            outputs[link.from.0.0].push(link.to.0.0);
        }
        let mut free: Vec<usize> = (0..waits_for.len())
            .filter(|&a| waits_for[a] == 0)
            .collect();
        let mut left = waits_for.len();
        while let Some(actor) = free.pop() {
            left -= 1;
            for &next in &outputs[actor] {
                waits_for[next] -= 1;
                if waits_for[next] == 0 {
                    free.push(next);
                }
            }
        }
        if left == 0 {
            return Ok(());
        }
        let cycle = (0..waits_for.len()).filter(|&actor| waits_for[actor] > 0);
        Err(RunError::Unsafe {
            cycle: cycle.map(|actor| name(ActorId(actor))).collect(),
            why: "nothing bounds the number of messages under way".to_owned(),
        })
    }

    /// The graph in Graphviz's language; answer channels are dashed and labelled with their bound.
    #[must_use]
    pub fn dot(&self) -> String {
        let mut text =
            "digraph filas {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n".to_owned();
        for (index, actor) in self.actors.iter().enumerate() {
            let name = actor.name().replace('\\', "\\\\").replace('"', "\\\"");
            writeln!(text, "  a{index} [label=\"{name}\"];").expect("a text takes a line");
        }
        for (link, answers) in self.links.iter().zip(&self.answers) {
            let (from, to) = (link.from.0.0, link.to.0.0);
            let how = match answers {
                Some(unanswered) => format!(" [style=dashed, label=\"{unanswered}\"]"),
                None => String::new(),
            };
            writeln!(text, "  a{from} -> a{to}{how};").expect("a text takes a line");
        }
        text + "}\n"
    }
}
