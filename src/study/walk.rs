//! A serialiser that makes no text: it keeps the numbers it meets, in order, and if asked the way to
//! each. It walks summaries, which are structs, lists, numbers and names; of anything else it will not
//! hear.

use serde::Serialize;
use serde::ser::{self, Impossible};
use std::fmt;

/// What stands at a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    Number,
    Word,
    Null,
}

/// A step of the way to a leaf.
#[derive(Clone, Copy, Debug)]
enum Step {
    Key(&'static str),
    Index(usize),
}

/// A serialiser that keeps the numbers it meets and, if asked, the way to each.
#[derive(Debug, Default)]
pub(super) struct Walk {
    way: Vec<Step>,
    /// Every leaf; NaN where it is no number.
    pub(super) leaves: Vec<f64>,
    /// The dotted key of every leaf, if wanted, and what stands there.
    pub(super) named: Option<Vec<(String, Leaf)>>,
}

impl Walk {
    /// One that keeps keys too.
    pub(super) fn naming() -> Walk {
        Walk {
            named: Some(Vec::new()),
            ..Walk::default()
        }
    }

    /// One with room for so many leaves.
    pub(super) fn with_room(leaves: usize) -> Walk {
        Walk {
            leaves: Vec::with_capacity(leaves),
            ..Walk::default()
        }
    }

    fn leaf(&mut self, leaf: Leaf, value: f64) -> Result<(), Unwalkable> {
        self.leaves.push(value);
        if let Some(named) = &mut self.named {
            let steps = self.way.iter().map(|step| match step {
                Step::Key(key) => (*key).to_owned(),
                Step::Index(index) => index.to_string(),
            });
            named.push((steps.collect::<Vec<_>>().join("."), leaf));
        }
        Ok(())
    }

    fn number(&mut self, value: f64) -> Result<(), Unwalkable> {
        self.leaf(Leaf::Number, value)
    }

    fn word(&mut self) -> Result<(), Unwalkable> {
        self.leaf(Leaf::Word, f64::NAN)
    }

    fn inside<T: Serialize + ?Sized>(&mut self, step: Step, value: &T) -> Result<(), Unwalkable> {
        self.way.push(step);
        value.serialize(&mut *self)?;
        self.way.pop();
        Ok(())
    }
}

/// A summary holds what no summary of ours holds.
#[derive(Debug)]
pub(super) struct Unwalkable(String);

impl fmt::Display for Unwalkable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwalkable {}

impl ser::Error for Unwalkable {
    fn custom<T: fmt::Display>(message: T) -> Unwalkable {
        Unwalkable(message.to_string())
    }
}

fn no_summary<T>(what: &str) -> Result<T, Unwalkable> {
    Err(Unwalkable(format!("{what} in a summary")))
}

impl<'a> ser::Serializer for &'a mut Walk {
    type Ok = ();
    type Error = Unwalkable;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = Impossible<(), Unwalkable>;
    type SerializeTupleVariant = Impossible<(), Unwalkable>;
    type SerializeMap = Impossible<(), Unwalkable>;
    type SerializeStruct = &'a mut Walk;
    type SerializeStructVariant = Impossible<(), Unwalkable>;

    fn serialize_bool(self, _: bool) -> Result<(), Unwalkable> {
        self.word()
    }
    fn serialize_i8(self, value: i8) -> Result<(), Unwalkable> {
        self.number(f64::from(value))
    }
    fn serialize_i16(self, value: i16) -> Result<(), Unwalkable> {
        self.number(f64::from(value))
    }
    fn serialize_i32(self, value: i32) -> Result<(), Unwalkable> {
        self.number(f64::from(value))
    }
    fn serialize_i64(self, value: i64) -> Result<(), Unwalkable> {
        self.number(value as f64)
    }
    fn serialize_u8(self, value: u8) -> Result<(), Unwalkable> {
        self.number(f64::from(value))
    }
    fn serialize_u16(self, value: u16) -> Result<(), Unwalkable> {
        self.number(f64::from(value))
    }
    fn serialize_u32(self, value: u32) -> Result<(), Unwalkable> {
        self.number(f64::from(value))
    }
    fn serialize_u64(self, value: u64) -> Result<(), Unwalkable> {
        self.number(value as f64)
    }
    fn serialize_f32(self, value: f32) -> Result<(), Unwalkable> {
        self.number(f64::from(value))
    }
    fn serialize_f64(self, value: f64) -> Result<(), Unwalkable> {
        self.number(value)
    }
    fn serialize_char(self, _: char) -> Result<(), Unwalkable> {
        self.word()
    }
    fn serialize_str(self, _: &str) -> Result<(), Unwalkable> {
        self.word()
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unwalkable> {
        self.word()
    }
    fn serialize_none(self) -> Result<(), Unwalkable> {
        self.leaf(Leaf::Null, f64::NAN)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwalkable> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Unwalkable> {
        self.leaf(Leaf::Null, f64::NAN)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwalkable> {
        self.word()
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), Unwalkable> {
        self.word()
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwalkable> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Unwalkable> {
        no_summary("a variant")
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Unwalkable> {
        Ok(List { walk: self, at: 0 })
    }
    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Unwalkable> {
        Ok(List { walk: self, at: 0 })
    }
    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unwalkable> {
        no_summary("a tuple")
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwalkable> {
        no_summary("a variant")
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unwalkable> {
        no_summary("a map")
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<&'a mut Walk, Unwalkable> {
        Ok(self)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwalkable> {
        no_summary("a variant")
    }
}

impl ser::SerializeStruct for &mut Walk {
    type Ok = ();
    type Error = Unwalkable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unwalkable> {
        self.inside(Step::Key(key), value)
    }

    fn end(self) -> Result<(), Unwalkable> {
        Ok(())
    }
}

/// A list that is walked by index.
#[derive(Debug)]
pub(super) struct List<'a> {
    walk: &'a mut Walk,
    at: usize,
}

impl List<'_> {
    fn next<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwalkable> {
        self.walk.inside(Step::Index(self.at), value)?;
        self.at += 1;
        Ok(())
    }
}

impl ser::SerializeSeq for List<'_> {
    type Ok = ();
    type Error = Unwalkable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwalkable> {
        self.next(value)
    }

    fn end(self) -> Result<(), Unwalkable> {
        Ok(())
    }
}

impl ser::SerializeTuple for List<'_> {
    type Ok = ();
    type Error = Unwalkable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwalkable> {
        self.next(value)
    }

    fn end(self) -> Result<(), Unwalkable> {
        Ok(())
    }
}
