//! Internal control variables and the environment variables that set them.

use crate::version::Version;

/// What has a copy of its own of an internal control variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The program.
    Global,
    /// Each device.
    Device,
    /// Each implicit task.
    ImplicitTask,
    /// Each task, which hands a copy to the tasks it generates.
    DataEnvironment,
}

/// An internal control variable.
#[derive(Debug)]
pub struct IcvRow {
    pub name: &'static str,
    pub scope: Scope,
    /// The environment variable that gives its first value.
    pub variable: Option<&'static str>,
    /// The clause that overrides it.
    pub clause: Option<&'static str>,
    /// The routines that change and read it.
    pub setter: Option<&'static str>,
    pub getter: Option<&'static str>,
}

/// An environment variable.
#[derive(Debug)]
pub struct VariableRow {
    pub name: &'static str,
    /// What it may hold.
    pub values: &'static str,
    pub since: Version,
    /// Whether it has its effect today.
    pub supported: bool,
}

macro_rules! or_none {
    (-) => {
        None
    };
    ($text:literal) => {
        Some($text)
    };
}

macro_rules! icvs {
    ($($name:literal $scope:ident $variable:tt $clause:tt $setter:tt $getter:tt;)+) => {
        /// Every internal control variable.
        pub static ICVS: &[IcvRow] = &[$(IcvRow {
            name: $name,
            scope: Scope::$scope,
            variable: or_none!($variable),
            clause: or_none!($clause),
            setter: or_none!($setter),
            getter: or_none!($getter),
        }),+];
    };
}

icvs! {
    "active-levels-var" DataEnvironment - - - "omp_get_active_level";
    "affinity-format-var" Device "OMP_AFFINITY_FORMAT" - "omp_set_affinity_format" "omp_get_affinity_format";
    "available-devices-var" Global "OMP_AVAILABLE_DEVICES" - - -;
    "bind-var" DataEnvironment "OMP_PROC_BIND" "proc_bind" - "omp_get_proc_bind";
    "cancel-var" Global "OMP_CANCELLATION" - - "omp_get_cancellation";
    "debug-var" Global "OMP_DEBUG" - - -;
    "def-allocator-var" ImplicitTask "OMP_ALLOCATOR" "allocator" "omp_set_default_allocator" "omp_get_default_allocator";
    "default-device-var" DataEnvironment "OMP_DEFAULT_DEVICE" "device" "omp_set_default_device" "omp_get_default_device";
    "device-num-var" Device - - - "omp_get_device_num";
    "display-affinity-var" Global "OMP_DISPLAY_AFFINITY" - - -;
    "dyn-var" DataEnvironment "OMP_DYNAMIC" - "omp_set_dynamic" "omp_get_dynamic";
    "explicit-task-var" DataEnvironment - - - "omp_in_explicit_task";
    "final-task-var" DataEnvironment - "final" - "omp_in_final";
    "free-agent-thread-limit-var" DataEnvironment "OMP_THREADS_RESERVE" - - -;
    "free-agent-var" DataEnvironment - - - "omp_is_free_agent";
    "league-size-var" DataEnvironment - - - "omp_get_num_teams";
    "levels-var" DataEnvironment - - - "omp_get_level";
    "max-active-levels-var" DataEnvironment "OMP_MAX_ACTIVE_LEVELS" - "omp_set_max_active_levels" "omp_get_max_active_levels";
    "max-task-priority-var" Global "OMP_MAX_TASK_PRIORITY" - - "omp_get_max_task_priority";
    "nteams-var" Device "OMP_NUM_TEAMS" "num_teams" "omp_set_num_teams" "omp_get_max_teams";
    "nthreads-var" DataEnvironment "OMP_NUM_THREADS" "num_threads" "omp_set_num_threads" "omp_get_max_threads";
    "num-devices-var" Global "OMP_AVAILABLE_DEVICES" - - "omp_get_num_devices";
    "num-procs-var" Device - - - "omp_get_num_procs";
    "place-assignment-var" ImplicitTask - - - -;
    "place-partition-var" ImplicitTask "OMP_PLACES" - - "omp_get_partition_place_nums";
    "run-sched-var" DataEnvironment "OMP_SCHEDULE" "schedule" "omp_set_schedule" "omp_get_schedule";
    "stacksize-var" Device "OMP_STACKSIZE" - - -;
    "structured-thread-limit-var" DataEnvironment "OMP_THREADS_RESERVE" - - -;
    "target-offload-var" Global "OMP_TARGET_OFFLOAD" - - -;
    "team-generator-var" DataEnvironment - - - -;
    "team-num-var" DataEnvironment - - - "omp_get_team_num";
    "team-size-var" DataEnvironment - - - "omp_get_num_threads";
    "teams-thread-limit-var" Device "OMP_TEAMS_THREAD_LIMIT" "thread_limit" "omp_set_teams_thread_limit" "omp_get_teams_thread_limit";
    "thread-limit-var" DataEnvironment "OMP_THREAD_LIMIT" "thread_limit" - "omp_get_thread_limit";
    "thread-num-var" DataEnvironment - - - "omp_get_thread_num";
    "tool-libraries-var" Global "OMP_TOOL_LIBRARIES" - - -;
    "tool-var" Global "OMP_TOOL" - - -;
    "tool-verbose-init-var" Global "OMP_TOOL_VERBOSE_INIT" - - -;
    "wait-policy-var" Device "OMP_WAIT_POLICY" - - -;
}

