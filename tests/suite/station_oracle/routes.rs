//! Where customers of a network go, as it is given to the oracle.

use super::Draw;

/// The routes of a network.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    /// By station.
    pub(crate) links: Vec<Link>,
    /// By class.
    pub(crate) courses: Vec<Course>,
    /// Whether a customer who finds no place further on is lost.
    pub(crate) loses: bool,
    /// Whether a cycle of customers who wait for each other moves.
    pub(crate) swaps: bool,
    /// The most customers in the network.
    pub(crate) capacity: Option<usize>,
    /// The station where a service that begins at each reserves a place.
    pub(crate) reserves: Vec<Option<usize>>,
}

/// What follows a service.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) way: Way,
    /// By class; empty where it stays.
    pub(crate) becomes: Vec<Vec<(usize, f64)>>,
    /// Uniform numbers of visits: for the way, and for the class.
    pub(crate) to: Draw,
    pub(crate) class: Draw,
}

/// A way on; `None` is out.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    To(Option<usize>),
    Chances(Vec<(Option<usize>, f64)>),
    Shortest(Vec<usize>),
    RoundRobin(Vec<Option<usize>>),
    Random(Vec<Option<usize>>),
    /// Lists, and which of them each class goes by.
    ByClass(Vec<Way>, Vec<usize>),
}

/// The way of a class.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) enter: usize,
    /// In place of what stations say.
    pub(crate) route: Option<Vec<usize>>,
    /// Whether its customers are there from the beginning and never leave.
    pub(crate) stays: bool,
}

/// The one on which a number in [0, 1) falls.
pub(crate) fn fall<T: Copy>(chances: &[(T, f64)], u: f64) -> T {
    let mut sum = 0.0;
    for &(one, chance) in chances {
        sum += chance;
        if u < sum {
            return one;
        }
    }
    chances[chances.len() - 1].0
}
