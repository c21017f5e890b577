//! The loop transformations, each as a rewriting of generated loops, and `apply` to what they generate.

use super::generate::{Generator, is_transformation};
use crate::generated::*;
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::{Clause, ClauseArgs, Directive, ExprText, Leaf, SplitCount};
use omply_spec::{ClauseKind, LeafKind, LoopModifier, SizesModifier};

/// Loops that a transformation generated under one name of `apply`, by their variables.
struct Group {
    name: LoopModifier,
    vars: Vec<LoopVar>,
}

/// What a transformation generated.
struct Made {
    nodes: Vec<Node>,
    groups: Vec<Group>,
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

    // ---- nests -------------------------------------------------------------------------------------------------

    /// The `depth` outermost loops, and what they hold. A flat loop is resolved into a single one where `single`.
    pub fn perfect(
        &mut self,
        nodes: Vec<Node>,
        depth: usize,
        single: bool,
        span: Span,
    ) -> Option<(Vec<Header>, Vec<Node>)> {
        let mut found: Vec<Header> = Vec::new();
        let mut nodes = nodes;
        for k in 0..depth {
            let only: [Node; 1] = match nodes.try_into() {
                Ok(only) => only,
                Err(_) => {
                    self.not_nested(depth, k, span, "a sequence of loops");
                    return None;
                }
            };
            let [Node::Loop { headers, body }] = only else {
                let what = found
                    .last()
                    .map_or("something else", |_| "other statements");
                self.not_nested(depth, k, span, what);
                return None;
            };
            if let Some(header) = headers.iter().find(|header| header.unroll.is_some()) {
                let error = Diagnostic::error(
                    Code::NoGeneratedLoop,
                    span,
                    "`unroll` leaves no loop here that could be affected",
                )
                .label("expects a loop")
                .secondary(header.span, "this loop is unrolled")
                .help("use `unroll partial(n)`, which leaves a loop");
                self.report(error);
                return None;
            }
            if single && headers.len() > 1 {
                let (header, body) = self.resolved(headers, body);
                found.push(header);
                nodes = body;
            } else {
                found.extend(headers);
                nodes = body;
            }
        }
        Some((found, nodes))
    }

    fn not_nested(&mut self, depth: usize, found: usize, span: Span, what: &str) {
        let name = self.name_at(span);
        let needed = match depth {
            1 => "one loop".to_owned(),
            _ => format!("{depth} loops directly inside of each other"),
        };
        let error = Diagnostic::error(
            Code::NotPerfect,
            span,
            format!("`{name}` needs {needed}"),
        )
        .label(if found == 0 {
            format!("finds {what}")
        } else {
            format!("finds {found}, then {what}")
        })
        .help("move statements between the loops into the innermost one, or transform fewer loops");
        self.report(error);
    }

    /// A flat loop as one that numbers the iterations of its parts.
    fn resolved(&mut self, headers: Vec<Header>, body: Vec<Node>) -> (Header, Vec<Node>) {
        let var = self.var();
        let mut inner = Index::Const(1);
        let mut body = body;
        for (k, header) in headers.iter().enumerate().rev() {
            let trip = header.trip();
            let mut number = Index::op(IndexOp::FloorDiv, Index::Var(var), inner.clone());
            if k > 0 {
                number = Index::op(IndexOp::Mod, number, trip.clone());
            }
            body = vec![Node::Let {
                var: header.var,
                value: header.at(number),
                source: header.source,
                body,
            }];
            inner = trip * inner;
        }
        // The outermost part's variable is bound first.
        let first = &headers[0];
        let header = Header {
            var,
            start: Index::Const(0),
            stop: inner,
            step: Index::Const(1),
            down: false,
            source: None,
            unroll: None,
            inside: None,
            stmt: first.stmt,
            span: first.span,
        };
        (header, body)
    }

    /// The loops with bounds that do not depend on each other: a loop that starts at another's variable runs as far as the
    /// longest of its kind does, and skips what lies behind its end.
    pub fn independent(
        &mut self,
        headers: Vec<Header>,
        body: Vec<Node>,
        span: Span,
    ) -> Option<(Vec<Header>, Vec<Node>)> {
        let vars: Vec<LoopVar> = headers.iter().map(|header| header.var).collect();
        let mut made = Vec::new();
        let mut body = body;
        for mut header in headers.into_iter().rev() {
            let depends = |index: &Index| {
                vars.iter()
                    .any(|&var| var != header.var && index.mentions(var))
            };
            if !depends(&header.start) && !depends(&header.stop) {
                made.push(header);
                continue;
            }
            let Some(inside) = header.inside.take().filter(|inside| {
                vars.contains(&inside.base) && !depends(&inside.span) && !depends(&inside.limit)
            }) else {
                let error = Diagnostic::error(
                    Code::DependentBounds,
                    span,
                    "the bounds of generated loops depend on each other",
                )
                .label("affects both")
                .help("affect the outer ones only");
                self.report(error);
                return None;
            };
            let distance = self.var();
            let own = Index::Var(header.var);
            let less = if header.down {
                [inside.limit, own]
            } else {
                [own, inside.limit]
            };
            body = vec![Node::Let {
                var: header.var,
                value: Index::Var(inside.base) + Index::Var(distance),
                source: None,
                body: vec![Node::If {
                    less,
                    body: match header.source {
                        None => body,
                        // An item that does not exist must not be asked for.
                        source => vec![Node::Let {
                            var: header.var,
                            value: Index::Var(header.var),
                            source,
                            body,
                        }],
                    },
                }],
            }];
            made.push(Header {
                var: distance,
                start: Index::Const(0),
                stop: inside.span,
                source: None,
                inside: None,
                ..header
            });
        }
        made.reverse();
        Some((made, body))
    }

    /// Loops that a transformation may reorder.
    fn reorderable(
        &mut self,
        nodes: Vec<Node>,
        depth: usize,
        span: Span,
    ) -> Option<(Vec<Header>, Vec<Node>)> {
        let (headers, body) = self.perfect(nodes, depth, true, span)?;
        self.independent(headers, body, span)
    }

    /// One loop; others around it may decide about its bounds.
    fn single(&mut self, nodes: Vec<Node>, span: Span) -> Option<(Header, Vec<Node>)> {
        let (mut headers, body) = self.perfect(nodes, 1, true, span)?;
        Some((headers.remove(0), body))
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

    // ---- fuse --------------------------------------------------------------------------------------------------

    fn fuse(&mut self, leaf: &Leaf, nodes: Vec<Node>, span: Span) -> Option<Made> {
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

    // ---- apply -------------------------------------------------------------------------------------------------

    fn apply(&mut self, leaf: &Leaf, made: Made) -> Option<Vec<Node>> {
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

/// Of `unroll partial` without a number.
const DEFAULT_FACTOR: u32 = 4;

fn group(name: LoopModifier, headers: &[Header]) -> Group {
    Group {
        name,
        vars: headers.iter().map(|header| header.var).collect(),
    }
}

/// The loops directly inside of each other.
fn nested(
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