macro_rules! variables {
    (@supported yes) => { true };
    (@supported no) => { false };
    ($($name:literal $since:literal $supported:ident $values:literal;)+) => {
        /// Every environment variable.
        pub static VARIABLES: &[VariableRow] = &[$(VariableRow {
            name: $name,
            values: $values,
            since: Version($since),
            supported: variables!(@supported $supported),
        }),+];
    };
}

variables! {
    "OMP_AFFINITY_FORMAT" 50 yes "text with `%` fields";
    "OMP_ALLOCATOR" 50 yes "allocator, or memory space with traits";
    "OMP_AVAILABLE_DEVICES" 60 yes "list of device traits or `*`";
    "OMP_CANCELLATION" 40 yes "`true` or `false`";
    "OMP_DEBUG" 50 no "`enabled` or `disabled`";
    "OMP_DEFAULT_DEVICE" 40 yes "device number";
    "OMP_DISPLAY_AFFINITY" 50 yes "`true` or `false`";
    "OMP_DISPLAY_ENV" 40 yes "`true`, `false` or `verbose`";
    "OMP_DYNAMIC" 10 yes "`true` or `false`";
    "OMP_MAX_ACTIVE_LEVELS" 30 yes "integer of at least zero";
    "OMP_MAX_TASK_PRIORITY" 45 yes "integer of at least zero";
    "OMP_NUM_TEAMS" 51 yes "integer of at least zero";
    "OMP_NUM_THREADS" 10 yes "list of positive integers or abstract names";
    "OMP_PLACES" 40 yes "list of places, or an abstract name";
    "OMP_PROC_BIND" 31 yes "`true`, `false`, or a list of `primary`, `close`, `spread`";
    "OMP_SCHEDULE" 10 yes "`[modifier:]kind[,chunk]`";
    "OMP_STACKSIZE" 30 yes "size with unit `B`, `K`, `M` or `G`";
    "OMP_TARGET_OFFLOAD" 50 yes "`mandatory`, `disabled` or `default`";
    "OMP_TEAMS_THREAD_LIMIT" 51 yes "positive integer or abstract name";
    "OMP_THREADS_RESERVE" 60 yes "number, or numbers for `structured` and `free_agent`";
    "OMP_THREAD_LIMIT" 30 yes "positive integer or abstract name";
    "OMP_TOOL" 50 yes "`enabled` or `disabled`";
    "OMP_TOOL_LIBRARIES" 50 yes "list of paths";
    "OMP_TOOL_VERBOSE_INIT" 51 yes "`disabled`, `stdout`, `stderr` or a file";
    "OMP_WAIT_POLICY" 30 yes "`active` or `passive`";
}
