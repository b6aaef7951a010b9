//! All chance there is: named streams, the laws a scenario may ask for, and their samplers.

mod law;
mod sampler;
mod stream;

pub use law::Law;
pub use sampler::Sampler;
pub use stream::{Purpose, Stream};
