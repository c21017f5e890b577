//! What LLVM says of loops that it leaves as they are. Such a loop carries a place, which is a number of ours in the guise of a line
//! of a file that does not exist, and LLVM's messages begin with it.

use std::ffi::c_void;

use llvm_sys::core::{LLVMContextSetDiagnosticHandler, LLVMGetDiagInfoDescription};
use llvm_sys::debuginfo::*;
use llvm_sys::prelude::LLVMDiagnosticInfoRef;

use super::{Llvm, Meta, ll, take_message};

const FILE: &str = "loop";

/// Messages, each with the place that its loop carries.
#[derive(Default)]
pub struct Remarks {
    list: Vec<(u32, String)>,
}

extern "C" fn note(info: LLVMDiagnosticInfoRef, context: *mut c_void) {
    super::diagnostic(info, std::ptr::null_mut());
    // SAFETY: LLVM hands over the message, which is then ours; `context` is the `Remarks` that `Llvm::listen` was given, and its
    // caller keeps it alive and untouched while LLVM runs.
    let (text, remarks) = unsafe {
        (
            take_message(LLVMGetDiagInfoDescription(info)),
            &mut *context.cast::<Remarks>(),
        )
    };
    // `loop:12:0: loop not vectorized: reason`
    let found = text.strip_prefix(FILE).and_then(|rest| {
        let (line, rest) = rest.strip_prefix(':')?.split_once(':')?;
        let (_, message) = rest.split_once(": ")?;
        Some((line.parse().ok()?, message.to_owned()))
    });
    remarks.list.extend(found);
}

impl Remarks {
    /// The places of loops that were to become vector code and did not, each with what LLVM says about it.
    pub fn missed(&self) -> Vec<(u32, Option<&str>)> {
        const REFUSED: &str = "loop not vectorized: ";
        const MISSED: &str = "unable to perform the requested transformation";
        let mut missed: Vec<(u32, Option<&str>)> = Vec::new();
        for (place, text) in &self.list {
            if text.contains(MISSED) && !missed.iter().any(|(known, _)| known == place) {
                let reason = self.list.iter().find_map(|(other, text)| {
                    let reason = text.strip_prefix(REFUSED)?;
                    (other == place && !text.contains(MISSED)).then_some(reason)
                });
                missed.push((*place, reason));
            }
        }
        missed
    }
}

impl Llvm {
    /// Collects messages in `remarks`, which must live until LLVM has done its work or `ignore` is called.
    pub fn listen(&self, remarks: &mut Remarks) {
        let context: *mut Remarks = remarks;
        ll! { LLVMContextSetDiagnosticHandler(self.context, Some(note), context.cast()) };
    }

    pub fn ignore(&self) {
        let nobody = std::ptr::null_mut();
        ll! { LLVMContextSetDiagnosticHandler(self.context, Some(super::diagnostic), nobody) };
    }

    /// What a loop's properties hold so that messages name it by this number.
    pub fn loop_place(&self, number: u32) -> Meta {
        let scope = *self.places.borrow_mut().get_or_insert_with(|| ll! {
            let text = |text: &'static str| (text.as_ptr().cast(), text.len());
            let builder = LLVMCreateDIBuilder(self.module);
            let (name, length) = text(FILE);
            let (none, zero) = text("");
            let file = LLVMDIBuilderCreateFile(builder, name, length, none, zero);
            LLVMDIBuilderCreateCompileUnit(
                builder,
                LLVMDWARFSourceLanguage::LLVMDWARFSourceLanguageC,
                file,
                none,
                zero,
                1,
                none,
                zero,
                0,
                none,
                zero,
                LLVMDWARFEmissionKind::LLVMDWARFEmissionKindNone,
                0,
                0,
                0,
                none,
                zero,
                none,
                zero,
            );
            let ty = LLVMDIBuilderCreateSubroutineType(builder, file, std::ptr::null_mut(), 0, 0);
            let scope = LLVMDIBuilderCreateFunction(builder, file, name, length, none, zero, file, 1, ty, 1, 1, 1, 0, 1);
            LLVMDIBuilderFinalize(builder);
            LLVMDisposeDIBuilder(builder);
            scope
        });
        ll! { LLVMDIBuilderCreateDebugLocation(self.context, number, 0, scope, std::ptr::null_mut()) }
    }
}
