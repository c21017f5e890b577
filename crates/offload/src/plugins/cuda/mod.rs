//! NVIDIA's devices, through CUDA's driver interface (`libcuda.so.1`), which compiles PTX for the device that is there and keeps the
//! result in its own cache.

use omply_runtime::config::devices::DeviceTraits;

use super::library::Library;
use super::streams::functions::Functions;
use super::streams::{self, Attributes, Streams, attribute};
use crate::driver::{Description, Driver};
use crate::image::DeviceTarget;

/// Values of `CUdevice_attribute`.
const ATTRIBUTES: Attributes = Attributes {
    max_threads: 1,
    width: 10,
    units: 16,
    pageable_memory: 88,
};
const CAPABILITY_MAJOR: i32 = 75;
const CAPABILITY_MINOR: i32 = 76;

/// The driver's devices; the error says why there are none.
pub fn find() -> Result<Vec<Box<dyn Driver>>, String> {
    let functions = Functions::cuda(Library::open(&["libcuda.so.1", "libcuda.so"])?)?;
    let found = streams::devices(&functions, &ATTRIBUTES)?;
    let mut version = 0;
    // SAFETY: a valid place.
    unsafe { (functions.driver_version)(&mut version) };
    let (major, minor) = (version / 1000, version % 1000 / 10);
    let mut drivers: Vec<Box<dyn Driver>> = Vec::new();
    let mut why = Vec::new();
    for found in found {
        let ask = |number| attribute(&functions, found.device, number);
        let sm = ask(CAPABILITY_MAJOR) * 10 + ask(CAPABILITY_MINOR);
        let Some(ptx) = ptx_version(major, minor) else {
            why.push(format!(
                "{}: a driver for CUDA {major}.{minor} is too old, 11.0 is needed",
                found.name
            ));
            continue;
        };
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let description = Description {
            plugin: "cuda",
            name: found.name.clone(),
            traits: DeviceTraits {
                device_num: 0,
                kinds: words(&["nohost", "gpu"]),
                isas: vec![format!("sm_{sm}")],
                arch: "nvptx64".to_owned(),
                vendor: "nvidia".to_owned(),
                uid: streams::uid(&found.uuid),
            },
            memory: found.memory,
            units: found.units,
            max_threads: found.max_threads,
            width: found.width,
            driver: format!("CUDA {major}.{minor}"),
        };
        match Streams::new(&found, description, DeviceTarget::Nvptx { sm, ptx }, true) {
            Ok(driver) => drivers.push(Box::new(driver)),
            Err(reason) => why.push(reason),
        }
    }
    if drivers.is_empty() {
        return Err(why.join("; "));
    }
    Ok(drivers)
}

/// The newest PTX that a driver for that version of CUDA takes, 80 for 8.0; `None`: none that we write.
fn ptx_version(major: i32, minor: i32) -> Option<u32> {
    let minor = minor.max(0) as u32;
    match (major, minor) {
        (..=10, _) => None,
        (11, _) => Some(70 + minor.min(8)),
        // 12.6 brought no new version of PTX.
        (12, _) => Some(80 + if minor < 6 { minor } else { minor.min(9) - 1 }),
        _ => Some(90),
    }
}

#[cfg(test)]
mod tests {
    use super::ptx_version;

    #[test]
    fn drivers_take_the_ptx_of_their_release() {
        assert_eq!(ptx_version(10, 2), None);
        assert_eq!(ptx_version(11, 0), Some(70));
        assert_eq!(ptx_version(11, 8), Some(78));
        assert_eq!(ptx_version(12, 0), Some(80));
        assert_eq!(ptx_version(12, 5), Some(85));
        assert_eq!(ptx_version(12, 6), Some(85));
        assert_eq!(ptx_version(12, 9), Some(88));
        assert_eq!(ptx_version(13, 1), Some(90));
    }
}
