//! Numbers in JSON: objects on lines of their own, and documents with a list of objects, such as `trainer_state.json`.

use std::{borrow::Cow, fmt, io::Read};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    names::run_rank,
    record::{Needs, Record},
};

/// Depth of nested objects that are read.
const DEEPEST: usize = 4;
/// Name of the list of rows in a `trainer_state.json`.
pub(super) const HISTORY: &str = "log_history";

/// Returns the numbers and the needed texts of the object on a line; `None` if it is none.
pub(super) fn line(text: &[u8], needs: &Needs) -> Option<Record> {
    let mut record = Record::default();
    if read_object(text, needs, &mut record) {
        return Some(record);
    }
    // Python writes numbers that JSON does not have.
    let standard = standard(text)?;
    record.clear();
    read_object(&standard, needs, &mut record).then_some(record)
}

/// Returns whether a line is an object.
pub(super) fn is_object(text: &[u8]) -> bool {
    line(text, &Needs::default()).is_some()
}

fn read_object(text: &[u8], needs: &Needs, record: &mut Record) -> bool {
    let mut json = serde_json::Deserializer::from_slice(text);
    let object = Object { prefix: "", depth: 0, needs, record };
    json.deserialize_map(object).is_ok() && json.end().is_ok()
}

/// Replaces `NaN`, `Infinity` and `-Infinity` outside of strings by `null`; `None` if there are none.
fn standard(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let (mut is_string, mut at, mut changed) = (false, 0, false);
    while let Some(&byte) = text.get(at) {
        let token = [&b"NaN"[..], b"-Infinity", b"Infinity"].into_iter().find(|token| text[at..].starts_with(token));
        match (is_string, byte, token) {
            (false, _, Some(token)) => {
                out.extend(b"null");
                (at, changed) = (at + token.len(), true);
                continue;
            }
            (true, b'\\', _) => {
                out.push(byte);
                at += 1;
                out.extend(text.get(at));
            }
            (_, b'"', _) => {
                is_string = !is_string;
                out.push(byte);
            }
            _ => out.push(byte),
        }
        at += 1;
    }
    changed.then_some(out)
}

/// Reads a document: a list of objects, or an object with the list `log_history`. Calls `row` for each.
///
/// # Errors
/// If the document is not whole, or has no such list.
pub(super) fn document(reader: impl Read, needs: &Needs, row: &mut dyn FnMut(&Record)) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    json.deserialize_any(Document { needs, row })?;
    json.end()
}

/// Visitor that collects the numbers and texts of an object.
struct Object<'a> {
    prefix: &'a str,
    depth: usize,
    needs: &'a Needs,
    record: &'a mut Record,
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            let name = if self.prefix.is_empty() { key.0 } else { Cow::from(format!("{}/{}", self.prefix, key.0)) };
            map.next_value_seed(Value { name: &name, depth: self.depth, needs: self.needs, record: self.record })?;
        }
        Ok(())
    }
}

/// A name, borrowed where it can be.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(text.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(text.to_owned().into()))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A value of this name, whose numbers and texts are added.
struct Value<'a> {
    name: &'a str,
    depth: usize,
    needs: &'a Needs,
    record: &'a mut Record,
}

impl Value<'_> {
    fn add<E>(self, value: f64) -> Result<(), E> {
        self.record.numbers.push((self.name.into(), value));
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.add(value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.add(value as f64)
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.add(value as f64)
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    /// JSON has no NaN: programs write null instead.
    fn visit_unit<E>(self) -> Result<(), E> {
        self.add(f64::NAN)
    }

    /// Some programs write `"NaN"`, or numbers as text.
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        let text = text.trim();
        let number = text.parse().ok();
        // Some names of runs, such as 12e45678, look like numbers.
        if self.needs.has(self.name) && (number.is_none() || run_rank(self.name).is_some()) {
            self.record.add_text(&self.name.into(), text);
        }
        number.map_or(Ok(()), |number| self.add(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.depth == DEEPEST {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        Object { prefix: self.name, depth: self.depth + 1, needs: self.needs, record: self.record }.visit_map(map)
    }
}

/// Visitor of a whole document.
struct Document<'a> {
    needs: &'a Needs,
    row: &'a mut dyn FnMut(&Record),
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a list of objects, or an object with `{HISTORY}`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut record = Record::default();
        while list.next_element_seed(Element(self.needs, &mut record))?.is_some() {
            (self.row)(&record);
            record.clear();
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut has_history = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == HISTORY {
                map.next_value_seed(List(Document { needs: self.needs, row: self.row }))?;
                has_history = true;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        let missing = || serde::de::Error::custom(format!("expected `{HISTORY}`, found none"));
        if has_history { Ok(()) } else { Err(missing()) }
    }
}

struct List<'a>(Document<'a>);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self.0)
    }
}

struct Element<'a>(&'a Needs, &'a mut Record);

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(Object { prefix: "", depth: 0, needs: self.0, record: self.1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Option<Vec<(String, String)>> {
        Some(
            line(text.as_bytes(), &Needs::default())?
                .numbers
                .into_iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
        )
    }

    #[test]
    fn numbers_are_found_in_objects_of_any_kind() {
        let read = numbers(r#"{"a": 1, "b": {"c": -2.5, "d": [1, 2]}, "e": "NaN", "f": null, "g": "text", "h": true}"#);
        let expected = [("a", "1"), ("b/c", "-2.5"), ("e", "NaN"), ("f", "NaN")];
        assert_eq!(read.unwrap(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn numbers_that_only_python_writes_are_read() {
        let read = numbers(r#"{"NaN": "Infinity \" NaN", "loss": NaN, "x": -Infinity, "y": 2}"#).unwrap();
        let values: Vec<&str> = read.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["NaN", "NaN", "2"], "{read:?}");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "{", "[1]", "1", "{\"a\": 1} x", "{\"a\" 1}", "epoch 3: loss 0.2", "{\"a\": NaN"] {
            assert_eq!(numbers(text), None, "{text}");
        }
    }
}
