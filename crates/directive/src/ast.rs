//! Typed directives: what `parse` returns. All spans are ranges of the file that the text came from.

use crate::span_map::SpanMap;
use omply_diagnostics::Span;
use omply_spec::*;

/// A directive, split into its leaves, each with the clauses that belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Directive {
    /// The canonical name: leaves separated by a blank, multi-word leaves with underscores, `for` for `do`.
    pub name: String,
    pub name_span: Span,
    /// From the name to the last clause.
    pub span: Span,
    /// Outermost first; never empty.
    pub leaves: Vec<Leaf>,
}

/// One constituent of a directive.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    pub kind: LeafKind,
    pub name_span: Span,
    pub argument: LeafArgument,
    /// The clauses that act on this leaf, in the order written, implied ones last.
    pub clauses: Vec<Clause>,
}

/// The argument in parentheses after a directive's name.
#[derive(Clone, Debug, PartialEq)]
pub enum LeafArgument {
    None,
    /// `critical(name)`, `declare_simd(function)`.
    Name(Ident),
    /// `threadprivate`, `groupprivate`, `allocate`, `flush`, `declare_target`.
    Items(Vec<ListItem>),
    /// `depobj(object)`.
    Locator(ListItem),
    DeclareReduction {
        id: ReductionId,
        types: Vec<ExprText>,
        combiner: Option<ExprText>,
    },
    DeclareInduction {
        id: ReductionId,
        types: Vec<ExprText>,
    },
    DeclareMapper {
        id: Option<Ident>,
        ty: ExprText,
        var: Ident,
    },
    DeclareVariant {
        base: Option<Ident>,
        variant: ExprText,
    },
}

/// A name in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    pub name: String,
    pub span: Span,
}

/// A clause of one leaf.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    pub kind: ClauseKind,
    /// The whole clause; for an implied clause, the clause that implies it.
    pub span: Span,
    pub name_span: Span,
    /// The leaves named by a `directive-name:` modifier, and where.
    pub directive_name: Option<DirectiveName>,
    /// Not written: it follows from another clause of a compound directive, such as `shared` on `parallel` for a `lastprivate` item.
    pub implied: bool,
    pub args: ClauseArgs,
}

/// A directive's name standing inside a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectiveName {
    pub leaves: Vec<LeafKind>,
    pub span: Span,
}

/// Python expression text, bracket-balanced, to be parsed by a later layer. `&&`, `||`, `!`, `true`, `false` are already rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprText {
    pub text: String,
    pub span: Span,
    /// Maps offsets of `text` to the file.
    pub map: SpanMap,
}

/// A word drawn from a fixed set, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<T> {
    pub value: T,
    pub span: Span,
}

/// A variable or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListItem {
    /// A plain name.
    Name(String, Span),
    /// An attribute, element or section.
    Locator(Box<Locator>),
    /// `omp_all_memory`.
    AllMemory(Span),
}

/// A path from a name to a part of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locator {
    pub base: Ident,
    /// At least one.
    pub parts: Vec<LocatorPart>,
    /// The whole locator as a Python expression.
    pub expr: ExprText,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocatorPart {
    /// `.name`
    Attribute(Ident),
    /// `[...]`, one subscript per dimension.
    Subscripts(Vec<Subscript>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subscript {
    Index(ExprText),
    /// `lower:upper:step`, half open as Python's slices are.
    Section {
        lower: Option<ExprText>,
        upper: Option<ExprText>,
        step: Option<ExprText>,
        span: Span,
    },
    /// `...`
    Ellipsis(Span),
}

/// What a reduction combines with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReductionId {
    Op(ReductionOp, Span),
    /// Declared by the program.
    User(Ident),
}

/// `iterator(name = start:stop:step, ...)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IteratorVar {
    pub name: Ident,
    pub start: ExprText,
    pub stop: ExprText,
    pub step: Option<ExprText>,
}

