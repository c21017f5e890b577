//! The variables, each with the words for what it accepts; and what a misspelt name was meant to be.

use super::reader::Variable;

macro_rules! variables {
    ($($name:ident: $scope:ident $grammar:expr;)*) => {
        $(pub const $name: Variable = Variable::$scope(stringify!($name), $grammar);)*
        /// All of them.
        pub const ALL: &[&Variable] = &[$(&$name),*];
    };
}

const BOOLEAN: &str = "true or false";
const SIZE: &str = "a positive integer with an optional unit B, K (default), M or G";
const NATURAL: &str = "an integer of at least 0";
const COUNT: &str =
    "a positive integer or one of n_threads, n_cores, n_ll_caches, n_numa_domains, n_sockets";
const TIME: &str = "a number with the unit us, ms (default) or s, or infinite";

variables! {
    OMP_ALLOCATOR: per_device "a predefined allocator (omp_default_mem_alloc, ...), or a predefined memory space (omp_default_mem_space, ...) with optional traits like :alignment=64,pinned=true,fallback=null_fb";
    OMP_AFFINITY_FORMAT: per_device "a format string";
    OMP_AVAILABLE_DEVICES: global "a comma-separated list of * or of traits kind(), isa(), arch(), vendor(), uid() (kind(host) is not allowed) joined by &&, || and !, each with an optional [index] or [lower:length]";
    OMP_CANCELLATION: global BOOLEAN;
    OMP_DEBUG: global "enabled or disabled";
    OMP_DEFAULT_DEVICE: per_device "a comma-separated list of device numbers, initial, invalid, default, or traits kind(), isa(), arch(), vendor(), uid(), device_num() joined by &&, || and !";
    OMP_DISPLAY_AFFINITY: global BOOLEAN;
    OMP_DISPLAY_ENV: global "true, false or verbose";
    OMP_DYNAMIC: per_device BOOLEAN;
    OMP_MAX_ACTIVE_LEVELS: per_device NATURAL;
    OMP_MAX_TASK_PRIORITY: global NATURAL;
    OMP_NESTED: per_device BOOLEAN;
    OMP_NUM_TEAMS: per_device NATURAL;
    OMP_NUM_THREADS: per_device "a comma-separated list of positive integers or of n_threads, n_cores, n_ll_caches, n_numa_domains, n_sockets";
    OMP_PLACES: per_device "threads, cores, ll_caches, numa_domains or sockets, each with an optional (count) or (count:stride), or a list of places like {0:4}:2:4 that names usable processors";
    OMP_PROC_BIND: per_device "true, false, or a comma-separated list of primary, close, spread";
    OMP_SCHEDULE: per_device "[monotonic:|nonmonotonic:]static|dynamic|guided|auto[,chunk] with a positive chunk";
    OMP_STACKSIZE: per_device SIZE;
    OMP_TARGET_OFFLOAD: global "mandatory, disabled or default";
    OMP_TEAMS_THREAD_LIMIT: per_device COUNT;
    OMP_THREADS_RESERVE: per_device "an integer, structured or free_agent, or structured(n),free_agent(n), with room for both within the thread limit";
    OMP_THREAD_LIMIT: per_device COUNT;
    OMP_TOOL: global "enabled or disabled";
    OMP_TOOL_LIBRARIES: global "paths separated by colons";
    OMP_TOOL_VERBOSE_INIT: global "disabled, stdout, stderr or a file name";
    OMP_WAIT_POLICY: per_device "active or passive";
    OMPLY_BLOCKTIME: global TIME;
    OMPLY_DEVICE_HEAP: global SIZE;
    OMPLY_DEVICES: global "a comma-separated list of plugins (cuda, hip, opencl, host-separate), or none";
    OMPLY_OPENCL_LIBRARY: global "the path of a library";
    OMPLY_TRACE: global BOOLEAN;
    KMP_AFFINITY: global "[modifier,...]type[,permute[,offset]] with the type none, disabled, compact, scatter, balanced or explicit (with proclist=[...]) and the modifiers granularity=fine|thread|core|tile|ll_cache|numa|socket, respect, norespect, verbose, noverbose, warnings, nowarnings, reset, noreset";
    KMP_BLOCKTIME: global TIME;
    KMP_STACKSIZE: global "a positive integer with an optional unit B (default), K, M or G";
    GOMP_CPU_AFFINITY: global "processors separated by blanks or commas, as numbers, ranges first-last or first-last:stride";
    GOMP_SPINCOUNT: global "a number of turns with an optional unit k, M, G or T, or infinite";
    GOMP_STACKSIZE: global SIZE;
}

/// The variable that a name, which is none, most likely was meant to be: one that differs by two letters at most.
pub fn meant_by(name: &str) -> Option<&'static str> {
    let is_known = ALL.iter().any(|variable| {
        let rest = name.strip_prefix(variable.name);
        rest.is_some_and(|rest| rest.is_empty() || rest == "_ALL" || rest.starts_with("_DEV"))
    });
    if is_known || !name.starts_with("OMP") {
        return None;
    }
    ALL.iter()
        .map(|variable| (distance(name, variable.name), variable.name))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, meant)| meant)
}

/// Letters to insert, remove or replace to make one name of the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
