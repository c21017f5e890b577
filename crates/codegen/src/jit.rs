//! Loading of objects into the process: ORC's LLJIT, made once, with a library of its own for each module. Symbols are bound
//! one by one as objects ask for them (see `support::symbols`), so that nothing else in the process is seen.

use std::ffi::{CStr, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use llvm_sys::core::LLVMCreateMemoryBufferWithMemoryRangeCopy;
use llvm_sys::error::{LLVMConsumeError, LLVMErrorRef};
use llvm_sys::orc2::lljit::*;
use llvm_sys::orc2::*;
use omply_runtime::at_fork::{self, NoFork};

use crate::llvm::machine::{error_text, initialise};
use crate::lower::externals::ENTRY;
use crate::support::symbols::{self, Identity};

/// The entry of a loaded module: words in, words out, status (see [`crate::compile`]).
pub type EntryFn = unsafe extern "C-unwind" fn(args: *const u64, rets: *mut u64) -> i32;

/// A loaded module. Dropping it frees its code: nothing may run in it any more.
pub struct Loaded {
    entry: EntryFn,
    library: LLVMOrcJITDylibRef,
}

// SAFETY: code may be run by any thread; the library is only used to free it, under the session's lock.
unsafe impl Send for Loaded {}
// SAFETY: as above.
unsafe impl Sync for Loaded {}

impl Loaded {
    pub fn entry(&self) -> EntryFn {
        self.entry
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        let _session = session();
        // SAFETY: the library belongs to this value, and the caller has promised that its code no longer runs.
        unsafe { ignore(LLVMOrcJITDylibClear(self.library)) };
    }
}

/// Why an object could not be loaded.
#[derive(Clone, Debug)]
pub struct LoadError {
    pub message: String,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "loading failed: {}", self.message)
    }
}

impl std::error::Error for LoadError {}

/// The process's only LLJIT.
struct Jit(LLVMOrcLLJITRef);

// SAFETY: used under its mutex only.
unsafe impl Send for Jit {}

static JIT: Mutex<Option<Jit>> = Mutex::new(None);

/// The right to use the loader.
struct Session {
    jit: MutexGuard<'static, Option<Jit>>,
    /// Given up last.
    _no_fork: NoFork,
}

fn session() -> Session {
    let no_fork = at_fork::forbid();
    Session {
        jit: JIT.lock().unwrap_or_else(PoisonError::into_inner),
        _no_fork: no_fork,
    }
}

/// Links an object that [`crate::compile`] made. `cookie` is what errors of this module will carry.
pub fn load(object: &[u8], cookie: usize) -> Result<Loaded, LoadError> {
    load_with_regions(object, cookie, 0)
}

/// The same for a module with `target` regions, which devices get from `source` (see `omply_offload::register_source`).
pub fn load_with_regions(object: &[u8], cookie: usize, source: u64) -> Result<Loaded, LoadError> {
    let module = Identity { cookie, source };
    let mut session = session();
    let lljit = match &*session.jit {
        Some(jit) => jit.0,
        None => {
            let made = create().map_err(|message| LoadError { message })?;
            session.jit.insert(Jit(made)).0
        }
    };
    // SAFETY: `lljit` lives for ever and is used under the lock.
    unsafe { link(lljit, object, module) }.map_err(|message| LoadError { message })
}

fn create() -> Result<LLVMOrcLLJITRef, String> {
    initialise();
    let mut lljit = std::ptr::null_mut();
    // SAFETY: a null builder means LLVM's defaults for this host.
    let error = unsafe { LLVMOrcCreateLLJIT(&mut lljit, std::ptr::null_mut()) };
    check(error)?;
    // SAFETY: the session belongs to the JIT just made.
    unsafe {
        let session = LLVMOrcLLJITGetExecutionSession(lljit);
        LLVMOrcExecutionSessionSetErrorReporter(session, drop_report, std::ptr::null_mut());
    }
    Ok(lljit)
}

/// # Safety
/// `lljit` is alive and used by nobody else meanwhile.
unsafe fn link(lljit: LLVMOrcLLJITRef, object: &[u8], module: Identity) -> Result<Loaded, String> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("omply.{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let name = crate::llvm::c_text(&name);
    // SAFETY: ORC takes over generator and buffer; names are NUL-terminated.
    unsafe {
        let session = LLVMOrcLLJITGetExecutionSession(lljit);
        let library = LLVMOrcExecutionSessionCreateBareJITDylib(session, name.as_ptr());
        let context = Box::into_raw(Box::new(module)).cast::<c_void>();
        let generator =
            LLVMOrcCreateCustomCAPIDefinitionGenerator(define_symbols, context, drop_context);
        LLVMOrcJITDylibAddGenerator(library, generator);
        let buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(
            object.as_ptr().cast(),
            object.len(),
            name.as_ptr(),
        );
        let found = check(LLVMOrcLLJITAddObjectFile(lljit, library, buffer))
            .and_then(|()| find_entry(session, library));
        match found {
            // SAFETY: the object defines the entry with this signature.
            Ok(address) => {
                let entry = std::mem::transmute::<usize, EntryFn>(address);
                Ok(Loaded { entry, library })
            }
            Err(message) => {
                ignore(LLVMOrcJITDylibClear(library));
                Err(message)
            }
        }
    }
}

