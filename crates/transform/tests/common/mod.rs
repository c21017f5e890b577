//! A reference interpreter for IR of either phase, slow and strict: an access that claims to be in bounds and is not
//! panics. Teams run one thread after another.

#![allow(dead_code, reason = "each test binary uses a part")]

mod ops;

use std::cell::{Cell, RefCell};
use std::ops::Index;
use std::rc::Rc;

use omply_ir::*;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Unit,
    Bool(bool),
    Int(i64),
    Float(f64),
    Array(Array),
    Tuple(Vec<Value>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub data: Rc<RefCell<Vec<Value>>>,
    pub shape: Vec<i64>,
}

impl Array {
    /// Integers counting up, so that every element is told apart.
    pub fn counting(shape: &[i64]) -> Array {
        let len: i64 = shape.iter().product();
        Array {
            data: Rc::new(RefCell::new((0..len).map(Value::Int).collect())),
            shape: shape.to_vec(),
        }
    }

    pub fn ints(&self) -> Vec<i64> {
        self.data.borrow().iter().map(|value| value.int()).collect()
    }
}

impl Value {
    pub fn int(&self) -> i64 {
        match self {
            Value::Int(value) => *value,
            Value::Bool(value) => *value as i64,
            other => panic!("{other:?} is no integer"),
        }
    }

    pub fn bool(&self) -> bool {
        match self {
            Value::Bool(value) => *value,
            other => panic!("{other:?} is no Bool"),
        }
    }

    pub fn array(&self) -> &Array {
        match self {
            Value::Array(array) => array,
            other => panic!("{other:?} is no array"),
        }
    }
}

/// Why a block ended early.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    Break,
    Continue,
    Return(Value),
    /// The site and the integers for its message.
    Raise(SiteId, Vec<i64>),
}

/// What a run did that a program could see.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Outcome {
    pub result: Option<Value>,
    pub raised: Option<(SiteId, Vec<i64>)>,
}

type Slots = Vec<Rc<RefCell<Value>>>;

pub struct Interpreter<'m> {
    pub module: &'m Module,
    pub threads: i64,
    /// Element stores: thread, element number, value.
    pub stores: RefCell<Vec<(i64, i64, Value)>>,
    /// How often a check was made, and how often `Poll` ran.
    pub checks: Cell<u64>,
    pub polls: Cell<u64>,
    /// Iterations until the run is given up (reported as a raise at site `GIVEN_UP`).
    pub fuel: Cell<u64>,
}

pub const GIVEN_UP: SiteId = SiteId(u32::MAX);

struct Values(Vec<Value>);

impl Values {
    fn insert(&mut self, id: ValueId, value: Value) {
        self.0[id.index()] = value;
    }
}

impl Index<&ValueId> for Values {
    type Output = Value;
    fn index(&self, id: &ValueId) -> &Value {
        &self.0[id.index()]
    }
}

struct Frame<'m> {
    func: &'m Func,
    slots: Slots,
    values: Values,
    thread: i64,
    team: i64,
    /// Iterations left to this thread by `DispatchInit`: next, trip, chunk.
    dispatch: Option<(i64, i64, i64)>,
}

