//! Running constructs: where (which device, or the host), and what comes before and after the region.

use std::fmt;

use crate::abi::{self, DEFAULT_DEVICE, Launch, MapItem, Region, map};
use crate::device::Device;
use crate::driver::{Grid, Record};
use crate::error::{DeviceError, ErrorKind};
use crate::mapping::Mapper;
use crate::registry::{self, Place};
use crate::trace;

type Result<T> = std::result::Result<T, DeviceError>;

/// Constructs about data alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Construct {
    DataBegin,
    DataEnd,
    Enter,
    Exit,
    Update,
}

impl fmt::Display for Construct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DataBegin | Self::DataEnd => "target_data",
            Self::Enter => "target_enter_data",
            Self::Exit => "target_exit_data",
            Self::Update => "target_update",
        })
    }
}

/// The `device` argument (or [`DEFAULT_DEVICE`]) and the `if` clause.
pub(crate) type Wanted = (i64, bool);

/// Who speaks in a message. It becomes text there only: constructs begin often and fail rarely.
#[derive(Clone, Copy)]
pub(crate) enum Speaker<'a> {
    Region(Name<'a>),
    Data(Construct),
    Interop,
}

impl fmt::Display for Speaker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region(name) => write!(f, "target region {name}"),
            Self::Data(construct) => construct.fmt(f),
            Self::Interop => f.write_str("interop"),
        }
    }
}

fn place((device, if_): Wanted, speaker: Speaker) -> Result<Place> {
    if if_ {
        registry::place((device != DEFAULT_DEVICE).then_some(device), speaker)
    } else {
        Ok(Place::Host)
    }
}

/// A region as people know it: what its source calls it, else what the program does.
#[derive(Clone, Copy)]
pub(crate) struct Name<'a>(&'a Region);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = crate::image::source(self.0.id).and_then(|source| source.name(self.0.index));
        match name {
            Some(name) => f.write_str(&name),
            None => f.write_str(&abi::text(self.0.name, "of an unnamed function")),
        }
    }
}

/// On the host, each address corresponds to itself.
fn translate_for_host(maps: &[MapItem], words: &mut [u64]) {
    for item in maps.iter().filter(|item| !item.has(map::DEVICE)) {
        if let Some(word) = words.get_mut(item.word as usize) {
            *word = item.data.addr() as u64;
        }
    }
}

/// # Safety
/// As [`abi::omply_target_region`].
pub(crate) unsafe fn run(
    gtid: i32,
    region: &Region,
    wanted: Wanted,
    maps: &[MapItem],
    words: &mut [u64],
    launch: &Launch,
) -> Result<i32> {
    let place = place(wanted, Speaker::Region(Name(region)))?;
    at_home(&place, maps, region)?;
    match place {
        Place::Host => {
            translate_for_host(maps, words);
            // SAFETY: the caller's promise.
            unsafe { run_on_host(gtid, region, words, launch, None) }
        }
        // SAFETY: the caller's promise.
        Place::Device(device) => unsafe {
            run_on_device(gtid, region, device, maps, words, launch)
        },
    }
}

/// Memory of a device is no use on another one.
fn at_home(place: &Place, maps: &[MapItem], region: &Region) -> Result<()> {
    let here = match place {
        Place::Host => -1,
        Place::Device(device) => device.number(),
    };
    let away = maps
        .iter()
        .find_map(|item| Some((item, item.home().filter(|&home| home != here)?)));
    let Some((item, home)) = away else {
        return Ok(());
    };
    let title = |number| match registry::device(number) {
        Some(device) => device.title(),
        None => "the host".to_owned(),
    };
    Err(DeviceError::new(
        ErrorKind::Mapping,
        format!(
            "target region {}: `{}` is in the memory of {}, and the region runs on {}",
            Name(region),
            item.name(),
            title(home),
            title(here),
        ),
    ))
}

/// Runs the host's version; `device` says on behalf of whom.
///
/// # Safety
/// As [`abi::omply_target_region`]; the words are valid here.
unsafe fn run_on_host(
    gtid: i32,
    region: &Region,
    words: &[u64],
    launch: &Launch,
    device: Option<i32>,
) -> Result<i32> {
    let Some(code) = region.host else {
        let text = format!("target region {} has no version for the host", Name(region));
        return Err(DeviceError::new(ErrorKind::Kernel, text));
    };
    // SAFETY: the caller's promise.
    let run = || unsafe { code(gtid, words.as_ptr()) };
    // Inside of a parallel region, the team that the region begins as is not the one around it.
    let in_a_team = omply_runtime::routines::omp_get_level() > 0;
    if device.is_none() && launch.thread_limit <= 0 && !in_a_team {
        return Ok(run());
    }
    Ok(omply_runtime::initial_task(
        device,
        launch.thread_limit,
        run,
    ))
}

