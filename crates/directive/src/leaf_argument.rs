//! The argument in parentheses after a directive's name.

use crate::ast::LeafArgument;
use crate::cursor::{Parser, Part, shorten};
use crate::list::Items;
use omply_diagnostics::{Code, Diagnostic};
use omply_spec::{LeafArg, LeafKind};

impl Parser<'_> {
    /// Reads the argument of a directive that takes one. `argument` is what stands in the parentheses, if there are any.
    pub fn leaf_argument(
        &mut self,
        kind: LeafKind,
        name: Part,
        argument: Option<Part>,
    ) -> LeafArgument {
        let form = kind.row().arg;
        let Some(part) = argument else {
            let expected = match form {
                LeafArg::None
                | LeafArg::OptionalName
                | LeafArg::OptionalNames
                | LeafArg::OptionalLocator => {
                    return LeafArgument::None;
                }
                LeafArg::Names => "(variables)",
                LeafArg::DeclareReduction => "(name : types)",
                LeafArg::DeclareInduction => "(name : types)",
                LeafArg::DeclareMapper => "(type variable)",
                LeafArg::DeclareVariant => "(function)",
            };
            let span = self.span(name);
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    format!("`{kind}` needs an argument"),
                )
                .label(format!("expected `{kind}{expected}`")),
            );
            return LeafArgument::None;
        };
        let read = match form {
            LeafArg::None => None,
            LeafArg::OptionalName => self.ident(part, "name").map(LeafArgument::Name),
            LeafArg::Names | LeafArg::OptionalNames => {
                self.items(part, Items::Names).map(LeafArgument::Items)
            }
            LeafArg::OptionalLocator => self.item(part, Items::Locators).map(LeafArgument::Locator),
            LeafArg::DeclareReduction => self.declare_reduction(part),
            LeafArg::DeclareInduction => self.declare_induction(part),
            LeafArg::DeclareMapper => self.declare_mapper(part),
            LeafArg::DeclareVariant => self.declare_variant(part),
        };
        read.unwrap_or(LeafArgument::None)
    }

    /// `id : types [: combiner]`.
    fn declare_reduction(&mut self, part: Part) -> Option<LeafArgument> {
        let (id, rest) = self.id_and_rest(part, "name : types")?;
        let id = self.reduction_id(id);
        let (types, combiner) = match self.cut(rest, ":") {
            Some((types, combiner)) => (types, Some(combiner)),
            None => (rest, None),
        };
        let types = self.exprs(types, "type");
        let combiner = match combiner {
            Some(part) => {
                let part = self.assigned(part, "omp_out");
                Some(self.expr(part, "combiner")?)
            }
            None => None,
        };
        Some(LeafArgument::DeclareReduction {
            id: id?,
            types: types?,
            combiner,
        })
    }

    /// `id : types`.
    fn declare_induction(&mut self, part: Part) -> Option<LeafArgument> {
        let (id, types) = self.id_and_rest(part, "name : types")?;
        let id = self.reduction_id(id);
        let types = self.exprs(types, "type");
        Some(LeafArgument::DeclareInduction {
            id: id?,
            types: types?,
        })
    }

    fn id_and_rest(&mut self, part: Part, expected: &str) -> Option<(Part, Part)> {
        let found = self.cut(part, ":");
        if found.is_none() {
            let span = self.span(part);
            self.report(
                Diagnostic::error(Code::MissingArgument, span, "the types are missing")
                    .label(format!("expected `{expected}`")),
            );
        }
        found
    }

    /// `[id :] type var`.
    fn declare_mapper(&mut self, part: Part) -> Option<LeafArgument> {
        let (id, rest) = match self.cut(part, ":") {
            Some((id, rest)) => (Some(id), rest),
            None => (None, part),
        };
        let id = match id {
            // `default` names the mapper that is used where none is named.
            Some(part) => Some(self.ident(part, "mapper")?),
            None => None,
        };
        if rest.len() < 2 {
            let span = self.span(rest);
            self.report(
                Diagnostic::error(
                    Code::MissingArgument,
                    span,
                    "a mapper needs a type and a variable",
                )
                .label("expected `type variable`"),
            );
            return None;
        }
        let ty = self.expr(Part::new(rest.start, rest.end - 1), "type")?;
        let var = self.ident(Part::new(rest.end - 1, rest.end), "variable")?;
        Some(LeafArgument::DeclareMapper { id, ty, var })
    }

    /// `[base :] variant`.
    fn declare_variant(&mut self, part: Part) -> Option<LeafArgument> {
        let (base, variant) = match self.cut(part, ":") {
            Some((base, variant)) => (Some(self.ident(base, "function")?), variant),
            None => (None, part),
        };
        let variant = self.single_expr(variant, "function")?;
        Some(LeafArgument::DeclareVariant { base, variant })
    }

    /// Reports parentheses after a directive that takes no argument.
    pub fn unexpected_argument(&mut self, name: &str, group: Part) {
        let span = self.span(group);
        let text = shorten(self.part_text(group));
        self.report(
            Diagnostic::error(
                Code::UnexpectedArgument,
                span,
                format!("`{name}` takes no argument"),
            )
            .help(format!("remove `{text}`"))
            .fix(span, ""),
        );
    }
}
