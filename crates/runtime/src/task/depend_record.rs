//! What is noted about dependences while a taskgraph is recorded: which node waits for which, by the numbers that the record
//! gives them, and which exclude each other.

use std::collections::HashMap;
use std::sync::Arc;

use crate::sync::release::{Exclusion, Node};

/// See the module's description.
#[derive(Default)]
pub struct Record {
    /// Nodes so far; they carry their number, from 1.
    pub nodes: u32,
    /// Predecessor and successor.
    pub edges: Vec<(u32, u32)>,
    /// Node and number of the exclusion.
    exclusions: Vec<(u32, u32)>,
    /// Exclusions by address: the record keeps them, so that no address is used twice.
    known: HashMap<usize, (u32, Arc<Exclusion>)>,
}

impl Record {
    /// Gives the node a number.
    pub fn number(&mut self, node: &Node) -> u32 {
        self.nodes += 1;
        node.set_number(self.nodes);
        self.nodes
    }

    /// A number for what has no node.
    pub fn skip(&mut self) -> u32 {
        self.nodes += 1;
        self.nodes
    }

    /// Those that exclude each other, one after another.
    pub fn exclusion_edges(&self) -> Vec<(u32, u32)> {
        let mut last: HashMap<u32, u32> = HashMap::new();
        let mut edges = Vec::new();
        for &(node, exclusion) in &self.exclusions {
            if let Some(before) = last.insert(exclusion, node) {
                edges.push((before, node));
            }
        }
        edges
    }

    /// A node without a task.
    pub fn join(&mut self, node: &Node) {
        self.number(node);
    }

    pub fn edge(&mut self, predecessor: &Node, node: &Node) {
        let edge = (predecessor.number(), node.number());
        if edge.0 != 0 && edge.1 != 0 {
            self.edges.push(edge);
        }
    }

    pub fn exclusion(&mut self, node: &Node, exclusion: &Arc<Exclusion>) {
        let next = self.known.len() as u32;
        let (number, _) = self
            .known
            .entry(Arc::as_ptr(exclusion) as usize)
            .or_insert_with(|| (next, exclusion.clone()));
        self.exclusions.push((node.number(), *number));
    }
}
