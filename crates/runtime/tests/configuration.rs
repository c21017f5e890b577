//! The environment: values and messages for every variable, and what is displayed.

#![cfg(not(loom))]

use std::collections::HashMap;
use std::time::Duration;

use omply_runtime::config::{Config, DisplayEnv, SUPPORTED_ACTIVE_LEVELS, TargetOffload, display};
use omply_runtime::icv::{Bind, ScheduleKind};

fn read(values: &[(&str, &str)]) -> (Config, Vec<String>) {
    let map: HashMap<String, String> = values
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    Config::from_environment(|name| map.get(name).cloned())
}

fn accepted(name: &str, value: &str) -> Config {
    let (config, complaints) = read(&[(name, value)]);
    assert_eq!(complaints, Vec::<String>::new(), "{name}={value}");
    config
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let (config, complaints) = read(&[]);
    assert!(complaints.is_empty());
    assert_eq!(config.num_threads, [config.num_procs]);
    assert_eq!(
        (
            config.dynamic,
            config.cancellation,
            config.max_active_levels
        ),
        (false, false, 1)
    );
    assert_eq!(
        (config.bind.as_slice(), config.thread_limit),
        ([Bind::False].as_slice(), i32::MAX)
    );
    assert_eq!(
        (config.stack_size, config.blocktime),
        (8 << 20, Duration::from_millis(2))
    );
    assert_eq!(config.schedule.kind, ScheduleKind::Static);
}

#[test]
fn values_are_read_in_any_case_and_with_blanks() {
    assert_eq!(
        accepted("OMP_NUM_THREADS", " 4, 3,2 ").num_threads,
        [4, 3, 2]
    );
    assert_eq!(
        accepted("OMP_NUM_THREADS", "4,3").max_active_levels,
        SUPPORTED_ACTIVE_LEVELS
    );
    assert_eq!(
        accepted("OMP_NUM_THREADS", "N_Threads").num_threads,
        [accepted("OMP_DYNAMIC", "false").num_procs]
    );
    assert!(accepted("OMP_DYNAMIC", "TRUE").dynamic);
    assert_eq!(accepted("OMP_MAX_ACTIVE_LEVELS", "0").max_active_levels, 0);
    assert_eq!(accepted("OMP_THREAD_LIMIT", "9").thread_limit, 9);
    assert_eq!(
        accepted("OMP_PROC_BIND", "Spread, close").bind,
        [Bind::Spread, Bind::Close]
    );
    assert_eq!(accepted("OMP_PROC_BIND", "true").bind, [Bind::True]);
    assert_eq!(accepted("OMP_STACKSIZE", "3").stack_size, 3 << 10);
    assert_eq!(accepted("OMP_STACKSIZE", "300 k").stack_size, 300 << 10);
    assert_eq!(accepted("OMP_STACKSIZE", "2M").stack_size, 2 << 20);
    assert_eq!(accepted("OMP_STACKSIZE", "70000B").stack_size, 70000);
    assert_eq!(
        accepted("OMP_WAIT_POLICY", "PASSIVE").blocktime,
        Duration::ZERO
    );
    assert!(accepted("OMP_WAIT_POLICY", "active").blocktime > Duration::from_millis(100));
    assert_eq!(
        accepted("OMPLY_BLOCKTIME", "50us").blocktime,
        Duration::from_micros(50)
    );
    assert_eq!(
        accepted("OMPLY_BLOCKTIME", "7").blocktime,
        Duration::from_millis(7)
    );
    assert!(accepted("OMP_CANCELLATION", "true").cancellation);
    assert_eq!(
        accepted("OMP_DISPLAY_ENV", "verbose").display_env,
        DisplayEnv::Verbose
    );
    assert_eq!(
        accepted("OMP_TARGET_OFFLOAD", "mandatory").target_offload,
        TargetOffload::Mandatory
    );
    assert_eq!(accepted("OMP_MAX_TASK_PRIORITY", "3").max_task_priority, 3);
    assert_eq!(accepted("OMP_NUM_TEAMS", "3").num_teams, 3);
    assert_eq!(
        accepted("OMP_TEAMS_THREAD_LIMIT", "3").teams_thread_limit,
        3
    );
    assert_eq!(accepted("OMP_DEFAULT_DEVICE", "1").default_device, 1);
    assert_eq!(accepted("OMP_AFFINITY_FORMAT", "%n").affinity_format, "%n");
    assert!(accepted("OMP_DISPLAY_AFFINITY", "true").display_affinity);
}

#[test]
fn schedules_are_read_with_modifier_and_chunk() {
    for (text, kind, chunk, monotonic) in [
        ("static", ScheduleKind::Static, 0, true),
        ("dynamic,4", ScheduleKind::Dynamic, 4, false),
        ("monotonic:guided, 7", ScheduleKind::Guided, 7, true),
        ("NonMonotonic:static", ScheduleKind::Static, 0, false),
        ("auto", ScheduleKind::Auto, 0, false),
    ] {
        let schedule = accepted("OMP_SCHEDULE", text).schedule;
        assert_eq!(
            (schedule.kind, schedule.chunk, schedule.monotonic),
            (kind, chunk, monotonic),
            "{text}"
        );
    }
}

