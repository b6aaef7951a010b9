//! Sentences about events at stations with people and machines: their signs and their words.

use super::sentence::Kind;
use crate::number::given_percent;
use crate::station::{CutOff, Onward, StationEvent, StationEventKind as Event};
use std::fmt;

/// The subject of a sentence about an event, and its sign.
pub(super) fn sign(event: &StationEvent) -> (Kind, char) {
    match event.kind {
        Event::Arrived => (Kind::Arrives, '+'),
        Event::Lost | Event::Failed => (Kind::Lost, '✕'),
        Event::Left {
            to: Onward::Scrap, ..
        } => (Kind::Lost, '✕'),
        Event::Balked { .. } | Event::GaveUp { .. } => (Kind::Lost, '⊘'),
        Event::SetUp { .. } | Event::Began { .. } | Event::Resumed { .. } => (Kind::Begins, '▶'),
        Event::CutOff { .. } => (Kind::Moved, '⇄'),
        Event::Blocked => (Kind::Moved, '▣'),
        Event::Left { blocked, .. } if blocked > 0.0 => (Kind::Done, '▣'),
        Event::Left { .. } => (Kind::Done, '✔'),
        Event::Down | Event::Slowed { .. } => (Kind::Down, '✕'),
        Event::OffDuty => (Kind::Down, '▼'),
        Event::Up | Event::OnDuty => (Kind::Up, '▲'),
    }
}

/// The words after the number and the class of the customer, if there is one.
pub(super) fn words(f: &mut fmt::Formatter<'_>, event: &StationEvent) -> fmt::Result {
    let server = |f: &mut fmt::Formatter<'_>, before: &str| match event.server {
        Some(server) => write!(f, "{before}server {server}"),
        None => Ok(()),
    };
    let waited = |f: &mut fmt::Formatter<'_>, waited: Option<f64>| match waited {
        Some(waited) => write!(f, ", waited {waited:.3}"),
        None => Ok(()),
    };
    match event.kind {
        Event::Arrived => write!(f, " arrives"),
        Event::Lost => write!(f, " lost, no place is free"),
        Event::Balked { found } => write!(f, " does not join, {found} waiting"),
        Event::SetUp {
            lasts,
            waited: time,
        } => {
            server(f, " at ")?;
            write!(f, ", set-up of {lasts:.3}")?;
            waited(f, time)
        }
        Event::Began { waited: time, .. } => {
            server(f, " at ")?;
            match (event.server, time) {
                (None, _) => write!(f, " in service"),
                (_, None) => write!(f, ", service begins"),
                (_, time) => waited(f, time),
            }
        }
        Event::Resumed { left } => {
            server(f, " at ")?;
            write!(f, ", goes on with {left:.3} of work")
        }
        Event::CutOff { by, stays } => {
            server(f, " cut off at ")?;
            let by = match by {
                CutOff::Fault => "by a fault",
                CutOff::Plan => "by the plan",
                CutOff::Preemption => "by a higher priority",
            };
            match stays {
                true => write!(f, " {by}, stays there"),
                false => write!(f, " {by}, waits again"),
            }
        }
        Event::Blocked => {
            server(f, " blocked at ")?;
            write!(f, ", no place is free further on")
        }
        Event::Left { blocked, to } => {
            write!(f, " leaves")?;
            server(f, " ")?;
            if to == Onward::Scrap {
                write!(f, " as scrap")?;
            }
            match blocked > 0.0 {
                true => write!(f, ", blocked for {blocked:.3}"),
                false => Ok(()),
            }
        }
        Event::GaveUp { waited } => write!(f, " gave up after {waited:.3}"),
        Event::Failed => {
            write!(f, " failed")?;
            server(f, " with ")
        }
        Event::Down => {
            server(f, "")?;
            write!(f, " down")
        }
        Event::Slowed { to } => {
            server(f, "")?;
            write!(f, " slowed to {}", given_percent(to))
        }
        Event::Up => {
            server(f, "")?;
            write!(f, " up")
        }
        Event::OnDuty => {
            server(f, "")?;
            write!(f, " on duty")
        }
        Event::OffDuty => {
            server(f, "")?;
            write!(f, " off duty")
        }
    }
}
