//! Constructs on a device of the driver that `kernels/driver.c` makes up: what is called, in which order, and with which addresses. For
//! the plugins `cuda` and `hip`, which each test binary includes with its own library.

use super::common;
use common::{item, region_named};
use omply_offload::abi::{
    ENTER, EXIT, UPDATE, omply_target_enter_exit_update, omply_target_region,
};
use omply_offload::{
    DEVICE_FAILED, DeviceTarget, ErrorKind, Image, ImageSource, KernelMode, Launch, MapItem, map,
    register_source, take_error, unregister_source,
};
use std::ffi::{CStr, CString, c_char, c_void};
use std::process::Command;
use std::ptr::null_mut;
use std::sync::Arc;

/// The made-up driver, loaded.
pub struct Driver(*mut c_void);

impl Driver {
    /// Compiles and loads it under the name that the plugin looks for: the loader knows it by that from then on.
    pub fn load(plugin: &str, soname: &str, flags: &[&str]) -> Self {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        let file = folder.join(format!("{plugin}-{soname}"));
        let status = Command::new("gcc")
            .args([
                "-std=gnu11",
                "-O1",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-shared",
                "-fPIC",
            ])
            .args(flags)
            .arg(format!("-Wl,-soname,{soname}"))
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/kernels/driver.c"
            ))
            .arg("-o")
            .arg(&file)
            .status()
            .expect("gcc runs");
        assert!(status.success());
        let name = CString::new(file.to_str().expect("text")).expect("no NUL");
        // SAFETY: our own library.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW) };
        assert!(!handle.is_null());
        common::use_devices(plugin);
        Self(handle)
    }

    fn function<T>(&self, name: &CStr) -> T {
        // SAFETY: the callers name functions of the library with their types.
        unsafe {
            let address = libc::dlsym(self.0, name.as_ptr());
            assert!(!address.is_null());
            std::mem::transmute_copy(&address)
        }
    }

    /// The calls since the last look.
    fn log(&self) -> Vec<String> {
        let log: extern "C" fn() -> *const c_char = self.function(c"mock_log");
        // SAFETY: a C string.
        let text = unsafe { CStr::from_ptr(log()) };
        let lines = text.to_str().expect("text").lines();
        let lines = lines.map(str::to_owned).collect();
        let forget: extern "C" fn() = self.function(c"mock_forget");
        forget();
        lines
    }

    fn set_memory(&self, bytes: u64) {
        let set: extern "C" fn(u64) = self.function(c"mock_memory");
        set(bytes);
    }

    /// Calls are not logged.
    fn silence(&self, be_silent: bool) {
        let set: extern "C" fn(i32) = self.function(c"mock_silence");
        set(be_silent.into());
    }

    /// Kernels wait until so many have been launched; lines begin with the number of their stream. 0: no longer.
    fn meet(&self, kernels: i32) {
        let set: extern "C" fn(i32) = self.function(c"mock_meet");
        set(kernels);
    }
}

struct Kernels {
    expected: DeviceTarget,
}

impl ImageSource for Kernels {
    fn image(&self, index: u32, target: &DeviceTarget) -> Result<Arc<Image>, String> {
        assert_eq!(*target, self.expected);
        Ok(Arc::new(Image {
            bytes: if index == 1 {
                b"broken\0"[..6].to_vec()
            } else {
                b"text\0".to_vec()
            },
            kernel: if index == 2 { "other" } else { "saxpy" }.to_owned(),
            mode: KernelMode::Spmd,
            shared_bytes: 0,
            preferred_threads: 0,
            needs_heap: index == 3,
        }))
    }
}

unsafe extern "C-unwind" fn not_here(_gtid: i32, _words: *const u64) -> i32 {
    99
}