/// # Safety
/// As [`abi::omply_target_region`].
unsafe fn run_on_device(
    gtid: i32,
    region: &Region,
    device: &Device,
    maps: &[MapItem],
    words: &mut [u64],
    launch: &Launch,
) -> Result<i32> {
    let name = Name(region);
    let construct = Speaker::Region(name);
    let loaded = match device.driver().target() {
        Some(_) => Some(device.kernel(region, name)?),
        None => None,
    };
    let mapper = mapper(device, construct)?;
    // SAFETY: the caller's promise.
    unsafe { mapper.enter(maps, words)? };
    let outcome = match loaded {
        None => {
            trace::event(device.number(), || {
                format!("kernel {name} on the host's processors")
            });
            // Copies are done by then: queues of a device without kernels do them at once.
            // SAFETY: the caller's promise; the words are of this process's memory.
            unsafe { run_on_host(gtid, region, words, launch, Some(device.number())) }
        }
        Some(loaded) => {
            let grid = grid(device, &loaded, launch);
            trace::event(device.number(), || {
                format!(
                    "kernel {name}: {} teams of {} threads",
                    grid.teams, grid.threads
                )
            });
            // SAFETY: the caller's promise.
            let launched = unsafe { mapper.queue.launch(&*loaded.kernel, grid, words) };
            launched
                .map_err(|failure| device.error(ErrorKind::Kernel, construct, &failure))
                .and_then(|()| mapper.wait("running"))
                .inspect(|()| {
                    if trace::is_on()
                        && let Some(time) = mapper.queue.kernel_time()
                    {
                        trace::event(device.number(), || {
                            format!("kernel {name}: {time:.3} us on the device")
                        });
                    }
                })
                .and_then(|()| checked(mapper.queue.record(), region, construct, device))
                .map(|()| 0)
        }
    };
    // SAFETY: the caller's promise.
    let left = unsafe { mapper.exit(maps) };
    // What happened first says most.
    let status = outcome?;
    left?;
    Ok(status)
}

fn mapper<'a>(device: &'a Device, construct: Speaker<'a>) -> Result<Mapper<'a>> {
    let queue = device
        .queue()
        .map_err(|failure| device.error(ErrorKind::Device, construct, &failure))?;
    Ok(Mapper {
        device,
        queue,
        construct,
    })
}

fn checked(record: Record, region: &Region, construct: Speaker, device: &Device) -> Result<()> {
    if record.status == 0 {
        return Ok(());
    }
    let kind = ErrorKind::Check {
        status: record.status,
        site: record.site,
        args: record.args,
        region: region.id,
        index: region.index,
    };
    let text = format!("{construct}: a check failed on {}", device.title());
    Err(DeviceError::new(kind, text))
}

/// Teams that each unit of a device gets at most, when the number is ours to choose: enough to hide latencies and to even out
/// loads, few enough that starting them costs little.
const TEAMS_PER_UNIT: u64 = 32;
/// The same for kernels whose number of iterations is not known.
const TEAMS_PER_UNIT_UNKNOWN: u64 = 4;
/// Threads of a team where neither program nor compiler says anything.
const THREADS: u32 = 128;

/// How many teams and threads a launch gets.
fn grid(device: &Device, loaded: &crate::device::Loaded, launch: &Launch) -> Grid {
    let description = device.driver().description();
    let positive = |number: i32| u32::try_from(number).ok().filter(|&number| number > 0);
    let most = loaded
        .kernel
        .told()
        .max_threads
        .min(description.max_threads.max(1))
        .max(1);
    let preferred = match loaded.image.preferred_threads {
        0 => THREADS,
        preferred => preferred,
    };
    let limit = positive(launch.thread_limit)
        .or_else(|| {
            positive(omply_runtime::routines::omp_get_device_teams_thread_limit(
                device.number(),
            ))
        })
        .unwrap_or(u32::MAX)
        .min(most);
    let threads = positive(launch.num_threads).unwrap_or(preferred).min(limit);
    let units = u64::from(description.units.max(1));
    let wanted = match u64::try_from(launch.trip) {
        Ok(trip) => trip
            .div_ceil(u64::from(threads))
            .clamp(1, units * TEAMS_PER_UNIT),
        Err(_) => units * TEAMS_PER_UNIT_UNKNOWN,
    };
    let lower = positive(launch.num_teams_lower);
    // Without a clause, the device's nteams-var bounds the number.
    let upper = positive(launch.num_teams_upper).or_else(|| {
        positive(omply_runtime::routines::omp_get_device_num_teams(
            device.number(),
        ))
    });
    let teams = match (lower, upper) {
        (Some(lower), Some(upper)) if lower >= upper => upper,
        (lower, upper) => {
            let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
            wanted
                .min(upper.unwrap_or(u32::MAX))
                .max(lower.unwrap_or(1))
        }
    };
    Grid { teams, threads }
}

