//! Convenient questions to a typed directive.

use crate::ast::*;
use omply_diagnostics::Span;
use omply_spec::{ClauseKind, LeafKind};

impl Directive {
    /// The leaf of that kind.
    pub fn leaf(&self, kind: LeafKind) -> Option<&Leaf> {
        self.leaves.iter().find(|leaf| leaf.kind == kind)
    }

    /// Whether a leaf of that kind is part of the directive.
    pub fn has(&self, kind: LeafKind) -> bool {
        self.leaf(kind).is_some()
    }
}

impl Leaf {
    /// The first clause of that kind on this leaf.
    pub fn clause(&self, kind: ClauseKind) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.kind == kind)
    }

    /// Every clause of that kind on this leaf.
    pub fn clauses_of(&self, kind: ClauseKind) -> impl Iterator<Item = &Clause> {
        self.clauses
            .iter()
            .filter(move |clause| clause.kind == kind)
    }
}

impl Clause {
    /// The variables the clause lists, whatever its shape.
    pub fn items(&self) -> &[ListItem] {
        self.args.items()
    }
}

impl ClauseArgs {
    /// The variables listed, whatever the shape.
    pub fn items(&self) -> &[ListItem] {
        match self {
            ClauseArgs::Items(items)
            | ClauseArgs::Affinity { items, .. }
            | ClauseArgs::Aligned { items, .. }
            | ClauseArgs::Allocate { items, .. }
            | ClauseArgs::Depend { items, .. }
            | ClauseArgs::Enter { items, .. }
            | ClauseArgs::Firstprivate { items, .. }
            | ClauseArgs::Lastprivate { items, .. }
            | ClauseArgs::Linear { items, .. }
            | ClauseArgs::Motion { items, .. } => items,
            ClauseArgs::Item(item) => std::slice::from_ref(item),
            ClauseArgs::Reduction(reduction) => &reduction.items,
            ClauseArgs::Induction(induction) => &induction.items,
            ClauseArgs::Map(map) => &map.items,
            _ => &[],
        }
    }

    /// The listed variables, to be changed.
    pub(crate) fn items_mut(&mut self) -> Option<&mut Vec<ListItem>> {
        match self {
            ClauseArgs::Items(items)
            | ClauseArgs::Affinity { items, .. }
            | ClauseArgs::Aligned { items, .. }
            | ClauseArgs::Allocate { items, .. }
            | ClauseArgs::Depend { items, .. }
            | ClauseArgs::Enter { items, .. }
            | ClauseArgs::Firstprivate { items, .. }
            | ClauseArgs::Lastprivate { items, .. }
            | ClauseArgs::Linear { items, .. }
            | ClauseArgs::Motion { items, .. } => Some(items),
            ClauseArgs::Reduction(reduction) => Some(&mut reduction.items),
            ClauseArgs::Induction(induction) => Some(&mut induction.items),
            ClauseArgs::Map(map) => Some(&mut map.items),
            _ => None,
        }
    }
}

impl ListItem {
    /// The variable the item is, or is a part of.
    pub fn base(&self) -> Option<&str> {
        match self {
            ListItem::Name(name, _) => Some(name),
            ListItem::Locator(locator) => Some(&locator.base.name),
            ListItem::AllMemory(_) => None,
        }
    }

    /// The name, when the item is a plain one.
    pub fn name(&self) -> Option<&str> {
        match self {
            ListItem::Name(name, _) => Some(name),
            _ => None,
        }
    }

    /// Where the item stands.
    pub fn span(&self) -> Span {
        match self {
            ListItem::Name(_, span) | ListItem::AllMemory(span) => *span,
            ListItem::Locator(locator) => locator.expr.span,
        }
    }
}

impl ExprText {
    /// The value, when the expression is an integer literal (possibly negative).
    pub fn as_integer(&self) -> Option<i64> {
        let text = self.text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let digits = digits.replace('_', "");
        let lower = digits.to_ascii_lowercase();
        let (radix, digits) = match lower.as_bytes() {
            [b'0', b'x', ..] => (16, &lower[2..]),
            [b'0', b'o', ..] => (8, &lower[2..]),
            [b'0', b'b', ..] => (2, &lower[2..]),
            _ => (10, lower.as_str()),
        };
        let value = i64::from_str_radix(digits, radix).ok()?;
        Some(if negative { -value } else { value })
    }

    /// The value, when the expression is `True` or `False`.
    pub fn as_bool(&self) -> Option<bool> {
        match self.text.trim() {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        }
    }
}
