//! The plugin for CUDA, with a made-up driver.

mod common;
#[path = "common/streams.rs"]
mod streams;

use omply_offload::DeviceTarget;

#[test]
fn constructs_run_on_a_device_of_cuda() {
    let driver = streams::Driver::load("cuda", "libcuda.so.1", &[]);
    let device = omply_offload::registry::device(0).unwrap();
    let description = device.driver().description();
    assert_eq!(description.name, "mock 7");
    assert_eq!(description.driver, "CUDA 12.9");
    assert_eq!(
        description.traits.uid,
        "GPU-07070707-0707-0707-0707-070707070707"
    );
    assert_eq!(
        (
            description.units,
            description.max_threads,
            description.width
        ),
        (4, 256, 32)
    );
    streams::behaves(&driver, DeviceTarget::Nvptx { sm: 90, ptx: 88 }, true);
}
