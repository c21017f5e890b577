//! `OMP_AVAILABLE_DEVICES`: which devices of a made-up set are chosen, and in which order.

#![cfg(not(loom))]

use omply_runtime::config::devices::{AvailableDevices, DeviceTraits};

fn device(kind: &str, arch: &str, vendor: &str, uid: &str) -> DeviceTraits {
    DeviceTraits {
        device_num: 0,
        kinds: vec!["nohost".to_owned(), kind.to_owned()],
        isas: vec![format!("{arch}_isa")],
        arch: arch.to_owned(),
        vendor: vendor.to_owned(),
        uid: uid.to_owned(),
    }
}

#[test]
fn devices_are_numbered_in_the_order_of_the_list() {
    let devices = [
        device("gpu", "nvptx64", "nvidia", "GPU-a"),
        device("gpu", "nvptx64", "nvidia", "GPU-b"),
        device("gpu", "amdgcn", "amd", "GPU-c"),
        device("fpga", "versal", "amd", "F 1"),
    ];
    let cases: &[(&str, &[usize])] = &[
        ("*", &[0, 1, 2, 3]),
        ("*[1]", &[1]),
        ("*[1:2]", &[1, 2]),
        ("*[2:]", &[2, 3]),
        ("*[:3]", &[0, 1, 2]),
        ("*[9]", &[]),
        ("kind(gpu)", &[0, 1, 2]),
        ("KIND(GPU)[1]", &[1]),
        ("vendor(amd),*", &[2, 3, 0, 1]),
        ("*[3],*[3],*[0]", &[3, 0]),
        ("kind(gpu) && vendor(amd)", &[2]),
        ("arch(versal) || isa(nvptx64_isa)", &[0, 1, 3]),
        ("!vendor(nvidia)", &[2, 3]),
        ("!(vendor(nvidia) || kind(fpga))", &[2]),
        ("(kind(gpu)&&arch(nvptx64))[1:1]", &[1]),
        ("uid(GPU-c),uid(F 1)", &[2, 3]),
        ("uid(gpu-c)", &[]),
        ("kind(any)&&!kind(nohost)", &[]),
    ];
    for (text, expected) in cases {
        let parsed = AvailableDevices::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(parsed.select(&devices), *expected, "{text}");
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = "!".repeat(100_000) + "kind(gpu)";
    assert_eq!(AvailableDevices::parse(&deep), None);
    let deep = "(".repeat(100_000);
    assert_eq!(AvailableDevices::parse(&deep), None);
}
