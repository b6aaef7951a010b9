//! Options change a scenario before it is validated, keep its comments, and are named in errors.

use filas::random::laws::{Constant, Exponential};
use filas::scenario::{
    Limits, Loaded, Origin, Overrides, Patch, Scenario, ScenarioError, ScriptEvent, load,
};
use proptest::prelude::*;

const TANDEM: &str = include_str!("sound_tandem.toml");
const DESK: &str = include_str!("sound_desk.toml");

fn with(text: &str, set: &[(&str, &str)]) -> Result<Loaded, ScenarioError> {
    let set = set.iter();
    let overrides = Overrides {
        set: set
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        ..Overrides::default()
    };
    load(
        Origin::Embedded {
            name: "x.toml",
            text,
        },
        &overrides,
    )
}

fn refusal(key: &str, value: &str) -> String {
    match with(TANDEM, &[(key, value)]) {
        Ok(loaded) => loaded.text,
        Err(error) => error.plain(),
    }
}

#[test]
fn a_set_value_is_in_the_text_as_run_and_nothing_else_changes() {
    let commented = TANDEM.replace("servers = 2", "servers = 2 # two of them");
    let loaded = with(&commented, &[("stages.0.servers", "3")]).expect("it is sound");
    assert_eq!(loaded.text, commented.replace("servers = 2", "servers = 3"));
    let untouched = with(&commented, &[]).expect("it is sound");
    assert_eq!(untouched.text, commented);
}

#[test]
fn a_whole_table_can_be_replaced_and_keeps_the_comment_above_it() {
    let commented = TANDEM.replace("[horizon]", "# how long\n[horizon]");
    let loaded = with(&commented, &[("horizon", "{ until = 5.0 }")]).expect("it is sound");
    assert!(
        loaded.text.contains("# how long\n[horizon]\nuntil = 5.0"),
        "{}",
        loaded.text
    );
}

#[test]
fn a_new_key_is_made_and_a_stage_can_be_called_by_name() {
    let set = [("stages.second.buffer", "2"), ("time_unit", "min")];
    let loaded = with(TANDEM, &set).expect("it is sound");
    let Scenario::Tandem(tandem) = loaded.scenario else {
        panic!("not a line");
    };
    assert_eq!(tandem.stages[1].buffer, Some(2));
    assert_eq!(tandem.time_unit.as_deref(), Some("min"));
}

#[test]
fn a_law_can_be_replaced_or_one_of_its_parameters() {
    let set = [
        ("stages.0.service", "{constant={value=4}}"),
        ("arrivals.interarrival.exponential.rate", "0.5"),
    ];
    let loaded = with(TANDEM, &set).expect("it is sound");
    let Scenario::Tandem(tandem) = loaded.scenario else {
        panic!("not a line");
    };
    assert_eq!(
        tandem.stages[0].service,
        filas::random::Law::Constant(Constant { value: 4.0 }).into()
    );
    let interarrival = filas::random::Law::Exponential(Exponential { mean: 2.0 });
    assert_eq!(
        tandem.arrivals,
        filas::scenario::LineArrivals::Renewal(interarrival)
    );
}

