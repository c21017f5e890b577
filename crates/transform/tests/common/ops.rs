//! The instructions that neither branch nor own blocks.

use omply_ir::*;

use super::{Array, Frame, Interpreter, Stop, Value};

impl<'m> Interpreter<'m> {
    pub(super) fn simple(&self, frame: &mut Frame<'m>, inst: &'m Inst) -> Result<Vec<Value>, Stop> {
        let get = |value: &ValueId| frame.values[value].clone();
        Ok(match &inst.op {
            Op::Const(Const::Bool(value)) => vec![Value::Bool(*value)],
            Op::Const(Const::Int(_, value)) => vec![Value::Int(*value)],
            Op::Const(Const::Float(_, value)) => vec![Value::Float(*value)],
            Op::Unary { op, a } => vec![match (op, get(a)) {
                (UnaryOp::Neg, Value::Int(a)) => Value::Int(a.wrapping_neg()),
                (UnaryOp::Abs, Value::Int(a)) => Value::Int(a.wrapping_abs()),
                (UnaryOp::Not, Value::Bool(a)) => Value::Bool(!a),
                (op, a) => panic!("{op:?} of {a:?}"),
            }],
            Op::Binary { op, a, b, .. } => vec![binary(*op, &get(a), &get(b))],
            Op::Compare { op, a, b } => {
                let (a, b) = (get(a).int(), get(b).int());
                vec![Value::Bool(match op {
                    CompareOp::Eq => a == b,
                    CompareOp::Ne => a != b,
                    CompareOp::Lt => a < b,
                    CompareOp::Le => a <= b,
                    CompareOp::Gt => a > b,
                    CompareOp::Ge => a >= b,
                })]
            }
            Op::Select { cond, then, els } => vec![if get(cond).bool() {
                get(then)
            } else {
                get(els)
            }],
            Op::TupleNew { items } => vec![Value::Tuple(items.iter().map(get).collect())],
            Op::SlotLoad { slot } => vec![frame.slots[slot.index()].borrow().clone()],
            Op::SlotStore { slot, value } => {
                *frame.slots[slot.index()].borrow_mut() = get(value);
                vec![]
            }
            Op::Dim { array, axis } => vec![Value::Int(get(array).array().shape[*axis as usize])],
            Op::Load {
                array,
                indices,
                check,
            } => {
                let (array, indices) = (get(array), self.ints(frame, indices));
                let element = self.element(array.array(), &indices, *check)?;
                vec![array.array().data.borrow()[element].clone()]
            }
            Op::Store {
                array,
                indices,
                value,
                check,
            } => {
                let (array, indices, value) = (get(array), self.ints(frame, indices), get(value));
                let element = self.element(array.array(), &indices, *check)?;
                self.stores
                    .borrow_mut()
                    .push((frame.thread, element as i64, value.clone()));
                array.array().data.borrow_mut()[element] = value;
                vec![]
            }
            Op::Routine {
                routine: Routine::GetThreadNum,
                ..
            }
            | Op::ThreadNum => vec![Value::Int(frame.thread)],
            Op::TeamSize => vec![Value::Int(frame.team)],
            Op::Barrier | Op::Flush { .. } | Op::Warn { .. } | Op::OrderedIterationEnd => {
                vec![]
            }
            Op::Reduce { items } => {
                for item in items {
                    let private = frame.slots[item.private.index()].borrow().clone();
                    let mut shared = frame.slots[item.shared.index()].borrow_mut();
                    assert_eq!(item.op, ReduceOp::Add);
                    *shared = binary(BinaryOp::Add, &shared, &private);
                }
                vec![]
            }
            Op::AtomicUpdate {
                place: Place::Slot(slot),
                op,
                value,
                ..
            } => {
                let value = get(value);
                let mut place = frame.slots[slot.index()].borrow_mut();
                let old = place.clone();
                *place = binary(*op, &old, &value);
                vec![old, place.clone()]
            }
            Op::AtomicUpdate {
                place:
                    Place::Element {
                        array,
                        indices,
                        check,
                    },
                op,
                value,
                ..
            } => {
                let (array, indices, value) = (get(array), self.ints(frame, indices), get(value));
                let element = self.element(array.array(), &indices, *check)?;
                let place = &mut array.array().data.borrow_mut()[element];
                let old = place.clone();
                *place = binary(*op, &old, &value);
                vec![old, place.clone()]
            }
            Op::StaticInit { trip, chunk } => {
                let (trip, thread, team) = (get(trip).int(), frame.thread, frame.team);
                let (lower, upper, stride, last) = match chunk {
                    Some(chunk) => {
                        let chunk = get(chunk).int();
                        let last = trip > 0 && (trip - 1) / chunk % team == thread;
                        (thread * chunk, (thread + 1) * chunk, team * chunk, last)
                    }
                    None => {
                        let share = (trip + team - 1) / team;
                        let (lower, upper) =
                            ((thread * share).min(trip), ((thread + 1) * share).min(trip));
                        (lower, upper, trip, lower < upper && upper == trip)
                    }
                };
                vec![
                    Value::Int(lower),
                    Value::Int(upper),
                    Value::Int(stride),
                    Value::Bool(last),
                ]
            }
            Op::DispatchInit { trip, chunk, .. } => {
                let chunk = chunk.as_ref().map_or(1, |chunk| get(chunk).int());
                frame.dispatch = Some((frame.thread * chunk, get(trip).int(), chunk));
                vec![]
            }
            Op::DispatchNext { .. } => {
                let (next, trip, chunk) = frame.dispatch.expect("an open dispatch");
                let upper = (next + chunk).min(trip);
                frame.dispatch = Some((next + frame.team * chunk, trip, chunk));
                vec![
                    Value::Bool(next < trip),
                    Value::Int(next),
                    Value::Int(upper),
                    Value::Bool(upper == trip),
                ]
            }
            Op::DispatchEnd => {
                frame.dispatch = None;
                vec![]
            }
            other => panic!("the interpreter does not know {other:?}"),
        })
    }

