//! The program: the command line of [`lenet_monitor::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    lenet_monitor::cli::main()
}
