//! `completions`: prints a shell's completion script.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Status, output::print_raw};

const WHERE: &str = "\
Examples:
  lenet-monitor completions bash > ~/.local/share/bash-completion/completions/lenet-monitor
  lenet-monitor completions zsh > \"${fpath[1]}/_lenet-monitor\"
  lenet-monitor completions fish > ~/.config/fish/completions/lenet-monitor.fish";

#[derive(Debug, Args)]
#[command(after_help = WHERE)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, ignore_case = true)]
    shell: Shell,
}

pub(crate) fn run(args: CompletionsArgs) -> anyhow::Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "lenet-monitor", &mut script);
    print_raw(&String::from_utf8_lossy(&script))?;
    Ok(Status::Done)
}
