//! Constructs on an OpenCL device, with a kernel made from `kernels/saxpy.ll`. They need a driver, which `OMPLY_OPENCL_LIBRARY`
//! names (or the system's loader finds), and LLVM's `llc`; what is missing is told, and then nothing is tested.

mod common;

use common::{item, region_named};
use omply_offload::abi::{ENTER, EXIT, omply_target_enter_exit_update, omply_target_region};
use omply_offload::{
    DEVICE_FAILED, DeviceTarget, ErrorKind, Image, ImageSource, KernelMode, Launch, MapItem,
    Region, map, register_source, take_error,
};
use std::process::Command;
use std::ptr::null_mut;
use std::sync::{Arc, OnceLock};

struct Kernels(Arc<Image>);

impl ImageSource for Kernels {
    fn image(&self, index: u32, target: &DeviceTarget) -> Result<Arc<Image>, String> {
        match (index, target) {
            (0, DeviceTarget::Spirv { .. }) => Ok(self.0.clone()),
            (1, _) => Ok(Arc::new(Image {
                bytes: b"this is no SPIR-V".to_vec(),
                ..(*self.0).clone()
            })),
            _ => Err("line 3: recursion is not possible on devices".to_owned()),
        }
    }
}

fn assembled() -> Result<Vec<u8>, String> {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kernels/saxpy.ll");
    let prefix = std::env::var("LLVM_SYS_221_PREFIX").map(|prefix| prefix + "/bin/llc");
    let llc = prefix.unwrap_or_else(|_| "llc-22".to_owned());
    let output = Command::new(&llc)
        .args([
            "-O2",
            "-mtriple=spirv64v1.2-unknown-unknown",
            "-filetype=obj",
            "-o",
            "-",
            source,
        ])
        .output()
        .map_err(|error| format!("{llc}: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The number under which the kernels are registered; `None`: there is no driver, or no compiler.
fn source() -> Option<u64> {
    static SOURCE: OnceLock<Option<u64>> = OnceLock::new();
    *SOURCE.get_or_init(|| {
        common::use_devices("opencl");
        let registry = omply_offload::registry::registry();
        if registry.devices.is_empty() {
            eprintln!("NOT TESTED on OpenCL: {:?}", registry.absent);
            return None;
        }
        let bytes = match assembled() {
            Ok(bytes) => bytes,
            Err(why) => {
                eprintln!("NOT TESTED on OpenCL: {why}");
                return None;
            }
        };
        Some(register_source(Arc::new(Kernels(Arc::new(Image {
            bytes,
            kernel: "saxpy".to_owned(),
            mode: KernelMode::Spmd,
            shared_bytes: 0,
            preferred_threads: 0,
            needs_heap: false,
        })))))
    })
}

unsafe extern "C-unwind" fn not_here(_gtid: i32, _words: *const u64) -> i32 {
    99
}

fn saxpy(id: u64, index: u32) -> Region {
    Region {
        id,
        index,
        ..region_named(not_here, c"saxpy:4")
    }
}

fn run(region: &Region, maps: &mut [MapItem], words: &mut [u64], launch: Launch) -> i32 {
    // SAFETY: the arrays are as long as said.
    unsafe {
        omply_target_region(
            0,
            region,
            0,
            1,
            maps.as_mut_ptr(),
            maps.len() as u32,
            words.as_mut_ptr(),
            words.len() as u32,
            &launch,
        )
    }
}

fn of_trip(trip: i64) -> Launch {
    Launch {
        trip,
        ..Launch::default()
    }
}

#[test]
fn a_kernel_computes_on_what_is_mapped() {
    let Some(id) = source() else { return };
    for n in [1usize, 5, 1000, 100_003] {
        let mut x: Vec<f64> = (0..n).map(|i| i as f64).collect();
        let mut y = vec![1.0f64; n];
        let mut maps = [
            item("x", &mut x, map::TO | map::IMPLICIT, 0),
            item("y", &mut y, map::TO | map::FROM, 1),
        ];
        let mut words = [0, 0, 2.0f64.to_bits(), n as u64];
        let status = run(&saxpy(id, 0), &mut maps, &mut words, of_trip(n as i64));
        assert_eq!((status, take_error()), (0, None));
        assert!((0..n).all(|i| y[i] == 2.0 * i as f64 + 1.0), "{n}");
    }
}

#[test]
fn data_that_stays_is_not_copied_again() {
    let Some(id) = source() else { return };
    let move_data = |kind, maps: &mut [MapItem]| {
        // SAFETY: the array is as long as said.
        unsafe {
            omply_target_enter_exit_update(
                0,
                0,
                1,
                kind,
                maps.as_mut_ptr(),
                maps.len() as u32,
                null_mut(),
                0,
            )
        }
    };
    let (mut x, mut y) = (vec![1.0f64; 300], vec![0.0f64; 300]);
    let mut maps = [
        item("x", &mut x, map::TO, 0),
        item("y", &mut y, map::TO | map::FROM, 1),
    ];
    assert_eq!(move_data(ENTER, &mut maps), 0);
    for _ in 0..10 {
        let mut words = [0, 0, 1.0f64.to_bits(), 300];
        assert_eq!(run(&saxpy(id, 0), &mut maps, &mut words, of_trip(300)), 0);
    }
    assert!(y.iter().all(|&value| value == 0.0));
    assert_eq!(move_data(EXIT, &mut maps), 0);
    assert!(y.iter().all(|&value| value == 10.0));
}

#[test]
fn a_failed_check_is_told_once() {
    let Some(id) = source() else { return };
    let region = saxpy(id, 0);
    let mut words = [0, 0, 0, -4i64 as u64];
    assert_eq!(run(&region, &mut [], &mut words, of_trip(1)), DEVICE_FAILED);
    let error = take_error().unwrap();
    assert_eq!(
        error.kind,
        ErrorKind::Check {
            status: 3,
            site: 7,
            args: [-4, 0, 0],
            region: id,
            index: 0
        }
    );
    assert_eq!(run(&region, &mut [], &mut [0, 0, 0, 0], of_trip(0)), 0);
}

#[test]
fn kernels_that_cannot_be_had_are_errors() {
    let Some(id) = source() else { return };
    assert_eq!(
        run(&saxpy(id, 1), &mut [], &mut [0; 4], of_trip(1)),
        DEVICE_FAILED
    );
    let error = take_error().unwrap();
    assert_eq!(error.kind, ErrorKind::Kernel);
    assert!(
        error.text.starts_with("target region saxpy:4: device 0 ("),
        "{error}"
    );
    assert_eq!(
        run(&saxpy(id, 2), &mut [], &mut [0; 4], of_trip(1)),
        DEVICE_FAILED
    );
    let error = take_error().unwrap();
    assert!(
        error
            .text
            .ends_with("line 3: recursion is not possible on devices"),
        "{error}"
    );
}

#[test]
fn threads_use_their_own_queues() {
    let Some(id) = source() else { return };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let (mut x, mut y) = (vec![f64::from(thread); 2000], vec![0.0f64; 2000]);
                for round in 1..=20 {
                    let mut maps = [
                        item("x", &mut x, map::TO, 0),
                        item("y", &mut y, map::TO | map::FROM, 1),
                    ];
                    let mut words = [0, 0, 1.0f64.to_bits(), 2000];
                    assert_eq!(run(&saxpy(id, 0), &mut maps, &mut words, of_trip(2000)), 0);
                    assert!(y.iter().all(|&value| value == f64::from(thread * round)));
                }
            });
        }
    });
}
