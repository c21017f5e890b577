//! Which devices there are: plugins are asked when a device is first wanted, and what they find is numbered by
//! `OMP_AVAILABLE_DEVICES`. The answer stays the same for the life of the process.

use std::sync::{Arc, OnceLock};

use omply_runtime::config::{self, TargetOffload, config};

use crate::device::Device;
use crate::driver::Driver;
use crate::error::{DeviceError, ErrorKind};
use crate::plugins;
use crate::region::Speaker;

/// Where a construct runs.
pub(crate) enum Place {
    Host,
    Device(&'static Device),
}

/// A plugin that was asked for and gives no devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    pub plugin: String,
    pub why: String,
}

/// What was found.
pub struct Registry {
    pub devices: Vec<Arc<Device>>,
    pub absent: Vec<Absence>,
    /// The generation of the process that found them.
    generation: u32,
}

static REGISTRY: OnceLock<Registry> = OnceLock::new();

/// What there is, looked for on first use.
pub fn registry() -> &'static Registry {
    REGISTRY.get_or_init(|| {
        let config = config();
        let (drivers, absent) = if config.target_offload == TargetOffload::Disabled {
            (Vec::new(), Vec::new())
        } else {
            find(&config.devices)
        };
        Registry {
            devices: numbered(drivers, config),
            absent,
            generation: omply_runtime::process_generation(),
        }
    })
}

/// The devices of an earlier search; none if nobody has searched yet.
pub(crate) fn known() -> &'static [Arc<Device>] {
    REGISTRY.get().map_or(&[], |registry| &registry.devices)
}

/// Asks the plugins with those names.
pub fn find(names: &[String]) -> (Vec<Box<dyn Driver>>, Vec<Absence>) {
    let (mut drivers, mut absent) = (Vec::new(), Vec::new());
    for name in names {
        let found = match plugins::named(name) {
            Some(find) => find(),
            None => Err(format!(
                "there is no such plugin; there are: {}",
                plugins::NAMES.join(", ")
            )),
        };
        match found {
            Ok(found) => drivers.extend(found),
            Err(why) => absent.push(Absence {
                plugin: name.clone(),
                why,
            }),
        }
    }
    (drivers, absent)
}

/// The devices to use, numbered.
fn numbered(drivers: Vec<Box<dyn Driver>>, config: &config::Config) -> Vec<Arc<Device>> {
    let mut drivers: Vec<Option<Box<dyn Driver>>> = drivers.into_iter().map(Some).collect();
    let order: Vec<usize> = match &config.available_devices {
        None => (0..drivers.len()).collect(),
        Some(choice) => {
            let traits: Vec<_> = drivers
                .iter()
                .flatten()
                .map(|driver| driver.description().traits.clone())
                .collect();
            choice.select(&traits)
        }
    };
    order
        .into_iter()
        .filter_map(|index| drivers[index].take())
        .zip(0..)
        .map(|(driver, number)| Arc::new(Device::new(number, driver)))
        .collect()
}

/// The device with that number.
pub fn device(number: i32) -> Option<&'static Arc<Device>> {
    registry().devices.get(usize::try_from(number).ok()?)
}

/// Where a construct with that `device` argument runs; `None`: default-device-var decides.
pub(crate) fn place(wanted: Option<i64>, construct: Speaker) -> Result<Place, DeviceError> {
    use omply_runtime::config::devices::{INITIAL_DEVICE, INVALID_DEVICE};
    let registry = registry();
    let count = registry.devices.len() as i64;
    let number =
        wanted.unwrap_or_else(|| i64::from(omply_runtime::routines::omp_get_default_device()));
    let mandatory = config().target_offload == TargetOffload::Mandatory;
    let error = |text: String| {
        Err(DeviceError::new(
            ErrorKind::Device,
            format!("{construct}: {text}"),
        ))
    };
    if number == i64::from(INITIAL_DEVICE) {
        return Ok(Place::Host);
    }
    if number == i64::from(INVALID_DEVICE) {
        return error("omp_invalid_device is no device to run on".to_owned());
    }
    if let Some(device) = usize::try_from(number)
        .ok()
        .and_then(|index| registry.devices.get(index))
    {
        if registry.generation != omply_runtime::process_generation()
            && device.driver().target().is_some()
        {
            return error(format!(
                "{} was in use before this process was forked: vendors' drivers do not work in the child; use the \"spawn\" start method",
                device.title()
            ));
        }
        return Ok(Place::Device(device));
    }
    if count == 0 && !mandatory {
        // The same program runs where there are no devices.
        return Ok(Place::Host);
    }
    if count == 0 {
        let why: Vec<String> = registry
            .absent
            .iter()
            .map(|absence| format!("{}: {}", absence.plugin, absence.why))
            .collect();
        return error(format!(
            "OMP_TARGET_OFFLOAD=mandatory, but there is no device ({})",
            why.join("; ")
        ));
    }
    if number == count && !(mandatory && wanted.is_none()) {
        return Ok(Place::Host);
    }
    let devices = match count {
        1 => "there is one device, number 0".to_owned(),
        _ => format!("there are {count} devices, numbers 0 to {}", count - 1),
    };
    error(format!("there is no device {number}: {devices}"))
}
