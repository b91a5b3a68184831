//! `config`: what the user's configuration file says, where it is, and whether it holds.

mod file;

use clap::Args;

use super::{Status, output::print};
use crate::format::shown;

pub(super) use file::{CHECKPOINTS, Config, ConfigError, Defaults};

const NOTES: &str = "\
The file is TOML: `config show > FILE` makes a whole one to start from, and every line may be left out. Flags come before
it. It is looked for in $LENET_MONITOR_CONFIG, else $XDG_CONFIG_HOME/lenet-monitor/config.toml, else
~/.config/lenet-monitor/config.toml. A file that is not there is no error.

Exit codes:
  0  done
  1  the file is wrong, or cannot be read
  2  wrong usage";

#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    action: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    /// Print the configuration in force, as a file
    Show,
    /// Print where the file is looked for
    Path,
    /// Check the file: every error is told with its line and key
    Check,
}

pub(crate) fn run(args: ConfigArgs) -> anyhow::Result<Status> {
    let path = file::path();
    match args.action {
        Subcommand::Path => print(&match &path {
            Some(path) => shown(path) + "\n",
            None => "nowhere: neither LENET_MONITOR_CONFIG nor XDG_CONFIG_HOME nor HOME is set\n".to_owned(),
        })?,
        Subcommand::Show => print(&Config::load()?.toml())?,
        Subcommand::Check => {
            let config = Config::load()?;
            let found = config.path.as_ref().map(|path| shown(path));
            print(&match (found, path) {
                (Some(path), _) => format!("{path}: no errors\n"),
                (None, Some(path)) => format!("{}: not there; the defaults are in force\n", shown(&path)),
                (None, None) => "no file; the defaults are in force\n".to_owned(),
            })?;
        }
    }
    Ok(Status::Done)
}
