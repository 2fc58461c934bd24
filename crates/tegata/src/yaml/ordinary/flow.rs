//! Lists and mappings in brackets, on one line.

use super::{FEW, Reader};
use crate::yaml::node::{Entry, MAX_DEPTH, Node, Value};

impl Reader<'_> {
    /// The list or mapping whose bracket is next.
    pub(super) fn flow(&mut self, depth: usize) -> Option<Node> {
        if depth >= MAX_DEPTH {
            return None;
        }
        let start = self.at;
        let list = self.peek() == Some(b'[');
        self.advance();
        self.skip_blanks();
        let value = if list { self.flow_list(depth)? } else { self.flow_mapping(depth)? };
        Some(Node { value, span: self.span(start, self.at) })
    }

    fn flow_list(&mut self, depth: usize) -> Option<Value> {
        if self.is_closed(b']') {
            return Some(Value::List(Vec::new()));
        }
        let mut items = Vec::with_capacity(FEW);
        loop {
            items.push(self.flow_value(depth)?);
            if self.is_last(b']')? {
                return Some(Value::List(items));
            }
        }
    }

    fn flow_mapping(&mut self, depth: usize) -> Option<Value> {
        if self.is_closed(b'}') {
            return Some(Value::Map(Vec::new()));
        }
        let mut entries = Vec::with_capacity(FEW);
        loop {
            let key = self.flow_scalar()?;
            if !self.is_key(&key, &entries) {
                return None;
            }
            self.advance();
            self.skip_blanks();
            let value = self.flow_value(depth)?;
            entries.push(Entry { key: key.into_key(), value });
            if self.is_last(b'}')? {
                return Some(Value::Map(entries));
            }
        }
    }

    fn flow_value(&mut self, depth: usize) -> Option<Node> {
        if self.is_collection() {
            return self.flow(depth + 1);
        }
        Some(self.flow_scalar()?.into_node())
    }

    /// Whether the closing bracket comes next, which is read then.
    fn is_closed(&mut self, bracket: u8) -> bool {
        let closed = self.peek() == Some(bracket);
        if closed {
            self.advance();
        }
        closed
    }

    /// Reads what follows an entry: the closing bracket, or a comma and then another entry.
    fn is_last(&mut self, bracket: u8) -> Option<bool> {
        self.skip_blanks();
        if self.is_closed(bracket) {
            return Some(true);
        }
        if self.peek() != Some(b',') {
            return None;
        }
        self.advance();
        self.skip_blanks();
        Some(false)
    }
}