fn run(id: u64, index: u32, maps: &mut [MapItem], words: &mut [u64], launch: Launch) -> i32 {
    let region = omply_offload::Region {
        id,
        index,
        ..region_named(not_here, c"saxpy:4")
    };
    // SAFETY: the arrays are as long as said.
    unsafe {
        omply_target_region(
            0,
            &region,
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

fn move_data(kind: i32, maps: &mut [MapItem]) -> i32 {
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
}

fn of_trip(trip: i64) -> Launch {
    Launch {
        trip,
        ..Launch::default()
    }
}

/// All of it, in the one process that can load the driver. The fault comes last: the device does not recover.
pub fn behaves(driver: &Driver, expected: DeviceTarget, is_text: bool) {
    let id = register_source(Arc::new(Kernels { expected }));
    regions_copy_and_launch_in_order(driver, id);
    memory_is_kept_and_given_up(driver, id);
    copies_go_on_while_a_kernel_runs(driver, id);
    a_launch_costs_little(driver, id);
    sections_are_copied_as_rows(driver);
    checks_are_told_once(driver, id);
    kernels_with_a_heap_have_one(driver, id);
    memory_of_others_is_known(driver);
    regions_elsewhere_are_refused(driver, id);
    objects_tell_handles(driver);
    kernels_that_do_not_load_say_why(driver, id, is_text);
    unregister_source(id);
    assert_eq!(driver.log(), ["unload", "unload"]);
    let id = register_source(Arc::new(Kernels {
        expected: omply_offload::registry::device(0)
            .unwrap()
            .driver()
            .target()
            .unwrap()
            .clone(),
    }));
    faults_are_told(driver, id);
}

fn regions_copy_and_launch_in_order(driver: &Driver, id: u64) {
    let (mut x, mut y) = (vec![3.0f64; 1000], vec![1.0f64; 1000]);
    let mut maps = [
        item("x", &mut x, map::TO, 0),
        item("y", &mut y, map::TO | map::FROM, 1),
    ];
    let mut words = [0, 0, 2.0f64.to_bits(), 1000];
    assert_eq!(run(id, 0, &mut maps, &mut words, of_trip(1000)), 0);
    assert_eq!(take_error(), None);
    assert!(y.iter().all(|&value| value == 7.0));
    assert_eq!(
        driver.log(),
        [
            "load text",
            "stream",
            "allocate 8192",
            "allocate 8192",
            "in 8000",
            "in 8000",
            "launch 8 x 128",
            "wait",
            "out 8000",
            "wait"
        ]
    );
    assert_eq!(
        run(
            id,
            0,
            &mut maps,
            &mut words,
            Launch {
                num_threads: 4096,
                ..of_trip(1000)
            }
        ),
        0
    );
    assert!(y.iter().all(|&value| value == 13.0));
    assert_eq!(
        driver.log(),
        [
            "in 8000",
            "in 8000",
            "launch 6 x 192",
            "wait",
            "out 8000",
            "wait"
        ],
        "memory is used again, and the kernel bounds its threads"
    );
    assert_eq!(move_data(ENTER, &mut maps), 0);
    driver.log();
    assert_eq!(run(id, 0, &mut maps, &mut words, of_trip(1)), 0);
    assert_eq!(driver.log(), ["launch 1 x 128", "wait"], "all is present");
    assert_eq!(move_data(EXIT, &mut maps), 0);
    assert!(y.iter().all(|&value| value == 19.0));
    driver.log();
}

/// Each thread, and so each chain of tasks that it executes, has a queue of its own: what one thread copies and launches does not wait
/// for the kernel of another. The first thread's kernel does not end before the second's is launched, behind its copies.
fn copies_go_on_while_a_kernel_runs(driver: &Driver, id: u64) {
    let chain = || {
        let mut y = vec![1.0f64; 100];
        let mut x = vec![1.0f64; 100];
        for _ in 0..2 {
            let mut maps = [
                item("x", &mut x, map::TO, 0),
                item("y", &mut y, map::TO | map::FROM, 1),
            ];
            let mut words = [0, 0, 2.0f64.to_bits(), 100];
            assert_eq!(run(id, 0, &mut maps, &mut words, of_trip(100)), 0);
        }
        assert!(y.iter().all(|&value| value == 5.0));
    };
    driver.meet(2);
    std::thread::scope(|scope| {
        scope.spawn(chain);
        scope.spawn(chain);
    });
    let log = driver.log();
    driver.meet(0);
    let of = |stream: usize| -> Vec<&str> {
        let lines = log.iter();
        lines
            .filter_map(|line| line.strip_prefix(&format!("{stream}: ")))
            .collect()
    };
    let region = [
        "in 800",
        "in 800",
        "launch 1 x 128",
        "wait",
        "out 800",
        "wait",
    ];
    for stream in [1, 2] {
        let calls = of(stream);
        assert_eq!(calls[..12], [region, region].concat(), "stream {stream}");
    }
    let place = |call: &str| log.iter().position(|line| line == call).expect("a call");
    let first_wait = place("1: wait").min(place("2: wait"));
    for stream in [1, 2] {
        let launch = place(&format!("{stream}: launch 1 x 128"));
        assert!(
            launch < first_wait,
            "both kernels are on their way: {log:?}"
        );
    }
}

/// The processor time of a launch with everything present. Without optimisation only its order of magnitude is looked at.
fn a_launch_costs_little(driver: &Driver, id: u64) {
    let (mut x, mut y) = (vec![3.0f64; 16], vec![1.0f64; 16]);
    let mut maps = [
        item("x", &mut x, map::TO, 0),
        item("y", &mut y, map::TO | map::FROM, 1),
    ];
    let mut words = [0, 0, 0, 0];
    assert_eq!(move_data(ENTER, &mut maps), 0);
    driver.silence(true);
    let batch = |maps: &mut [MapItem], words: &mut [u64]| {
        let start = processor_time();
        for _ in 0..500 {
            assert_eq!(run(id, 0, maps, words, of_trip(1)), 0);
        }
        (processor_time() - start) / 500.0
    };
    let least = (0..20)
        .map(|_| batch(&mut maps, &mut words))
        .fold(f64::INFINITY, f64::min);
    driver.silence(false);
    println!("processor time of a launch: {:.2} us", least * 1e6);
    let limit = if cfg!(debug_assertions) { 100e-6 } else { 2e-6 };
    assert!(least < limit, "{least} s");
    assert_eq!(move_data(EXIT, &mut maps), 0);
    driver.log();
}

/// Of the calling thread, in seconds.
fn processor_time() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a valid place.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn memory_is_kept_and_given_up(driver: &Driver, id: u64) {
    let mut large = vec![0.0f64; 100_000];
    driver.set_memory(900_000);
    assert_eq!(move_data(ENTER, &mut [item("large", &mut large, 0, 0)]), 0);
    assert_eq!(driver.log(), ["allocate 851968", "wait"]);
    let mut other = vec![0.0f64; 50_000];
    assert_eq!(
        move_data(ENTER, &mut [item("other", &mut other, 0, 0)]),
        DEVICE_FAILED
    );
    let error = take_error().unwrap();
    assert_eq!(error.kind, ErrorKind::Memory);
    assert_eq!(
        error.text,
        "device 0 (mock 7): target_enter_data: allocating 400000 bytes for `other`: allocating: out of memory (error 2)"
    );
    assert_eq!(
        driver.log(),
        ["free 8192", "free 8192"],
        "what was kept is tried"
    );
    assert_eq!(
        move_data(EXIT, &mut [item("large", &mut large, map::DELETE, 0)]),
        0
    );
    assert_eq!(move_data(ENTER, &mut [item("other", &mut other, 0, 0)]), 0);
    assert_eq!(driver.log(), ["free 851968", "allocate 425984", "wait"]);
    assert_eq!(
        move_data(EXIT, &mut [item("other", &mut other, map::DELETE, 0)]),
        0
    );
    driver.set_memory(1 << 40);
    assert_eq!(run(id, 0, &mut [], &mut [0; 4], of_trip(0)), 0);
    driver.log();
}

fn sections_are_copied_as_rows(driver: &Driver) {
    let mut data: Vec<f64> = (0..60).map(f64::from).collect();
    assert_eq!(move_data(ENTER, &mut [item("a", &mut data, map::TO, 0)]), 0);
    driver.log();
    let before = data.clone();
    data.fill(-1.0);
    // [1:4, 2:4] of a matrix of 6 columns.
    let (shape, strides) = ([3i64, 2], [48i64, 8]);
    let section = |flags, data: &mut [f64]| MapItem {
        data: data[8..].as_mut_ptr().cast(),
        low: data[8..].as_mut_ptr().cast(),
        size: 2 * 48 + 16,
        flags,
        ndim: 2,
        itemsize: 8,
        shape: shape.as_ptr(),
        strides: strides.as_ptr(),
        ..MapItem::default()
    };
    assert_eq!(move_data(UPDATE, &mut [section(map::FROM, &mut data)]), 0);
    assert_eq!(driver.log(), ["out 3 rows of 16, 48 apart", "wait"]);
    for (index, (now, then)) in std::iter::zip(&data, &before).enumerate() {
        let inside = (1..4).contains(&(index / 6)) && (2..4).contains(&(index % 6));
        assert_eq!(*now, if inside { *then } else { -1.0 }, "{index}");
    }
    data[9] = 500.0;
    assert_eq!(move_data(UPDATE, &mut [section(map::TO, &mut data)]), 0);
    assert_eq!(driver.log(), ["in 3 rows of 16, 48 apart", "wait"]);
    assert_eq!(
        move_data(EXIT, &mut [item("a", &mut data, map::FROM, 0)]),
        0
    );
    assert_eq!((data[9], data[10], data[0]), (500.0, 10.0, 0.0));
    driver.log();
}

fn checks_are_told_once(driver: &Driver, id: u64) {
    let mut words = [0, 0, 0, -5i64 as u64];
    assert_eq!(run(id, 0, &mut [], &mut words, of_trip(1)), DEVICE_FAILED);
    let kind = ErrorKind::Check {
        status: 3,
        site: 7,
        args: [-5, 1, 128],
        region: id,
        index: 0,
    };
    assert_eq!(take_error().unwrap().kind, kind);
    assert_eq!(run(id, 0, &mut [], &mut [0; 4], of_trip(1)), 0);
    assert_eq!(
        driver.log(),
        ["launch 1 x 128", "wait", "launch 1 x 128", "wait"],
        "no copies of records"
    );
}

fn memory_of_others_is_known(driver: &Driver) {
    let device = omply_offload::registry::device(0).unwrap().driver();
    let block = device.allocate(100).unwrap();
    assert!(device.owns(block + 99));
    let here = 0u64;
    assert!(!device.owns((&raw const here).addr() as u64));
    device.free(block);
    let kind = match device.target() {
        Some(DeviceTarget::Nvptx { .. }) => 2,
        _ => 10,
    };
    assert_eq!(device.dlpack(), Some((kind, 0)));
    let queue = device.queue().unwrap();
    driver.log();
    assert_eq!(device.wait_for(queue.handle().addr() as u64), Ok(()));
    assert_eq!(driver.log(), ["wait"]);
    drop(queue);
    driver.log();
}

fn objects_tell_handles(driver: &Driver) {
    use omply_offload::interop;
    use omply_runtime::abi::omp_interop::{omp_get_interop_int, omp_get_interop_ptr};
    omply_offload::install();
    let object = interop::init(0, interop::TARGETSYNC, 0).unwrap();
    assert_eq!(driver.log(), ["stream"]);
    let int = |number| {
        let mut code = 7;
        // SAFETY: a valid place.
        let value =
            unsafe { omp_get_interop_int(std::ptr::without_provenance(object), number, &mut code) };
        (value, code)
    };
    let pointer = |number| {
        let mut code = 7;
        // SAFETY: a valid place.
        let value =
            unsafe { omp_get_interop_ptr(std::ptr::without_provenance(object), number, &mut code) };
        (!value.is_null(), code)
    };
    let is_hip = int(-1).0 == 5;
    assert_eq!(
        int(-1),
        (if is_hip { 5 } else { 2 }, 0),
        "hip or cuda_driver"
    );
    assert_eq!(int(-3), (if is_hip { 1 } else { 11 }, 0), "the vendor");
    assert_eq!((int(-5), int(-7)), ((0, 0), (7, 0)), "the device");
    assert_eq!((pointer(-8), pointer(-9)), ((true, 0), (true, 0)));
    assert_eq!(pointer(-6), (false, 1), "no platform");
    assert_eq!(pointer(-7), (false, -3), "a number");
    if !is_hip {
        let preferring = interop::init(0, interop::TARGET, 1).unwrap();
        assert_eq!(
            // SAFETY: the code may be null.
            unsafe {
                let object = std::ptr::without_provenance(preferring);
                omp_get_interop_int(object, -1, null_mut())
            },
            1,
            "cuda"
        );
        assert_eq!(interop::destroy(preferring), Ok(true));
    }
    assert_eq!(interop::use_(object), Ok(true));
    assert_eq!(interop::destroy(object), Ok(true));
    assert_eq!(driver.log(), ["wait", "wait", "wait", "end of stream"]);
    assert_eq!(interop::destroy(object), Ok(false), "once");
    assert_eq!(int(-1), (0, -6));
}

/// An item that says whose memory it is.
fn regions_elsewhere_are_refused(driver: &Driver, id: u64) {
    let mut x = [0.0f64; 4];
    let of = |device: u64, x: &mut [f64]| item("x", x, map::DEVICE | (device + 2) << map::HOME, 0);
    let mut words = [0; 4];
    assert_eq!(run(id, 0, &mut [of(0, &mut x)], &mut words, of_trip(0)), 0);
    assert_eq!(
        run(id, 0, &mut [of(1, &mut x)], &mut words, of_trip(0)),
        DEVICE_FAILED
    );
    assert_eq!(
        take_error().unwrap().text,
        "target region saxpy:4: `x` is in the memory of the host, and the region runs on device 0 (mock 7)"
    );
    driver.log();
}

fn kernels_with_a_heap_have_one(driver: &Driver, id: u64) {
    for _ in 0..2 {
        assert_eq!(run(id, 3, &mut [], &mut [0; 4], of_trip(300)), 0);
    }
    let heap = (64 << 20) + 64;
    assert_eq!(
        driver.log(),
        [
            "load text",
            &format!("allocate {heap}"),
            "in 64",
            "launch 3 x 128",
            "wait",
            "out 64",
            "wait",
            "in 64",
            "launch 3 x 128",
            "wait",
            "out 64",
            "wait"
        ]
    );
}

fn kernels_that_do_not_load_say_why(driver: &Driver, id: u64, is_text: bool) {
    if is_text {
        assert_eq!(run(id, 1, &mut [], &mut [0; 4], of_trip(1)), DEVICE_FAILED);
        assert_eq!(
            take_error().unwrap().text,
            "target region saxpy:4: device 0 (mock 7): the driver does not load the kernel: a PTX JIT compilation failed (error \
             218): line 1: syntax error"
        );
    }
    assert_eq!(run(id, 2, &mut [], &mut [0; 4], of_trip(1)), DEVICE_FAILED);
    let error = take_error().unwrap();
    assert_eq!(error.kind, ErrorKind::Kernel);
    assert!(
        error.text.ends_with("the module has no kernel: error 500"),
        "{error}"
    );
    assert_eq!(driver.log(), ["load text", "unload"]);
}

fn faults_are_told(driver: &Driver, id: u64) {
    let mut y = vec![1.0f64; 10];
    let mut maps = [item("y", &mut y, map::TO | map::FROM, 1)];
    assert_eq!(
        run(id, 0, &mut maps, &mut [0, 0, 0, 99], of_trip(1)),
        DEVICE_FAILED
    );
    let error = take_error().unwrap();
    assert_eq!(error.kind, ErrorKind::Kernel);
    assert_eq!(
        error.text,
        "device 0 (mock 7): target region saxpy:4: running: waiting for the device: an illegal memory access (error 700)"
    );
    assert!(
        omply_offload::registry::device(0)
            .unwrap()
            .mapped(y.as_ptr().addr())
            .is_none()
    );
    driver.log();
}
