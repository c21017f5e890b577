//! The environment: values and messages for every variable, and what is displayed.

#![cfg(not(loom))]

#[path = "common/environment.rs"]
mod environment;

use std::path::PathBuf;
use std::time::Duration;

use environment::{accepted, read};
use omply_runtime::config::{
    DisplayEnv, SUPPORTED_ACTIVE_LEVELS, TargetOffload, ToolVerbose, display,
};
use omply_runtime::icv::{Bind, ScheduleKind};

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
fn tools_and_allocators_are_handed_on() {
    assert!(accepted("OMP_DYNAMIC", "false").tool && !accepted("OMP_TOOL", "Disabled").tool);
    assert_eq!(
        accepted("OMP_TOOL_LIBRARIES", "/a/Tool.so::b.so").tool_libraries,
        [PathBuf::from("/a/Tool.so"), PathBuf::from("b.so")]
    );
    assert_eq!(
        accepted("OMP_TOOL_VERBOSE_INIT", "STDERR").tool_verbose,
        ToolVerbose::Stderr
    );
    assert_eq!(
        accepted("OMP_TOOL_VERBOSE_INIT", "Log.txt").tool_verbose,
        ToolVerbose::File("Log.txt".into())
    );
    assert_eq!(
        accepted(
            "OMP_ALLOCATOR",
            "omp_high_bw_mem_space:alignment=16,pinned=true"
        )
        .allocator
        .to_string(),
        "omp_high_bw_mem_space:alignment=16,pinned=true"
    );
    let (config, complaints) = read(&[("OMP_DEBUG", "enabled")]);
    assert!(config.debug);
    assert_eq!(
        complaints,
        ["omply: OMP_DEBUG='enabled' has no effect: there is no interface for debuggers"]
    );
    assert!(!accepted("OMP_DEBUG", "disabled").debug);
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
        ("OMP_PLACES", "{0}:0"),
        ("OMP_PLACES", "{0:-1}"),
        ("OMP_PLACES", "{1}:2:-2"),
        ("OMP_PLACES", "{-1}"),
        ("OMP_PLACES", "{}"),
        ("OMP_PLACES", ""),
        ("OMP_PLACES", "cores(0)"),
        ("OMP_PLACES", "cores(2:0)"),
        ("OMP_PLACES", "cores(2"),
        ("OMP_PLACES", "cores()"),
        ("OMP_PLACES", "{0},cores"),
        ("OMP_PLACES", "{0}:1000000000"),
        ("OMP_PLACES", "{0:60000}:60000"),
        ("OMP_PLACES", "!{0}"),
        ("OMP_PROC_BIND", "near"),
        ("OMP_PROC_BIND", ""),
        ("OMP_NESTED", "deep"),
        ("OMP_ALLOCATOR", " "),
        ("OMP_AVAILABLE_DEVICES", "kind(host)"),
        ("OMP_AVAILABLE_DEVICES", "device_num(1)"),
        ("OMP_AVAILABLE_DEVICES", "kind(gpu)&&arch(x)||isa(y)"),
        ("OMP_AVAILABLE_DEVICES", "*[1"),
        ("OMP_AVAILABLE_DEVICES", "*[a]"),
        ("OMP_AVAILABLE_DEVICES", "*,"),
        ("OMP_AVAILABLE_DEVICES", "colour(red)"),
        ("OMP_DEFAULT_DEVICE", "-1"),
        ("OMP_DEFAULT_DEVICE", "0,,1"),
        ("OMP_DEFAULT_DEVICE", "kind(gpu"),
        ("OMP_DEFAULT_DEVICE", "(kind(gpu)"),
        ("OMP_DEBUG", "true"),
        ("OMP_TOOL", "true"),
        ("OMP_TOOL_VERBOSE_INIT", ""),
        ("OMP_DISPLAY_AFFINITY", "x"),
        ("KMP_BLOCKTIME", "-1"),
        ("KMP_AFFINITY", "everywhere"),
        ("KMP_AFFINITY", "explicit"),
        ("KMP_AFFINITY", "granularity=planet,compact"),
        ("KMP_AFFINITY", "compact,scatter"),
        ("KMP_STACKSIZE", "x"),
        ("GOMP_CPU_AFFINITY", "3-1"),
        ("GOMP_CPU_AFFINITY", "99"),
        ("GOMP_SPINCOUNT", "many"),
        ("GOMP_STACKSIZE", "-4"),
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

#[test]
fn misspelt_names_are_answered_with_the_right_one() {
    for (name, meant) in [
        ("OMP_NUM_THREAD", "OMP_NUM_THREADS"),
        ("OMP_SHEDULE", "OMP_SCHEDULE"),
        ("OMP_STACK_SIZE", "OMP_STACKSIZE"),
        ("OMP_PLACE", "OMP_PLACES"),
        ("OMPLY_BLOCK_TIME", "OMPLY_BLOCKTIME"),
    ] {
        let (_, complaints) = read(&[(name, "1")]);
        assert_eq!(
            complaints,
            [format!(
                "omply: {name}='1' is ignored: there is no such variable, did you mean {meant}?"
            )]
        );
    }
    // Names of other programs.
    for name in ["OMP_MY_OWN", "OMP_X", "KMP_SETTINGS", "OMP_TOOL"] {
        let (_, complaints) = read(&[(name, "enabled")]);
        assert_eq!(complaints, Vec::<String>::new(), "{name}");
    }
}

/// Values put together at random from the pieces of all grammars: each is accepted or complained about, and never more than that.
#[test]
fn no_value_makes_the_reading_fail() {
    let pieces = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ",",
        ":",
        "!",
        "-",
        "*",
        "&&",
        "||",
        "0",
        "1",
        "7",
        "64",
        "99999999999999999999",
        "-3",
        " ",
        "true",
        "cores",
        "threads",
        "n_cores",
        "close",
        "spread",
        "static",
        "dynamic",
        "monotonic",
        "kind",
        "host",
        "uid",
        "k",
        "M",
        "structured",
        "free_agent",
        "compact",
        "proclist=",
        "granularity=",
        "\u{e9}",
        "=",
        "initial",
    ];
    let names = [
        "OMP_PLACES",
        "OMP_NUM_THREADS",
        "OMP_PROC_BIND",
        "OMP_SCHEDULE",
        "OMP_STACKSIZE",
        "OMP_THREADS_RESERVE",
        "OMP_AVAILABLE_DEVICES",
        "OMP_DEFAULT_DEVICE",
        "OMP_THREAD_LIMIT",
        "OMP_DISPLAY_ENV",
        "KMP_AFFINITY",
        "GOMP_CPU_AFFINITY",
        "GOMP_SPINCOUNT",
        "KMP_BLOCKTIME",
        "OMP_PLACES_DEV_1",
        "OMP_TOOL_LIBRARIES",
    ];
    let mut seed = 12345u64;
    let mut random = |below: usize| {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (seed >> 33) as usize % below
    };
    for _ in 0..20_000 {
        let length = random(9);
        let value: String = (0..length).map(|_| pieces[random(pieces.len())]).collect();
        let name = names[random(names.len())];
        let (config, complaints) = read(&[(name, &value)]);
        assert!(complaints.len() <= 1, "{name}='{value}'");
        assert!(!display(&config, true).is_empty());
    }
}
