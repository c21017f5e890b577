//! What is read of a machine, on made-up ones: files in a folder in the place of sysfs and of the cgroup hierarchy.

#![cfg(not(loom))]

use std::fs;
use std::path::PathBuf;

use omply_runtime::topology::Machine;

/// A root folder with the files given.
fn root(name: &str, files: impl IntoIterator<Item = (String, String)>) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("machines")
        .join(name);
    // What an earlier run has left.
    let _ = fs::remove_dir_all(&root);
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
        fs::write(path, text + "\n").expect("a file");
    }
    root
}

/// Two sockets of four cores with two threads each, numbered as such machines are: the cores' second threads come after all
/// first threads. Two cores share an L3 cache; each socket has two NUMA nodes of two cores.
fn server() -> Vec<(String, String)> {
    let mut files = vec![(
        "sys/devices/system/node/online".to_owned(),
        "0-3".to_owned(),
    )];
    for node in 0..4 {
        let cpus = format!(
            "{}-{},{}-{}",
            2 * node,
            2 * node + 1,
            8 + 2 * node,
            9 + 2 * node
        );
        files.push((format!("sys/devices/system/node/node{node}/cpulist"), cpus));
    }
    for cpu in 0..16 {
        let core = cpu % 8;
        let mut file = |name: &str, text: String| {
            files.push((format!("sys/devices/system/cpu/cpu{cpu}/{name}"), text));
        };
        let siblings = format!("{core},{}", core + 8);
        file("topology/thread_siblings_list", siblings.clone());
        file("topology/physical_package_id", (core / 4).to_string());
        for (index, level) in [(0, 1), (1, 1), (2, 2)] {
            file(&format!("cache/index{index}/level"), level.to_string());
            file(
                &format!("cache/index{index}/shared_cpu_list"),
                siblings.clone(),
            );
        }
        let pair = core / 2 * 2;
        file("cache/index3/level", "3".to_owned());
        file(
            "cache/index3/shared_cpu_list",
            format!("{pair}-{},{}-{}", pair + 1, pair + 8, pair + 9),
        );
    }
    files
}

#[test]
fn places_follow_the_machines_structure() {
    let machine = Machine::look(&root("server", server()), (0..16).collect());
    assert_eq!(machine.procs, 16);
    assert_eq!(machine.places("threads").expect("known").len(), 16);
    let cores = machine.places("cores").expect("known");
    assert_eq!((cores.len(), &cores[3]), (8, &vec![3, 11]));
    assert_eq!(
        machine.places("ll_caches").expect("known"),
        [[0, 1, 8, 9], [2, 3, 10, 11], [4, 5, 12, 13], [6, 7, 14, 15]]
    );
    assert_eq!(
        machine.places("numa_domains"),
        machine.places("ll_caches"),
        "here each node has a cache of its own"
    );
    assert_eq!(
        machine.places("sockets").expect("known"),
        [[0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15]]
    );
    for (name, count) in [
        ("n_threads", 16),
        ("n_cores", 8),
        ("n_ll_caches", 4),
        ("n_numa_domains", 4),
        ("n_sockets", 2),
    ] {
        assert_eq!(machine.count(name), Some(count), "{name}");
    }
    assert_eq!(
        (machine.count("n_moons"), machine.count("cores")),
        (None, None)
    );
}

#[test]
fn only_processors_of_the_affinity_mask_count() {
    let machine = Machine::look(&root("cpuset", server()), vec![1, 2, 9, 14]);
    assert_eq!(machine.procs, 4);
    assert_eq!(
        machine.places("cores").expect("known"),
        [vec![1, 9], vec![2], vec![14]]
    );
    assert_eq!(
        machine.places("sockets").expect("known"),
        [vec![1, 2, 9], vec![14]]
    );
    assert_eq!(machine.count("n_numa_domains"), Some(3));
}

#[test]
fn a_machine_that_tells_nothing_has_threads_only() {
    let machine = Machine::look(&root("bare", []), vec![0, 1, 2]);
    for name in ["threads", "cores", "sockets", "ll_caches"] {
        assert_eq!(
            machine.places(name).expect("known"),
            [[0], [1], [2]],
            "{name}"
        );
    }
    assert_eq!(machine.places("numa_domains").expect("known"), [[0, 1, 2]]);
}

#[test]
fn a_quota_of_the_cgroup_or_of_its_ancestors_limits_the_processors() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let procs = |name: &str, files: Vec<(String, String)>| {
        let machine = Machine::look(&root(name, files), (0..16).collect());
        assert_eq!(machine.usable.len(), 16, "places may still be anywhere");
        machine.procs
    };
    let group = || file("proc/self/cgroup", "0::/batch/job");
    assert_eq!(procs("unlimited", vec![group()]), 16);
    assert_eq!(
        procs(
            "job",
            vec![
                group(),
                file("sys/fs/cgroup/batch/job/cpu.max", "250000 100000")
            ]
        ),
        3
    );
    assert_eq!(
        procs(
            "ancestor",
            vec![
                group(),
                file("sys/fs/cgroup/batch/cpu.max", "200000 100000"),
                file("sys/fs/cgroup/batch/job/cpu.max", "max 100000"),
            ]
        ),
        2
    );
    // A container sees its own group as the root of the hierarchy.
    assert_eq!(
        procs(
            "container",
            vec![group(), file("sys/fs/cgroup/cpu.max", "50000 100000")]
        ),
        1
    );
    assert_eq!(
        procs(
            "version1",
            vec![
                file(
                    "proc/self/cgroup",
                    "5:memory:/x\n4:cpu,cpuacct:/docker/1\n0::/"
                ),
                file(
                    "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us",
                    "400000"
                ),
                file(
                    "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us",
                    "100000"
                ),
            ]
        ),
        4
    );
}