#[test]
fn the_all_suffix_counts_for_the_host_unless_the_plain_name_is_set() {
    let (config, _) = read(&[("OMP_NUM_THREADS_ALL", "6")]);
    assert_eq!(config.num_threads, [6]);
    let (config, _) = read(&[("OMP_NUM_THREADS_ALL", "6"), ("OMP_NUM_THREADS", "5")]);
    assert_eq!(config.num_threads, [5]);
    let (config, _) = read(&[("OMP_CANCELLATION_ALL", "true")]);
    assert!(!config.cancellation, "global ICVs have no suffixed form");
}

#[test]
fn places_are_read() {
    let first = omply_runtime::topology::machine().usable[0];
    assert_eq!(
        accepted("OMP_PLACES", &format!("{{{first}}}")).places,
        [[first]]
    );
    assert_eq!(
        accepted("OMP_PLACES", &format!("{first}")).places,
        [[first]]
    );
    assert_eq!(
        accepted("OMP_PLACES", &format!("{{{first}:1}}:1:3")).places,
        [[first]]
    );
    assert_eq!(
        accepted("OMP_PLACES", "threads").places.len(),
        omply_runtime::topology::machine().usable.len()
    );
    assert_eq!(accepted("OMP_PLACES", "cores(1)").places.len(), 1);
    // Places ask for binding.
    assert_eq!(accepted("OMP_PLACES", "cores").bind, [Bind::True]);
    let all = omply_runtime::topology::machine().usable.clone();
    if all.len() > 1 && all[1] == all[0] + 1 {
        let (a, b) = (all[0], all[1]);
        assert_eq!(
            accepted("OMP_PLACES", &format!("{{{a}:2}}")).places,
            [[a, b]]
        );
        assert_eq!(
            accepted("OMP_PLACES", &format!("{{{a}}}:2:1")).places,
            [[a], [b]]
        );
        assert_eq!(
            accepted("OMP_PLACES", &format!("{{{b}}}:2:-1")).places,
            [[b], [a]]
        );
        assert_eq!(
            accepted("OMP_PLACES", &format!("{{{a}:2,!{a}}}")).places,
            [[b]]
        );
        assert_eq!(
            accepted("OMP_PLACES", &format!("{{{a}}}:2,!{{{b}}}")).places,
            [[a]]
        );
    }
}

#[test]
fn malformed_values_are_named_with_what_is_accepted() {
    let bad = [
        ("OMP_NUM_THREADS", "0"),
        ("OMP_NUM_THREADS", "4,,2"),
        ("OMP_NUM_THREADS", "n_moons"),
        ("OMP_DYNAMIC", "maybe"),
        ("OMP_SCHEDULE", "dynamic,0"),
        ("OMP_SCHEDULE", "fast"),
        ("OMP_STACKSIZE", "12X"),
        ("OMP_WAIT_POLICY", "lazy"),
        ("OMP_MAX_ACTIVE_LEVELS", "-1"),
        ("OMP_THREAD_LIMIT", "0"),
        ("OMP_PROC_BIND", "true,close"),
        ("OMP_PLACES", "{0:4"),
        ("OMP_PLACES", "planets"),
        ("OMP_PLACES", "{99999}"),
        ("OMP_CANCELLATION", "2"),
        ("OMP_DISPLAY_ENV", "loud"),
        ("OMP_TARGET_OFFLOAD", "no"),
        ("OMP_DEFAULT_DEVICE", "x"),
        ("OMP_MAX_TASK_PRIORITY", "x"),
        ("OMP_NUM_TEAMS", "-2"),
        ("OMP_TEAMS_THREAD_LIMIT", "x"),
        ("OMPLY_BLOCKTIME", "3 weeks"),
    ];
    for (name, value) in bad {
        let (config, complaints) = read(&[(name, value)]);
        let (defaults, _) = read(&[]);
        assert_eq!(complaints.len(), 1, "{name}={value}");
        assert!(
            complaints[0].starts_with(&format!("omply: {name}='{value}' is ignored: expected ")),
            "{}",
            complaints[0]
        );
        assert_eq!(
            format!("{config:?}"),
            format!("{defaults:?}"),
            "{name}={value} counts as unset"
        );
    }
}

#[test]
fn variables_without_effect_are_named() {
    for name in [
        "OMP_ALLOCATOR",
        "OMP_TOOL",
        "OMP_THREADS_RESERVE",
        "OMP_NESTED",
    ] {
        let (_, complaints) = read(&[(name, "x")]);
        assert_eq!(
            complaints,
            [format!(
                "omply: {name}='x' is ignored: the variable is not supported"
            )]
        );
    }
}

#[test]
fn the_display_has_the_layout_of_the_specification() {
    let (config, _) = read(&[
        ("OMP_NUM_THREADS", "4,3"),
        ("OMP_SCHEDULE", "guided,4"),
        ("OMP_PLACES", "threads(1)"),
    ]);
    let text = display(&config, false);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[1..3],
        ["OPENMP DISPLAY ENVIRONMENT BEGIN", "  _OPENMP='202411'"]
    );
    assert_eq!(lines.last(), Some(&"OPENMP DISPLAY ENVIRONMENT END"));
    assert!(lines.contains(&"  [host] OMP_NUM_THREADS='4,3'"));
    assert!(lines.contains(&"  [host] OMP_SCHEDULE='GUIDED,4'"));
    assert!(!text.contains("OMPLY_"));
    assert!(display(&config, true).contains("  [host] OMPLY_BLOCKTIME='2000us'"));
}
