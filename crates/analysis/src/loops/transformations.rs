//! The loop transformations, each as a rewriting of generated loops. `perfect` finds the loops, `fuse` has a file of its own,
//! `apply` goes on with what they generate.

use super::generate::Generator;
use crate::generated::*;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::{ClauseArgs, Leaf, SplitCount};
use omply_spec::{ClauseKind, LeafKind, LoopModifier, SizesModifier};

/// Loops that a transformation generated under one name of `apply`, by their variables.
pub(super) struct Group {
    pub name: LoopModifier,
    pub vars: Vec<LoopVar>,
}

/// What a transformation generated.
pub(super) struct Made {
    pub nodes: Vec<Node>,
    pub groups: Vec<Group>,
}

impl Generator<'_, '_, '_> {
    /// How many loops a transformation takes, and how many directly inside of each other it generates.
    pub fn depths(&mut self, leaf: &Leaf) -> Option<(u32, u32)> {
        let length = |kind: ClauseKind| match &leaf.clause(kind)?.args {
            ClauseArgs::Sizes { sizes: list, .. } | ClauseArgs::Exprs(list) => {
                u32::try_from(list.len()).ok()
            }
            ClauseArgs::Expr(text) => u32::try_from(text.as_integer()?).ok(),
            _ => None,
        };
        Some(match leaf.kind {
            LeafKind::Tile | LeafKind::Stripe => {
                let m = length(ClauseKind::Sizes)?;
                (m, 2 * m)
            }
            LeafKind::Interchange => {
                let n = length(ClauseKind::Permutation).unwrap_or(2);
                (n, n)
            }
            LeafKind::Flatten => (length(ClauseKind::Depth).unwrap_or(2), 1),
            LeafKind::Fuse => {
                let n = length(ClauseKind::Depth).unwrap_or(1);
                (n, n)
            }
            _ => (1, 1),
        })
    }

    /// What the transformation makes of `nodes`; `wanted` if a construct around affects the result.
    pub fn rewrite(
        &mut self,
        leaf: &Leaf,
        nodes: Vec<Node>,
        wanted: bool,
        span: Span,
    ) -> Option<Vec<Node>> {
        let applied = leaf.clauses_of(ClauseKind::Apply).next().is_some();
        let made = match leaf.kind {
            LeafKind::Tile => self.tile(leaf, nodes, span)?,
            LeafKind::Stripe => self.stripe(leaf, nodes, span)?,
            LeafKind::Unroll => self.unroll(leaf, nodes, wanted || applied, span)?,
            LeafKind::Reverse => self.reverse(nodes, span)?,
            LeafKind::Interchange => self.interchange(leaf, nodes, span)?,
            LeafKind::Split => self.split(leaf, nodes, span)?,
            LeafKind::Fuse => self.fuse(leaf, nodes, span)?,
            LeafKind::Flatten => self.flatten(leaf, nodes, span)?,
            _ => return Some(nodes),
        };
        self.apply(leaf, made)
    }

    // ---- tile, stripe, unroll ----------------------------------------------------------------------------------

    fn sizes(&mut self, leaf: &Leaf, headers: &[Header]) -> Option<Vec<Index>> {
        let clause = leaf.clause(ClauseKind::Sizes)?;
        let ClauseArgs::Sizes { modifier, sizes } = &clause.args else {
            return None;
        };
        let number_of_tiles = modifier
            .as_ref()
            .is_some_and(|word| word.value == SizesModifier::Grid);
        let mut made = Vec::new();
        for (text, header) in sizes.iter().zip(headers) {
            let mut size = self.value(text, ClauseKind::Sizes, 1)?;
            if number_of_tiles {
                let all = header.trip() + size.clone() - Index::Const(1);
                let each = Index::op(IndexOp::FloorDiv, all, size);
                size = Index::op(IndexOp::Max, each, Index::Const(1));
            }
            made.push(size);
        }
        Some(made)
    }

    /// The loop over the tiles of `size` iterations, and the loop over one of them.
    fn cut(&mut self, header: Header, size: Index) -> (Header, Header) {
        let var = self.var();
        let width = header.step.clone() * size;
        let end = header.nearer(Index::Var(var) + width.clone(), header.stop.clone());
        let grid = Header {
            var,
            step: width.clone(),
            source: None,
            ..header.clone()
        };
        let inside = Some(Inside {
            base: var,
            span: width,
            limit: header.stop.clone(),
        });
        let tile = Header {
            start: Index::Var(var),
            stop: end,
            inside,
            ..header
        };
        (grid, tile)
    }

    fn tile(&mut self, leaf: &Leaf, nodes: Vec<Node>, span: Span) -> Option<Made> {
        let (depth, _) = self.depths(leaf)?;
        let (headers, body) = self.reorderable(nodes, depth as usize, span)?;
        let sizes = self.sizes(leaf, &headers)?;
        let (grid, tile): (Vec<Header>, Vec<Header>) = headers
            .into_iter()
            .zip(sizes)
            .map(|(header, size)| self.cut(header, size))
            .unzip();
        let groups = vec![
            group(LoopModifier::Grid, &grid),
            group(LoopModifier::Intratile, &tile),
        ];
        let nodes = nested(grid.into_iter().chain(tile), body);
        Some(Made { nodes, groups })
    }

    fn stripe(&mut self, leaf: &Leaf, nodes: Vec<Node>, span: Span) -> Option<Made> {
        let (depth, _) = self.depths(leaf)?;
        let (headers, body) = self.reorderable(nodes, depth as usize, span)?;
        let sizes = self.sizes(leaf, &headers)?;
        let (mut offsets, mut grid) = (Vec::new(), Vec::new());
        for (header, size) in headers.into_iter().zip(sizes) {
            let var = self.var();
            let stride = header.step.clone() * size;
            let end = header.nearer(header.start.clone() + stride.clone(), header.stop.clone());
            offsets.push(Header {
                var,
                stop: end,
                source: None,
                ..header.clone()
            });
            let inside = Some(Inside {
                base: var,
                span: header.stop.clone() - header.start.clone(),
                limit: header.stop.clone(),
            });
            grid.push(Header {
                start: Index::Var(var),
                step: stride,
                inside,
                ..header
            });
        }
        let groups = vec![
            group(LoopModifier::Offsets, &offsets),
            group(LoopModifier::Grid, &grid),
        ];
        let nodes = nested(offsets.into_iter().chain(grid), body);
        Some(Made { nodes, groups })
    }

    fn unroll(&mut self, leaf: &Leaf, nodes: Vec<Node>, wanted: bool, span: Span) -> Option<Made> {
        let (mut header, body) = self.single(nodes, span)?;
        if let Some(clause) = leaf.clause(ClauseKind::Full) {
            let known = match header.trip() {
                Index::Const(_) => true,
                Index::Count(source) => self.literal_bounds(source),
                _ => false,
            };
            if !known {
                let error = Diagnostic::error(
                    Code::TransformationArgument,
                    clause.span,
                    "`full` needs a loop whose number of iterations is constant",
                )
                .label("unrolls every iteration")
                .secondary(header.span, "the bounds are not literals")
                .help("use `partial`");
                self.report(error);
                return None;
            }
            header.unroll = Some(Unroll::Full);
            let nodes = nested([header], body);
            return Some(Made {
                nodes,
                groups: Vec::new(),
            });
        }
        let Some(partial) = leaf.clause(ClauseKind::Partial) else {
            header.unroll = Some(Unroll::Compiler);
            let nodes = nested([header], body);
            return Some(Made {
                nodes,
                groups: Vec::new(),
            });
        };
        let factor = match &partial.args {
            ClauseArgs::Expr(text) | ClauseArgs::OptionalExpr(Some(text)) => {
                match text.as_integer().and_then(|k| u32::try_from(k).ok()) {
                    Some(factor) if factor > 0 => factor,
                    _ => {
                        let error = Diagnostic::error(
                            Code::TransformationArgument,
                            text.span,
                            "the factor of `partial` is a positive constant",
                        );
                        self.report(error);
                        return None;
                    }
                }
            }
            _ => DEFAULT_FACTOR,
        };
        if !wanted {
            header.unroll = Some(Unroll::By(factor));
            let nodes = nested([header], body);
            return Some(Made {
                nodes,
                groups: Vec::new(),
            });
        }
        let (grid, mut tile) = self.cut(header, Index::Const(factor.into()));
        tile.unroll = Some(Unroll::By(factor));
        let groups = vec![group(LoopModifier::Unrolled, std::slice::from_ref(&grid))];
        let nodes = nested([grid, tile], body);
        Some(Made { nodes, groups })
    }

    // ---- reverse, interchange, split, flatten ------------------------------------------------------------------

    fn reverse(&mut self, nodes: Vec<Node>, span: Span) -> Option<Made> {
        let (header, body) = self.single(nodes, span)?;
        let last = header.at(header.trip() - Index::Const(1));
        let reversed = Header {
            start: last,
            stop: header.start.clone() - header.step.clone(),
            step: Index::Const(0) - header.step.clone(),
            down: !header.down,
            inside: None,
            ..header
        };
        let groups = vec![group(
            LoopModifier::Reversed,
            std::slice::from_ref(&reversed),
        )];
        let nodes = nested([reversed], body);
        Some(Made { nodes, groups })
    }

    fn interchange(&mut self, leaf: &Leaf, nodes: Vec<Node>, span: Span) -> Option<Made> {
        let order: Vec<usize> = match leaf.clause(ClauseKind::Permutation) {
            None => vec![1, 0],
            Some(clause) => {
                let ClauseArgs::Exprs(list) = &clause.args else {
                    return None;
                };
                let order: Vec<usize> = list
                    .iter()
                    .filter_map(|text| usize::try_from(text.as_integer()? - 1).ok())
                    .collect();
                order
            }
        };
        let (headers, body) = self.reorderable(nodes, order.len(), span)?;
        let permuted: Vec<Header> = order.iter().map(|&k| headers[k].clone()).collect();
        let groups = vec![group(LoopModifier::Interchanged, &permuted)];
        let nodes = nested(permuted, body);
        Some(Made { nodes, groups })
    }

    fn split(&mut self, leaf: &Leaf, nodes: Vec<Node>, span: Span) -> Option<Made> {
        let clause = leaf.clause(ClauseKind::Counts)?;
        let ClauseArgs::Counts(counts) = &clause.args else {
            return None;
        };
        let fills: Vec<usize> = (0..counts.len())
            .filter(|&k| matches!(counts[k], SplitCount::Fill(_)))
            .collect();
        // The parser has seen to it that there is one.
        let fill = *fills.first()?;
        let (header, body) = self.single(nodes, span)?;
        let trip = header.trip();
        let mut lengths = Vec::new();
        for count in counts {
            lengths.push(match count {
                SplitCount::Fill(_) => Index::Const(0),
                SplitCount::Count(text) => self.value(text, ClauseKind::Counts, 0)?,
            });
        }
        let fixed = lengths.iter().cloned().reduce(|a, b| a + b)?;
        lengths[fill] = Index::op(IndexOp::Max, trip.clone() - fixed, Index::Const(0));
        let mut end = Index::Const(0);
        let mut place = header.start.clone();
        let mut nodes = Vec::new();
        let mut vars = Vec::new();
        for (k, length) in lengths.into_iter().enumerate() {
            end = end + length;
            let stop = if k + 1 == counts.len() {
                header.stop.clone()
            } else {
                header.at(Index::op(IndexOp::Min, end.clone(), trip.clone()))
            };
            // Each part has a variable of its own, so that `apply` can tell them apart.
            let var = self.var();
            vars.push(var);
            let part = Header {
                var,
                start: place,
                stop: stop.clone(),
                inside: None,
                ..header.clone()
            };
            place = stop;
            nodes.extend(nested([part], renamed(&body, header.var, var)));
        }
        let groups = vec![Group {
            name: LoopModifier::Split,
            vars,
        }];
        Some(Made { nodes, groups })
    }

    fn flatten(&mut self, leaf: &Leaf, nodes: Vec<Node>, span: Span) -> Option<Made> {
        let (depth, _) = self.depths(leaf)?;
        let (headers, body) = self.perfect(nodes, depth as usize, false, span)?;
        let (headers, body) = self.independent(headers, body, span)?;
        let nodes = vec![Node::Loop { headers, body }];
        Some(Made {
            nodes,
            groups: Vec::new(),
        })
    }
}

/// Of `unroll partial` without a number.
const DEFAULT_FACTOR: u32 = 4;

pub(super) fn group(name: LoopModifier, headers: &[Header]) -> Group {
    Group {
        name,
        vars: headers.iter().map(|header| header.var).collect(),
    }
}

/// The loops directly inside of each other.
pub(super) fn nested(
    headers: impl IntoIterator<Item = Header, IntoIter: DoubleEndedIterator>,
    body: Vec<Node>,
) -> Vec<Node> {
    headers.into_iter().rev().fold(body, |body, header| {
        vec![Node::Loop {
            headers: vec![header],
            body,
        }]
    })
}

/// The nodes, in which `new` stands for `old`.
fn renamed(nodes: &[Node], old: LoopVar, new: LoopVar) -> Vec<Node> {
    nodes
        .iter()
        .map(|node| {
            let mut node = node.clone();
            node.rename(old, new);
            node
        })
        .collect()
}
