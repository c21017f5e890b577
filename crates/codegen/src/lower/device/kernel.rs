//! The kernel's signature: one i64 for each word of its captures, as `compile` describes words, and the address of the launch's
//! error record.

use omply_ir::{Func, FuncKind, Layout, Storage, Type};

use crate::llvm::{Conversion, Ty, Value};

use super::super::ModuleLower;
use super::super::func::FuncLower;
use super::super::layout::{Leaf, Leaves, leaves_of};
use super::super::target::words_of;
use super::{Device, GLOBAL, Kind};

/// The kernel's name in its image.
pub const KERNEL: &str = "omply_kernel";

impl ModuleLower<'_> {
    pub fn kernel_type(&self, func: &Func) -> Ty {
        let words: usize = func
            .params
            .iter()
            .map(|param| {
                let slot = &func.slots[param.index()];
                if slot.storage == Storage::Reference {
                    1
                } else {
                    words_of(&slot.ty)
                }
            })
            .sum();
        self.ll.fn_type(self.ll.void, &vec![self.ll.i64; words + 1])
    }

    pub fn device_function(&self, device: Device, func: &Func, ty: Ty, recursive: bool) -> Value {
        let ll = &self.ll;
        let kernel = func.kind == FuncKind::Target;
        let function = if kernel {
            ll.add_function(KERNEL, ty)
        } else {
            let function = ll.add_function(&format!("omply.{}", func.name), ty);
            ll.make_internal(function, false);
            function
        };
        // Barriers must stay where all threads meet them.
        ll.mark(function, "convergent");
        if !kernel && !recursive {
            ll.mark(function, "alwaysinline");
        }
        match (device.kind, kernel) {
            (Kind::Nvptx, true) => ll.set_convention(function, 71),
            (Kind::Amdgpu, true) => {
                ll.set_convention(function, 91);
                ll.mark_text(function, "uniform-work-group-size", "true");
            }
            (Kind::Spirv, true) => ll.set_convention(function, 76),
            _ => {}
        }
        function
    }

    /// A function that the device's own tools provide; not to be moved about.
    pub fn device_library(&self, name: &str, ret: Ty, params: &[Ty]) -> (Ty, Value) {
        let ll = &self.ll;
        *self
            .externals
            .borrow_mut()
            .entry(name.into())
            .or_insert_with(|| {
                let ty = ll.fn_type(ret, params);
                let function = ll.add_function(name, ty);
                ll.mark(function, "nounwind");
                ll.mark(function, "convergent");
                (ty, function)
            })
    }
}

impl FuncLower<'_> {
    /// Stores the words into the slots that receive them.
    pub fn receive_kernel_words(&mut self) {
        let f = self.f;
        let mut word = 0;
        for &slot in &f.params {
            if f.slots[slot.index()].storage == Storage::Reference {
                let address = self.ll.param(self.llvm.function, word);
                word += 1;
                self.slots[slot.index()] = Some(self.global_address(address));
                continue;
            }
            let mut leaves = Leaves::new();
            self.take_words(self.slot_type(slot), &mut word, &mut leaves);
            self.store_leaves(slot, &leaves);
        }
    }

    fn take_words(&mut self, ty: &Type, word: &mut usize, out: &mut Leaves) {
        if let Type::Tuple(items) = ty {
            items
                .iter()
                .for_each(|item| self.take_words(item, word, out));
            return;
        }
        let ll = self.ll;
        for leaf in leaves_of(ty) {
            let value = ll.param(self.llvm.function, *word);
            out.push(match leaf {
                Leaf::Number(scalar) => self.m.number_in(value, scalar),
                Leaf::Data => self.global_address(value),
                Leaf::Owner => ll.zero(ll.ptr),
                Leaf::Dim => {
                    ll.mark_not_negative(self.llvm.function, *word);
                    value
                }
                Leaf::Stride => value,
            });
            *word += 1;
        }
        if let Type::Array(array) = ty
            && array.layout != Layout::Strided
        {
            *word += usize::from(array.ndim);
        }
    }

    /// An address in the device's memory. Told so, LLVM need not ask each access which memory it is for.
    pub fn global_address(&self, word: Value) -> Value {
        let ll = self.ll;
        let pointer = ll.cast(Conversion::LLVMIntToPtr, word, ll.pointer_in(GLOBAL));
        ll.generic(pointer)
    }
}
