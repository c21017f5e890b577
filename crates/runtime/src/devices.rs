//! Devices beside the host. The runtime knows none itself: another library registers what it finds, once and before the
//! first use, and the `omp_*` routines ask it. Devices are numbered from 0; the host's number is how many there are.

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_void};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use crate::abi::omp_device::HOST_UID;
use crate::config::config;
use crate::config::devices::{DeviceTraits, INITIAL_DEVICE};
use crate::config::{DeviceValue, Scope};
use crate::process::ForkSafe;
use crate::thread;

/// A place in memory: an address, and the device that it belongs to; `None`: the host.
pub type Place = (*mut c_void, Option<i32>);

/// What is asked of a library that knows devices. Numbers are those of devices that are there.
pub trait Devices: Sync {
    fn count(&self) -> i32;

    fn traits(&self) -> Vec<DeviceTraits>;

    /// A C string that lives for ever.
    fn uid(&self, device: i32) -> *const c_char;

    /// Threads that make progress together.
    fn progress_width(&self, device: i32) -> i32;

    /// Null: there is no room.
    fn allocate(&self, device: i32, size: usize) -> *mut c_void;

    fn free(&self, device: i32, pointer: *mut c_void);

    fn is_accessible(&self, device: i32, host: *const c_void, size: usize) -> bool;

    /// Null: nothing corresponds to it.
    fn mapped(&self, device: i32, host: *const c_void) -> *mut c_void;

    fn associate(
        &self,
        device: i32,
        host: *const c_void,
        on_device: *const c_void,
        size: usize,
    ) -> bool;

    fn disassociate(&self, device: i32, host: *const c_void) -> bool;

    /// Copies `rows` pieces of `length` bytes, each the given distance after the one before, and waits until that is done. Ranges on
    /// one device do not overlap.
    ///
    /// # Safety
    /// Both places have room for the rows.
    unsafe fn copy(&self, to: Place, from: Place, rows: &Rows) -> bool;

    /// # Safety
    /// The device has memory there.
    unsafe fn fill(&self, device: i32, pointer: *mut c_void, value: u8, length: usize) -> bool;

    /// Gives up what is kept on the device; false: it cannot be.
    fn pause(&self, device: i32) -> bool;

    /// What an interoperability object stands for; `None`: it is none of the library's.
    fn interop(&self, object: *const c_void) -> Option<Interop>;
}

/// The properties of an interoperability object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interop {
    /// The foreign runtime: an `omp_interop_fr_t`, and its name.
    pub runtime: i32,
    pub runtime_name: &'static CStr,
    /// The vendor's number, as far as there is one, and name.
    pub vendor: i32,
    pub vendor_name: &'static CStr,
    pub device_num: i32,
    /// Handles of the foreign runtime; null where it has none.
    pub platform: *mut c_void,
    pub device: ForeignDevice,
    pub context: *mut c_void,
    /// Null where the object is not for synchronisation.
    pub targetsync: *mut c_void,
}

/// What a foreign runtime calls a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignDevice {
    Number(i32),
    Handle(*mut c_void),
}

/// See [`Devices::copy`].
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    pub length: usize,
    pub rows: usize,
    pub to_pitch: usize,
    pub from_pitch: usize,
}

impl Rows {
    pub fn one(length: usize) -> Self {
        Self {
            length,
            rows: 1,
            to_pitch: length,
            from_pitch: length,
        }
    }
}

static DEVICES: OnceLock<&'static dyn Devices> = OnceLock::new();

/// Makes devices known. False: others are already.
pub fn register(devices: &'static dyn Devices) -> bool {
    DEVICES.set(devices).is_ok()
}

/// Who knows the devices, if anybody does.
pub(crate) fn known() -> Option<&'static dyn Devices> {
    DEVICES.get().copied()
}

/// How many there are beside the host: the number of the host.
pub(crate) fn count() -> i32 {
    known().map_or(0, Devices::count)
}

/// Number of the device on whose behalf the calling thread executes; `None`: the host.
pub(crate) fn current() -> Option<i32> {
    let device = thread::current().group().device.load(Ordering::Relaxed);
    (device > 0).then(|| device - 1)
}

/// The host, with its number, as `OMP_DEFAULT_DEVICE` may ask for it.
pub(crate) fn host_traits(device_num: i32) -> DeviceTraits {
    let some = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    DeviceTraits {
        device_num,
        kinds: some(&["host", "cpu"]),
        isas: some(&[std::env::consts::ARCH]),
        arch: std::env::consts::ARCH.to_owned(),
        vendor: "omply".to_owned(),
        uid: HOST_UID.to_string_lossy().into_owned(),
    }
}

/// The initial value of default-device-var, where devices must be looked for to tell it.
pub(crate) const UNRESOLVED: i32 = i32::MIN;

/// What `UNRESOLVED` stands for.
pub(crate) fn default_device() -> i32 {
    static CHOSEN: OnceLock<i32> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let config = config();
        let (Some(choices), Some(devices)) = (&config.default_choices, known()) else {
            return config.default_device;
        };
        let mut all = devices.traits();
        let host = all.len() as i32;
        all.push(host_traits(host));
        choices.select(&all)
    })
}

/// The ICVs of a device that routines can set.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// nteams-var.
    pub num_teams: i32,
    /// teams-thread-limit-var.
    pub thread_limit: i32,
}

/// Those of devices that have been asked for.
pub(crate) static LIMITS: ForkSafe<Option<HashMap<i32, Limits>>> = ForkSafe::new(None);

/// The limits of a device, after `change`.
pub(crate) fn limits(device: i32, change: impl FnOnce(&mut Limits)) -> Limits {
    let mut all = LIMITS.lock();
    let limits = all
        .get_or_insert_default()
        .entry(device)
        .or_insert_with(|| initial_limits(device));
    change(limits);
    *limits
}

fn initial_limits(device: i32) -> Limits {
    let of = |name: &str| value_for(&config().device_values, name, device).unwrap_or(0);
    Limits {
        num_teams: of("OMP_NUM_TEAMS"),
        thread_limit: of("OMP_TEAMS_THREAD_LIMIT"),
    }
}

/// The number that a variable with a suffix gives a device: the one for it alone, that for all devices, that for the host as well.
fn value_for(values: &[DeviceValue], name: &str, device: i32) -> Option<i32> {
    let rank = |scope: Scope| match scope {
        Scope::Device(number) => (i32::try_from(number) == Ok(device)).then_some(2),
        Scope::Devices => Some(1),
        Scope::All => Some(0),
    };
    values
        .iter()
        .filter(|value| value.name == name)
        .filter_map(|value| Some((rank(value.scope)?, value.value.parse().ok()?)))
        .max_by_key(|&(rank, _)| rank)
        .map(|(_, number)| number)
}

/// The device with that number: `Some(None)` is the host, `None`: there is no such device.
pub(crate) fn locate(number: i32) -> Option<Option<i32>> {
    let count = count();
    if number == INITIAL_DEVICE || number == count {
        Some(None)
    } else {
        (0..count).contains(&number).then_some(Some(number))
    }
}
