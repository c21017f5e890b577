//! The IR's data. A module holds functions; a function holds typed slots (variables in
//! memory), SSA values and a tree of blocks. Control flow and OpenMP regions are structured: an instruction owns
//! the blocks it governs.
//!
//! Two phases share these types. *Regions* (what lowering makes): `Parallel`, `Task` and `Loop` hold OpenMP's regions
//! as they stand. *Flat* (after the transform passes): parallel regions and tasks are outlined into functions reached
//! by `Fork` and `Spawn`, worksharing loops are plain `For` loops around runtime calls. The verifier says what each
//! phase allows.
//!
//! Errors: an instruction that can fail (checks, `Raise`, `Call`, `Fork`, `Spawn`, waits of a cancelled team) leaves the
//! function with a non-zero status, running the releases of the regions (critical, ordered, taskgroup) it stands in.
//!
//! Tasks: a variable that a task takes by reference outlives the task. Where the code itself does not wait for the task on
//! every path (`Spawn::joined`), the function waits for its child tasks before it returns.

mod op;
mod operator;
mod region;
mod target;

use omply_diagnostics::Span;

pub use op::*;
pub use operator::*;
pub use region::*;
pub use target::*;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(FuncId);
id!(
    /// A variable of one function, in memory until LLVM promotes it.
    SlotId
);
id!(
    /// An SSA value of one function. Defined once, visible in the rest of its block and in blocks nested there.
    ValueId
);
id!(
    /// A place in the source that can raise; indexes `Module::sites`.
    SiteId
);

#[derive(Clone, Debug, Default)]
pub struct Module {
    pub name: String,
    pub funcs: Vec<Func>,
    pub sites: Vec<Site>,
    /// The function that Python calls.
    pub entry: Option<FuncId>,
}

/// Where an error is raised, and what is raised.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    pub error: ErrorKind,
    /// For `ErrorKind::User`: the index of the exception class in the list that lowering reports.
    pub class: u32,
    /// Text, with `{0}` and `{1}` standing for the two integers that a failing check supplies.
    pub message: Option<String>,
    pub span: Span,
    /// The Python function's name, for the traceback.
    pub function: String,
}

/// What a thread comes to in a program that is checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WatchEvent {
    /// A region, before it is forked.
    Begins,
    /// The region, as a thread of its team.
    Enters,
    /// A construct that all threads of the team meet.
    Meets,
    /// The region's end.
    Ends,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ErrorKind {
    Index,
    ZeroDivision,
    Value,
    Overflow,
    Type,
    Assertion,
    Memory,
    Recursion,
    UnboundLocal,
    Runtime,
    /// What the runtime has found in a program that is checked; the argument is its message's number.
    Check,
    /// Raised by a `raise` statement: `Site::class` says which class.
    User,
}

#[derive(Clone, Debug)]
pub struct Func {
    pub name: String,
    /// Parameters arrive in these slots.
    pub params: Vec<SlotId>,
    pub ret: Type,
    pub slots: Vec<Slot>,
    /// The type of every value.
    pub values: Vec<Type>,
    pub body: Block,
    pub kind: FuncKind,
    /// The vector versions that the program declares.
    pub simd: Vec<DeclareSimd>,
    pub span: Span,
}

/// A `declare_simd`: versions of a function that compute several calls at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclareSimd {
    /// How many calls; absent: as many as the machine likes.
    pub simdlen: Option<u32>,
    /// Whether calls stand under a condition (`inbranch`), or do not (`notinbranch`); absent: either.
    pub inbranch: Option<bool>,
    /// What is known of each parameter.
    pub params: Vec<SimdParam>,
}

/// How the argument of one call differs from that of the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SimdParam {
    Any,
    Uniform,
    /// By this step.
    Linear(i64),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FuncKind {
    /// An `@omp` function's instance.
    Normal,
    /// The body of a parallel region: `params` are the captures in the order of `Fork::captures`; a capture by
    /// reference is a slot with `Storage::Reference`.
    Outlined,
    /// The body of a task: as `Outlined`, with `Spawn::captures`. Arrays captured by value are the task's own references.
    Task,
    /// The body of a `target` region: as `Outlined`, with `Offload::captures`. Arrays come by value, their memory being mapped; a
    /// capture by reference is a scalar that is mapped.
    Target,
}

impl FuncKind {
    /// Whether the body was taken out of another function.
    pub fn is_outlined(self) -> bool {
        self != FuncKind::Normal
    }
}

#[derive(Clone, Debug)]
pub struct Slot {
    pub name: String,
    pub ty: Type,
    pub storage: Storage,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Storage {
    /// On the stack of the thread that runs the function.
    Local,
    /// Outlined functions: a variable of the encountering thread, reached through its address.
    Reference,
    /// Devices: one for each team, seen by all of its threads.
    Team,
    /// One per thread, living across regions and calls; `init` is every thread's first value.
    Threadprivate { key: String, init: Const },
    /// One per contention group: the initial thread of a team and all threads below it.
    Groupprivate { key: String, init: Const },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Scalar {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    F32,
    F64,
    C64,
    C128,
}

impl Scalar {
    /// All of them, as declared.
    pub const ALL: [Scalar; 14] = [
        Scalar::Bool,
        Scalar::I8,
        Scalar::I16,
        Scalar::I32,
        Scalar::I64,
        Scalar::U8,
        Scalar::U16,
        Scalar::U32,
        Scalar::U64,
        Scalar::F16,
        Scalar::F32,
        Scalar::F64,
        Scalar::C64,
        Scalar::C128,
    ];
}

/// How an array lies in memory. `C` and `F` promise contiguity, so that strides follow from the shape.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Layout {
    C,
    F,
    Strided,
}

impl Layout {
    /// That of the transposed array.
    pub fn reversed(self) -> Layout {
        match self {
            Layout::C => Layout::F,
            Layout::F => Layout::C,
            Layout::Strided => Layout::Strided,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ArrayType {
    pub elem: Scalar,
    pub ndim: u8,
    pub layout: Layout,
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Type {
    Unit,
    Scalar(Scalar),
    /// A view of memory: data, shape, strides (in bytes), owner (null when the memory is borrowed from Python).
    /// Storing one into a slot keeps its owner alive; codegen counts references.
    Array(ArrayType),
    Tuple(Vec<Type>),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Const {
    Bool(bool),
    /// Of any integer type; wrapped to its width.
    Int(Scalar, i64),
    Float(Scalar, f64),
    Complex(Scalar, f64, f64),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    pub insts: Vec<Inst>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Inst {
    /// Values that the instruction defines (most define none or one).
    pub results: Vec<ValueId>,
    pub op: Op,
    pub span: Span,
}
