//! The function that the outside calls: arguments and results as arrays of 64-bit words.

use omply_ir::{Layout, Scalar, Type};

use crate::CodegenError;
use crate::llvm::{Cmp, Conversion, MetaKind, Value};

use super::ModuleLower;
use super::externals;
use super::layout::{ArrayParts, Leaf, Leaves, leaves_of};

impl ModuleLower<'_> {
    pub fn entry(&self) -> Result<(), CodegenError> {
        let Some(entry) = self.module.entry else {
            return Err(CodegenError {
                message: "the module has no entry".into(),
                place: None,
            });
        };
        let (func, callee) = (&self.module.funcs[entry.index()], self.funcs[entry.index()]);
        let ll = &self.ll;
        let function = ll.add_function(externals::ENTRY, ll.fn_type(ll.i32, &[ll.ptr, ll.ptr]));
        ll.mark(function, "nounwind");
        let (words_in, words_out) = (ll.param(function, 0), ll.param(function, 1));
        ll.at(ll.block(function, "entry"));

        let mut args = Leaves::new();
        let mut word = 0;
        for slot in &func.params {
            let ty = &func.slots[slot.index()].ty;
            self.read_words(ty, words_in, &mut word, &mut args);
        }
        if callee.hidden.limit {
            args.push(ll.call(self.external(externals::STACK_LIMIT), &[]));
        }
        if callee.hidden.gtid {
            let ask = self.external(externals::GLOBAL_THREAD_NUM);
            args.push(ll.call(ask, &[ll.zero(ll.ptr)]));
        }
        let group = self.has_tasks.then(|| {
            let ask = self.external(externals::GLOBAL_THREAD_NUM);
            let gtid = ll.call(ask, &[ll.zero(ll.ptr)]);
            ll.call(self.external(externals::TASKGROUP_BEGIN), &[gtid]);
            gtid
        });
        let result = ll.call((callee.ty, callee.function), &args);
        ll.set_fast_call(result);
        let mut status = ll.extract(result, 0);
        if let Some(gtid) = group {
            status = self.end_group(function, gtid, status);
        }
        let (fine, out) = (ll.block(function, "fine"), ll.block(function, "out"));
        let branch = ll.cond_br(ll.icmp(Cmp::LLVMIntEQ, status, ll.c32(0)), fine, out);
        ll.weigh(branch, true);
        ll.at(fine);
        let leaves: Leaves = (1..=leaves_of(&func.ret).len())
            .map(|index| ll.extract(result, index))
            .collect();
        let (mut word, mut leaf) = (0, 0);
        self.write_words(&func.ret, &leaves, &mut leaf, words_out, &mut word);
        ll.br(out);
        ll.at(out);
        ll.ret(status);
        Ok(())
    }

    /// Waits for the tasks that outlive the function: they use the caller's arrays, and this code. Gives the call's status.
    fn end_group(&self, function: Value, gtid: Value, status: Value) -> Value {
        let ll = &self.ll;
        let answer = ll.call(self.external(externals::TASKGROUP_END), &[gtid]);
        let here = ll.here();
        let (failed, after) = (
            ll.block(function, "tasks failed"),
            ll.block(function, "alone"),
        );
        let fine = ll.icmp(Cmp::LLVMIntEQ, status, ll.c32(0));
        let answered = ll.icmp(Cmp::LLVMIntNE, answer, ll.c32(0));
        let branch = ll.cond_br(ll.and(fine, answered), failed, after);
        ll.weigh(branch, false);
        ll.at(failed);
        let cookie = ll.external_global(externals::COOKIE);
        let theirs = ll.call(self.external(externals::TASKS_FAILED), &[cookie, answer]);
        ll.br(after);
        ll.at(after);
        ll.phi(ll.i32, &[(status, here), (theirs, failed)])
    }

    pub fn read_words(&self, ty: &Type, words: Value, word: &mut i64, out: &mut Leaves) {
        if let Type::Tuple(items) = ty {
            items
                .iter()
                .for_each(|item| self.read_words(item, words, word, out));
            return;
        }
        let ll = &self.ll;
        for leaf in leaves_of(ty) {
            let place = ll.offset(ll.i64, words, ll.c64(*word));
            *word += 1;
            let value = ll.load(
                if leaf.ty(ll) == ll.ptr {
                    ll.ptr
                } else {
                    ll.i64
                },
                place,
            );
            ll.attach(value, MetaKind::NoUndef, ll.node(&[]));
            out.push(match leaf {
                Leaf::Number(scalar) => self.number_in(value, scalar),
                _ => value,
            });
        }
        if let Type::Array(array) = ty {
            // Contiguous arrays bring their strides as well; the shape says the same.
            if array.layout != Layout::Strided {
                *word += i64::from(array.ndim);
            }
        }
    }

    pub fn write_words(
        &self,
        ty: &Type,
        leaves: &[Value],
        leaf: &mut usize,
        words: Value,
        word: &mut i64,
    ) {
        let ll = &self.ll;
        let mut put = |value: Value| {
            ll.store(value, ll.offset(ll.i64, words, ll.c64(*word)));
            *word += 1;
        };
        match ty {
            Type::Unit => {}
            Type::Scalar(scalar) => {
                for _ in 0..leaves_of(ty).len() {
                    put(self.word(leaves[*leaf], scalar.real_part()));
                    *leaf += 1;
                }
            }
            Type::Array(array) => {
                let count = super::layout::leaf_count(ty);
                let parts = ArrayParts::new(*array, &leaves[*leaf..*leaf + count]);
                *leaf += count;
                put(parts.data);
                put(parts.owner);
                parts.dims.iter().for_each(|dim| put(*dim));
                parts.all_strides(ll).iter().for_each(|stride| put(*stride));
            }
            Type::Tuple(items) => {
                for item in items {
                    self.write_words(item, leaves, leaf, words, word);
                }
            }
        }
    }

    /// A number as a word: integers extended, floats as bits.
    pub fn word(&self, value: Value, scalar: Scalar) -> Value {
        let ll = &self.ll;
        if scalar.is_float() {
            let bits = ll.bitcast(value, ll.int_type(scalar.bytes() * 8));
            return ll.int_cast(bits, ll.i64, false);
        }
        ll.int_cast(value, ll.i64, scalar.is_signed_int())
    }

    pub fn number_in(&self, word: Value, scalar: Scalar) -> Value {
        let ll = &self.ll;
        if scalar == Scalar::Bool {
            return ll.icmp(Cmp::LLVMIntNE, word, ll.c64(0));
        }
        let bits = ll.cast(Conversion::LLVMTrunc, word, ll.int_type(scalar.bytes() * 8));
        let bits = if scalar.bytes() == 8 { word } else { bits };
        ll.bitcast(bits, super::layout::scalar_type(ll, scalar))
    }
}
