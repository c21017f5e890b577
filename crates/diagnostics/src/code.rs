//! The table of diagnostic codes. A code is stable once published: rows are added, never renumbered.
//!
//! Ranges: 01xx directive syntax, 02xx clause rules, 03xx structure, nesting and loops, 04xx names and data sharing, 05xx types,
//! 06xx not supported yet, 07xx run time.

macro_rules! codes {
    ($($kind:ident = $number:literal, $summary:literal;)+) => {
        /// What kind of mistake a diagnostic reports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $summary] $kind = $number),+ }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$kind),+];

            /// What the code means, in one line.
            pub const fn summary(self) -> &'static str {
                match self { $(Code::$kind => $summary),+ }
            }
        }
    };
}

codes! {
    // 01xx: the text of a directive.
    EmptyDirective = 101, "a directive text holds no directive";
    UnknownDirective = 102, "a directive name is not known";
    InvalidCompound = 103, "directives cannot be combined in this way";
    UnknownClause = 104, "a clause name is not known";
    UnexpectedToken = 105, "something stands where it cannot be read";
    MissingParenthesis = 106, "a parenthesis, bracket or quote is not closed or not opened";
    MissingArgument = 107, "an argument is missing";
    UnexpectedArgument = 108, "an argument stands where none is taken";
    UnknownKeyword = 109, "a word is none of those that may stand here";
    UnknownModifier = 110, "a modifier is not known";
    InvalidListItem = 111, "a list item is not of the kind the clause takes";
    InvalidExpression = 112, "an expression cannot be read";
    DeprecatedSpelling = 113, "a spelling that newer versions of OpenMP removed";
    // 02xx: rules between clauses.
    ClauseNotAllowed = 201, "the directive does not take this clause";
    DuplicateClause = 202, "a clause stands more often than it may";
    ExclusiveClauses = 203, "two clauses exclude each other";
    MissingClause = 204, "a clause the directive needs is missing";
    InvalidValue = 205, "a literal value is outside of what the clause takes";
    ConflictingDataSharing = 206, "a variable has more than one data-sharing clause";
    InvalidModifier = 207, "a modifier cannot stand on this clause or directive";
    DuplicateItem = 208, "a list item is repeated";
    // 03xx: the program's structure.
    PythonSyntax = 301, "the Python source is not valid";
    FunctionNotFound = 302, "a function is not where it was said to be";
    DirectiveText = 303, "a directive's text is not one string literal";
    DirectivePlacement = 304, "a directive stands where none can";
    MissingBlock = 305, "a directive that governs a block has none";
    UnexpectedBlock = 306, "a stand-alone directive has a block";
    BranchOut = 307, "a statement leaves a construct";
    SuspendedRegion = 308, "a generator or coroutine is suspended inside of a construct";
    NoLoop = 309, "the block of a loop directive is not one loop nest";
    ShallowNest = 310, "a directive affects more loops than the nest has";
    LoopElse = 311, "an affected loop has an `else`";
    LoopTarget = 312, "an affected loop's target is not a variable";
    LoopVariableAssigned = 313, "an affected loop's variable is assigned in its body";
    InvalidNesting = 314, "a directive may not stand inside of another";
    SectionsBlock = 315, "a `sections` block holds something else than sections";
    AtomicForm = 316, "the statement of an `atomic` has no form that OpenMP knows";
    OrderedBinding = 317, "an `ordered` does not belong to a loop with `ordered`";
    DeclarationPlacement = 318, "a declarative directive stands in the middle of code";
    LoopIterable = 319, "an affected loop's iterable has no length";
    CancelBinding = 320, "a cancellation does not stand in the construct that it is about";
    ErrorDirective = 321, "an `error` directive is met before the program runs";
    BlockEnd = 322, "a directive ends a block that Python ends by indentation";
    DispatchForm = 323, "the block of a `dispatch` is not one call";
    TaskReductionBinding = 324, "a task takes part in a reduction that no group around it has";
    ScanPlacement = 329, "a `scan` and the loop that it separates do not fit each other";
    NotPerfect = 330, "a loop transformation does not find the loops it needs";
    NoGeneratedLoop = 331, "a loop transformation leaves no loop that could be affected";
    TransformationArgument = 332, "an argument of a loop transformation does not fit the loops";
    DependentBounds = 333, "the bounds of affected loops depend on each other in a way that cannot be followed";
    NonRectangular = 334, "a clause or construct needs loops whose bounds do not depend on each other";
    InterveningCode = 335, "code between affected loops holds what may not stand there";
    FollowedLoop = 339, "a `linear` or `induction` variable cannot follow generated loops";
    // 04xx: names and data sharing.
    UnknownName = 401, "a clause names something that does not exist";
    UnlistedName = 402, "`default(none)` asks for a clause that lists the name";
    LoopVariableListed = 403, "a loop variable is listed in a clause that it cannot be in";
    UndefinedPrivate = 404, "a private copy is read before it has a value";
    NoOriginal = 405, "a clause needs a value that the variable does not have";
    NotThreadprivate = 406, "a clause needs a threadprivate variable";
    ThreadprivateListed = 407, "a threadprivate variable is listed in a data-sharing clause";
    NotShared = 408, "a worksharing clause needs a variable that the team shares";
    NotPrivate = 409, "a clause needs a variable that each thread has its own of";
    NotAVariable = 410, "a clause needs a variable and got something else";
    Uncaptured = 411, "a variable of an enclosing function is named in directives only";
    NotALoopVariable = 412, "a clause takes loop variables only";
    UnknownOperator = 413, "a reduction or induction names an operator that is not declared";
    DuplicateOperator = 414, "an operator is declared twice for a type";
    ScanItems = 416, "a `scan` and the `inscan` reductions of its loop list different variables";
    OperatorNames = 415, "a declared operator's expression uses a variable that it cannot";
    ArgumentType = 590, "a call passes an argument that native mode cannot take";
    Internal = 599, "the compiler failed; the program is not at fault";
    // 05xx: types, native mode only.
    NotNative = 501, "a value or statement that native mode does not have";
    WrongOperands = 502, "an operation does not take values of these types";
    ConflictingTypes = 503, "a name or result has types that do not unify";
    UnboundName = 504, "a name is read where it has no value";
    WrongArguments = 505, "a call does not match what it calls";
    UnknownAttribute = 506, "a value has no such attribute in native mode";
    UnknownResult = 507, "the type of a result cannot be inferred";
    WrongIndex = 508, "an index does not fit what it indexes";
    UnknownFunction = 509, "a function that native mode does not know";
    // 06xx: known to OpenMP, not to this version.
    UnsupportedDirective = 601, "a directive is not supported yet";
    UnsupportedClause = 602, "a clause is not supported yet on this directive";
    UnsupportedForm = 603, "a form of a clause is not supported yet";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OMP{:04}", *self as u16)
    }
}
