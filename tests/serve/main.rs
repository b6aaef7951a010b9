//! The web page from outside: by HTTP, and in a real browser.

/// Who may ask for what: token, cookie, Host, Origin, content type, limits, paths.
mod guard;
/// Starts the program and speaks HTTP to it.
mod server;
