//! The machine as this process may use it: processors left by affinity mask and cgroup quota, and how cores,
//! last-level caches, memory domains and sockets group them.

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

/// Processors that threads of one place may run on.
pub type Place = Vec<usize>;

/// What was found when the runtime started.
pub struct Machine {
    /// Processors of the affinity mask, cut to the number a cgroup's quota allows.
    pub usable: Vec<usize>,
}

/// The machine, looked at on first use.
pub fn machine() -> &'static Machine {
    static MACHINE: OnceLock<Machine> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let mut usable = affinity_mask();
        if let Some(quota) = cgroup_quota() {
            usable.truncate(quota.max(1));
        }
        Machine { usable }
    })
}

/// The calling thread's affinity mask.
pub fn affinity_mask() -> Vec<usize> {
    // SAFETY: cpu_set_t is plain data for which all zeroes is the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes at most the size given.
    let failed = unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set) } != 0;
    if failed {
        let online = std::thread::available_parallelism().map_or(1, |n| n.get());
        return (0..online).collect();
    }
    // SAFETY: the index stays below the set's size.
    (0..libc::CPU_SETSIZE as usize)
        .filter(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) })
        .collect()
}

/// Binds the calling thread to a place. False: the system refused.
pub fn bind_to(place: &[usize]) -> bool {
    // SAFETY: as in `affinity_mask`.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for &cpu in place
        .iter()
        .filter(|&&cpu| cpu < libc::CPU_SETSIZE as usize)
    {
        // SAFETY: the index is below the set's size.
        unsafe { libc::CPU_SET(cpu, &mut set) };
    }
    // SAFETY: the kernel only reads the set.
    unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set) == 0 }
}

/// Whole processors that the cgroup's quota (version 2, then 1) leaves.
fn cgroup_quota() -> Option<usize> {
    let group = fs::read_to_string("/proc/self/cgroup").ok()?;
    let unified = group
        .lines()
        .find_map(|line| line.strip_prefix("0::"))
        .unwrap_or("/");
    let from_max = |path: String| -> Option<f64> {
        let text = fs::read_to_string(path).ok()?;
        let (quota, period) = text.trim().split_once(' ')?;
        Some(quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?)
    };
    // Every ancestor's limit counts.
    let mut ancestors = std::path::Path::new(unified).ancestors();
    let v2 = ancestors
        .by_ref()
        .filter_map(|path| {
            from_max(format!("/sys/fs/cgroup{}/cpu.max", path.display()).replace("//", "/"))
        })
        .reduce(f64::min);
    let v1 = || {
        let number = |name: &str| {
            fs::read_to_string(format!("/sys/fs/cgroup/cpu/{name}"))
                .ok()?
                .trim()
                .parse::<f64>()
                .ok()
        };
        number("cpu.cfs_quota_us")
            .filter(|&quota| quota > 0.0)
            .zip(number("cpu.cfs_period_us"))
            .map(|(quota, period)| quota / period)
    };
    v2.or_else(v1).map(|share| share.ceil() as usize)
}

/// Groups the usable processors by `key`.
fn grouped(key: impl Fn(usize) -> String) -> Vec<Place> {
    let mut groups: BTreeMap<(usize, String), Place> = BTreeMap::new();
    let mut first_of: BTreeMap<String, usize> = BTreeMap::new();
    for &cpu in &machine().usable {
        let key = key(cpu);
        let first = *first_of.entry(key.clone()).or_insert(cpu);
        groups.entry((first, key)).or_default().push(cpu);
    }
    groups.into_values().collect()
}

fn of_cpu(cpu: usize, file: &str) -> String {
    fs::read_to_string(format!("/sys/devices/system/cpu/cpu{cpu}/{file}"))
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

/// The places an abstract name of `OMP_PLACES` stands for.
pub fn places_of(name: &str) -> Option<Vec<Place>> {
    let places = match name {
        "threads" => machine().usable.iter().map(|&cpu| vec![cpu]).collect(),
        "cores" => grouped(|cpu| match of_cpu(cpu, "topology/thread_siblings_list") {
            siblings if siblings.is_empty() => cpu.to_string(),
            siblings => siblings,
        }),
        "sockets" => grouped(|cpu| of_cpu(cpu, "topology/physical_package_id")),
        "ll_caches" => grouped(|cpu| {
            (0..8)
                .map(|index| of_cpu(cpu, &format!("cache/index{index}/shared_cpu_list")))
                .rfind(|list| !list.is_empty())
                .unwrap_or_default()
        }),
        "numa_domains" => grouped(numa_node),
        _ => return None,
    };
    Some(places)
}

fn numa_node(cpu: usize) -> String {
    let Ok(entries) = fs::read_dir(format!("/sys/devices/system/cpu/cpu{cpu}")) else {
        return String::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter(|name| {
            name.strip_prefix("node")
                .is_some_and(|rest| rest.parse::<u32>().is_ok())
        })
        .min()
        .unwrap_or_default()
}

/// What a numeric abstract name (`n_cores`, …) stands for.
pub fn count_of(name: &str) -> Option<i32> {
    let word = name.strip_prefix("n_")?;
    Some(places_of(word)?.len() as i32)
}
