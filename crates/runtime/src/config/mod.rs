//! The configuration: the one module that reads the environment. `config()` reads it once, at the first use of the runtime;
//! malformed values are reported on stderr, each once, and then count as unset.

pub mod devices;
mod display;
mod grammar;
mod places;
mod reader;
mod variables;
mod vendor;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use crate::alloc;
use crate::at_fork;
use crate::icv::{Bind, RunSchedule};
use crate::message;
use crate::topology::{self, Machine, Place};

pub use display::display;
pub use grammar::Reservation;
pub use reader::{DeviceValue, Scope};

use devices::{AvailableDevices, DefaultDevice};
use reader::Reader;
use variables as of;

/// Levels of nested active regions that are supported: no limit of our own.
pub const SUPPORTED_ACTIVE_LEVELS: i32 = i32::MAX;
/// How long a thread polls before it sleeps, unless the environment says otherwise. Long enough for the serial code between
/// two regions of a typical loop, short enough not to be noticed as processor time.
const DEFAULT_BLOCKTIME: Duration = Duration::from_millis(2);
/// `OMP_WAIT_POLICY=active`.
const ACTIVE_BLOCKTIME: Duration = Duration::from_secs(1);
const DEFAULT_STACK_SIZE: usize = if cfg!(target_pointer_width = "64") {
    8 << 20
} else {
    2 << 20
};

const DEFAULT_DEVICE_HEAP: usize = 64 << 20;

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

/// `OMP_TOOL_VERBOSE_INIT`: where the search for a tool is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolVerbose {
    Disabled,
    Stdout,
    Stderr,
    File(PathBuf),
}

/// Everything the environment decides.
#[derive(Clone, Debug)]
pub struct Config {
    pub num_procs: i32,
    pub num_threads: Vec<i32>,
    pub dynamic: bool,
    pub max_active_levels: i32,
    pub thread_limit: i32,
    /// `OMP_THREADS_RESERVE`.
    pub reserved: Reservation,
    pub schedule: RunSchedule,
    pub bind: Vec<Bind>,
    /// Empty when threads are not bound.
    pub places: Vec<Place>,
    pub stack_size: usize,
    /// `Some(true)`: active.
    pub wait_policy: Option<bool>,
    pub blocktime: Duration,
    pub cancellation: bool,
    pub display_env: DisplayEnv,
    pub display_affinity: bool,
    pub affinity_format: String,
    /// As far as the host alone decides it.
    pub default_device: i32,
    /// What `OMP_DEFAULT_DEVICE` asks for, where it depends on the devices that there are.
    pub default_choices: Option<DefaultDevice>,
    pub available_devices: Option<AvailableDevices>,
    pub target_offload: TargetOffload,
    pub max_task_priority: i32,
    pub num_teams: i32,
    pub teams_thread_limit: i32,
    pub allocator: alloc::Initial,
    pub tool: bool,
    pub tool_libraries: Vec<PathBuf>,
    pub tool_verbose: ToolVerbose,
    pub debug: bool,
    /// `OMPLY_DEVICES`: the plugins that look for devices.
    pub devices: Vec<String>,
    /// `OMPLY_DEVICE_HEAP`: bytes for arrays that threads of a kernel take.
    pub device_heap: usize,
    /// `OMPLY_OPENCL_LIBRARY`: instead of the system's loader of drivers.
    pub opencl_library: Option<String>,
    /// `OMPLY_TRACE`.
    pub trace: bool,
    /// What concerns devices: for their plugins, and for the display.
    pub device_values: Vec<DeviceValue>,
}

static CONFIG: OnceLock<Config> = OnceLock::new();

/// The configuration, read on first use.
#[inline]
pub fn config() -> &'static Config {
    at_fork::once(&CONFIG, || {
        // Only what may be ours: other variables need not even be text.
        let ours = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            ["OMP_", "OMPLY_", "KMP_", "GOMP_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
                .then(|| (name, value.to_string_lossy().into_owned()))
        });
        let (config, complaints) = Config::from_environment(&ours.collect(), topology::machine());
        for complaint in complaints {
            message::warn(complaint);
        }
        config
    })
}

