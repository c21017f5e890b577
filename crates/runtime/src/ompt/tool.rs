//! The tool: found before the first thread uses the runtime, ended with the process or when it asks for that.
//!
//! The search goes as OpenMP says: `ompt_start_tool` in the program or in a library that is loaded (preloaded ones included), then in
//! the libraries of `OMP_TOOL_LIBRARIES` in turn; the first that returns a result is the tool, if its `initialize` then
//! returns nonzero. While the search is on, other threads wait for it; the thread that searches may use OpenMP in the
//! tool's functions and is not observed meanwhile.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fmt::Display;
use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, Ordering};
use std::time::Duration;

use super::{WATCHED, inquiry, region};
use crate::config::{ToolVerbose, config};
use crate::{message, process, thread};

type Lookup = unsafe extern "C" fn(*const c_char) -> *const c_void;

/// `ompt_start_tool_result_t`.
#[repr(C)]
struct StartResult {
    initialize: Option<unsafe extern "C" fn(Lookup, c_int, *mut u64) -> c_int>,
    finalize: Option<unsafe extern "C" fn(*mut u64)>,
    tool_data: u64,
}

type StartTool = unsafe extern "C" fn(u32, *const c_char) -> *mut StartResult;

/// The version of OpenMP that tools are told.
const OPENMP: u32 = 202411;
const VERSION: &CStr = match CStr::from_bytes_with_nul(
    concat!("Omply runtime ", env!("CARGO_PKG_VERSION"), "\0").as_bytes(),
) {
    Ok(text) => text,
    Err(_) => c"Omply runtime",
};

const NOT_YET: u32 = 0;
const SEARCHING: u32 = 1;
const DONE: u32 = 2;
static SEARCH: AtomicU32 = AtomicU32::new(NOT_YET);
/// Kernel number of the thread that searches.
static SEARCHER: AtomicI32 = AtomicI32::new(0);
/// The tool that runs; null: there is none.
static TOOL: AtomicPtr<StartResult> = AtomicPtr::new(std::ptr::null_mut());

/// Looks for a tool and starts it. True on the one call that did so.
pub fn start() -> bool {
    if SEARCH.load(Ordering::Acquire) == DONE {
        return false;
    }
    let claimed = SEARCH.compare_exchange(NOT_YET, SEARCHING, Ordering::AcqRel, Ordering::Acquire);
    if claimed.is_err() {
        while SEARCH.load(Ordering::Acquire) != DONE
            && SEARCHER.load(Ordering::Relaxed) != process::kernel_id()
        {
            std::thread::sleep(Duration::from_micros(50));
        }
        return false;
    }
    SEARCHER.store(process::kernel_id(), Ordering::Relaxed);
    let tool = if config().tool { search() } else { None };
    match tool {
        Some(tool) => {
            TOOL.store(tool, Ordering::Release);
            // SAFETY: the handler has the signature asked for.
            unsafe { libc::atexit(at_exit) };
        }
        None => WATCHED.0.store(false, Ordering::Relaxed),
    }
    SEARCHER.store(0, Ordering::Relaxed);
    SEARCH.store(DONE, Ordering::Release);
    true
}

/// Events are dispatched from now on.
pub fn is_searching() -> bool {
    SEARCH.load(Ordering::Acquire) != DONE
}

/// What `OMP_TOOL_VERBOSE_INIT` asks to be told.
struct Log(Option<Box<dyn Write>>);

impl Log {
    fn open() -> Self {
        Self(match &config().tool_verbose {
            ToolVerbose::Disabled => None,
            ToolVerbose::Stdout => Some(Box::new(std::io::stdout())),
            ToolVerbose::Stderr => Some(Box::new(std::io::stderr())),
            ToolVerbose::File(path) => match File::create(path) {
                Ok(file) => Some(Box::new(file)),
                Err(error) => {
                    message::warn(format_args!(
                        "omply: OMP_TOOL_VERBOSE_INIT='{}': the file cannot be written: {error}",
                        path.display()
                    ));
                    None
                }
            },
        })
    }

    fn line(&mut self, text: impl Display) {
        if let Some(out) = &mut self.0 {
            // A stream that is closed is no error of the program.
            let _ = writeln!(out, "omply: tool: {text}");
        }
    }
}

