//! The suite: one binary, a module for each promise.

/// A study has one answer, ties included, wherever it is shown.
mod answers;
/// Every kind of chart, from nothing to a hundred thousand points, in light and dark, as SVG and pixels.
mod charts;
/// The command line as scripts see it: exit codes, stdout and stderr, the log.
mod cli;
/// The files of a run: complete, reproducible, and never overwriting anything else.
mod cli_results;
/// A run that is stopped early keeps what is finished, and says so.
mod cli_stopped;
/// Networks that nobody leaves: cycles are what studies count and judge by.
mod closed_networks;
/// Two scenarios or folders, pair by pair; what chance alone makes of many measures.
mod compare;
/// An actor that dies of a message by itself is restored once; twice is a bug.
mod deaths;
/// Random desks agree with the reference to the last row, on every runtime.
mod desk_agrees;
/// What runs and replications of a desk say of targets and of requests left.
mod desk_answers;
/// Small desks whose results were worked out by hand.
mod desk_by_hand;
/// Helpers shared by the tests of desks.
mod desk_cases;
/// Desks compared with probability theory.
mod desk_chance;
/// Made-up desks on either clock.
mod desk_clock_cases;
/// The draws of the reference of both clocks, from the streams of the desk.
mod desk_clock_draws;
/// The measures of a desk, from what its reference did.
mod desk_clock_measures;
/// An independent simulator of the desk on either clock.
mod desk_clock_reference;
/// The attendants of that simulator.
mod desk_clock_staff;
/// Made-up desks on either clock, on every engine: every row and every measure; what joins the clocks.
mod desk_clocks;
/// Desks in continuous time against Erlang's formulas.
mod desk_erlang;
/// An independent simulator of the desk's seven phases, in the plainest way.
mod desk_reference;
/// Threads, schedules, channel capacities, stopping and what it costs to wake.
mod desk_runtimes;
/// The shipped retry storm does not recover, and with few further tries does, over forty seeds each.
mod desk_storm;
/// Digests tell results apart: every bit and place of a record matters.
mod digests;
/// The steps of every case, for process mining.
mod event_log;
/// The explanation of a life: by hand for small runs, without gaps for a busy one.
mod explain;
/// The best setting: right answers, open questions, the same whoever makes the runs.
mod find;
/// The law that a recorded column follows: what is named, warned of, printed to paste, and refused.
mod fit_command;
/// Random scenarios and traces are loaded or refused, without a panic.
mod fuzz;
/// The guide shows what the program prints, its scenarios load, its links lead somewhere.
mod guide;
/// The reference of keys in the guide is what the schema says.
mod guide_keys;
/// The reference of the guide names every command, option, measure and column.
mod guide_named;
/// Measures by intervals of time: those of the oracle, and the same wherever they are shown.
mod intervals;
/// Every law's sampler against its distribution function, its moments and its own block sizes.
mod laws;
/// The line equals the event-list oracle, in every runtime, whatever the chunks and channels.
mod line;
/// The oracle itself: the line's rules in the plainest form, and cases worked out by hand.
mod line_oracle;
/// The line agrees with queueing theory.
mod line_theory;
/// Watching and intervening in a run: the view shows what happened, and interventions are a patch.
mod live;
/// The log of a run is in the order of logical time, and the same on every engine, byte for byte.
mod log;
/// The log as people and programs get it: in ASCII, as JSON, empty, of a paced run.
mod log_shown;
/// The names of measures.
mod measures_named;
/// Counters and gauges for Prometheus are the counts of the run.
mod metrics;
/// Properties of a law (moments, transform, ceiling) compared with its samples and distribution
/// function.
mod moments;
/// Made-up networks on every engine: every visit, every end and every measure.
mod network;
/// Made-up networks, as scenarios and as what the oracle is given.
mod network_cases;
/// A line written as a network is that line; networks whose answer theory or a count by hand knows.
mod network_lines;
/// Networks that need no common clock, as a pipeline.
mod network_pipeline;
/// Stations with routes on one clock, against the oracle.
mod network_routes;
/// Numbers as people read them.
mod numbers_shown;
/// The study of orders: shared work changes no bit, streams belong to stages, ties are ties.
mod order;
/// `filas order` from outside: its output, its files, its errors.
mod order_command;
/// Orders of stages with people and machines.
mod order_people;
/// A run of people and machines says how customers ended and what servers did, the same everywhere.
mod people;
/// Models from the documents of other tools.
mod published;
/// The README shows what the program prints.
mod readme;
/// A published trace, read as it was published, against a recursion.
mod real_trace;
/// Recorded data in common formats: times, origins, and errors.
mod recorded_data;
/// Replications: every measure with its interval, whatever the number of workers.
mod replicate;
/// Every kind of results becomes one valid page; damaged or hostile input does no harm.
mod report;
/// A results folder is replaced only if asked, and wholly; drafts leave no trace.
mod results_folder;
/// A stopped study resumes; shards that an engine loses are submitted again.
mod resume;
/// CSV files beside a scenario are read; those that are malformed, elsewhere or too short are
/// refused.
mod scenario_files;
/// Options change a scenario before it is validated, keep its comments, and are named in errors.
mod scenario_options;
/// Every scenario that is shipped loads, and its normalised form is the same scenario.
mod scenario_shipped;
/// A warning is given for values that are allowed but probably a mistake, and a sound scenario has
/// none.
mod scenario_warnings;
/// An error in a file is reported with its place, the allowed values and the nearest name.
mod scenario_wrong_files;
/// The terminal view's screens, drawn off screen and compared with stored ones.
mod screens;
/// Scenarios with some keys set, also used by the tests of planted faults.
mod settings;
/// A study split into shards and joined again equals that of one machine, however it is split.
mod shards;
/// The shipped scenarios: golden digests and summaries, the same for all channel capacities and chunks.
mod shipped;
/// A recording that turns out too short in the run is refused, with how many values are needed.
mod short_recordings;
/// A run as spans for OpenTelemetry, in a file and to a collector.
mod spans;
/// The first numbers of streams and samplers, to the last bit.
mod stability;
/// Starting without a file: shipped scenarios by name, copies of them, a scenario from stdin, the engine.
mod start;
/// Made-up lines of people and machines: what holds of each.
mod station;
/// Made-up lines of people and machines, as scenarios and as what the oracle is given.
mod station_cases;
/// Made-up lines of people and machines on every engine: every visit, every end and every measure.
mod station_engines;
/// Every change of state at such stations: one list on every engine, which tells the visits again.
mod station_events;
/// The oracle for people and machines: the rules of a station in the plainest form, and cases worked out by hand.
mod station_oracle;
/// Runs of such lines, with their records.
mod station_runs;
/// Statistics of observations, worked out by hand or in another way.
mod statistics;
/// `filas stress` from outside: verdicts, replays, errors.
mod stress_command;
/// The parts of a study: shares of its numbers, workers, and the axes of a grid.
mod study_parts;
/// Grids: common random numbers, paired differences, one tidy table.
mod sweep;
/// Parquet and CSV read back to the same bits, and write errors are reported.
mod tables;
/// The program in a real terminal: `run --live`, `run --step` and what they leave behind.
mod terminal;
/// The closed forms against Markov chains, published values and one another.
mod theory;
/// The closed forms of telephone traffic, against published values and desks in continuous time.
mod theory_calls;
/// The closed form of a scenario, beside its simulation.
mod theory_cli;
/// The Markov chains of desks against known queues and one another.
mod theory_desks;
/// The closed forms of whole lines against chains and published values.
mod theory_lines;
/// The closed forms for people and machines against chains and published values.
mod theory_stations;
/// House rules that the compiler does not check: floors, banned words and calls.
mod tidy;
/// A scenario that gives its start is told by the clock wherever times are shown.
mod time_of_day;
/// The trace for Perfetto: read by another parser, and equal to what the summary says.
mod timeline;
/// Any schedule, capacity, chunk and kill gives the results of one thread.
mod trials;