/// Has the environment been read?
pub fn is_read() -> bool {
    CONFIG.get().is_some()
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

impl Config {
    /// Builds the configuration from the environment's values; the complaints are complete messages.
    pub fn from_environment(
        values: &BTreeMap<String, String>,
        machine: &Machine,
    ) -> (Config, Vec<String>) {
        let mut env = Reader::new(values);
        let env = &mut env;
        env.complaints.extend(values.iter().filter_map(|(name, value)| {
            let meant = of::meant_by(name)?;
            Some(format!("omply: {name}='{value}' is ignored: there is no such variable, did you mean {meant}?"))
        }));
        let num_procs = machine.procs as i32;
        let counts = |word: &str| machine.count(word);
        let switch = |text: &str| grammar::word(text, &[("enabled", true), ("disabled", false)]);

        let num_threads = env.read(&of::OMP_NUM_THREADS, |text| grammar::counts(text, counts));
        let (bind, places, bind_list) = affinity(env, machine);
        // Lists ask for nested regions, and so does the variable that older versions had for them.
        let nested = env
            .read(&of::OMP_NESTED, grammar::boolean)
            .unwrap_or_else(|| {
                num_threads.as_ref().is_some_and(|list| list.len() > 1) || bind_list
            });
        let max_active_levels = env
            .read(&of::OMP_MAX_ACTIVE_LEVELS, grammar::non_negative)
            .unwrap_or(if nested { SUPPORTED_ACTIVE_LEVELS } else { 1 });
        let thread_limit = env
            .read(&of::OMP_THREAD_LIMIT, |text| grammar::count(text, counts))
            .unwrap_or(i32::MAX);
        let (wait_policy, blocktime) = waiting(env);
        let default_choices = env.read(&of::OMP_DEFAULT_DEVICE, DefaultDevice::parse);
        let default_device = default_choices.as_ref().map_or(0, |choices| {
            choices.select(&[crate::devices::host_traits(0)])
        });
        let config = Config {
            num_procs,
            num_threads: num_threads.unwrap_or_else(|| vec![num_procs]),
            dynamic: env
                .read(&of::OMP_DYNAMIC, grammar::boolean)
                .unwrap_or(false),
            max_active_levels,
            thread_limit,
            reserved: env
                .read(&of::OMP_THREADS_RESERVE, |text| {
                    grammar::reservation(text, thread_limit)
                })
                .unwrap_or(Reservation {
                    structured: 1,
                    free_agent: 0,
                }),
            schedule: env
                .read(&of::OMP_SCHEDULE, grammar::schedule)
                .unwrap_or_default(),
            bind,
            places,
            stack_size: stack_size(env),
            wait_policy,
            blocktime,
            cancellation: env
                .read(&of::OMP_CANCELLATION, grammar::boolean)
                .unwrap_or(false),
            display_env: env
                .read(&of::OMP_DISPLAY_ENV, |text| match grammar::boolean(text) {
                    Some(true) => Some(DisplayEnv::Standard),
                    Some(false) => Some(DisplayEnv::No),
                    None => grammar::word(text, &[("verbose", DisplayEnv::Verbose)]),
                })
                .unwrap_or(DisplayEnv::No),
            display_affinity: env
                .read(&of::OMP_DISPLAY_AFFINITY, grammar::boolean)
                .unwrap_or(false),
            affinity_format: env
                .read(&of::OMP_AFFINITY_FORMAT, |text| Some(text.to_owned()))
                .unwrap_or_else(|| {
                    "level %L thread %n of %N, native thread %i, processors %A".to_owned()
                }),
            default_device,
            default_choices: default_choices.filter(|choices| !choices.is_a_number()),
            available_devices: env.read(&of::OMP_AVAILABLE_DEVICES, AvailableDevices::parse),
            target_offload: env
                .read(&of::OMP_TARGET_OFFLOAD, |text| {
                    let words = [
                        ("mandatory", TargetOffload::Mandatory),
                        ("disabled", TargetOffload::Disabled),
                        ("default", TargetOffload::Default),
                    ];
                    grammar::word(text, &words)
                })
                .unwrap_or(TargetOffload::Default),
            max_task_priority: env
                .read(&of::OMP_MAX_TASK_PRIORITY, grammar::non_negative)
                .unwrap_or(0),
            num_teams: env
                .read(&of::OMP_NUM_TEAMS, grammar::non_negative)
                .unwrap_or(0),
            teams_thread_limit: env
                .read(&of::OMP_TEAMS_THREAD_LIMIT, |text| {
                    grammar::count(text, counts)
                })
                .unwrap_or(0),
            allocator: env
                .read(&of::OMP_ALLOCATOR, alloc::environment::parse)
                .unwrap_or_default(),
            tool: env.read(&of::OMP_TOOL, switch).unwrap_or(true),
            tool_libraries: env
                .read(&of::OMP_TOOL_LIBRARIES, |text| {
                    Some(
                        std::env::split_paths(text)
                            .filter(|path| !path.as_os_str().is_empty())
                            .collect(),
                    )
                })
                .unwrap_or_default(),
            tool_verbose: env
                .read(&of::OMP_TOOL_VERBOSE_INIT, tool_verbose)
                .unwrap_or(ToolVerbose::Disabled),
            debug: env.read(&of::OMP_DEBUG, switch).unwrap_or(false),
            devices: env
                .read(&of::OMPLY_DEVICES, grammar::plugins)
                .unwrap_or_else(|| vec!["cuda".to_owned(), "hip".to_owned()]),
            device_heap: env
                .read(&of::OMPLY_DEVICE_HEAP, |text| grammar::size(text, 10))
                .unwrap_or(DEFAULT_DEVICE_HEAP),
            opencl_library: env.read(&of::OMPLY_OPENCL_LIBRARY, |text| {
                (!text.is_empty()).then(|| text.to_owned())
            }),
            trace: env
                .read(&of::OMPLY_TRACE, grammar::boolean)
                .unwrap_or(false),
            device_values: std::mem::take(&mut env.device_values),
        };
        if config.debug {
            env.complaints.push(
                "omply: OMP_DEBUG='enabled' has no effect: there is no interface for debuggers"
                    .to_owned(),
            );
        }
        (config, std::mem::take(&mut env.complaints))
    }
}

/// bind-var, the places, and whether the policy was a list.
fn affinity(env: &mut Reader, machine: &Machine) -> (Vec<Bind>, Vec<Place>, bool) {
    let bind = env.read(&of::OMP_PROC_BIND, grammar::bind_list);
    let places = env.read_checked(
        &of::OMP_PLACES,
        |text| places::places(text, machine),
        places::is_well_formed,
    );
    let gomp = env.read(&of::GOMP_CPU_AFFINITY, |text| {
        vendor::cpu_affinity(text, machine)
    });
    let kmp = env.read(&of::KMP_AFFINITY, |text| {
        vendor::kmp_affinity(text, machine)
    });
    let is_list = bind.as_ref().is_some_and(|list| list.len() > 1);
    let (bind, places) = match (bind, places, gomp.or(kmp)) {
        (Some(bind), places, foreign) => (bind, places.or(foreign.map(|(places, _)| places))),
        // Places without a policy ask for binding.
        (None, Some(places), _) => (vec![Bind::True], Some(places)),
        (None, None, Some((places, policy))) => (vec![policy], Some(places)),
        (None, None, None) => (vec![Bind::False], None),
    };
    let places = places.filter(|places| !places.is_empty());
    let places = match bind.first() {
        Some(Bind::False) | None => places.unwrap_or_default(),
        Some(_) => places.unwrap_or_else(|| machine.places("cores").unwrap_or_default()),
    };
    (bind, places, is_list)
}

/// wait-policy-var and how long threads poll.
fn waiting(env: &mut Reader) -> (Option<bool>, Duration) {
    let policy = env.read(&of::OMP_WAIT_POLICY, |text| {
        grammar::word(text, &[("active", true), ("passive", false)])
    });
    let own = env.read(&of::OMPLY_BLOCKTIME, grammar::duration);
    let kmp = env.read(&of::KMP_BLOCKTIME, grammar::duration);
    let gomp = env.read(&of::GOMP_SPINCOUNT, vendor::spin_count);
    let by_policy = policy.map(|active| {
        if active {
            ACTIVE_BLOCKTIME
        } else {
            Duration::ZERO
        }
    });
    let blocktime = own.or(kmp).or(gomp).or(by_policy);
    (policy, blocktime.unwrap_or(DEFAULT_BLOCKTIME))
}

fn stack_size(env: &mut Reader) -> usize {
    let kilobytes = |text: &str| grammar::size(text, 10);
    let standard = env.read(&of::OMP_STACKSIZE, kilobytes);
    let gomp = env.read(&of::GOMP_STACKSIZE, kilobytes);
    let kmp = env.read(&of::KMP_STACKSIZE, |text| grammar::size(text, 0));
    standard.or(gomp).or(kmp).unwrap_or(DEFAULT_STACK_SIZE)
}

fn tool_verbose(text: &str) -> Option<ToolVerbose> {
    if text.is_empty() {
        return None;
    }
    let words = [
        ("disabled", ToolVerbose::Disabled),
        ("stdout", ToolVerbose::Stdout),
        ("stderr", ToolVerbose::Stderr),
    ];
    let known = words
        .into_iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text));
    Some(known.map_or_else(|| ToolVerbose::File(text.into()), |(_, verbose)| verbose))
}
