//! The environment: values and messages for every variable, and what is displayed.

#![cfg(not(loom))]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use omply_runtime::config::{
    Config, DeviceValue, DisplayEnv, Reservation, SUPPORTED_ACTIVE_LEVELS, Scope, TargetOffload,
    ToolVerbose, display,
};
use omply_runtime::icv::{Bind, ScheduleKind};
use omply_runtime::topology::Machine;

/// A machine without files: eight processors, of which each is a core of its own.
fn eight() -> Machine {
    Machine::look(Path::new("/nowhere"), (0..8).collect())
}

fn read(values: &[(&str, &str)]) -> (Config, Vec<String>) {
    let map: BTreeMap<String, String> = values
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    Config::from_environment(&map, &eight())
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
    let cases: &[(&str, &[&[usize]])] = &[
        ("{3}", &[&[3]]),
        ("3", &[&[3]]),
        ("3,5", &[&[3], &[5]]),
        ("{0,2,4}", &[&[0, 2, 4]]),
        ("{4,0}", &[&[4, 0]]),
        ("{0:2}", &[&[0, 1]]),
        ("{0:3:2}", &[&[0, 2, 4]]),
        ("{5:3:-2}", &[&[5, 3, 1]]),
        ("{0:4},{4:4}", &[&[0, 1, 2, 3], &[4, 5, 6, 7]]),
        ("{0:4}:2:4", &[&[0, 1, 2, 3], &[4, 5, 6, 7]]),
        ("{0}:3", &[&[0], &[1], &[2]]),
        ("2:3:2", &[&[2], &[4], &[6]]),
        ("{4}:3:-1", &[&[4], &[3], &[2]]),
        ("{0:4,!2}", &[&[0, 1, 3]]),
        ("{0}:4,!{2}", &[&[0], &[1], &[3]]),
        ("{0:2}:4:2,!{2,3}", &[&[0, 1], &[4, 5], &[6, 7]]),
        ("{1,1,2,1}", &[&[1, 2]]),
        (" { 0 , 1 } , { 2 } ", &[&[0, 1], &[2]]),
        // What the process may not use is left out.
        ("{6:4}", &[&[6, 7]]),
        ("{6}:4", &[&[6], &[7]]),
        ("threads(3)", &[&[0], &[1], &[2]]),
        ("Threads(3:2)", &[&[0], &[2], &[4]]),
        ("threads(2:-3)", &[&[7], &[4]]),
        ("threads(3:7)", &[&[0], &[7]]),
        ("cores(2)", &[&[0], &[1]]),
        ("numa_domains", &[&[0, 1, 2, 3, 4, 5, 6, 7]]),
    ];
    for (text, expected) in cases {
        assert_eq!(accepted("OMP_PLACES", text).places, *expected, "{text}");
    }
    assert_eq!(accepted("OMP_PLACES", "threads").places.len(), 8);
    // Places ask for binding; without binding there are none.
    assert_eq!(accepted("OMP_PLACES", "cores").bind, [Bind::True]);
    assert_eq!(accepted("OMP_PROC_BIND", "close").places.len(), 8);
    assert!(accepted("OMP_DYNAMIC", "true").places.is_empty());
}

#[test]
fn abstract_numbers_stand_for_what_the_machine_has() {
    assert_eq!(
        accepted("OMP_NUM_THREADS", "n_cores, 2,n_numa_domains").num_threads,
        [8, 2, 1]
    );
    assert_eq!(accepted("OMP_THREAD_LIMIT", "N_THREADS").thread_limit, 8);
    assert_eq!(
        accepted("OMP_TEAMS_THREAD_LIMIT", "n_numa_domains").teams_thread_limit,
        1
    );
}

#[test]
fn the_host_and_devices_have_values_of_their_own() {
    let (config, complaints) = read(&[
        ("OMP_NUM_THREADS", "5"),
        ("OMP_NUM_THREADS_ALL", "6"),
        ("OMP_NUM_THREADS_DEV", "7"),
        ("OMP_NUM_THREADS_DEV_3", "8"),
        ("OMP_SCHEDULE_ALL", "guided,4"),
        ("OMP_PLACES_DEV_0", "{99}"),
    ]);
    assert_eq!(complaints, Vec::<String>::new());
    assert_eq!(config.num_threads, [5]);
    assert_eq!(config.schedule.kind, ScheduleKind::Guided);
    assert!(config.places.is_empty(), "the host's places are not set");
    let value = |name, scope, value: &str| DeviceValue {
        name,
        scope,
        value: value.to_owned(),
    };
    for expected in [
        value("OMP_NUM_THREADS", Scope::All, "6"),
        value("OMP_NUM_THREADS", Scope::Devices, "7"),
        value("OMP_NUM_THREADS", Scope::Device(3), "8"),
        value("OMP_SCHEDULE", Scope::All, "guided,4"),
        value("OMP_PLACES", Scope::Device(0), "{99}"),
    ] {
        assert!(config.device_values.contains(&expected), "{expected:?}");
    }
    assert_eq!(config.device_values.len(), 5);
    // A malformed value for the host leaves the one for all.
    let (config, complaints) = read(&[("OMP_NUM_THREADS", "x"), ("OMP_NUM_THREADS_ALL", "6")]);
    assert_eq!((config.num_threads, complaints.len()), (vec![6], 1));
    let text = display(
        &read(&[
            ("OMP_DYNAMIC_DEV_12", "true"),
            ("OMP_DYNAMIC_DEV_2", "true"),
            ("OMP_DYNAMIC_DEV", "false"),
        ])
        .0,
        false,
    );
    assert!(
        text.contains(
            "  [host] OMP_DYNAMIC='FALSE'
  [device] OMP_DYNAMIC='FALSE'
  [dev 2] OMP_DYNAMIC='TRUE'
  [dev 12] OMP_DYNAMIC='TRUE'
"
        ),
        "{text}"
    );
}

