//! Text for the user's terminal. A closed stream is no error of the program, so failures to write are ignored.

use std::fmt::Display;
use std::io::Write as _;

/// Writes a line to stderr.
pub fn warn(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Writes text that ends its own lines to stderr.
pub fn show(text: impl Display) {
    let _ = write!(std::io::stderr(), "{text}");
}

/// Writes a line to stdout.
pub fn print(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Ends the process with a message, where OpenMP says that the program terminates.
pub fn fatal(text: impl Display) -> ! {
    warn(format_args!("omply: error: {text}"));
    std::process::exit(1);
}