impl<'m> Interpreter<'m> {
    pub fn new(module: &'m Module, threads: i64) -> Interpreter<'m> {
        Interpreter {
            module,
            threads,
            stores: RefCell::default(),
            checks: Cell::new(0),
            polls: Cell::new(0),
            fuel: Cell::new(100_000),
        }
    }

    /// Runs the entry.
    pub fn run(&self, args: &[Value]) -> Outcome {
        let func = &self.module.funcs[self.module.entry.expect("an entry").index()];
        match self.call(func, args) {
            Ok(result) => Outcome {
                result: Some(result),
                raised: None,
            },
            Err(Stop::Raise(site, args)) => Outcome {
                result: None,
                raised: Some((site, args)),
            },
            Err(stop) => panic!("{stop:?} left the function"),
        }
    }

    fn call(&self, func: &'m Func, args: &[Value]) -> Result<Value, Stop> {
        let slots = new_slots(func);
        for (param, arg) in func.params.iter().zip(args) {
            *slots[param.index()].borrow_mut() = arg.clone();
        }
        self.enter(func, slots, 0, 1)
    }

    fn enter(&self, func: &'m Func, slots: Slots, thread: i64, team: i64) -> Result<Value, Stop> {
        let mut frame = Frame {
            func,
            slots,
            values: Values(vec![Value::Unit; func.values.len()]),
            thread,
            team,
            dispatch: None,
        };
        match self.block(&mut frame, &func.body) {
            Ok(()) => Ok(Value::Unit),
            Err(Stop::Return(value)) => Ok(value),
            Err(stop) => Err(stop),
        }
    }

    fn block(&self, frame: &mut Frame<'m>, block: &'m Block) -> Result<(), Stop> {
        block
            .insts
            .iter()
            .try_for_each(|inst| self.inst(frame, inst))
    }

    /// One iteration: false when the loop is left.
    fn iteration(&self, frame: &mut Frame<'m>, body: &'m Block) -> Result<bool, Stop> {
        let Some(fuel) = self.fuel.get().checked_sub(1) else {
            return Err(Stop::Raise(GIVEN_UP, Vec::new()));
        };
        self.fuel.set(fuel);
        match self.block(frame, body) {
            Ok(()) | Err(Stop::Continue) => Ok(true),
            Err(Stop::Break) => Ok(false),
            Err(stop) => Err(stop),
        }
    }

    fn inst(&self, frame: &mut Frame<'m>, inst: &'m Inst) -> Result<(), Stop> {
        let results: Vec<Value> = match &inst.op {
            Op::If { cond, then, els } => {
                let taken = if frame.values[cond].bool() { then } else { els };
                return self.block(frame, taken);
            }
            Op::While { cond, test, body } => loop {
                self.block(frame, cond)?;
                if !frame.values[test].bool() || !self.iteration(frame, body)? {
                    return Ok(());
                }
            },
            Op::For {
                iv,
                start,
                stop,
                step,
                body,
                ..
            } => {
                let [start, stop, step] =
                    [start, stop, step].map(|value| frame.values[value].int());
                for number in range(start, stop, step) {
                    frame.values.insert(*iv, Value::Int(number));
                    if !self.iteration(frame, body)? {
                        break;
                    }
                }
                return Ok(());
            }
            Op::Break => return Err(Stop::Break),
            Op::Continue => return Err(Stop::Continue),
            Op::Return { value } => {
                return Err(Stop::Return(
                    value.map_or(Value::Unit, |value| frame.values[&value].clone()),
                ));
            }
            Op::Check { cond, site, args } => {
                if !frame.values[cond].bool() {
                    return Err(frame.raise(*site, args));
                }
                return Ok(());
            }
            Op::Raise { site, args } => return Err(frame.raise(*site, args)),
            Op::Call { func, args } => {
                let args: Vec<Value> = args.iter().map(|arg| frame.values[arg].clone()).collect();
                vec![self.call(&self.module.funcs[func.index()], &args)?]
            }
            Op::Poll => {
                self.polls.set(self.polls.get() + 1);
                return Ok(());
            }
            Op::Single { body } => {
                let chosen = frame.thread == 0;
                if chosen {
                    self.block(frame, body)?;
                }
                vec![Value::Bool(chosen)]
            }
            Op::Critical { body, .. } | Op::Combine { body } | Op::Ordered { body } => {
                return self.block(frame, body);
            }
            Op::Parallel { locals, body, .. } => {
                let outer = (frame.slots.clone(), frame.thread, frame.team);
                for thread in 0..self.threads {
                    for local in locals {
                        let ty = &frame.func.slots[local.index()].ty;
                        frame.slots[local.index()] = Rc::new(RefCell::new(zero(ty)));
                    }
                    (frame.thread, frame.team) = (thread, self.threads);
                    self.block(frame, body)?;
                }
                (frame.slots, frame.thread, frame.team) = outer;
                return Ok(());
            }
            Op::Loop(ws) => vec![Value::Bool(self.worksharing(frame, ws)?)],
            Op::Fork { func, captures, .. } => {
                let callee = &self.module.funcs[func.index()];
                for thread in 0..self.threads {
                    let mut slots = new_slots(callee);
                    for (capture, param) in captures.iter().zip(&callee.params) {
                        let slot = &frame.slots[capture.slot.index()];
                        match capture.by {
                            CaptureBy::Reference => slots[param.index()] = slot.clone(),
                            CaptureBy::Value => {
                                *slots[param.index()].borrow_mut() = slot.borrow().clone()
                            }
                        }
                    }
                    self.enter(callee, slots, thread, self.threads)?;
                }
                return Ok(());
            }
            _ => self.simple(frame, inst)?,
        };
        for (&result, value) in inst.results.iter().zip(results) {
            frame.values.insert(result, value);
        }
        Ok(())
    }

    /// The meaning of a worksharing loop: iterations dealt out singly.
    fn worksharing(&self, frame: &mut Frame<'m>, ws: &'m Worksharing) -> Result<bool, Stop> {
        let mut points: Vec<Vec<i64>> = vec![Vec::new()];
        for dim in &ws.dims {
            let [start, stop, step] =
                [dim.start, dim.stop, dim.step].map(|value| frame.values[&value].int());
            points = points
                .iter()
                .flat_map(|point| {
                    range(start, stop, step)
                        .map(move |number| point.iter().copied().chain([number]).collect())
                })
                .collect();
        }
        let mut last = false;
        for (number, point) in points.iter().enumerate() {
            last = number as i64 % frame.team == frame.thread;
            if last {
                for (dim, &value) in ws.dims.iter().zip(point) {
                    frame.values.insert(dim.iv, Value::Int(value));
                }
                let goes_on = self.iteration(frame, &ws.body)?;
                assert!(goes_on, "`break` out of a worksharing loop");
            }
        }
        Ok(last)
    }
}

impl Frame<'_> {
    fn raise(&self, site: SiteId, args: &[ValueId]) -> Stop {
        Stop::Raise(
            site,
            args.iter().map(|arg| self.values[arg].int()).collect(),
        )
    }
}

/// Python's `range`.
pub fn range(start: i64, stop: i64, step: i64) -> impl Iterator<Item = i64> {
    assert_ne!(step, 0, "a step of zero");
    let mut next = start as i128;
    std::iter::from_fn(move || {
        let inside = if step > 0 {
            next < stop as i128
        } else {
            next > stop as i128
        };
        inside.then(|| {
            let number = next as i64;
            next += step as i128;
            number
        })
    })
}

fn new_slots(func: &Func) -> Slots {
    func.slots
        .iter()
        .map(|slot| Rc::new(RefCell::new(zero(&slot.ty))))
        .collect()
}

fn zero(ty: &Type) -> Value {
    match ty {
        Type::Scalar(Scalar::Bool) => Value::Bool(false),
        Type::Scalar(scalar) if scalar.is_int() => Value::Int(0),
        Type::Scalar(_) => Value::Float(0.0),
        _ => Value::Unit,
    }
}
