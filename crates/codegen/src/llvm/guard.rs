//! Errors for which LLVM would end the process. A back end that meets what it cannot translate reports a fatal error, and does not
//! expect to go on; so it works in a thread of its own, which then stops for good, while whoever asked for the code gets the message.
//! What the thread held is not given back: its stack and its module. Such an error is a gap of the compiler's own checks.

use std::cell::RefCell;
use std::ffi::{CStr, c_char};
use std::sync::Once;
use std::sync::mpsc::{SyncSender, sync_channel};

use llvm_sys::error_handling::LLVMInstallFatalErrorHandler;

thread_local! {
    /// Whom this thread tells of a fatal error.
    static CALLER: RefCell<Option<SyncSender<String>>> = const { RefCell::new(None) };
    static ERRORS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Back ends recurse deeply.
const STACK: usize = 16 << 20;

/// What `work` gives, or the message of the error that LLVM has ended it with.
pub fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    static ONCE: Once = Once::new();
    // SAFETY: the handler stays where it is.
    ONCE.call_once(|| unsafe { LLVMInstallFatalErrorHandler(Some(fatal)) });
    let (sender, messages) = sync_channel(1);
    let worker = std::thread::Builder::new()
        .name("omply-device-code".into())
        .stack_size(STACK)
        .spawn(move || {
            CALLER.set(Some(sender));
            let done = work();
            // The caller waits for this end of the channel.
            CALLER.set(None);
            done
        })
        .map_err(|error| error.to_string())?;
    match messages.recv() {
        Ok(message) => Err(message),
        Err(_) => worker
            .join()
            .map_err(|_| "the code generator has panicked".to_owned()),
    }
}

/// Called by LLVM, which ends the process if it returns.
extern "C" fn fatal(reason: *const c_char) {
    // SAFETY: LLVM passes a text.
    let reason = unsafe { CStr::from_ptr(reason) }
        .to_string_lossy()
        .into_owned();
    match CALLER.take() {
        Some(caller) => {
            super::spirv::end_turn();
            // A caller that is gone needs no answer.
            let _ = caller.send(reason);
            loop {
                std::thread::park();
            }
        }
        None => eprintln!("LLVM ERROR: {reason}"),
    }
}

/// An error that LLVM goes on after; what it makes then is of no use.
pub fn report(message: String) {
    ERRORS.with_borrow_mut(|errors| errors.push(message));
}

/// The errors reported in this thread since the last call.
pub fn reported() -> Vec<String> {
    ERRORS.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fatal_error_ends_its_thread_only() {
        let ended: Result<(), String> = run(|| fatal(c"cannot select".as_ptr()));
        assert_eq!(ended, Err("cannot select".to_owned()));
        assert_eq!(run(|| 7), Ok(7));
    }

    #[test]
    fn a_fatal_error_leaves_the_spirv_back_end_to_others() {
        let ended: Result<(), String> =
            run(|| super::super::spirv::in_turn(|| fatal(c"".as_ptr())));
        assert_eq!(ended, Err(String::new()));
        assert_eq!(super::super::spirv::in_turn(|| 7), 7);
    }
}
