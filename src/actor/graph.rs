//! The graph of a network: whether its channels can jam at all, and a picture of it.
//!
//! Along a graph without cycles nothing can jam: who sends waits for somebody further down, and the
//! last one down waits for nobody. Two actors who send to each other cannot jam if one answers the
//! other, a message for a message, and no more than 2c + 1 of those are unanswered over channels that
//! hold c: c in either channel and one in somebody's hand; at 2c + 2 both may stand before full
//! channels. So a network is refused unless it has no cycle once the answers that keep to this are
//! taken away.

use super::{Actor, ActorId, Network, RunError};
use std::fmt::Write as _;

impl<A: Actor> Network<A> {
    /// Whether the channels can jam if they hold so much.
    ///
    /// # Errors
    /// [`RunError::Unsafe`] if they can.
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
        // Take away who receives nothing, until nobody is left (Kahn 1962).
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
            why: "nothing bounds how much of it is underway".to_owned(),
        })
    }

    /// The graph in the language of Graphviz: answers are dashed, with how many may be outstanding.
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
