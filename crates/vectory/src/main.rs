//! The `vectory` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    vectory::cli::main()
}