/// The text of the linker's last error.
fn linker_error() -> String {
    // SAFETY: the text belongs to this thread until the next call.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "no reason given".to_owned();
    }
    // SAFETY: as above.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

fn search() -> Option<*mut StartResult> {
    let mut log = Log::open();
    log.line("looking for ompt_start_tool in the program and its libraries");
    if let Some(tool) = linked_tool().and_then(|tool| try_tool(tool, &mut log)) {
        return activate(tool, &mut log);
    }
    log.line("none found there");
    for path in &config().tool_libraries {
        let shown = path.display();
        log.line(format_args!("opening {shown}"));
        let Ok(name) = CString::new(path.as_os_str().as_encoded_bytes()) else {
            log.line("the name holds a zero byte");
            continue;
        };
        // SAFETY: loading a library that the user names.
        let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY) };
        if library.is_null() {
            log.line(format_args!("it cannot be opened: {}", linker_error()));
            continue;
        }
        if let Some(tool) = find(library).and_then(|tool| try_tool(tool, &mut log)) {
            return activate(tool, &mut log);
        }
        log.line(format_args!("{shown} has no tool that wants to start"));
        // SAFETY: nothing of it is in use.
        unsafe { libc::dlclose(library) };
    }
    log.line("no tool starts");
    None
}

// A weak reference: a program that links the library exports its own ompt_start_tool for it, and where there is none the word
// is zero.
std::arch::global_asm!(
    ".weak ompt_start_tool",
    ".pushsection .data.rel.ro,\"aw\",@progbits",
    ".balign 8",
    ".globl __omply_linked_tool",
    ".hidden __omply_linked_tool",
    "__omply_linked_tool:",
    ".quad ompt_start_tool",
    ".popsection",
);

unsafe extern "C" {
    static __omply_linked_tool: Option<StartTool>;
}

/// `ompt_start_tool` in the address space.
fn linked_tool() -> Option<StartTool> {
    // SAFETY: the word holds a function's address or zero.
    unsafe { __omply_linked_tool }.or_else(|| find(libc::RTLD_DEFAULT))
}

fn find(library: *mut c_void) -> Option<StartTool> {
    // SAFETY: asks for a symbol, which has the type that OpenMP gives it.
    unsafe {
        let symbol = libc::dlsym(library, c"ompt_start_tool".as_ptr());
        std::mem::transmute::<*mut c_void, Option<StartTool>>(symbol)
    }
}

fn try_tool(start: StartTool, log: &mut Log) -> Option<*mut StartResult> {
    // SAFETY: the function is a tool's.
    let result = unsafe { start(OPENMP, VERSION.as_ptr()) };
    if result.is_null() {
        log.line("ompt_start_tool returned NULL");
        return None;
    }
    Some(result)
}

fn activate(tool: *mut StartResult, log: &mut Log) -> Option<*mut StartResult> {
    // SAFETY: the tool's result lives until the tool is finalized.
    let result = unsafe { &mut *tool };
    let host = crate::abi::omp_device::omp_get_initial_device();
    let wants = match result.initialize {
        // SAFETY: as OpenMP says.
        Some(initialize) => unsafe { initialize(inquiry::lookup, host, &mut result.tool_data) },
        None => 0,
    };
    if wants == 0 {
        log.line("its initialize returned 0: it is not used");
        return None;
    }
    log.line("the tool is started");
    Some(tool)
}

extern "C" fn at_exit() {
    finish(true);
}

/// Ends the tool, once; with the events that end what still exists where the process or the program ends it.
pub fn finish(with_events: bool) {
    let tool = TOOL.swap(std::ptr::null_mut(), Ordering::AcqRel);
    if tool.is_null() {
        return;
    }
    if with_events {
        region::end_all(thread::current_if_known());
    }
    WATCHED.0.store(false, Ordering::Relaxed);
    super::unset_all();
    // SAFETY: the result lives until now, and this is called once.
    unsafe {
        if let Some(finalize) = (*tool).finalize {
            finalize(&raw mut (*tool).tool_data);
        }
    }
}

/// Is there a tool?
pub fn is_running() -> bool {
    !TOOL.load(Ordering::Acquire).is_null()
}
