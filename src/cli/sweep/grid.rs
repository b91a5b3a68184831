//! One flag per hyperparameter of a sweep: with several values, or with one for all runs.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, error::Error};

use crate::{
    cli::{UsageError, hyper::arg},
    sweep::Grid,
    train::{Hyperparameter, Recipe, Value},
};

/// Flag of the recipe.
const RECIPE: &str = "recipe";

/// Grid set by flags.
#[derive(Clone, Debug)]
pub(super) struct GridArgs(Grid);

impl GridArgs {
    pub(super) fn grid(&self) -> Result<Grid, UsageError> {
        self.0.validate().map_err(UsageError::new)?;
        Ok(self.0.clone())
    }
}

impl Args for GridArgs {
    fn augment_args(command: Command) -> Command {
        let (swept, others): (Vec<_>, Vec<_>) = Grid::order().partition(|which| which.is_swept());
        let recipe = Arg::new(RECIPE)
            .long(RECIPE)
            .value_name("NAME")
            .help("Begin with the values of a recipe instead of the report's grid: report, fast or best")
            .value_parser(|name: &str| name.parse::<Recipe>());
        command.arg(recipe).args(swept.into_iter().chain(others).map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn flag(which: Hyperparameter) -> Arg {
    let default: Vec<String> = Grid::default().values(which).iter().map(Value::to_string).collect();
    let default = default.join(",");
    match which.swept_flag() {
        Some(flag) => {
            let range = which.range().filter(|_| which.names().is_none());
            arg(which, flag, flag.help, range, &default).action(ArgAction::Append).value_delimiter(',')
        }
        None => arg(which, which.flag(), &format!("{} of every run", which.column()), which.range(), &default),
    }
}

fn name(which: Hyperparameter) -> &'static str {
    which.swept_flag().unwrap_or(which.flag()).name
}

impl FromArgMatches for GridArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let recipe = matches.get_one::<Recipe>(RECIPE);
        let mut args = Self(recipe.map_or_else(Grid::default, |recipe| Grid::of(&recipe.hyperparameters())));
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        for which in Grid::order() {
            if let Some(values) = matches.get_many::<Value>(name(which)) {
                self.0 = self.0.clone().with(which, values.copied());
            }
        }
        Ok(())
    }
}
