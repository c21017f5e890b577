//! `OMPLY_TRACE`: a line on stderr for each map, copy and kernel.

use std::fmt;
use std::sync::OnceLock;

/// Is tracing on?
pub fn is_on() -> bool {
    static ON: OnceLock<bool> = OnceLock::new();
    *ON.get_or_init(|| omply_runtime::config().trace)
}

/// Writes a line about a device, if tracing is on; arguments are only made then.
pub fn event(device: i32, text: impl FnOnce() -> String) {
    if is_on() {
        write(format_args!("omply: device {device}: {}", text()));
    }
}

fn write(line: fmt::Arguments<'_>) {
    use std::io::Write as _;
    // A closed stream is no error of the program.
    let _ = writeln!(std::io::stderr(), "{line}");
}
