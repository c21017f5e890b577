//! The machine's processors: which ones this process may use, and how they share cores, caches, memory and sockets. Linux's
//! sysfs and cgroup files are read below a root folder, so that tests can bring their own machines.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::at_fork;

/// Processor numbers that form one place.
pub type Place = Vec<usize>;

/// What this process may use.
pub struct Machine {
    root: PathBuf,
    /// Processors of the affinity mask (which cpusets have narrowed), in ascending order.
    pub usable: Vec<usize>,
    /// How many of them the process is meant to keep busy: fewer where a cgroup's quota says so.
    pub procs: usize,
}

/// The machine, looked at on first use.
pub fn machine() -> &'static Machine {
    static MACHINE: OnceLock<Machine> = OnceLock::new();
    at_fork::once(&MACHINE, || Machine::look(Path::new("/"), affinity_mask()))
}

/// Bits of a word of the kernel's processor masks.
const WORD: usize = usize::BITS as usize;

/// The calling thread's affinity mask.
pub fn affinity_mask() -> Vec<usize> {
    // Room for 1024 processors; the kernel asks for more when it can have more.
    let mut words = vec![0usize; 1024 / WORD];
    while words.len() * WORD <= 1 << 16 {
        let bytes = size_of_val(words.as_slice());
        // SAFETY: the kernel writes at most the size given.
        let written =
            unsafe { libc::syscall(libc::SYS_sched_getaffinity, 0, bytes, words.as_mut_ptr()) };
        if written > 0 {
            return (0..words.len() * WORD)
                .filter(|cpu| words[cpu / WORD] >> (cpu % WORD) & 1 != 0)
                .collect();
        }
        words = vec![0; words.len() * 4];
    }
    let online = std::thread::available_parallelism().map_or(1, |n| n.get());
    (0..online).collect()
}

/// Binds the calling thread to a place. False: the system refused.
pub fn bind_to(place: &[usize]) -> bool {
    let highest = place.iter().copied().max().unwrap_or(0);
    let mut words = vec![0usize; highest / WORD + 1];
    for &cpu in place {
        words[cpu / WORD] |= 1 << (cpu % WORD);
    }
    // SAFETY: the kernel only reads the size given.
    unsafe {
        libc::syscall(
            libc::SYS_sched_setaffinity,
            0,
            size_of_val(words.as_slice()),
            words.as_ptr(),
        ) == 0
    }
}

impl Machine {
    /// The machine whose files lie below `root`, with these processors usable.
    pub fn look(root: &Path, usable: Vec<usize>) -> Self {
        let mut machine = Self {
            root: root.to_owned(),
            procs: usable.len().max(1),
            usable,
        };
        if let Some(quota) = machine.cgroup_quota() {
            machine.procs = machine.procs.min(quota.max(1));
        }
        machine
    }

