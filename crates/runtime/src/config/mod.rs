//! The configuration: the one module that reads the environment. `config()` reads it once, at the first use of the runtime;
//! malformed values are reported on stderr, each once, and then count as unset.

mod display;
mod grammar;

use std::sync::OnceLock;
use std::time::Duration;

use crate::icv::{Bind, RunSchedule};
use crate::message;
use crate::topology::{self, Place};

pub use display::display;

/// Levels of nested active regions that are supported: no limit of our own.
pub const SUPPORTED_ACTIVE_LEVELS: i32 = i32::MAX;
/// How long a thread polls before it sleeps, unless the environment says otherwise. Long enough for the serial code between
/// two regions of a typical loop, short enough not to be noticed as processor time.
const DEFAULT_BLOCKTIME: Duration = Duration::from_millis(2);
/// `OMP_WAIT_POLICY=active`.
const ACTIVE_BLOCKTIME: Duration = Duration::from_secs(1);

/// `OMP_TARGET_OFFLOAD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetOffload {
    Default,
    Mandatory,
    Disabled,
}

/// How much `OMP_DISPLAY_ENV` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisplayEnv {
    No,
    Standard,
    Verbose,
}

/// Everything the environment decides.
#[derive(Clone, Debug)]
pub struct Config {
    pub num_procs: i32,
    pub num_threads: Vec<i32>,
    pub dynamic: bool,
    pub max_active_levels: i32,
    pub thread_limit: i32,
    pub schedule: RunSchedule,
    pub bind: Vec<Bind>,
    pub places: Vec<Place>,
    pub stack_size: usize,
    /// `Some(true)`: active.
    pub wait_policy: Option<bool>,
    pub blocktime: Duration,
    pub cancellation: bool,
    pub display_env: DisplayEnv,
    pub display_affinity: bool,
    pub affinity_format: String,
    pub default_device: i32,
    pub target_offload: TargetOffload,
    pub max_task_priority: i32,
    pub num_teams: i32,
    pub teams_thread_limit: i32,
}

static CONFIG: OnceLock<Config> = OnceLock::new();

/// The configuration, read on first use.
#[inline]
pub fn config() -> &'static Config {
    CONFIG.get_or_init(|| {
        let (config, complaints) = Config::from_environment(|name| std::env::var(name).ok());
        for complaint in complaints {
            message::warn(complaint);
        }
        config
    })
}

/// Reads the environment now and prints it where `OMP_DISPLAY_ENV` asks for that.
pub fn init() {
    static SHOWN: std::sync::Once = std::sync::Once::new();
    let config = config();
    SHOWN.call_once(|| {
        if config.display_env != DisplayEnv::No {
            message::show(display(config, config.display_env == DisplayEnv::Verbose));
        }
    });
}

/// Collects values and complaints while the environment is read.
struct Reader<F> {
    lookup: F,
    complaints: Vec<String>,
}

/// Standard variables that nothing here acts on yet. Setting one is answered by a message, not by silence.
const NOT_SUPPORTED: [&str; 8] = [
    "OMP_ALLOCATOR",
    "OMP_AVAILABLE_DEVICES",
    "OMP_DEBUG",
    "OMP_NESTED",
    "OMP_THREADS_RESERVE",
    "OMP_TOOL",
    "OMP_TOOL_LIBRARIES",
    "OMP_TOOL_VERBOSE_INIT",
];

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    /// The value of `name`, or of its `_ALL` form where the variable has one, parsed; complains when it does not parse.
    fn read<T>(
        &mut self,
        name: &str,
        suffixed: bool,
        grammar: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let all = format!("{name}_ALL");
        let (name, value) = match (self.lookup)(name) {
            Some(value) => (name, value),
            None if suffixed => (all.as_str(), (self.lookup)(&all)?),
            None => return None,
        };
        let parsed = parse(value.trim());
        if parsed.is_none() {
            self.complaints.push(format!(
                "omply: {name}='{value}' is ignored: expected {grammar}"
            ));
        }
        parsed
    }
}

