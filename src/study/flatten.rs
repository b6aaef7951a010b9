//! A serialiser that flattens a summary: it keeps its numbers, in order, and if asked the dotted key of each. It
//! creates no text and no tree, since a study flattens a summary for every run. A summary consists of structs,
//! lists, numbers and names; anything else is refused.

use serde::Serialize;
use serde::ser::{self, Impossible};
use std::fmt;

/// The value of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    Number,
    Word,
    Null,
}

/// A step of the path to a leaf.
#[derive(Clone, Copy, Debug)]
enum Step {
    Key(&'static str),
    Index(usize),
}

/// A serialiser that keeps the numbers it meets and, if asked, the path to each.
#[derive(Debug, Default)]
pub(super) struct Flatten {
    way: Vec<Step>,
    /// Every leaf; NaN if it is not a number.
    pub(super) leaves: Vec<f64>,
    /// The dotted key of every leaf, if wanted, and the kind of its value.
    pub(super) named: Option<Vec<(String, Leaf)>>,
}

impl Flatten {
    /// Creates one that also keeps keys.
    pub(super) fn naming() -> Flatten {
        Flatten {
            named: Some(Vec::new()),
            ..Flatten::default()
        }
    }

    /// Creates one with room for this many leaves.
    pub(super) fn with_room(leaves: usize) -> Flatten {
        Flatten {
            leaves: Vec::with_capacity(leaves),
            ..Flatten::default()
        }
    }

    fn leaf(&mut self, leaf: Leaf, value: f64) -> Result<(), NotFlat> {
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

    fn inside<T: Serialize + ?Sized>(&mut self, step: Step, value: &T) -> Result<(), NotFlat> {
        self.way.push(step);
        value.serialize(&mut *self)?;
        self.way.pop();
        Ok(())
    }
}

/// The error for a summary that contains anything but structs, lists, numbers and names.
#[derive(Debug)]
pub(super) struct NotFlat(String);

impl fmt::Display for NotFlat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotFlat {}

impl ser::Error for NotFlat {
    fn custom<T: fmt::Display>(message: T) -> NotFlat {
        NotFlat(message.to_string())
    }
}

/// Methods for values that are numbers, words or nulls, or are refused.
macro_rules! leaves {
    (numbers { $($number:ident($kind:ty),)* } words { $($word:ident($($of:ty),*),)* } nulls { $($null:ident,)* }
     refused { $($refused:ident$(<$t:ident>)?($($rest:ty),*) -> $out:ty,)* }) => {
        $(fn $number(self, value: $kind) -> Result<(), NotFlat> {
            self.leaf(Leaf::Number, value as f64)
        })*
        $(fn $word(self, $(_: $of),*) -> Result<(), NotFlat> {
            self.leaf(Leaf::Word, f64::NAN)
        })*
        $(fn $null(self) -> Result<(), NotFlat> {
            self.leaf(Leaf::Null, f64::NAN)
        })*
        $(fn $refused$(<$t: Serialize + ?Sized>)?(self, $(_: $rest),*) -> Result<$out, NotFlat> {
            Err(ser::Error::custom(concat!(stringify!($refused), " in a summary")))
        })*
    };
}

impl<'a> ser::Serializer for &'a mut Flatten {
    type Ok = ();
    type Error = NotFlat;
    type SerializeSeq = List<'a>;
    type SerializeTuple = Impossible<(), NotFlat>;
    type SerializeTupleStruct = Impossible<(), NotFlat>;
    type SerializeTupleVariant = Impossible<(), NotFlat>;
    type SerializeMap = Impossible<(), NotFlat>;
    type SerializeStruct = &'a mut Flatten;
    type SerializeStructVariant = Impossible<(), NotFlat>;

    leaves! {
        numbers {
            serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64), serialize_u8(u8),
            serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_f32(f32), serialize_f64(f64),
        }
        words {
            serialize_bool(bool), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]),
            serialize_unit_struct(&'static str),
            serialize_unit_variant(&'static str, u32, &'static str),
        }
        nulls { serialize_none, serialize_unit, }
        refused {
            serialize_newtype_variant<T>(&'static str, u32, &'static str, &T) -> (),
            serialize_tuple(usize) -> Self::SerializeTuple,
            serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct,
            serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant,
            serialize_map(Option<usize>) -> Self::SerializeMap,
            serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant,
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotFlat> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), NotFlat> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, NotFlat> {
        Ok(List { into: self, at: 0 })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<&'a mut Flatten, NotFlat> {
        Ok(self)
    }
}

impl ser::SerializeStruct for &mut Flatten {
    type Ok = ();
    type Error = NotFlat;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), NotFlat> {
        self.inside(Step::Key(key), value)
    }

    fn end(self) -> Result<(), NotFlat> {
        Ok(())
    }
}

/// A list, whose entries are keyed by index.
#[derive(Debug)]
pub(super) struct List<'a> {
    into: &'a mut Flatten,
    at: usize,
}

impl ser::SerializeSeq for List<'_> {
    type Ok = ();
    type Error = NotFlat;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotFlat> {
        self.at += 1;
        self.into.inside(Step::Index(self.at - 1), value)
    }

    fn end(self) -> Result<(), NotFlat> {
        Ok(())
    }
}
