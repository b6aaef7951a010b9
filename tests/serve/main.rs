//! The web page from outside: by HTTP, and in a real browser.

/// A study has one answer, here as on the command line.
mod answers;
/// A real browser, driven by WebDriver.
mod browser;
/// Requests that nobody means.
mod fuzz;
/// Who may ask for what: token, cookie, Host, Origin, content type, limits, paths.
mod guard;
/// The page as its user meets it.
mod page;
/// Runs and studies: what is seen, what can be done, what is left.
mod runs;
/// Starts the program and speaks HTTP to it.
mod server;
