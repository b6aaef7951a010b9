//! The web page tested from outside: over HTTP, and in a real browser.

/// A study has one answer, here as on the command line.
mod answers;
/// A real browser, driven by WebDriver.
mod browser;
/// Malformed and hostile requests.
mod fuzz;
/// Access control: token, cookie, Host, Origin, content type, limits, paths.
mod guard;
/// The guide.
mod guide;
mod looks;
/// The page as its user sees it.
mod page;
/// Runs and studies: watching, interventions, results.
mod runs;
/// Starts the program and speaks HTTP to it.
mod server;
/// What stays in its place and in its size.
mod steady;
