//! The plugin for HIP, with a made-up driver.

mod common;
#[path = "common/streams.rs"]
mod streams;

use omply_offload::DeviceTarget;

#[test]
fn constructs_run_on_a_device_of_hip() {
    let driver = streams::Driver::load("hip", "libamdhip64.so", &["-DHIP"]);
    let device = omply_offload::registry::device(0).unwrap();
    let description = device.driver().description();
    assert_eq!(description.driver, "HIP 6.4");
    assert_eq!(description.traits.isas, ["gfx90a"]);
    let gfx = "gfx90a:sramecc+:xnack-".to_owned();
    streams::behaves(&driver, DeviceTarget::Amdgpu { gfx }, false);
}