/// # Safety
/// As [`abi::omply_target_data`].
pub(crate) unsafe fn data(
    construct: Construct,
    wanted: Wanted,
    maps: &[MapItem],
    words: &mut [u64],
) -> Result<i32> {
    let device = match place(wanted, Speaker::Data(construct))? {
        Place::Host => {
            translate_for_host(maps, words);
            return Ok(0);
        }
        Place::Device(device) => device,
    };
    let mapper = mapper(device, Speaker::Data(construct))?;
    // SAFETY: the caller's promise.
    unsafe {
        match construct {
            Construct::DataBegin | Construct::Enter => {
                mapper.enter(maps, words)?;
                // The program may change what was copied as soon as it goes on.
                mapper.settle()?;
            }
            Construct::DataEnd | Construct::Exit => mapper.exit(maps)?,
            Construct::Update => mapper.update(maps)?,
        }
    }
    Ok(0)
}

/// The corresponding address, if there is one.
pub(crate) fn device_address(device: i64, host: *const u8) -> Option<u64> {
    match place((device, true), Speaker::Data(Construct::DataBegin)).ok()? {
        Place::Host => None,
        Place::Device(device) => device.mapped(host.addr()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::driver;
    use crate::image::KernelMode;

    struct Idle(driver::Description);

    impl driver::Driver for Idle {
        fn description(&self) -> &driver::Description {
            &self.0
        }
        fn target(&self) -> Option<&crate::DeviceTarget> {
            None
        }
        fn allocate(&self, _bytes: u64) -> driver::Result<u64> {
            Err(driver::Failure::new("idle"))
        }
        fn free(&self, _address: u64) {}
        fn owns(&self, _address: u64) -> bool {
            false
        }
        fn queue(&self) -> driver::Result<Box<dyn driver::Queue>> {
            Err(driver::Failure::new("idle"))
        }
        fn load(&self, _image: &crate::Image) -> driver::Result<Box<dyn driver::Kernel>> {
            Err(driver::Failure::new("idle"))
        }
    }

    struct Of(driver::Told);

    impl driver::Kernel for Of {
        fn handle(&self) -> *mut std::ffi::c_void {
            std::ptr::null_mut()
        }
        fn told(&self) -> &driver::Told {
            &self.0
        }
    }

    fn chosen(preferred_threads: u32, launch: Launch) -> (u32, u32) {
        let device = Device::new(
            0,
            Box::new(Idle(driver::Description {
                units: 10,
                max_threads: 1024,
                width: 32,
                ..driver::Description::default()
            })),
        );
        let loaded = crate::device::Loaded {
            kernel: Box::new(Of(driver::Told {
                max_threads: 512,
                resources: String::new(),
            })),
            image: Arc::new(crate::Image {
                bytes: Vec::new(),
                kernel: "k".to_owned(),
                mode: KernelMode::Spmd,
                shared_bytes: 0,
                preferred_threads,
                needs_heap: false,
            }),
        };
        let grid = grid(&device, &loaded, &launch);
        (grid.teams, grid.threads)
    }

    #[test]
    fn teams_are_enough_for_the_iterations() {
        let of = |trip| Launch {
            trip,
            ..Launch::default()
        };
        assert_eq!(chosen(0, of(1000)), (8, 128));
        assert_eq!(chosen(256, of(1000)), (4, 256));
        assert_eq!(chosen(0, of(0)), (1, 128));
        assert_eq!(chosen(0, of(1 << 40)), (320, 128));
        assert_eq!(chosen(0, of(-1)), (40, 128));
    }

    #[test]
    fn clauses_bound_the_grid() {
        let launch = Launch {
            num_teams_lower: 7,
            num_teams_upper: 7,
            thread_limit: 64,
            num_threads: 96,
            trip: 1 << 40,
        };
        assert_eq!(chosen(0, launch), (7, 64));
        let launch = Launch {
            num_teams_lower: 3,
            num_teams_upper: 5,
            thread_limit: 0,
            num_threads: 4096,
            trip: 10,
        };
        assert_eq!(chosen(0, launch), (3, 512));
        let launch = Launch {
            num_teams_lower: 1,
            num_teams_upper: 1,
            ..Launch::default()
        };
        assert_eq!(chosen(0, launch), (1, 128));
    }
}
