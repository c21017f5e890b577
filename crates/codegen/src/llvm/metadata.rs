//! Metadata: branch weights, alias information, loop properties.

use std::ffi::c_uint;

use llvm_sys::core::*;
use llvm_sys::debuginfo::{LLVMMetadataReplaceAllUsesWith, LLVMTemporaryMDNode};
use llvm_sys::ir_reader::LLVMParseIRInContext2;
use llvm_sys::prelude::LLVMMetadataRef;

use super::{Llvm, Value, ll};

pub type Meta = LLVMMetadataRef;

/// Kinds of attachments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MetaKind {
    Tbaa,
    Prof,
    Range,
    Loop,
    AccessGroup,
    InvariantLoad,
    NoUndef,
}

impl MetaKind {
    fn name(self) -> &'static str {
        match self {
            MetaKind::Tbaa => "tbaa",
            MetaKind::Prof => "prof",
            MetaKind::Range => "range",
            MetaKind::Loop => "llvm.loop",
            MetaKind::AccessGroup => "llvm.access.group",
            MetaKind::InvariantLoad => "invariant.load",
            MetaKind::NoUndef => "noundef",
        }
    }
}

impl Llvm {
    pub fn meta_text(&self, text: &str) -> Meta {
        ll! { LLVMMDStringInContext2(self.context, text.as_ptr().cast(), text.len()) }
    }

    pub fn meta_value(&self, value: Value) -> Meta {
        ll! { LLVMValueAsMetadata(value) }
    }

    pub fn node(&self, items: &[Meta]) -> Meta {
        let mut items = items.to_vec();
        ll! { LLVMMDNodeInContext2(self.context, items.as_mut_ptr(), items.len()) }
    }

    /// A node that is equal to no other: its first item is itself.
    pub fn distinct_node(&self, items: &[Meta]) -> Meta {
        ll! {
            let place_holder = LLVMTemporaryMDNode(self.context, std::ptr::null_mut(), 0);
            let mut all = vec![place_holder];
            all.extend_from_slice(items);
            let node = LLVMMDNodeInContext2(self.context, all.as_mut_ptr(), all.len());
            LLVMMetadataReplaceAllUsesWith(place_holder, node);
            node
        }
    }

    /// A new access group: a distinct node without items. LLVM's C API makes none, its parser of IR text does; the node outlives
    /// the module that it was read with, since nodes belong to the context.
    pub fn access_group(&self) -> Option<Meta> {
        const TEXT: &std::ffi::CStr = c"!group = !{!0}\n!0 = distinct !{}\n";
        const NAME: &std::ffi::CStr = c"group";
        let (mut module, mut message) = (std::ptr::null_mut(), std::ptr::null_mut());
        let mut node = std::ptr::null_mut();
        ll! {
            let buffer = LLVMCreateMemoryBufferWithMemoryRange(TEXT.as_ptr(), TEXT.count_bytes(), NAME.as_ptr(), 1);
            // The parser refuses contexts that forget names.
            LLVMContextSetDiscardValueNames(self.context, 0);
            let failed = LLVMParseIRInContext2(self.context, buffer, &mut module, &mut message) != 0;
            LLVMContextSetDiscardValueNames(self.context, 1);
            LLVMDisposeMemoryBuffer(buffer);
            if failed {
                super::take_message(message);
                return None;
            }
            LLVMGetNamedMetadataOperands(module, NAME.as_ptr(), &mut node);
            let group = LLVMValueAsMetadata(node);
            LLVMDisposeModule(module);
            Some(group)
        }
    }

    pub fn attach(&self, instruction: Value, kind: MetaKind, node: Meta) {
        let id = *self.meta_kinds.borrow_mut().entry(kind).or_insert_with(|| {
            let name = kind.name();
            ll! { LLVMGetMDKindIDInContext(self.context, name.as_ptr().cast(), name.len() as c_uint) }
        });
        ll! {
            if !LLVMIsAInstruction(instruction).is_null() {
                LLVMSetMetadata(instruction, id, LLVMMetadataAsValue(self.context, node));
            }
        }
    }

    /// The branch's first target is nearly always (`likely`) or nearly never taken.
    pub fn weigh(&self, branch: Value, likely: bool) {
        let weights = if likely { [2000, 1] } else { [1, 2000] };
        let node = self.node(&[
            self.meta_text("branch_weights"),
            self.meta_value(self.c32(weights[0])),
            self.meta_value(self.c32(weights[1])),
        ]);
        self.attach(branch, MetaKind::Prof, node);
    }

    /// A loaded I64 is 0 to 2^63-1.
    pub fn range_not_negative(&self, load: Value) {
        self.range_below(load, i64::MIN);
    }

    /// An I64 that is loaded, or what a call gives, is 0 or more and less than `end`.
    pub fn range_below(&self, value: Value, end: i64) {
        let node = self.node(&[self.meta_value(self.c64(0)), self.meta_value(self.c64(end))]);
        self.attach(value, MetaKind::Range, node);
    }

    /// A node of type-based alias information: memory that is a kind of `parent`.
    pub fn tbaa_type(&self, name: &str, parent: Meta) -> Meta {
        self.node(&[self.meta_text(name), parent, self.meta_value(self.c64(0))])
    }

    /// What is attached to an access to memory of that type.
    pub fn tbaa_access(&self, ty: Meta) -> Meta {
        self.node(&[ty, ty, self.meta_value(self.c64(0))])
    }
}
