//! Hyperparameters as far as somebody has chosen them: by flags, or in the configuration.

use std::collections::BTreeMap;

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, builder::ValueParser, error::Error, value_parser,
};

use crate::train::{Flag, Hyperparameter, Hyperparameters, Kind, Value};

/// What was asked for, to be told from what is merely the default.
#[derive(Clone, Debug, Default)]
pub(crate) struct HyperArgs(BTreeMap<Hyperparameter, Value>);

impl HyperArgs {
    pub(crate) fn get(&self, which: Hyperparameter) -> Option<Value> {
        self.0.get(&which).copied()
    }

    /// What is chosen here, else there.
    pub(crate) fn or(self, mut there: Self) -> Self {
        there.0.extend(self.0);
        there
    }

    /// The rest as the program has it.
    pub(crate) fn filled(&self) -> Hyperparameters {
        let mut hyper = Hyperparameters::default();
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
            let of_resumed = if which == Hyperparameter::Epochs { ", or the checkpoint's" } else { "" };
            arg(which, flag, flag.help, which.range(), &format!("{}{of_resumed}", which.default_value()))
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for HyperArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let chosen = |which: Hyperparameter| Some((which, *matches.get_one::<Value>(which.flag().name)?));
        Ok(Hyperparameter::ALL.iter().filter_map(|&which| chosen(which)).collect())
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?.or(std::mem::take(self));
        Ok(())
    }
}

/// Returns a flag of a hyperparameter, whose help ends with its range and its default.
pub(super) fn arg(which: Hyperparameter, flag: Flag, help: &str, range: Option<String>, default: &str) -> Arg {
    let separator = if which.names().is_some() { ": " } else { ", " };
    let range = range.map_or_else(String::new, |range| format!("{separator}{range}"));
    Arg::new(flag.name)
        .long(flag.name)
        .value_name(flag.value)
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
