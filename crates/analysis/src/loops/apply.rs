//! `apply`: loop transformations of the loops that a transformation generated.

use super::generate::{Generator, is_transformation};
use super::transformations::{Group, Made};
use crate::generated::*;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::{Clause, ClauseArgs, Directive, ExprText, Leaf};
use omply_spec::{ClauseKind, LeafKind};

impl Generator<'_, '_, '_> {
    pub(super) fn apply(&mut self, leaf: &Leaf, made: Made) -> Option<Vec<Node>> {
        let Made { mut nodes, groups } = made;
        let mut wanted: Vec<(LoopVar, &Directive)> = Vec::new();
        for clause in leaf.clauses_of(ClauseKind::Apply) {
            let ClauseArgs::Apply {
                modifier,
                indices,
                directives,
            } = &clause.args
            else {
                continue;
            };
            let found = match modifier {
                Some(word) => groups.iter().find(|group| group.name == word.value),
                None if groups.len() == 1 => groups.first(),
                None => None,
            };
            let Some(group) = found else {
                self.no_group(leaf, clause, &groups);
                return None;
            };
            let places = self.places(indices, directives.len(), group, clause)?;
            for (place, directive) in places.into_iter().zip(directives) {
                wanted.push((group.vars[place], directive));
            }
        }
        // Inner loops first: what is made of an outer one may move them.
        let order: Vec<LoopVar> = groups.iter().flat_map(|group| group.vars.clone()).collect();
        wanted.sort_by_key(|(var, _)| order.iter().position(|other| other == var));
        for (var, directive) in wanted.into_iter().rev() {
            if let [only] = &directive.leaves[..]
                && only.kind == LeafKind::Nothing
            {
                continue;
            }
            let leaf = match &directive.leaves[..] {
                [leaf] if is_transformation(leaf.kind) => leaf,
                _ => {
                    let error = Diagnostic::error(
                        Code::UnsupportedForm,
                        directive.span,
                        format!("`apply` of `{}` is not supported yet", directive.name),
                    )
                    .label("expected a loop transformation")
                    .help("write the directive before the transformation, or into its loops");
                    self.report(error);
                    return None;
                }
            };
            nodes = self.replace(nodes, var, leaf, directive.span)?;
        }
        Some(nodes)
    }

    fn no_group(&mut self, leaf: &Leaf, clause: &Clause, groups: &[Group]) {
        let names: Vec<String> = groups
            .iter()
            .map(|group| format!("`{}`", group.name))
            .collect();
        let error = Diagnostic::error(
            Code::TransformationArgument,
            clause.span,
            format!("`{}` generates no such loops", leaf.kind),
        );
        let error = if names.is_empty() {
            error.label("it leaves no loop that something could be applied to")
        } else {
            error.label(format!("expected {}", names.join(" or ")))
        };
        self.report(error);
    }

    /// The loops of the group that an `apply` clause is about, from zero.
    fn places(
        &mut self,
        indices: &[ExprText],
        directives: usize,
        group: &Group,
        clause: &Clause,
    ) -> Option<Vec<usize>> {
        let loops = group.vars.len();
        if indices.is_empty() {
            if directives <= loops {
                return Some((0..directives).collect());
            }
        } else {
            let places: Vec<usize> = indices
                .iter()
                .filter_map(|text| usize::try_from(text.as_integer()? - 1).ok())
                .filter(|&place| place < loops)
                .collect();
            let ascending = places.windows(2).all(|pair| pair[0] < pair[1]);
            if ascending && places.len() == indices.len() && places.len() == directives {
                return Some(places);
            }
        }
        let error = Diagnostic::error(
            Code::TransformationArgument,
            clause.span,
            "the directives of `apply` do not fit the generated loops",
        )
        .label(format!(
            "there {} `{}`; indices ascend from 1, one for each directive",
            if loops == 1 {
                "is 1 loop".to_owned()
            } else {
                format!("are {loops} loops")
            },
            group.name
        ));
        self.report(error);
        None
    }

    /// The nodes, in which the loop over `var` is transformed.
    fn replace(
        &mut self,
        nodes: Vec<Node>,
        var: LoopVar,
        leaf: &Leaf,
        span: Span,
    ) -> Option<Vec<Node>> {
        let mut made = Vec::new();
        for node in nodes {
            match node {
                Node::Loop { ref headers, .. } if headers[0].var == var => {
                    made.extend(self.rewrite(leaf, vec![node], true, span)?);
                }
                Node::Loop { headers, body } => {
                    let body = self.replace(body, var, leaf, span)?;
                    made.push(Node::Loop { headers, body });
                }
                Node::Let {
                    var: own,
                    value,
                    source,
                    body,
                } => {
                    let body = self.replace(body, var, leaf, span)?;
                    made.push(Node::Let {
                        var: own,
                        value,
                        source,
                        body,
                    });
                }
                Node::If { less, body } => {
                    let body = self.replace(body, var, leaf, span)?;
                    made.push(Node::If { less, body });
                }
                Node::Once { body } => {
                    let body = self.replace(body, var, leaf, span)?;
                    made.push(Node::Once { body });
                }
                body => made.push(body),
            }
        }
        Some(made)
    }
}
