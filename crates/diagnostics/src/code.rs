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