/// Looks the entry up, which links the object.
///
/// # Safety
/// Both belong to one JIT.
unsafe fn find_entry(
    session: LLVMOrcExecutionSessionRef,
    library: LLVMOrcJITDylibRef,
) -> Result<usize, String> {
    let entry = crate::llvm::c_text(ENTRY);
    let mut answer: Option<Result<usize, String>> = None;
    let mut order = LLVMOrcCJITDylibSearchOrderElement {
        JD: library,
        JDLookupFlags: LLVMOrcJITDylibLookupFlags::LLVMOrcJITDylibLookupFlagsMatchAllSymbols,
    };
    // SAFETY: without a thread pool ORC calls back before the lookup returns, so that `answer` is alive. The name's reference is
    // the lookup set's.
    unsafe {
        let mut wanted = LLVMOrcCLookupSetElement {
            Name: LLVMOrcExecutionSessionIntern(session, entry.as_ptr()),
            LookupFlags: LLVMOrcSymbolLookupFlags::LLVMOrcSymbolLookupFlagsRequiredSymbol,
        };
        LLVMOrcExecutionSessionLookup(
            session,
            LLVMOrcLookupKind::LLVMOrcLookupKindStatic,
            &mut order,
            1,
            &mut wanted,
            1,
            take_answer,
            (&raw mut answer).cast(),
        );
    }
    answer.unwrap_or_else(|| Err("the lookup gave no answer".into()))
}

extern "C" fn take_answer(
    error: LLVMErrorRef,
    found: LLVMOrcCSymbolMapPairs,
    count: usize,
    context: *mut c_void,
) {
    let answer = context.cast::<Option<Result<usize, String>>>();
    let result = check(error).and_then(|()| {
        if count == 1 && !found.is_null() {
            // SAFETY: `found` has `count` items.
            Ok(unsafe { (*found).Sym.Address } as usize)
        } else {
            Err("the object defines no entry".into())
        }
    });
    // SAFETY: `find_entry` waits with its variable.
    unsafe { *answer = Some(result) };
}

/// Gives the symbols that an object refers to. Those it does not know stay undefined, which fails the lookup.
extern "C" fn define_symbols(
    _generator: LLVMOrcDefinitionGeneratorRef,
    context: *mut c_void,
    _state: *mut LLVMOrcLookupStateRef,
    _kind: LLVMOrcLookupKind,
    library: LLVMOrcJITDylibRef,
    _flags: LLVMOrcJITDylibLookupFlags,
    wanted: LLVMOrcCLookupSet,
    count: usize,
) -> LLVMErrorRef {
    // SAFETY: `link` made it, and ORC has not dropped it.
    let module = unsafe { *context.cast::<Identity>() };
    let mut pairs = Vec::with_capacity(count);
    for index in 0..count {
        // SAFETY: `wanted` has `count` items, whose names live as long as the call; each pair takes a reference of its own.
        unsafe {
            let name = (*wanted.add(index)).Name;
            let text = CStr::from_ptr(LLVMOrcSymbolStringPoolEntryStr(name));
            if let Some(address) = symbols::address(text, module) {
                LLVMOrcRetainSymbolStringPoolEntry(name);
                let flags = LLVMJITSymbolFlags {
                    GenericFlags: LLVMJITSymbolGenericFlags::LLVMJITSymbolGenericFlagsExported
                        as u8,
                    TargetFlags: 0,
                };
                pairs.push(LLVMOrcCSymbolMapPair {
                    Name: name,
                    Sym: LLVMJITEvaluatedSymbol {
                        Address: address as u64,
                        Flags: flags,
                    },
                });
            }
        }
    }
    if pairs.is_empty() {
        return std::ptr::null_mut();
    }
    // SAFETY: ORC copies the pairs and takes over the unit.
    unsafe {
        LLVMOrcJITDylibDefine(
            library,
            LLVMOrcAbsoluteSymbols(pairs.as_mut_ptr(), pairs.len()),
        )
    }
}

extern "C" fn drop_context(context: *mut c_void) {
    // SAFETY: `link` made it, and ORC drops it once.
    drop(unsafe { Box::from_raw(context.cast::<Identity>()) });
}

/// Lookups report the same errors.
extern "C" fn drop_report(_: *mut c_void, error: LLVMErrorRef) {
    // SAFETY: the report is ours to consume.
    unsafe { ignore(error) };
}

/// # Safety
/// `error` is null or the caller's.
unsafe fn ignore(error: LLVMErrorRef) {
    if !error.is_null() {
        // SAFETY: the caller's promise.
        unsafe { LLVMConsumeError(error) };
    }
}

fn check(error: LLVMErrorRef) -> Result<(), String> {
    if error.is_null() {
        Ok(())
    } else {
        Err(error_text(error))
    }
}
