//! `filas completions SHELL`: a script with which a shell completes the commands of filas.
//!
//! The generator knows commands, options and their values. For a scenario it completes files only, so the names of the
//! shipped scenarios are added here, in each shell's own language.

use super::{Exit, Failure, output};
use crate::scenario::shipped::SHIPPED;
use clap_complete::Shell;

/// The shell.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The shell to complete in
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn completions(
    arguments: &Arguments,
    mut command: clap::Command,
) -> Result<Exit, Failure> {
    let takes_scenario = |command: &&clap::Command| {
        let mut positionals = command.get_positionals();
        positionals.any(|argument| argument.get_id() == SCENARIO)
    };
    let commands = command.get_subcommands().filter(takes_scenario);
    let mut commands: Vec<String> = commands.map(|one| one.get_name().to_owned()).collect();
    // For the other shells the generator completes no values of an argument without a name.
    if !matches!(arguments.shell, Shell::Bash | Shell::Zsh) {
        commands.push("new".to_owned());
    }
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "filas", &mut script);
    let script = String::from_utf8_lossy(&script);
    output::print(&with_shipped(arguments.shell, &script, &commands))?;
    Ok(Exit::Done)
}

/// The argument that takes a scenario, in all commands that have one.
const SCENARIO: &str = "scenario_file";

/// The argument that takes a second scenario.
const SECOND: &str = "second_scenario";

/// A script that also completes the names of shipped scenarios after these commands.
fn with_shipped(shell: Shell, script: &str, commands: &[String]) -> String {
    let names: Vec<&str> = SHIPPED.iter().map(|shipped| shipped.name).collect();
    let names = names.join(" ");
    match shell {
        Shell::Bash => {
            let commands = commands.join("|");
            format!(
                r#"{script}
# Where a scenario may stand: a shipped one, or a file.
_filas_or_scenario() {{
    if [[ "$2" != -* && "$3" != -* && "$COMP_CWORD" -ge 2 ]]; then
        case "${{COMP_WORDS[1]}}" in
            {commands})
                local IFS=$'\n'
                compopt -o filenames 2>/dev/null
                COMPREPLY=($(IFS=' ' compgen -W "{names}" -- "$2") $(compgen -f -- "$2"))
                return 0
                ;;
        esac
    fi
    _filas "$@"
}}
complete -F _filas_or_scenario -o bashdefault -o default filas
"#
            )
        }
        Shell::Zsh => {
            let both = format!(
                "_filas_scenarios() {{\n    _alternative 'shipped:shipped scenario:({names})' \
                 'files:scenario file:_files'\n}}\n\n"
            );
            let lines = script.split_inclusive('\n').map(|line| {
                let takes = |name: &str| {
                    let words = line.trim_start_matches('\'').trim_start_matches(':');
                    line.starts_with("':") && words.starts_with(&format!("{name} "))
                };
                let takes_scenario = takes(SCENARIO) || takes(SECOND);
                match line
                    .strip_suffix(":_files' \\\n")
                    .filter(|_| takes_scenario)
                {
                    Some(start) => format!("{start}:_filas_scenarios' \\\n"),
                    None => line.to_owned(),
                }
            });
            let begin = "\n_filas() {";
            lines
                .collect::<String>()
                .replacen(begin, &format!("\n{both}_filas() {{"), 1)
        }
        Shell::Fish => {
            let seen = format!("__fish_seen_subcommand_from {}", commands.join(" "));
            format!("{script}complete -c filas -n \"{seen}\" -a \"{names}\"\n")
        }
        Shell::PowerShell => {
            let candidate = |name: &str, question: &str| {
                format!(
                    "\n            [CompletionResult]::new('{name}', '{name}', \
                     [CompletionResultType]::ParameterValue, '{question}')"
                )
            };
            after_each(
                script,
                commands,
                |name| format!("\n        'filas;{name}' {{"),
                candidate,
            )
        }
        Shell::Elvish => {
            let candidate =
                |name: &str, question: &str| format!("\n            cand {name} '{question}'");
            after_each(
                script,
                commands,
                |name| format!("\n        &'filas;{name}'= {{"),
                candidate,
            )
        }
        // The enumeration may grow.
        _ => script.to_owned(),
    }
}

/// A script with a candidate for each shipped scenario at the head of each command's part.
fn after_each(
    script: &str,
    commands: &[String],
    head: impl Fn(&str) -> String,
    candidate: impl Fn(&str, &str) -> String,
) -> String {
    let shipped = SHIPPED.iter();
    let candidates: String = shipped
        .map(|one| candidate(one.name, &one.question().replace('\'', "''")))
        .collect();
    commands.iter().fold(script.to_owned(), |script, command| {
        let head = head(command);
        script.replacen(&head, &format!("{head}{candidates}"), 1)
    })
}