#[test]
fn suffixes_that_mean_nothing_are_named() {
    for (name, value, why) in [
        (
            "OMP_CANCELLATION_ALL",
            "true",
            "OMP_CANCELLATION holds for the host and all devices, use it without a suffix",
        ),
        (
            "OMP_DYNAMIC_DEV_x",
            "true",
            "no device number follows OMP_DYNAMIC_DEV_",
        ),
        ("OMP_DYNAMIC_DEV", "maybe", "expected true or false"),
        ("OMP_DYNAMIC_ALL", "maybe", "expected true or false"),
    ] {
        let (config, complaints) = read(&[(name, value)]);
        assert_eq!(
            complaints,
            [format!("omply: {name}='{value}' is ignored: {why}")]
        );
        assert!(config.device_values.is_empty() && !config.cancellation);
    }
}

#[test]
fn threads_are_reserved_within_the_limit() {
    for (limit, text, structured, free_agent) in [
        ("8", "3", 3, 0),
        ("8", "0", 1, 0),
        ("8", "structured", 8, 0),
        ("8", "free_agent", 1, 7),
        ("8", "free_agent(8)", 1, 7),
        ("8", "structured(2), free_agent(4)", 2, 4),
        ("8", "Free_Agent(2)", 1, 2),
        ("1", "free_agent", 1, 0),
    ] {
        let (config, complaints) =
            read(&[("OMP_THREAD_LIMIT", limit), ("OMP_THREADS_RESERVE", text)]);
        assert_eq!(complaints, Vec::<String>::new(), "{text}");
        let expected = Reservation {
            structured,
            free_agent,
        };
        assert_eq!(config.reserved, expected, "{text}");
    }
    for text in [
        "structured(6),free_agent(3)",
        "9",
        "structured,free_agent",
        "free_agent(-1)",
        "both",
        "structured(2",
        "2,3",
    ] {
        let (_, complaints) = read(&[("OMP_THREAD_LIMIT", "8"), ("OMP_THREADS_RESERVE", text)]);
        assert!(
            complaints.len() == 1 && complaints[0].contains("room for both"),
            "{text}: {complaints:?}"
        );
    }
}

#[test]
fn the_default_device_is_the_first_that_is_there() {
    for (text, expected) in [
        ("0", 0),
        ("3", 3),
        ("3,0", 0),
        ("initial", -1),
        ("invalid", -2),
        ("default", 0),
        ("4,5", -2),
        ("kind(gpu),kind(host)", 0),
        ("kind(gpu)", -2),
        ("!kind(gpu)", 0),
        ("kind(gpu)||kind(cpu)", 0),
        ("kind(cpu) && (vendor(nvidia) || vendor(omply))", 0),
        ("uid(gpu-1), device_num(0)", 0),
        ("uid(host)", 0),
        ("kind(nohost),initial", -1),
    ] {
        assert_eq!(
            accepted("OMP_DEFAULT_DEVICE", text).default_device,
            expected,
            "{text}"
        );
    }
}

#[test]
fn variables_of_other_runtimes_are_understood() {
    assert_eq!(
        accepted("KMP_BLOCKTIME", "30").blocktime,
        Duration::from_millis(30)
    );
    assert_eq!(
        accepted("GOMP_SPINCOUNT", "300k").blocktime,
        Duration::from_micros(1500)
    );
    assert_eq!(accepted("KMP_STACKSIZE", "4M").stack_size, 4 << 20);
    assert_eq!(accepted("KMP_STACKSIZE", "100000").stack_size, 100_000);
    assert_eq!(accepted("GOMP_STACKSIZE", "512").stack_size, 512 << 10);
    assert_eq!(
        accepted("OMP_NESTED", "true").max_active_levels,
        SUPPORTED_ACTIVE_LEVELS
    );
    assert_eq!(accepted("OMP_NESTED", "false").max_active_levels, 1);
    let gomp = accepted("GOMP_CPU_AFFINITY", "4 0-2,3-7:4");
    assert_eq!(gomp.places, [[4], [0], [1], [2], [3], [7]]);
    assert_eq!(gomp.bind, [Bind::Close]);
    let kmp = accepted("KMP_AFFINITY", "granularity=fine,verbose,compact,0,6");
    assert_eq!(kmp.places[..3], [[6], [7], [0]]);
    assert_eq!(kmp.bind, [Bind::Close]);
    assert_eq!(accepted("KMP_AFFINITY", "scatter").bind, [Bind::Spread]);
    assert_eq!(accepted("KMP_AFFINITY", "disabled").bind, [Bind::False]);
    assert_eq!(
        accepted("KMP_AFFINITY", "explicit,proclist=[3,1,5-6],noverbose").places,
        [[3], [1], [5], [6]]
    );
    // OpenMP's own variables go first.
    let (config, _) = read(&[
        ("OMP_PLACES", "{2}"),
        ("GOMP_CPU_AFFINITY", "1"),
        ("OMP_STACKSIZE", "1M"),
        ("KMP_STACKSIZE", "2M"),
        ("OMPLY_BLOCKTIME", "1"),
        ("KMP_BLOCKTIME", "2"),
    ]);
    assert_eq!((config.places, config.stack_size), (vec![vec![2]], 1 << 20));
    assert_eq!(config.blocktime, Duration::from_millis(1));
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
