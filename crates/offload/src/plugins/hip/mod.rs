//! AMD's devices, through HIP (`libamdhip64.so`), which loads code objects that are made for the device's architecture.

use std::ffi::c_void;

use omply_runtime::config::devices::DeviceTraits;

use super::library::Library;
use super::streams::functions::Functions;
use super::streams::{self, Attributes, Streams};
use crate::driver::{Description, Driver};
use crate::image::DeviceTarget;

/// Values of `hipDeviceAttribute_t`, as they are since ROCm 5.
const ATTRIBUTES: Attributes = Attributes {
    max_threads: 56,
    width: 87,
    units: 63,
    pageable_memory: 65,
};

/// Room for any version of `hipDeviceProp_t`.
const PROPERTIES: usize = 8 << 10;

type GetProperties = unsafe extern "C" fn(*mut c_void, i32) -> i32;

/// The driver's devices; the error says why there are none.
pub fn find() -> Result<Vec<Box<dyn Driver>>, String> {
    let library = Library::open(&["libamdhip64.so", "libamdhip64.so.7", "libamdhip64.so.6"])?;
    let functions = Functions::hip(library)?;
    let properties = library
        .find(c"hipGetDevicePropertiesR0600")
        .or_else(|| library.find(c"hipGetDeviceProperties"))
        .ok_or("the library has no hipGetDeviceProperties")?;
    // SAFETY: HIP's documentation gives both names this signature; the structure behind the pointer differs.
    let properties = unsafe { std::mem::transmute::<*mut c_void, GetProperties>(properties) };
    let found = streams::devices(&functions, &ATTRIBUTES)?;
    let mut version = 0;
    // SAFETY: a valid place.
    unsafe { (functions.driver_version)(&mut version) };
    let mut drivers: Vec<Box<dyn Driver>> = Vec::new();
    let mut why = Vec::new();
    for found in found {
        let mut bytes = vec![0u8; PROPERTIES];
        // SAFETY: room for all that the structure may hold.
        let code = unsafe { properties(bytes.as_mut_ptr().cast(), found.device) };
        let Some(gfx) = (if code == 0 {
            architecture(&bytes)
        } else {
            None
        }) else {
            why.push(format!("{}: its architecture is not known", found.name));
            continue;
        };
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let processor = gfx.split(':').next().unwrap_or_default().to_owned();
        let description = Description {
            plugin: "hip",
            name: found.name.clone(),
            traits: DeviceTraits {
                device_num: 0,
                kinds: words(&["nohost", "gpu"]),
                isas: vec![processor],
                arch: "amdgcn".to_owned(),
                vendor: "amd".to_owned(),
                uid: streams::uid(&found.uuid),
            },
            memory: found.memory,
            units: found.units,
            max_threads: found.max_threads,
            width: found.width,
            driver: format!("HIP {}.{}", version / 10_000_000, version / 100_000 % 100),
        };
        match Streams::new(&found, description, DeviceTarget::Amdgpu { gfx }, false) {
            Ok(driver) => drivers.push(Box::new(driver)),
            Err(reason) => why.push(reason),
        }
    }
    if drivers.is_empty() {
        return Err(why.join("; "));
    }
    Ok(drivers)
}

/// `gcnArchName`, wherever the version of the structure has it: the text that begins with `gfx`.
fn architecture(properties: &[u8]) -> Option<String> {
    let start = properties
        .windows(4)
        .position(|text| text.starts_with(b"gfx") && text[3].is_ascii_alphanumeric())?;
    let name: Vec<u8> = properties[start..]
        .iter()
        .copied()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b":+-".contains(byte))
        .collect();
    String::from_utf8(name).ok()
}

#[cfg(test)]
mod tests {
    use super::architecture;

    #[test]
    fn the_architecture_is_found_in_the_structure() {
        let mut bytes = b"AMD Instinct\0\0\0\0\x07\0\0\0".to_vec();
        bytes.extend(b"gfx90a:sramecc+:xnack-\0\0gfx\0");
        assert_eq!(
            architecture(&bytes).as_deref(),
            Some("gfx90a:sramecc+:xnack-")
        );
        assert_eq!(architecture(b"nothing of gfx\0 here"), None);
    }
}
