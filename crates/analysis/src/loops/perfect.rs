//! The nests that transformations find: loops directly inside of each other, with bounds that do not depend on each other.

use super::generate::Generator;
use crate::generated::*;
use omply_diagnostics::{Code, Diagnostic, Span};

impl Generator<'_, '_, '_> {
    /// The `depth` outermost loops, and what they hold. A flat loop is resolved into a single one where `single`.
    pub(super) fn perfect(
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
    pub(super) fn independent(
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
    pub(super) fn reorderable(
        &mut self,
        nodes: Vec<Node>,
        depth: usize,
        span: Span,
    ) -> Option<(Vec<Header>, Vec<Node>)> {
        let (headers, body) = self.perfect(nodes, depth, true, span)?;
        self.independent(headers, body, span)
    }

    /// One loop; others around it may decide about its bounds.
    pub(super) fn single(&mut self, nodes: Vec<Node>, span: Span) -> Option<(Header, Vec<Node>)> {
        let (mut headers, body) = self.perfect(nodes, 1, true, span)?;
        Some((headers.remove(0), body))
    }
}