#[test]
fn a_wrong_option_is_named_instead_of_a_line_of_the_file() {
    for (key, value, expected) in [
        (
            "stages.0.servers",
            "x",
            "--set stages.0.servers=x: `stages.0.servers` is the text `x`, but must be a whole number, \"unlimited\" or a table",
        ),
        (
            "stages.5.servers",
            "3",
            "--set stages.5.servers=3: `stages` has 2 entries, so there is no `stages.5`\n \
             = help: indexes run from 0 to 1; names are `first`, `second`",
        ),
        (
            "stages.0.name",
            "second",
            "--set stages.0.name=second: two stages have the name `second`\n \
             = help: `stages.0` has it already; names must differ",
        ),
        (
            "stages.0.service",
            "{constant={value=-1}}",
            "--set stages.0.service={constant={value=-1}}: `stages.0.service.constant.value` is -1, but \
             must be at least 0",
        ),
        (
            "stages.0.servrs",
            "1",
            "--set stages.0.servrs=1: unknown key `servrs` in `stages.0`\n \
             = help: did you mean `servers`? allowed here: `name`, `servers`, \
             `buffer`, `speeds`, `service`, `setup`, `discipline`, `preemption`, `join`, `patience`, `faults`, `scrap`",
        ),
        (
            "horizon.until",
            "5",
            "--set horizon.until=5: `horizon` has both `customers` and `until`\n \
             = help: exactly one is allowed of `customers`, `until`; an option replaces the whole table \
             by `--set 'horizon={ until = ... }'`",
        ),
        (
            "name.x",
            "1",
            "--set name.x=1: `name` is \"line\", so there is no `x` in it to set\n \
             = help: to put a table in its place write `--set 'name={ ... }'`",
        ),
        (
            "a..b",
            "1",
            "--set a..b=1: `a..b` is not a dotted key\n \
             = help: write for example `--set stages.0.servers=2`",
        ),
    ] {
        assert_eq!(refusal(key, value), expected);
    }
}

#[test]
fn any_seed_of_64_bits_can_be_set_and_comes_back_from_the_text_as_run() {
    for seed in [0, 1, u64::MAX] {
        let overrides = Overrides {
            seed: Some(seed),
            ..Overrides::default()
        };
        let first = load(
            Origin::Embedded {
                name: "x",
                text: DESK,
            },
            &overrides,
        )
        .expect("sound");
        let second = with(&first.text, &[]).expect("sound");
        let Scenario::Desk(desk) = &second.scenario else {
            panic!("not a desk");
        };
        assert_eq!(desk.seed, seed);
        assert_eq!(first.scenario, second.scenario);
    }
}

