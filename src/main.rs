use std::process::ExitCode;

fn main() -> ExitCode {
    lenet_monitor::cli::main()
}