/// The argument of a clause, with its modifiers.
#[derive(Clone, Debug, PartialEq)]
pub enum ClauseArgs {
    /// A clause that may stand bare; the expression, if any, switches it.
    Flag(Option<ExprText>),
    Expr(ExprText),
    OptionalExpr(Option<ExprText>),
    Exprs(Vec<ExprText>),
    /// Names, or locators where the clause takes them.
    Items(Vec<ListItem>),
    /// One locator.
    Item(ListItem),
    AdjustArgs {
        op: Word<AdjustOp>,
        params: Vec<ExprText>,
    },
    Affinity {
        iterators: Vec<IteratorVar>,
        items: Vec<ListItem>,
    },
    Aligned {
        items: Vec<ListItem>,
        alignment: Option<ExprText>,
    },
    Allocate {
        allocator: Option<ExprText>,
        align: Option<ExprText>,
        items: Vec<ListItem>,
    },
    AppendArgs(Vec<ExprText>),
    Apply {
        modifier: Option<Word<LoopModifier>>,
        indices: Vec<ExprText>,
        directives: Vec<Directive>,
    },
    At(Word<ErrorTime>),
    Bind(Word<BindKind>),
    Counts(Vec<SplitCount>),
    Default {
        kind: Word<DefaultKind>,
        category: Option<Word<VariableCategory>>,
    },
    Defaultmap {
        behavior: Word<DefaultmapBehavior>,
        category: Option<Word<VariableCategory>>,
    },
    Depend {
        iterators: Vec<IteratorVar>,
        kind: Word<DependType>,
        items: Vec<ListItem>,
    },
    Device {
        modifier: Option<Word<DeviceModifier>>,
        device: ExprText,
    },
    DeviceType(Word<DeviceType>),
    DirectiveNames(Vec<DirectiveName>),
    DistSchedule {
        chunk: Option<ExprText>,
    },
    Doacross(Doacross),
    DynGroupprivate {
        cgroup: Option<Span>,
        fallback: Option<Word<GroupFallback>>,
        size: ExprText,
    },
    Enter {
        automap: Option<Span>,
        items: Vec<ListItem>,
    },
    Fail(Word<MemoryOrder>),
    Firstprivate {
        saved: Option<Span>,
        items: Vec<ListItem>,
    },
    Induction(Box<Induction>),
    Init(Box<Init>),
    Lastprivate {
        conditional: Option<Span>,
        items: Vec<ListItem>,
    },
    Linear {
        modifier: Option<Word<LinearModifier>>,
        step: Option<ExprText>,
        items: Vec<ListItem>,
    },
    Map(Box<Map>),
    Match(ContextSelector),
    MemoryOrder(Word<MemoryOrder>),
    Memscope(Word<MemoryScope>),
    /// `to` and `from` of `target_update`.
    Motion {
        present: Option<Span>,
        mapper: Option<Ident>,
        iterators: Vec<IteratorVar>,
        items: Vec<ListItem>,
    },
    NumTeams {
        lower: Option<ExprText>,
        upper: ExprText,
    },
    NumThreads {
        strict: Option<Span>,
        counts: Vec<ExprText>,
    },
    /// `order(concurrent)`.
    Order {
        modifier: Option<Word<OrderModifier>>,
    },
    Otherwise(Option<Box<Directive>>),
    ProcBind(Word<ProcBind>),
    Reduction(Box<Reduction>),
    Schedule {
        modifiers: Vec<Word<ScheduleModifier>>,
        kind: Word<ScheduleKind>,
        chunk: Option<ExprText>,
    },
    Severity(Word<SeverityLevel>),
    Simdlen {
        scaled: Option<Span>,
        length: ExprText,
    },
    Sizes {
        modifier: Option<Word<SizesModifier>>,
        sizes: Vec<ExprText>,
    },
    /// `grainsize` and `num_tasks`.
    Strict {
        strict: Option<Span>,
        value: ExprText,
    },
    Threadset(Word<Threadset>),
    /// `update` of `depobj`.
    DepobjUpdate {
        kind: Word<DependType>,
        object: Option<ListItem>,
    },
    UsesAllocators(Vec<AllocatorUse>),
    When {
        selector: ContextSelector,
        directive: Option<Box<Directive>>,
    },
}

/// `reduction`, `task_reduction`, `in_reduction`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduction {
    pub modifier: Option<Word<ReductionModifier>>,
    pub original: Option<Word<OriginalSharing>>,
    pub id: ReductionId,
    pub items: Vec<ListItem>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Induction {
    pub modifier: Option<Word<InductionModifier>>,
    pub id: ReductionId,
    pub step: ExprText,
    pub items: Vec<ListItem>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SplitCount {
    /// `omp_fill`: whatever the others leave.
    Fill(Span),
    Count(ExprText),
}

/// A cross-iteration dependence.
#[derive(Clone, Debug, PartialEq)]
pub enum Doacross {
    Source(Span),
    /// `sink: omp_cur_iteration - 1`.
    SinkPrevious(Span),
    /// `sink: i - 1, j`: one loop variable with its offset per loop.
    Sink(Vec<DoacrossStep>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct DoacrossStep {
    pub var: Ident,
    /// The offset with its sign, as an expression; absent for the variable alone.
    pub offset: Option<ExprText>,
}

/// `init` of `depobj` and `interop`.
#[derive(Clone, Debug, PartialEq)]
pub struct Init {
    /// `depobj`: the dependence the object gets.
    pub depend: Option<(Word<DependType>, ListItem)>,
    /// `interop`: what the object is for.
    pub types: Vec<Word<InteropType>>,
    /// `interop`: preferred foreign runtimes.
    pub prefer: Vec<ExprText>,
    pub object: ListItem,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    pub modifiers: Vec<Word<MapModifier>>,
    pub attach: Option<Word<AttachMode>>,
    pub mapper: Option<Ident>,
    pub iterators: Vec<IteratorVar>,
    /// Absent: the construct's default.
    pub kind: Option<Word<MapType>>,
    pub items: Vec<ListItem>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AllocatorUse {
    pub allocator: Ident,
    pub memspace: Option<ExprText>,
    pub traits: Option<ExprText>,
}

/// A condition on the context a directive stands in: sets of traits, all of which must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextSelector {
    pub sets: Vec<SelectorSet>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SelectorSet {
    pub set: Word<TraitSet>,
    pub traits: Vec<SelectorTrait>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SelectorTrait {
    pub name: Ident,
    pub score: Option<ExprText>,
    pub properties: Vec<ExprText>,
}
