//! Arguments before they are parsed: flags before the subcommand have the same meaning as after it, and those of a
//! background process are hidden.

use std::{env, ffi::OsString};

use clap::{ArgAction, Command};

/// Hidden flag of the process of a background run or sweep.
pub(super) const BACKGROUND: &str = "--background";
/// Hidden flag of one that begins paused.
pub(super) const PAUSED: &str = "--paused";
/// Hidden flag of a sweep that leaves out runs: their numbers follow.
pub(super) const DROPPED: &str = "--dropped=";

/// Returns the arguments of this program as its user gave them: without those that only a background process gets.
pub(super) fn own() -> Vec<OsString> {
    let is_background = env::args_os().any(|word| word == BACKGROUND);
    let is_ours = |word: &OsString| {
        word == BACKGROUND || word == PAUSED || word.as_encoded_bytes().starts_with(DROPPED.as_bytes())
    };
    env::args_os().skip(1).filter(|word| !is_background || !is_ours(word)).collect()
}

/// Moves the subcommand before the flags that precede it: `--theme dark train` becomes `train --theme dark`. Arguments
/// that cannot be understood stay in their places, for the parser to report.
pub(super) fn with_subcommand_first(mut arguments: Vec<OsString>, program: &Command) -> Vec<OsString> {
    if let Some((at, words)) = subcommand(&arguments, program) {
        arguments[1..at + words].rotate_right(words);
    }
    arguments
}

/// Returns where the subcommand is, and its number of words: two for `data fetch`.
fn subcommand(arguments: &[OsString], program: &Command) -> Option<(usize, usize)> {
    let mut at = 1;
    loop {
        let argument = arguments.get(at)?.to_str()?;
        if !argument.starts_with('-') {
            let found = program.find_subcommand(argument)?;
            let next = arguments.get(at + 1).and_then(|next| next.to_str());
            return Some((at, 1 + usize::from(next.is_some_and(|next| found.find_subcommand(next).is_some()))));
        }
        let has_value = has_value(argument, program)?;
        let next_is_flag = arguments.get(at + 1).is_some_and(|next| next.as_encoded_bytes().starts_with(b"-"));
        at += if has_value && !next_is_flag { 2 } else { 1 };
    }
}

/// Returns whether the next argument may be the value of this one; `None` if no subcommand has such a flag.
fn has_value(argument: &str, program: &Command) -> Option<bool> {
    let (name, value) = match argument.strip_prefix("--")?.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (&argument[2..], None),
    };
    let action = action(name, program)?;
    Some(value.is_none() && action.takes_values())
}

/// Returns the action of a flag of the program or of one of its subcommands.
fn action<'a>(name: &str, command: &'a Command) -> Option<&'a ArgAction> {
    let own = command.get_arguments().find(|argument| argument.get_long() == Some(name));
    own.map(clap::Arg::get_action).or_else(|| command.get_subcommands().find_map(|each| action(name, each)))
}
