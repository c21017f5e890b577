//! IR to LLVM, JIT and object cache.
