//! The suite: one binary, a module for each promise.

/// A study has one answer, ties included, whoever shows it.
mod answers;
/// Every kind of chart, from nothing to a hundred thousand points, in light and dark, as SVG and pixels.
mod charts;
/// The command line as scripts see it: exit codes, stdout and stderr, the log.
mod cli;
/// What a run leaves on disk: whole, reproducible, and never over something else.
mod cli_results;
/// A run that is wound up from outside keeps what is finished, and says so.
mod cli_stopped;
/// Who dies of a message by itself is brought back once; twice is a bug.
mod deaths;
/// Random desks agree with the reference to the last row, on every runtime.
mod desk_agrees;
/// Small desks whose results were worked out by hand.
mod desk_by_hand;
/// What the desks of these tests have in common.
mod desk_cases;
/// Desks against what probability theory says of them.
mod desk_chance;
/// An independent simulator of the desk's seven phases, in the plainest way.
mod desk_reference;
/// Threads, schedules, channel capacities, stopping and what it costs to wake.
mod desk_runtimes;
/// A life is told as it was: by hand for small runs, without gaps for a busy one.
mod explain;
/// Whatever stands in a scenario or a trace, it loads or is refused: nobody panics.
mod fuzz;
/// Every law's sampler against its distribution function, its moments and its own block sizes.
mod laws;
/// The line equals the event-list oracle, in every runtime, whatever chunks and channels.
mod line;
/// The oracle itself: the line's rules in the plainest form, and cases worked out by hand.
mod line_oracle;
/// The line agrees with queueing theory.
mod line_theory;
/// Watching and touching a run: shown is what happened, and what was done by hand is a patch.
mod live;
/// The log of a run is in the order of logical time, and the same on every engine, byte for byte.
mod log;
/// What is said of a law (moments, transform, ceiling) against its samples and distribution function.
mod moments;
/// The study of orders: shared work changes no bit, chance goes with the stage, ties are ties.
mod order;
/// `filas order` from outside: what it prints, what it writes, what it refuses.
mod order_command;
/// The README shows what the program prints.
mod readme;
/// A published trace, read as it was published, against a recursion.
mod real_trace;
/// Recorded data as people have it: formats, times, origins, and what is refused.
mod recorded_data;
/// Replications: every measure with its interval, whoever did the work.
mod replicate;
/// Every kind of results becomes one sound page, and what is damaged or hostile does no harm.
mod report;
/// A study that was stopped goes on; what an engine loses is submitted again.
mod resume;
/// CSV files beside a scenario are read; those that are wrong, elsewhere or too short are refused.
mod scenario_files;
/// Options change a scenario before it is judged, keep its comments, and are named where wrong.
mod scenario_options;
/// Every scenario that is shipped loads, and its normalised form is the same scenario.
mod scenario_shipped;
/// What is allowed but probably not meant is said in a warning, and a sound scenario has none.
mod scenario_warnings;
/// What is wrong with a file is said with its place, what is allowed and the nearest name.
mod scenario_wrong_files;
/// The terminal view's screens, drawn on a page and held against those on file.
mod screens;
/// Scenarios with some keys set; the tests of planted faults have it too.
mod settings;
/// However a study is dealt out, joined it is the study of one machine.
mod shards;
/// The shipped scenarios: golden digests, the same whatever channels hold and messages carry.
mod shipped;
/// The first numbers of streams and samplers, to the last bit.
mod stability;
/// Starting without a file: shipped scenarios by name, copies of them, a scenario from stdin, the engine.
mod start;
/// `filas stress` from outside: verdicts, replays, what it refuses.
mod stress_command;
/// Grids: common random numbers, paired differences, one tidy table.
mod sweep;
/// Parquet and CSV read back to the same bits, and an error in writing them is told.
mod tables;
/// The program in a real terminal: `run --live`, `run --step` and what they leave behind.
mod terminal;
/// The closed forms against Markov chains, published values and one another.
mod theory;
/// Which closed form fits a scenario, beside its simulation.
mod theory_cli;
/// The closed forms of whole lines against chains and published values.
mod theory_lines;
/// The house rules that a compiler does not know: floors, banned words and calls.
mod tidy;
/// The trace for Perfetto: read by another parser, and equal to what the summary says.
mod timeline;
/// Any schedule, capacity, chunk and kill gives the results of one thread.
mod trials;
