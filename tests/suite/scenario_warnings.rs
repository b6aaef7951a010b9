//! A warning is given for values that are allowed but probably a mistake, and a sound scenario has
//! none.

use filas::actor::{Recording, Runtime, Surroundings};
use filas::model::Model;
use filas::scenario::{Origin, Overrides, estimate, load};

const TANDEM: &str = include_str!("sound_tandem.toml");
const DESK: &str = include_str!("sound_desk.toml");
const PEOPLE: &str = include_str!("sound_people.toml");

fn warnings(text: &str, set: &[(&str, &str)]) -> Vec<String> {
    let set = set.iter();
    let overrides = Overrides {
        set: set
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        ..Overrides::default()
    };
    let origin = Origin::Embedded { name: "x", text };
    match load(origin, &overrides) {
        Ok(loaded) => loaded.warnings,
        Err(error) => panic!("{}", error.plain()),
    }
}

#[test]
fn a_sound_line_has_no_warning() {
    assert_eq!(warnings(TANDEM, &[]), Vec::<String>::new());
    assert_eq!(warnings(PEOPLE, &[]), Vec::<String>::new());
}

#[test]
fn people_and_machines_that_make_no_difference_have_a_warning() {
    for (text, set, expected) in [
        (
            PEOPLE,
            [("stages.1.buffer", "3"), ("seed", "1")],
            "stage `press` has a plan and a buffer of 3: a server off duty is still a place, so up to 5 customers wait",
        ),
        (
            PEOPLE,
            [
                (
                    "stages.1.servers",
                    "{ plan = [{ from = 0, count = 2 }, { from = \"12:00\", count = 0 }] }",
                ),
                ("seed", "1"),
            ],
            "stage `press` has no server from 240 on: customers who are there then are never served",
        ),
        (
            PEOPLE,
            [("classes.0.priority", "0"), ("seed", "1")],
            "stage `desk` has `preemption`, but all customers have the same priority",
        ),
        (
            TANDEM,
            [
                ("stages.0.setup", "{ constant = { value = 1 } }"),
                ("stages.0.preemption", "restart"),
            ],
            "stage `first` has a `setup` for another class, but there is no other class",
        ),
        (
            PEOPLE,
            [("horizon.warm_up", "5 h"), ("seed", "1")],
            "the warm-up until 300 is more than half of the run (customers arrive until about 480)",
        ),
        (
            PEOPLE,
            [
                (
                    "stages.1.faults",
                    "{ every = { constant = { value = 1 } }, repair = { constant = { value = 3 } } }",
                ),
                ("seed", "1"),
            ],
            // A tenth is scrapped before.
            "stage `press` has a load of 1.96",
        ),
    ] {
        let found = warnings(text, &set);
        let hit = found.iter().any(|warning| warning.contains(expected));
        assert!(hit, "`{set:?}`: `{expected}` is not in {found:#?}");
    }
    // Who gives up or balks keeps a queue short, however much comes.
    let more = ("arrivals.interarrival.exponential.rate", "3");
    let found = warnings(
        PEOPLE,
        &[
            more,
            ("stages.1.servers", "9"),
            ("stages.1.service", "{ constant = { value = 1 } }"),
        ],
    );
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn each_of_these_has_its_warning() {
    let one = |text: &str, key: &str, value: &str, expected: &str| {
        let found = warnings(text, &[(key, value)]);
        let hit = found.iter().any(|warning| warning.contains(expected));
        assert!(hit, "`{key} = {value}`: `{expected}` is not in {found:#?}");
    };
    let rate = "arrivals.interarrival.exponential.rate";
    one(TANDEM, rate, "1.0", "stage `second` has a load of 1.00");
    one(
        TANDEM,
        rate,
        "5.0",
        "stage `first` has a load of 2.50: its buffer",
    );
    one(TANDEM, "horizon.warm_up", "51", "more than half of the run");
    one(
        TANDEM,
        "line.blocking",
        "before-service",
        "nothing is ever blocked",
    );
    for (shape, what) in [("1", "infinite mean"), ("2", "infinite variance")] {
        let law = format!("{{ pareto = {{ scale = 0.1, shape = {shape} }} }}");
        one(TANDEM, "stages.0.service", &law, what);
    }
    one(
        DESK,
        "servers.1.attendants.0.skills",
        "[\"tecnica\"]",
        "no attendant has the skill `vendas`",
    );
    one(
        DESK,
        "arrivals.per_step.uniform_int.high",
        "30",
        "class `vendas` brings",
    );
    one(
        DESK,
        "servers.0.capacity",
        "2",
        "holds fewer requests than it has attendants (3)",
    );
    one(DESK, "buffer.capacity", "0", "rejects every request");
    one(DESK, "faults.script.0.step", "200", "it never happens");
    let faults = "{ probability = 0.1 }";
    one(DESK, "faults", faults, "down for good after about 7 steps");
    let shift = "[{ name = \"early\", spells = [[0, 50]] }]";
    one(DESK, "shifts", shift, "no attendant has the shift `early`");
    for (end, key) in [("abandoned", "patience"), ("timed-out", "timeout")] {
        let retry = format!("{{ after = [\"{end}\"], delay = {{ constant = {{ value = 2 }} }} }}");
        let says = format!("come again after \"{end}\", but no `{key}`");
        one(DESK, "classes.0.retry", &retry, &says);
    }
}

#[test]
fn rates_that_drift_through_the_day_have_a_warning() {
    let text = |until: &str| {
        format!(
            "model = \"tandem\"\ntime_unit = \"min\"\nstart = \"8:00\"\nhorizon = {{ until = \"{until}\" }}\n\
             arrivals = {{ rates = [{{ until = \"12:00\", rate = 0.5 }}, {{ until = \"18:00\", rate = 0.2 }}] }}\n\
             stages = [{{ name = \"till\", service = {{ constant = {{ value = 1 }} }} }}]\n"
        )
    };
    assert_eq!(warnings(&text("18:00"), &[]), Vec::<String>::new());
    let found = warnings(&text("2 d"), &[]).join("\n");
    let says = "rates that begin at 08:00 begin again at 18:00, after 600 units of time";
    assert!(found.contains(says), "{found}");
    // Up to the end of the day: the same rates at the same times of each day.
    let night = "{ until = \"18:00\", rate = 0.2 }, { until = \"1 d\", rate = 0 }";
    let whole = text("2 d").replace("{ until = \"18:00\", rate = 0.2 }", night);
    assert_eq!(warnings(&whole, &[]), Vec::<String>::new());
}

#[test]
fn a_heavy_load_or_an_endless_run_is_estimated_without_a_panic() {
    for (text, key, value) in [
        (TANDEM, "horizon.customers", "9223372036854775807"),
        (TANDEM, "horizon", "{ until = 1e100 }"),
        (DESK, "steps", "9007199254740992"),
        (DESK, "arrivals.per_step", "{ poisson = { mean = 1e12 } }"),
    ] {
        let overrides = Overrides {
            set: vec![(key.to_owned(), value.to_owned())],
            limits: filas::scenario::Limits {
                max_events: u64::MAX,
                max_memory: u64::MAX,
                ..Default::default()
            },
            ..Overrides::default()
        };
        let origin = Origin::Embedded { name: "x", text };
        let loaded = load(origin, &overrides).expect("no limit is left");
        let cost = estimate(&loaded.scenario);
        assert!(cost.events > 1_000_000_000_000, "{cost:?}");
        assert!(cost.seconds > 1000.0 && cost.memory_bytes > 0, "{cost:?}");
    }
}

#[test]
fn customers_who_stay_are_estimated_by_the_services_of_their_classes() {
    let text = "model = \"network\"\nhorizon = { until = 60000.0 }\n\
                classes = [ { name = \"p\", population = 3, enter = \"a\" }, { name = \"q\", population = 2, enter = \"a\" } ]\n\
                [[stations]]\nname = \"a\"\nservers = \"unlimited\"\nnext = \"b\"\n\
                service = { by_class = { p = { exponential = { mean = 4 } }, q = { exponential = { mean = 6 } } } }\n\
                [[stations]]\nname = \"b\"\nnext = \"a\"\n\
                service = { by_class = { p = { exponential = { mean = 1 } }, q = { exponential = { mean = 2 } } } }\n";
    let origin = Origin::Embedded { name: "x", text };
    let cost = estimate(&load(origin, &Overrides::default()).unwrap().scenario);
    // The station with one server, of mean 1.4, is busy nearly always.
    let visits = 2.0 * 60000.0 / 1.4;
    let ratio = cost.events as f64 / visits;
    assert!((0.5..2.0).contains(&ratio), "{cost:?} {visits}");
}

#[test]
fn one_attendant_is_not_spoken_of_as_several() {
    let text = "model = \"desk\"\nname = \"x\"\nhorizon = { until = 10.0 }\n\
                arrivals = { interarrival = { constant = { value = 1.0 } } }\n\
                classes = [ { name = \"c\", service = { constant = { value = 5.0 } } } ]\n\
                servers = [ { name = \"A\", attendants = [ { skills = [\"c\"] } ] } ]\n";
    let found = warnings(text, &[]).join("\n");
    assert!(
        found.contains("for 1 attendant who has the skill: more than that one can do"),
        "{found}"
    );
    assert!(
        found.contains(
            "and 1 attendant, on duty and up 100 % of the time, does 1.00: requests pile up"
        ),
        "{found}"
    );
}

#[test]
fn a_population_that_may_grow_less_has_a_warning() {
    const RING: &str = r#"
model = "network"
[horizon]
until = 100.0
[[classes]]
name = "pallets"
population = 2
enter = "a"
[[stations]]
name = "a"
service = { exponential = { mean = 1.0 } }
next = "b"
[[stations]]
name = "b"
service = { exponential = { mean = 1.0 } }
next = "a"
"#;
    assert_eq!(warnings(RING, &[]), Vec::<String>::new());
    for (key, value) in [
        ("patience", "{ exponential = { mean = 9.0 } }"),
        ("join", "[0.5]"),
        ("scrap", "0.1"),
    ] {
        let set = format!("stations.b.{key}");
        let found = warnings(RING, &[(&set, value)]);
        let says = format!("at station `b` customers may leave by `{key}`");
        assert!(found.iter().any(|one| one.contains(&says)), "{found:?}");
    }
}

#[test]
fn the_load_is_that_of_those_recorded_who_come() {
    let desk = "model = 'desk'\nsteps = 20\n\
        classes = [{ name = 'x', service = { constant = { value = 7 } } }]\n\
        servers = [{ name = 'A', attendants = [{ skills = ['x'] }] }]\n\
        arrivals = { trace = { arrival = 't', class = 'c', service = 's', values = [";
    let rows = |service: &str| {
        let rows = (0..10).map(|at| format!("{{ t = {}, c = 'x', s = {service} }}", 2 * at));
        format!("{desk}{}] }} }}", rows.collect::<Vec<_>>().join(", "))
    };
    assert_eq!(warnings(&rows("1"), &[]), Vec::<String>::new());
    let heavy = warnings(&rows("3"), &[]);
    assert!(
        heavy.iter().any(|said| said.contains("brings 1.50 steps")),
        "{heavy:?}"
    );
    // Twelve come every ten minutes, and the others later.
    let line = "model = 'tandem'\narrivals = { times = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 1000, 2000] }\n\
        stages = [{ name = 'x', service = { exponential = { mean = 15 } } }]\n";
    assert_eq!(
        warnings(&format!("{line}horizon = {{ until = 2000 }}"), &[]).len(),
        0
    );
    for horizon in ["until = 120", "customers = 12"] {
        let said = warnings(&format!("{line}horizon = {{ {horizon} }}"), &[]);
        assert!(
            said.iter().any(|said| said.contains("a load of 1.50")),
            "{said:?}"
        );
    }
}

#[test]
fn arrivals_of_infinite_mean_are_estimated_to_a_factor_of_two() {
    let arrivals = "interarrival = { pareto = { scale = 0.01, shape = 0.8 } }";
    let service = "service = { constant = { value = 0.001 } }";
    let line = format!(
        "model = \"tandem\"\narrivals = {{ {arrivals} }}\nstages = [ {{ name = \"s\", {service} }} ]"
    );
    let desk = format!(
        "model = \"desk\"\nclasses = [ {{ name = \"c\", arrivals = {{ {arrivals} }}, {service} }} ]\n\
         servers = [ {{ name = \"A\", attendants = [ {{ skills = [\"c\"] }} ] }} ]"
    );
    for model in [line, desk] {
        let text = format!("horizon = {{ until = 1000 }}\n{model}");
        let origin = Origin::Embedded {
            name: "x",
            text: &text,
        };
        let loaded = load(origin, &Overrides::default()).unwrap();
        let around = Surroundings {
            conductor: &(),
            recorder: &(),
        };
        let came = |replication| {
            let model = Model::of(&loaded.scenario);
            let ran = model.run(
                replication,
                Runtime::Inline,
                None,
                Recording::Nothing,
                around,
            );
            ran.unwrap().waiting().0.n as f64
        };
        let mean = (0..40).map(came).sum::<f64>() / 40.0;
        let events = estimate(&loaded.scenario).events as f64;
        assert!(
            mean > 100.0 && events > mean * 0.4 && events < mean * 1.1,
            "{events} for {mean}"
        );
    }
}
