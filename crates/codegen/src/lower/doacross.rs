//! Loops whose iterations wait for earlier ones: calls of the runtime, which takes the values of the loop variables in memory.

use omply_ir::ValueId;

use crate::CodegenError;
use crate::llvm::{Cmp, Value};

use super::externals::{self, External};
use super::func::FuncLower;

impl FuncLower<'_> {
    pub fn doacross_begin(&mut self, dims: &[[ValueId; 3]]) -> Result<(), CodegenError> {
        let ll = self.ll;
        let mut words = Vec::new();
        for dim in dims {
            let [start, stop, step] = [
                self.value(dim[0])?,
                self.value(dim[1])?,
                self.value(dim[2])?,
            ];
            // The runtime's bounds are inclusive.
            let up = ll.icmp(Cmp::LLVMIntSGT, step, ll.c64(0));
            let last = ll.select(up, ll.sub(stop, ll.c64(1)), ll.add(stop, ll.c64(1)));
            words.extend([start, last, step]);
        }
        let place = self.words(&words);
        let gtid = self.gtid();
        let count = ll.c32(dims.len() as i32);
        let args = [ll.zero(ll.ptr), gtid, count, place];
        ll.call(self.m.external(externals::DOACROSS_INIT), &args);
        Ok(())
    }

    pub fn doacross_post(&mut self, iteration: &[ValueId]) -> Result<(), CodegenError> {
        self.doacross_call(externals::DOACROSS_POST, iteration)
    }

    pub fn doacross_wait(&mut self, iteration: &[ValueId]) -> Result<(), CodegenError> {
        self.doacross_call(externals::DOACROSS_WAIT, iteration)?;
        // A wait of a cancelled team ends early.
        self.leave_if_cancelled();
        Ok(())
    }

    pub fn doacross_end(&mut self) -> Result<(), CodegenError> {
        let ll = self.ll;
        let gtid = self.gtid();
        let end = self.m.external(externals::DOACROSS_FINI);
        ll.call(end, &[ll.zero(ll.ptr), gtid]);
        Ok(())
    }

    fn doacross_call(
        &mut self,
        function: External,
        iteration: &[ValueId],
    ) -> Result<(), CodegenError> {
        let values = iteration
            .iter()
            .map(|&value| self.value(value))
            .collect::<Result<Vec<_>, _>>()?;
        let place = self.words(&values);
        let gtid = self.gtid();
        let args = [self.ll.zero(self.ll.ptr), gtid, place];
        self.ll.call(self.m.external(function), &args);
        Ok(())
    }

    /// The values in memory, one after the other.
    fn words(&mut self, values: &[Value]) -> Value {
        let ll = self.ll;
        let place = self.stack(ll.array_type(ll.i64, values.len() as u64), 8);
        for (index, &value) in values.iter().enumerate() {
            ll.store(value, ll.offset(ll.i64, place, ll.c64(index as i64)));
        }
        place
    }
}
