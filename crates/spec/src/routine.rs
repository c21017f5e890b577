//! The runtime library routines.

use crate::version::Version;

/// A routine of the runtime library.
#[derive(Debug)]
pub struct RoutineRow {
    pub name: &'static str,
    /// The heading it stands under.
    pub group: &'static str,
    pub since: Version,
    /// Whether the runtime has it today.
    pub supported: bool,
}

macro_rules! routines {
    (@supported yes) => { true };
    (@supported no) => { false };
    ($($group:literal { $($name:literal $since:literal $supported:ident;)+ })+) => {
        /// Every routine.
        pub static ROUTINES: &[RoutineRow] = &[$($(RoutineRow {
            name: $name,
            group: $group,
            since: Version($since),
            supported: routines!(@supported $supported),
        }),+),+];
    };
}

routines! {
    "Parallel regions" {
        "omp_set_num_threads" 10 yes;
        "omp_get_num_threads" 10 yes;
        "omp_get_max_threads" 10 yes;
        "omp_get_thread_num" 10 yes;
        "omp_get_num_procs" 10 yes;
        "omp_get_thread_limit" 30 yes;
        "omp_in_parallel" 10 yes;
        "omp_set_dynamic" 10 yes;
        "omp_get_dynamic" 10 yes;
        "omp_set_schedule" 30 yes;
        "omp_get_schedule" 30 yes;
        "omp_get_supported_active_levels" 50 yes;
        "omp_set_max_active_levels" 30 yes;
        "omp_get_max_active_levels" 30 yes;
        "omp_get_level" 30 yes;
        "omp_get_active_level" 30 yes;
        "omp_get_ancestor_thread_num" 30 yes;
        "omp_get_team_size" 30 yes;
    }
    "Teams" {
        "omp_get_num_teams" 40 yes;
        "omp_get_team_num" 40 yes;
        "omp_set_num_teams" 51 yes;
        "omp_get_max_teams" 51 yes;
        "omp_set_teams_thread_limit" 51 yes;
        "omp_get_teams_thread_limit" 51 yes;
    }
    "Tasks" {
        "omp_get_max_task_priority" 45 yes;
        "omp_in_explicit_task" 52 yes;
        "omp_in_final" 31 yes;
        "omp_is_free_agent" 60 yes;
        "omp_ancestor_is_free_agent" 60 yes;
        "omp_fulfill_event" 50 yes;
    }
    "Devices" {
        "omp_set_default_device" 40 yes;
        "omp_get_default_device" 40 yes;
        "omp_get_num_devices" 40 yes;
        "omp_get_device_num" 50 yes;
        "omp_get_initial_device" 45 yes;
        "omp_is_initial_device" 40 yes;
        "omp_get_max_progress_width" 60 yes;
        "omp_get_device_from_uid" 60 yes;
        "omp_get_uid_from_device" 60 yes;
        "omp_get_device_num_teams" 60 yes;
        "omp_set_device_num_teams" 60 yes;
        "omp_get_device_teams_thread_limit" 60 yes;
        "omp_set_device_teams_thread_limit" 60 yes;
    }
    "Device memory" {
        "omp_target_alloc" 45 yes;
        "omp_target_free" 45 yes;
        "omp_target_is_present" 45 yes;
        "omp_target_is_accessible" 51 yes;
        "omp_get_mapped_ptr" 51 yes;
        "omp_target_memcpy" 45 yes;
        "omp_target_memcpy_rect" 45 yes;
        "omp_target_memcpy_async" 51 yes;
        "omp_target_memcpy_rect_async" 51 yes;
        "omp_target_memset" 60 yes;
        "omp_target_memset_async" 60 yes;
        "omp_target_associate_ptr" 45 yes;
        "omp_target_disassociate_ptr" 45 yes;
    }
    "Interoperability" {
        "omp_get_num_interop_properties" 51 yes;
        "omp_get_interop_int" 51 yes;
        "omp_get_interop_ptr" 51 yes;
        "omp_get_interop_str" 51 yes;
        "omp_get_interop_name" 51 yes;
        "omp_get_interop_type_desc" 51 yes;
        "omp_get_interop_rc_desc" 51 yes;
    }
    "Memory" {
        "omp_init_allocator" 50 yes;
        "omp_destroy_allocator" 50 yes;
        "omp_set_default_allocator" 50 yes;
        "omp_get_default_allocator" 50 yes;
        "omp_alloc" 50 yes;
        "omp_aligned_alloc" 51 yes;
        "omp_calloc" 51 yes;
        "omp_aligned_calloc" 51 yes;
        "omp_realloc" 51 yes;
        "omp_free" 50 yes;
        "omp_get_device_memspace" 60 yes;
        "omp_get_devices_memspace" 60 yes;
        "omp_get_device_and_host_memspace" 60 yes;
        "omp_get_devices_and_host_memspace" 60 yes;
        "omp_get_devices_all_memspace" 60 yes;
        "omp_get_device_allocator" 60 yes;
        "omp_get_devices_allocator" 60 yes;
        "omp_get_device_and_host_allocator" 60 yes;
        "omp_get_devices_and_host_allocator" 60 yes;
        "omp_get_devices_all_allocator" 60 yes;
        "omp_get_memspace_num_resources" 60 yes;
        "omp_get_memspace_pagesize" 60 yes;
        "omp_get_submemspace" 60 yes;
        "omp_init_mempartitioner" 60 yes;
        "omp_destroy_mempartitioner" 60 yes;
        "omp_init_mempartition" 60 yes;
        "omp_destroy_mempartition" 60 yes;
        "omp_mempartition_set_part" 60 yes;
        "omp_mempartition_get_user_data" 60 yes;
        "omp_get_dyn_groupprivate_ptr" 61 no;
        "omp_get_dyn_groupprivate_size" 61 no;
        "omp_get_groupprivate_limit" 61 no;
    }
    "Locks" {
        "omp_init_lock" 10 yes;
        "omp_init_lock_with_hint" 45 yes;
        "omp_destroy_lock" 10 yes;
        "omp_set_lock" 10 yes;
        "omp_unset_lock" 10 yes;
        "omp_test_lock" 10 yes;
        "omp_init_nest_lock" 10 yes;
        "omp_init_nest_lock_with_hint" 45 yes;
        "omp_destroy_nest_lock" 10 yes;
        "omp_set_nest_lock" 10 yes;
        "omp_unset_nest_lock" 10 yes;
        "omp_test_nest_lock" 10 yes;
    }
    "Affinity" {
        "omp_get_proc_bind" 40 yes;
        "omp_get_num_places" 45 yes;
        "omp_get_place_num_procs" 45 yes;
        "omp_get_place_proc_ids" 45 yes;
        "omp_get_place_num" 45 yes;
        "omp_get_partition_num_places" 45 yes;
        "omp_get_partition_place_nums" 45 yes;
        "omp_set_affinity_format" 50 yes;
        "omp_get_affinity_format" 50 yes;
        "omp_display_affinity" 50 yes;
        "omp_capture_affinity" 50 yes;
    }
    "Control, time, tools" {
        "omp_get_cancellation" 40 yes;
        "omp_pause_resource" 50 yes;
        "omp_pause_resource_all" 50 yes;
        "omp_get_wtime" 20 yes;
        "omp_get_wtick" 20 yes;
        "omp_display_env" 51 yes;
        "omp_control_tool" 50 yes;
    }
}
