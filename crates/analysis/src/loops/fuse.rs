//! `fuse`: loops one after the other become one, which runs an iteration of each in turn.

use super::generate::Generator;
use super::transformations::{Made, group, nested};
use crate::generated::*;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::{ClauseArgs, Leaf};
use omply_spec::{ClauseKind, LoopModifier};

impl Generator<'_, '_, '_> {
    pub(super) fn fuse(&mut self, leaf: &Leaf, nodes: Vec<Node>, span: Span) -> Option<Made> {
        let (depth, _) = self.depths(leaf)?;
        let (first, count) = self.looprange(leaf, nodes.len())?;
        let mut nodes = nodes;
        let after = nodes.split_off(first + count);
        let parts = nodes.split_off(first);
        if parts.len() < 2 && leaf.clause(ClauseKind::Looprange).is_none() {
            let error = Diagnostic::error(
                Code::NotPerfect,
                span,
                "`fuse` needs several loops, one after the other",
            )
            .label(format!("finds {}", parts.len()));
            self.report(error);
            return None;
        }
        let fused: Vec<LoopVar> = (0..depth).map(|_| self.var()).collect();
        let mut trips: Vec<Vec<Index>> = vec![Vec::new(); depth as usize];
        let mut bodies = Vec::new();
        let mut model = None;
        for part in parts {
            let (headers, mut body) = self.perfect(vec![part], depth as usize, true, span)?;
            let (headers, inner) = self.independent(headers, body, span)?;
            body = inner;
            for (k, header) in headers.iter().enumerate().rev() {
                let trip = header.trip();
                trips[k].push(trip.clone());
                body = vec![Node::If {
                    less: [Index::Var(fused[k]), trip],
                    body: vec![Node::Let {
                        var: header.var,
                        value: header.at(Index::Var(fused[k])),
                        source: header.source,
                        body,
                    }],
                }];
            }
            bodies.push(Node::Once { body });
            model = model.or(headers.into_iter().next());
        }
        let model = model?;
        let headers: Vec<Header> = fused
            .iter()
            .zip(trips)
            .map(|(&var, trips)| Header {
                var,
                start: Index::Const(0),
                stop: trips
                    .into_iter()
                    .reduce(|a, b| Index::op(IndexOp::Max, a, b))
                    .unwrap_or(Index::Const(0)),
                step: Index::Const(1),
                down: false,
                source: None,
                unroll: None,
                inside: None,
                ..model.clone()
            })
            .collect();
        let groups = vec![group(LoopModifier::Fused, &headers)];
        nodes.extend(nested(headers, bodies));
        nodes.extend(after);
        Some(Made { nodes, groups })
    }

    /// The loops that are fused: the first, from zero, and how many.
    fn looprange(&mut self, leaf: &Leaf, loops: usize) -> Option<(usize, usize)> {
        let Some(clause) = leaf.clause(ClauseKind::Looprange) else {
            return Some((0, loops));
        };
        let ClauseArgs::Exprs(list) = &clause.args else {
            return None;
        };
        let numbers: Vec<usize> = list
            .iter()
            .filter_map(|text| usize::try_from(text.as_integer()?).ok())
            .collect();
        match numbers[..] {
            [first, count] if list.len() == 2 && first >= 1 && count >= 1 => {
                if first - 1 + count <= loops {
                    return Some((first - 1, count));
                }
                let error = Diagnostic::error(
                    Code::TransformationArgument,
                    clause.span,
                    "`looprange` goes beyond the last loop",
                )
                .label(format!(
                    "asks for the loops {first} to {}, and there are {loops}",
                    first - 1 + count
                ));
                self.report(error);
            }
            _ => {
                let error = Diagnostic::error(
                    Code::TransformationArgument,
                    clause.span,
                    "`looprange` takes the number of the first loop and how many loops there are",
                );
                self.report(error);
            }
        }
        None
    }
}