    fn ints(&self, frame: &Frame<'m>, values: &[ValueId]) -> Vec<i64> {
        values
            .iter()
            .map(|value| frame.values[value].int())
            .collect()
    }

    fn element(&self, array: &Array, indices: &[i64], check: IndexCheck) -> Result<usize, Stop> {
        let mut element = 0;
        for (axis, (&index, &size)) in indices.iter().zip(&array.shape).enumerate() {
            let place = match check {
                IndexCheck::None => {
                    assert!(
                        (0..size).contains(&index),
                        "index {index} of axis {axis} is claimed to be below {size}"
                    );
                    index
                }
                IndexCheck::Python(site) => {
                    self.checks.set(self.checks.get() + 1);
                    let place = if index < 0 {
                        index.wrapping_add(size)
                    } else {
                        index
                    };
                    if !(0..size).contains(&place) {
                        return Err(Stop::Raise(site, vec![index, axis as i64, size]));
                    }
                    place
                }
                IndexCheck::Wrap => index.rem_euclid(size),
            };
            element = element * size + place;
        }
        Ok(element as usize)
    }
}

fn binary(op: BinaryOp, a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Value::Bool(match op {
            BinaryOp::And => a & b,
            BinaryOp::Or => a | b,
            BinaryOp::Xor => a ^ b,
            _ => panic!("{op:?} of Bool"),
        }),
        (Value::Int(a), Value::Int(b)) => {
            let (a, b) = (*a, *b);
            Value::Int(match op {
                BinaryOp::Add => a.wrapping_add(b),
                BinaryOp::Sub => a.wrapping_sub(b),
                BinaryOp::Mul => a.wrapping_mul(b),
                BinaryOp::FloorDiv if b == 0 => 0,
                BinaryOp::FloorDiv => {
                    let quotient = a.wrapping_div(b);
                    quotient - i64::from(a.wrapping_rem(b) != 0 && (a < 0) != (b < 0))
                }
                BinaryOp::Mod if b == 0 => 0,
                BinaryOp::Mod => {
                    let rest = a.wrapping_rem(b);
                    if rest != 0 && (rest < 0) != (b < 0) {
                        rest + b
                    } else {
                        rest
                    }
                }
                BinaryOp::Min => a.min(b),
                BinaryOp::Max => a.max(b),
                BinaryOp::And => a & b,
                BinaryOp::Or => a | b,
                _ => panic!("{op:?} of integers"),
            })
        }
        (a, b) => panic!("{op:?} of {a:?} and {b:?}"),
    }
}
