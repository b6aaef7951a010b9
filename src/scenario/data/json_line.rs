//! A line of JSON lines: one flat object, of which some keys are wanted.
//!
//! Values of other keys are skipped, including lists and objects.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The value of a wanted key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Value {
    /// The key is absent.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// A number.
    Number(f64),
    /// A text, or `true` or `false`.
    Text(String),
    /// A list or an object.
    Nested,
}

/// Reads the values of the wanted keys of an object, in their order.
pub(super) fn read(line: &str, keys: &[String], values: &mut Vec<Value>) -> serde_json::Result<()> {
    values.clear();
    values.resize(keys.len(), Value::Absent);
    let mut reader = serde_json::Deserializer::from_str(line);
    reader.deserialize_map(Object { keys, values })?;
    reader.end()
}

struct Object<'a> {
    keys: &'a [String],
    values: &'a mut [Value],
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object such as {\"arrival\": 0.5, \"service\": 2}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key(self.keys))? {
            match key {
                Some(index) if self.values[index] == Value::Absent => {
                    self.values[index] = map.next_value_seed(Scalar)?;
                }
                Some(index) => {
                    let key = super::quoted(&self.keys[index]);
                    return Err(A::Error::custom(format!("the key {key} stands twice")));
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Deserialises a key to its index among the wanted ones.
struct Key<'a>(&'a [String]);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Option<usize>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|wanted| wanted == key))
    }
}

struct Scalar;

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Text(truth.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.trim().to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Nested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_values_are_read_and_others_passed_over() {
        let keys = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let mut values = Vec::new();
        let line = r#"{"x": [1, {"a": 2}], "b": "\u0074wo ", "a": 1.5, "c": null, "d": [3]}"#;
        read(line, &keys, &mut values).unwrap();
        let two = Value::Text("two".to_owned());
        assert_eq!(
            values,
            [
                Value::Number(1.5),
                two,
                Value::Null,
                Value::Nested,
                Value::Absent
            ]
        );
        for bad in [
            "[1]",
            "3",
            "{\"a\": 1",
            "{\"a\": 1} {}",
            "{\"a\": 1, \"a\": 2}",
            "",
            "{a: 1}",
        ] {
            assert!(read(bad, &keys, &mut values).is_err(), "{bad}");
        }
    }
}
