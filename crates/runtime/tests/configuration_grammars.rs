//! The environment: places, suffixed names, reserved threads, the default device, variables of other runtimes.

#![cfg(not(loom))]

#[path = "common/environment.rs"]
mod environment;

use std::time::Duration;

use environment::{accepted, read};
use omply_runtime::config::{DeviceValue, Reservation, SUPPORTED_ACTIVE_LEVELS, Scope, display};
use omply_runtime::icv::{Bind, ScheduleKind};

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
