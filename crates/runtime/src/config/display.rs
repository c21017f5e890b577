//! What `OMP_DISPLAY_ENV` and `omp_display_env` print.

use std::fmt::Write as _;

use super::{Config, TargetOffload};
use crate::icv::Bind;

/// The text, as the specification lays it out.
pub fn display(config: &Config, verbose: bool) -> String {
    let mut text = String::from("\nOPENMP DISPLAY ENVIRONMENT BEGIN\n  _OPENMP='202411'\n");
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  [host] {name}='{value}'");
    };
    let boolean = |value: bool| if value { "TRUE" } else { "FALSE" }.to_owned();
    line("OMP_AFFINITY_FORMAT", config.affinity_format.clone());
    line("OMP_CANCELLATION", boolean(config.cancellation));
    line("OMP_DEFAULT_DEVICE", config.default_device.to_string());
    line("OMP_DISPLAY_AFFINITY", boolean(config.display_affinity));
    line("OMP_DYNAMIC", boolean(config.dynamic));
    line(
        "OMP_MAX_ACTIVE_LEVELS",
        config.max_active_levels.to_string(),
    );
    line(
        "OMP_MAX_TASK_PRIORITY",
        config.max_task_priority.to_string(),
    );
    line("OMP_NUM_TEAMS", config.num_teams.to_string());
    line(
        "OMP_NUM_THREADS",
        config
            .num_threads
            .iter()
            .map(i32::to_string)
            .collect::<Vec<_>>()
            .join(","),
    );
    line(
        "OMP_PLACES",
        config
            .places
            .iter()
            .map(|place| braced(place))
            .collect::<Vec<_>>()
            .join(","),
    );
    line(
        "OMP_PROC_BIND",
        config
            .bind
            .iter()
            .map(|bind| bind_name(*bind))
            .collect::<Vec<_>>()
            .join(","),
    );
    line("OMP_SCHEDULE", config.schedule.to_string().to_uppercase());
    line("OMP_STACKSIZE", format!("{}B", config.stack_size));
    let offload = match config.target_offload {
        TargetOffload::Default => "DEFAULT",
        TargetOffload::Mandatory => "MANDATORY",
        TargetOffload::Disabled => "DISABLED",
    };
    line("OMP_TARGET_OFFLOAD", offload.to_owned());
    line(
        "OMP_TEAMS_THREAD_LIMIT",
        config.teams_thread_limit.to_string(),
    );
    line("OMP_THREAD_LIMIT", config.thread_limit.to_string());
    line(
        "OMP_WAIT_POLICY",
        if config.wait_policy == Some(true) {
            "ACTIVE"
        } else {
            "PASSIVE"
        }
        .to_owned(),
    );
    if verbose {
        line(
            "OMPLY_BLOCKTIME",
            format!("{}us", config.blocktime.as_micros()),
        );
    }
    text.push_str("OPENMP DISPLAY ENVIRONMENT END\n");
    text
}

fn braced(place: &[usize]) -> String {
    format!(
        "{{{}}}",
        place
            .iter()
            .map(usize::to_string)
            .collect::<Vec<_>>()
            .join(",")
    )
}

fn bind_name(bind: Bind) -> &'static str {
    match bind {
        Bind::False => "FALSE",
        Bind::True => "TRUE",
        Bind::Primary => "PRIMARY",
        Bind::Close => "CLOSE",
        Bind::Spread => "SPREAD",
    }
}