    /// A file's text without blanks at its ends; empty when it cannot be read.
    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path))
            .map(|text| text.trim().to_owned())
            .unwrap_or_default()
    }

    /// Whole processors that the cgroup's quota (version 2, then 1) leaves.
    fn cgroup_quota(&self) -> Option<usize> {
        let groups = self.text("proc/self/cgroup");
        // Every ancestor's limit counts. In a container the path may be the host's; its root is always there.
        let smallest = |hierarchy: &str, path: &str, share: &dyn Fn(&str) -> Option<f64>| {
            Path::new(path)
                .ancestors()
                .filter_map(|group| share(&format!("sys/fs/cgroup{hierarchy}{}", group.display())))
                .reduce(f64::min)
        };
        let version2 = groups
            .lines()
            .find_map(|line| line.strip_prefix("0::"))
            .and_then(|path| {
                smallest("", path, &|folder| {
                    let text = self.text(&format!("{folder}/cpu.max"));
                    let (quota, period) = text.split_once(' ')?;
                    Some(quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?)
                })
            });
        let version1 = || {
            groups.lines().find_map(|line| {
                let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
                if !controllers.split(',').any(|name| name == "cpu") {
                    return None;
                }
                smallest(&format!("/{controllers}"), path, &|folder| {
                    let number = |file: &str| {
                        self.text(&format!("{folder}/cpu.cfs_{file}_us"))
                            .parse::<f64>()
                            .ok()
                    };
                    let quota = number("quota").filter(|&quota| quota > 0.0)?;
                    Some(quota / number("period")?)
                })
            })
        };
        version2
            .or_else(version1)
            .map(|share| share.ceil() as usize)
    }

    fn of_cpu(&self, cpu: usize, file: &str) -> String {
        self.text(&format!("sys/devices/system/cpu/cpu{cpu}/{file}"))
    }

    /// Groups the usable processors by `key`, in the order of each group's first processor. What has no key stands alone.
    fn grouped(&self, key: impl Fn(usize) -> String) -> Vec<Place> {
        let mut groups: Vec<Place> = Vec::new();
        let mut group_of: BTreeMap<String, usize> = BTreeMap::new();
        for &cpu in &self.usable {
            let key = key(cpu);
            let known = group_of.get(&key).copied().filter(|_| !key.is_empty());
            match known {
                Some(group) => groups[group].push(cpu),
                None => {
                    group_of.insert(key, groups.len());
                    groups.push(vec![cpu]);
                }
            }
        }
        groups
    }

    /// The places an abstract name of `OMP_PLACES` stands for.
    pub fn places(&self, name: &str) -> Option<Vec<Place>> {
        let places = match name {
            "threads" => self.usable.iter().map(|&cpu| vec![cpu]).collect(),
            "cores" => self.grouped(|cpu| self.of_cpu(cpu, "topology/thread_siblings_list")),
            "sockets" => self.grouped(|cpu| self.of_cpu(cpu, "topology/physical_package_id")),
            "ll_caches" => self.grouped(|cpu| self.last_level_cache(cpu)),
            "numa_domains" => {
                let nodes = self.numa_nodes();
                self.grouped(|cpu| {
                    let node = nodes.iter().position(|node| node.contains(&cpu));
                    // Where the system knows of no nodes, all memory is one.
                    node.map_or_else(|| "none".to_owned(), |node| node.to_string())
                })
            }
            _ => return None,
        };
        Some(places)
    }

    /// What a numeric abstract name (`n_cores`, …) stands for.
    pub fn count(&self, name: &str) -> Option<i32> {
        let word = name.strip_prefix("n_")?;
        Some(self.places(word)?.len() as i32)
    }

    /// The processors that share `cpu`'s cache of the highest level.
    fn last_level_cache(&self, cpu: usize) -> String {
        (0..)
            .map(|index| {
                let file = |name: &str| self.of_cpu(cpu, &format!("cache/index{index}/{name}"));
                (file("level").parse::<u32>().ok(), file("shared_cpu_list"))
            })
            .take_while(|(level, _)| level.is_some())
            .max_by_key(|(level, _)| *level)
            .map(|(_, shared)| shared)
            .unwrap_or_default()
    }

    fn numa_nodes(&self) -> Vec<Vec<usize>> {
        let nodes = "sys/devices/system/node";
        cpu_list(&self.text(&format!("{nodes}/online")))
            .into_iter()
            .map(|node| cpu_list(&self.text(&format!("{nodes}/node{node}/cpulist"))))
            .collect()
    }
}

/// The numbers of a list as the kernel writes it: `0-3,8`.
fn cpu_list(text: &str) -> Vec<usize> {
    let range = |item: &str| -> Option<std::ops::RangeInclusive<usize>> {
        match item.split_once('-') {
            Some((first, last)) => Some(first.parse().ok()?..=last.parse().ok()?),
            None => item.parse().ok().map(|only| only..=only),
        }
    };
    text.split(',').filter_map(range).flatten().collect()
}
