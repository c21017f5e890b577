//! What `OMP_DISPLAY_ENV` and `omp_display_env` print.

use std::fmt::Display;

use super::devices::{INITIAL_DEVICE, INVALID_DEVICE};
use super::{Config, DeviceValue, Scope, TargetOffload, ToolVerbose};
use crate::icv::Bind;

/// The text, as the specification lays it out: for each variable the host's value (`[all]` where there is only one), then
/// those of devices.
pub fn display(config: &Config, verbose: bool) -> String {
    let mut text = String::from("\nOPENMP DISPLAY ENVIRONMENT BEGIN\n  _OPENMP='202411'\n");
    for (name, is_global, value) in values(config, verbose) {
        let scope = if is_global { "all" } else { "host" };
        text.push_str(&format!("  [{scope}] {name}='{value}'\n"));
        let mut of_devices: Vec<&DeviceValue> = config
            .device_values
            .iter()
            .filter(|value| value.name == name)
            .collect();
        of_devices.sort_by_key(|value| value.scope);
        for DeviceValue { scope, value, .. } in of_devices {
            let scope = match scope {
                // For the host the value is among its own already.
                Scope::All | Scope::Devices => "device".to_owned(),
                Scope::Device(number) => format!("dev {number}"),
            };
            let value = if name == "OMP_AFFINITY_FORMAT" {
                value.clone()
            } else {
                value.to_uppercase()
            };
            text.push_str(&format!("  [{scope}] {name}='{value}'\n"));
        }
    }
    text.push_str("OPENMP DISPLAY ENVIRONMENT END\n");
    text
}

/// Name, whether host and devices share it, and value of each variable.
fn values(config: &Config, verbose: bool) -> Vec<(&'static str, bool, String)> {
    let mut all = Vec::new();
    let mut one = |name, is_global, value: String| all.push((name, is_global, value));
    let (global, host) = (true, false);
    let path = |path: &std::path::Path| path.display().to_string();
    one("OMP_AFFINITY_FORMAT", host, config.affinity_format.clone());
    one("OMP_ALLOCATOR", host, config.allocator.to_string());
    let devices = config.available_devices.as_ref();
    one(
        "OMP_AVAILABLE_DEVICES",
        global,
        devices.map_or_else(|| "*".to_owned(), |devices| devices.text.clone()),
    );
    one("OMP_CANCELLATION", global, boolean(config.cancellation));
    one("OMP_DEBUG", global, switch(config.debug));
    one(
        "OMP_DEFAULT_DEVICE",
        host,
        match default_device(config) {
            INITIAL_DEVICE => "INITIAL".to_owned(),
            INVALID_DEVICE => "INVALID".to_owned(),
            number => number.to_string(),
        },
    );
    one(
        "OMP_DISPLAY_AFFINITY",
        global,
        boolean(config.display_affinity),
    );
    one("OMP_DYNAMIC", host, boolean(config.dynamic));
    one(
        "OMP_MAX_ACTIVE_LEVELS",
        host,
        config.max_active_levels.to_string(),
    );
    one(
        "OMP_MAX_TASK_PRIORITY",
        global,
        config.max_task_priority.to_string(),
    );
    one("OMP_NUM_TEAMS", host, config.num_teams.to_string());
    one("OMP_NUM_THREADS", host, joined(&config.num_threads));
    let places: Vec<String> = config
        .places
        .iter()
        .map(|place| format!("{{{}}}", joined(place)))
        .collect();
    one("OMP_PLACES", host, places.join(","));
    let policies: Vec<&str> = config.bind.iter().map(|bind| bind_name(*bind)).collect();
    one("OMP_PROC_BIND", host, policies.join(","));
    one(
        "OMP_SCHEDULE",
        host,
        config.schedule.to_string().to_uppercase(),
    );
    one("OMP_STACKSIZE", host, format!("{}B", config.stack_size));
    let offload = match config.target_offload {
        TargetOffload::Default => "DEFAULT",
        TargetOffload::Mandatory => "MANDATORY",
        TargetOffload::Disabled => "DISABLED",
    };
    one("OMP_TARGET_OFFLOAD", global, offload.to_owned());
    one(
        "OMP_TEAMS_THREAD_LIMIT",
        host,
        config.teams_thread_limit.to_string(),
    );
    one(
        "OMP_THREADS_RESERVE",
        host,
        format!(
            "STRUCTURED({}),FREE_AGENT({})",
            config.reserved.structured, config.reserved.free_agent
        ),
    );
    one("OMP_THREAD_LIMIT", host, config.thread_limit.to_string());
    one("OMP_TOOL", global, switch(config.tool));
    let libraries: Vec<String> = config.tool_libraries.iter().map(|p| path(p)).collect();
    one("OMP_TOOL_LIBRARIES", global, libraries.join(":"));
    one(
        "OMP_TOOL_VERBOSE_INIT",
        global,
        match &config.tool_verbose {
            ToolVerbose::Disabled => "DISABLED".to_owned(),
            ToolVerbose::Stdout => "STDOUT".to_owned(),
            ToolVerbose::Stderr => "STDERR".to_owned(),
            ToolVerbose::File(file) => path(file),
        },
    );
    let active = config.wait_policy == Some(true);
    one(
        "OMP_WAIT_POLICY",
        host,
        if active { "ACTIVE" } else { "PASSIVE" }.to_owned(),
    );
    if verbose {
        one(
            "OMPLY_BLOCKTIME",
            host,
            format!("{}us", config.blocktime.as_micros()),
        );
    }
    all
}

fn boolean(value: bool) -> String {
    if value { "TRUE" } else { "FALSE" }.to_owned()
}

fn switch(value: bool) -> String {
    if value { "ENABLED" } else { "DISABLED" }.to_owned()
}

fn joined<T: Display>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    items.join(",")
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

/// default-device-var's initial value; devices are looked for where it depends on them.
fn default_device(config: &Config) -> i32 {
    if config.default_choices.is_some() && std::ptr::eq(config, super::config()) {
        crate::devices::default_device()
    } else {
        config.default_device
    }
}