impl Config {
    /// Builds the configuration from a lookup function; the complaints are complete messages.
    pub fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> (Config, Vec<String>) {
        let unsupported = NOT_SUPPORTED.iter().filter_map(|name| {
            let value = lookup(name)?;
            Some(format!(
                "omply: {name}='{value}' is ignored: the variable is not supported"
            ))
        });
        let complaints = unsupported.collect();
        let mut env = Reader { lookup, complaints };
        let machine = topology::machine();
        let num_procs = machine.usable.len().max(1) as i32;
        let counts = |word: &str| topology::count_of(word);

        let num_threads = env.read(
            "OMP_NUM_THREADS",
            true,
            "a comma-separated list of positive integers or of n_threads, n_cores, n_ll_caches, n_numa_domains, n_sockets",
            |text| grammar::counts(text, counts),
        );
        let bind = env.read(
            "OMP_PROC_BIND",
            true,
            "true, false, or a comma-separated list of primary, close, spread",
            grammar::bind_list,
        );
        let lists = num_threads.as_ref().is_some_and(|list| list.len() > 1)
            || bind.as_ref().is_some_and(|list| list.len() > 1);
        let max_active_levels = env
            .read(
                "OMP_MAX_ACTIVE_LEVELS",
                true,
                "an integer of at least 0",
                grammar::non_negative,
            )
            .unwrap_or(if lists { SUPPORTED_ACTIVE_LEVELS } else { 1 });
        let places = env.read(
            "OMP_PLACES",
            true,
            "threads, cores, ll_caches, numa_domains or sockets, each with an optional (count) or (count:increment), or a list of places like {0:4}:2:4 that names usable processors",
            |text| grammar::places(text, machine),
        );
        // Places without a policy ask for binding.
        let bind = bind.unwrap_or_else(|| {
            vec![if places.is_some() {
                Bind::True
            } else {
                Bind::False
            }]
        });
        let wait_policy = env.read("OMP_WAIT_POLICY", true, "active or passive", |text| {
            grammar::word(text, &[("active", true), ("passive", false)])
        });
        let blocktime = env
            .read(
                "OMPLY_BLOCKTIME",
                false,
                "a number with the unit us, ms (default) or s, or infinite",
                grammar::duration,
            )
            .unwrap_or(match wait_policy {
                Some(true) => ACTIVE_BLOCKTIME,
                Some(false) => Duration::ZERO,
                None => DEFAULT_BLOCKTIME,
            });
        let config = Config {
            num_procs,
            num_threads: num_threads.unwrap_or_else(|| vec![num_procs]),
            dynamic: env.read("OMP_DYNAMIC", true, "true or false", grammar::boolean).unwrap_or(false),
            max_active_levels,
            thread_limit: env
                .read("OMP_THREAD_LIMIT", true, "a positive integer or one of n_threads, n_cores, n_ll_caches, n_numa_domains, n_sockets", |text| grammar::count(text, counts))
                .unwrap_or(i32::MAX),
            schedule: env
                .read("OMP_SCHEDULE", true, "[monotonic:|nonmonotonic:]static|dynamic|guided|auto[,chunk] with a positive chunk", grammar::schedule)
                .unwrap_or_default(),
            bind,
            places: places.unwrap_or_else(|| topology::places_of("cores").unwrap_or_default()),
            stack_size: env
                .read("OMP_STACKSIZE", true, "a positive integer with an optional unit B, K (default), M or G", grammar::size)
                .unwrap_or(if cfg!(target_pointer_width = "64") { 8 << 20 } else { 2 << 20 }),
            wait_policy,
            blocktime,
            cancellation: env.read("OMP_CANCELLATION", false, "true or false", grammar::boolean).unwrap_or(false),
            display_env: env
                .read("OMP_DISPLAY_ENV", false, "true, false or verbose", |text| {
                    grammar::word(text, &[("true", DisplayEnv::Standard), ("1", DisplayEnv::Standard), ("false", DisplayEnv::No), ("0", DisplayEnv::No), ("verbose", DisplayEnv::Verbose)])
                })
                .unwrap_or(DisplayEnv::No),
            display_affinity: env.read("OMP_DISPLAY_AFFINITY", false, "true or false", grammar::boolean).unwrap_or(false),
            affinity_format: env
                .read("OMP_AFFINITY_FORMAT", true, "a format string", |text| Some(text.to_owned()))
                .unwrap_or_else(|| "level %L thread %n of %N, native thread %i, processors %A".to_owned()),
            default_device: env.read("OMP_DEFAULT_DEVICE", false, "an integer of at least 0, initial or invalid", grammar::device).unwrap_or(0),
            target_offload: env
                .read("OMP_TARGET_OFFLOAD", false, "mandatory, disabled or default", |text| {
                    grammar::word(text, &[("mandatory", TargetOffload::Mandatory), ("disabled", TargetOffload::Disabled), ("default", TargetOffload::Default)])
                })
                .unwrap_or(TargetOffload::Default),
            max_task_priority: env.read("OMP_MAX_TASK_PRIORITY", false, "an integer of at least 0", grammar::non_negative).unwrap_or(0),
            num_teams: env.read("OMP_NUM_TEAMS", true, "an integer of at least 0", grammar::non_negative).unwrap_or(0),
            teams_thread_limit: env
                .read("OMP_TEAMS_THREAD_LIMIT", true, "a positive integer or one of n_threads, n_cores, n_ll_caches, n_numa_domains, n_sockets", |text| grammar::count(text, counts))
                .unwrap_or(0),
        };
        (config, env.complaints)
    }
}
