//! `filas serve [FOLDER]`: the web page.

use super::metrics::MetricsOptions;
use super::{Exit, Failure, output, stop};
use crate::serve::Server;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The folder of scenarios, and the address of the page.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A folder with scenarios of your own; without it, those that come with the program
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// Listen on this port; 0 or left out: one that is free
    #[arg(long, value_name = "N")]
    port: Option<u16>,

    /// Do not open a browser
    #[arg(long)]
    no_open: bool,

    #[command(flatten)]
    metrics: MetricsOptions,
}

pub(super) fn serve(arguments: &Arguments) -> Result<Exit, Failure> {
    let port = arguments.port.filter(|&port| port != 0);
    let server = Server::bind(arguments.folder.as_deref(), port, |url| {
        // The page goes on even if nobody reads this line.
        let _ = output::print(&format!("{url}   for another browser\n"));
    })?;
    let _served = arguments.metrics.serve(server.metrics())?;
    let stop = stop::listen(None, None);
    let url = server.url();
    output::print(&format!("{url}\n"))?;
    output::note("filas: open this link in a browser; Ctrl-C ends");
    if !arguments.no_open {
        open(&url);
    }
    server.answer(stop);
    Ok(Exit::Done)
}

/// Opens a browser, if there is one; the link is printed either way.
fn open(url: &str) {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let opened = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut browser) = opened {
        // The process must be waited for, or it would remain as a zombie.
        std::thread::spawn(move || browser.wait());
    }
}
