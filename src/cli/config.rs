//! `config`: prints the configuration, its path, or its errors.

mod file;

use clap::Args;

use super::{Status, output::print};
use crate::format::shown;

pub(super) use file::{CHECKPOINTS, Config, ConfigError, Defaults, OnHangup};

const NOTES: &str = "\
The file is TOML: `config show > FILE` writes a complete file to start from; any line may be omitted. Flags take
precedence. The file is looked for in $LENET_MONITOR_CONFIG, else $XDG_CONFIG_HOME/lenet-monitor/config.toml, else
~/.config/lenet-monitor/config.toml. A missing file is not an error.

Exit codes:
  0  done
  1  the file has errors, or cannot be read
  2  invalid arguments";

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
    /// Print the path where the file is expected
    Path,
    /// Check the file, and report every error with its line and key
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
                (None, Some(path)) => format!("{}: no such file; using the defaults\n", shown(&path)),
                (None, None) => "no file; using the defaults\n".to_owned(),
            })?;
        }
    }
    Ok(Status::Done)
}
