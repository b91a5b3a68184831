//! Hyperparameters set by flags or in the configuration.

use std::collections::BTreeMap;

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, builder::ValueParser, error::Error, value_parser,
};

use crate::train::{Flag, Group, Hyperparameter, Hyperparameters, Kind, Value};

/// Hyperparameters that were set, as opposed to those left at their defaults.
#[derive(Clone, Debug, Default)]
pub(crate) struct HyperArgs(BTreeMap<Hyperparameter, Value>);

impl HyperArgs {
    pub(crate) fn get(&self, which: Hyperparameter) -> Option<Value> {
        self.0.get(&which).copied()
    }

    /// Returns the values without some hyperparameters'.
    pub(crate) fn without(mut self, left_out: &[Hyperparameter]) -> Self {
        self.0.retain(|which, _| !left_out.contains(which));
        self
    }

    /// Adds the values of `fallback` that are not set here.
    pub(crate) fn or(self, mut fallback: Self) -> Self {
        fallback.0.extend(self.0);
        fallback
    }

    /// Fills in the values of `others`.
    pub(crate) fn filled(&self, others: Hyperparameters) -> Hyperparameters {
        let mut hyper = others;
        self.0.iter().for_each(|(&which, &value)| hyper.set(which, value));
        hyper
    }
}

impl FromIterator<(Hyperparameter, Value)> for HyperArgs {
    fn from_iter<I: IntoIterator<Item = (Hyperparameter, Value)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Args for HyperArgs {
    fn augment_args(command: Command) -> Command {
        command.args(Hyperparameter::ALL.iter().map(|&which| {
            let flag = which.flag();
            let of_checkpoint = if which == Hyperparameter::Epochs { ", or the checkpoint's" } else { "" };
            arg(which, flag, flag.help, which.range(), &format!("{}{of_checkpoint}", which.default_value()))
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for HyperArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let set = |which: Hyperparameter| Some((which, *matches.get_one::<Value>(which.flag().name)?));
        Ok(Hyperparameter::ALL.iter().filter_map(|&which| set(which)).collect())
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?.or(std::mem::take(self));
        Ok(())
    }
}

/// Returns the flag of a hyperparameter, with its range and default at the end of the help.
pub(super) fn arg(which: Hyperparameter, flag: Flag, help: &str, range: Option<String>, default: &str) -> Arg {
    let separator = if which.names().is_some() { ": " } else { ", " };
    let range = range.map_or_else(String::new, |range| format!("{separator}{range}"));
    Arg::new(flag.name)
        .long(flag.name)
        .value_name(flag.value)
        .help_heading(which.group().map(Group::heading))
        .help(format!("{help}{range} [default: {default}]"))
        .value_parser(parser(which))
        .allow_negative_numbers(matches!(which.kind(), Kind::Real { .. }))
        .action(ArgAction::Set)
}

fn parser(which: Hyperparameter) -> ValueParser {
    use clap::builder::TypedValueParser as _;
    match which.kind() {
        Kind::Names(_) => ValueParser::new(move |text: &str| which.parse(text)),
        Kind::Real { .. } => ValueParser::new(|text: &str| text.parse().map(Value::Real)),
        Kind::Whole { range: (_, most), .. } if most > u32::MAX.into() => value_parser!(u64).map(Value::Whole).into(),
        Kind::Whole { .. } => value_parser!(u32).map(Value::from).into(),
    }
}