#[test]
fn a_limit_names_the_option_that_lifts_it() {
    let limits = Limits {
        max_actors: 4,
        max_events: 199,
        max_memory: u64::MAX,
    };
    for (text, limit, lifts) in [
        (
            DESK,
            "over the limit of 4 actors",
            "lift the limit with `--max-actors 6`",
        ),
        (
            TANDEM,
            "over the limit of 199 events",
            "lift the limit with `--max-events 200`",
        ),
    ] {
        let tight = Overrides {
            limits,
            ..Overrides::default()
        };
        let error = load(Origin::Embedded { name: "x", text }, &tight)
            .map(|_| ())
            .unwrap_err();
        assert!(error.to_string().contains(limit), "{error}");
        assert_eq!(error.remedy(), Some(lifts));
    }
    let wide = Limits {
        max_actors: 6,
        max_events: 1_000_000,
        max_memory: u64::MAX,
    };
    let wide = Overrides {
        limits: wide,
        ..Overrides::default()
    };
    assert!(
        load(
            Origin::Embedded {
                name: "x",
                text: DESK
            },
            &wide
        )
        .is_ok()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any file content is loaded or refused without a panic.
    #[test]
    fn no_text_makes_the_door_panic(text in "(?s).{0,200}") {
        let _ = with(&text, &[]).map_err(|error| error.plain());
    }

    /// A valid file with a piece cut out or inserted, which more often passes the parser.
    #[test]
    fn no_damage_makes_the_door_panic(
        desk: bool,
        from in 0usize..700,
        length in 0usize..12,
        put in r#"(|[-0-9.e]{1,6}|\[\[?|\]|\{|\}|=|"|nan|inf|true|\\u0000|é|,|\n|1e400|9223372036854775807)"#,
    ) {
        let base = if desk { DESK } else { TANDEM };
        let characters: Vec<char> = base.chars().collect();
        let from = from.min(characters.len());
        let to = (from + length).min(characters.len());
        let mut text: String = characters[..from].iter().collect();
        text += &put;
        text.extend(&characters[to..]);
        match with(&text, &[]) {
            Ok(loaded) => {
                let again = with(&loaded.normalised(), &[]).expect("the normalised form is sound");
                prop_assert_eq!(loaded.scenario, again.scenario);
            }
            Err(error) => {
                prop_assert!(!error.plain().is_empty());
            }
        }
    }

    /// The same for an option.
    #[test]
    fn no_option_makes_the_door_panic(
        key in r#"(stages|horizon|arrivals|name|0|1|service|[a-z."' =\[]{0,9})(\.(0|1|first|service|buffer|until|[a-z0-9."]{0,6})){0,3}"#,
        value in r#"(|[-0-9.e]{1,6}|\{[a-z={} 0-9]{0,20}\}|\[.{0,6}\]|"|nan|inf|.{0,12})"#,
    ) {
        let _ = with(TANDEM, &[(&key, &value)]).map_err(|error| error.plain());
    }
}

/// The desk of these tests with a patch applied to it.
fn patched(text: &str, patch: &str) -> Result<Loaded, ScenarioError> {
    let (name, patch) = ("p.toml".to_owned(), patch.to_owned());
    let overrides = Overrides {
        patches: vec![Patch { name, text: patch }],
        ..Overrides::default()
    };
    let name = "x.toml";
    load(Origin::Embedded { name, text }, &overrides)
}

#[test]
fn a_patch_adds_to_the_script_however_either_is_written_and_replaces_the_rest() {
    let inline =
        "steps = 70\n[faults]\nscript = [{ step = 41, attendant = \"A-1\", event = \"repair\" }]";
    let tables =
        "steps = 70\n[[faults.script]]\nstep = 41\nattendant = \"A-1\"\nevent = \"repair\"";
    let scripted = "script = [{ step = 40, server = \"B\", down_for = 10 }]";
    let spread = "[[faults.script]]\nstep = 40\nserver = \"B\"\ndown_for = 10";
    let sources = [
        DESK.to_owned(),
        DESK.replace(scripted, spread),
        DESK.replace(scripted, ""),
    ];
    assert_eq!(sources[1].matches("[[faults.script]]").count(), 1);
    for (source, before) in sources.iter().zip([1, 1, 0]) {
        for patch in [inline, tables] {
            let loaded = patched(source, patch).unwrap_or_else(|error| panic!("{}", error.plain()));
            let Scenario::Desk(desk) = &loaded.scenario else {
                panic!("not a desk");
            };
            assert_eq!(desk.steps(), Some(70));
            assert_eq!(desk.faults.script.len(), before + 1, "{}", loaded.text);
            let last = desk.faults.script[before];
            assert_eq!((last.at.get(), last.event), (41.0, ScriptEvent::Repair));
            // The text as run is the scenario with the patch in it.
            let again = with(&loaded.text, &[]).expect("it is sound");
            assert_eq!(again.scenario, loaded.scenario);
        }
    }
}

#[test]
fn what_is_wrong_in_a_patch_is_told_with_the_patch() {
    let said = |patch: &str| match patched(DESK, patch) {
        Ok(loaded) => loaded.text,
        Err(error) => error.plain(),
    };
    let unknown = said("[faults]\nscript = [{ step = 1, attendant = \"Z-1\" }]");
    assert!(
        unknown.starts_with("--patch p.toml: faults.script.1={ step = 1, attendant = \"Z-1\" }")
            && unknown.contains("unknown attendant `Z-1`"),
        "{unknown}"
    );
    let broken = said("[faults\n");
    assert!(
        broken.starts_with("p.toml:1:8: this is not TOML"),
        "{broken}"
    );
    let other = said("stepz = 3");
    assert!(
        other.contains("unknown key `stepz`") && other.contains("--patch p.toml"),
        "{other}"
    );
    let number = said("[faults]\nscript = 3");
    assert!(
        number.contains("`faults.script` in a patch is a list of tables"),
        "{number}"
    );
}
