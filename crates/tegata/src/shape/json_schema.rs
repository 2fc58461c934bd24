//! The forms as JSON Schema (2020-12), for editors.

use serde_json::{Map, Value, json};

use super::{Field, Record, Shape, TextRule};
use crate::yaml;

/// The schema of one kind of file; `title` names it.
pub fn schema(title: &str, record: &'static Record) -> Value {
    let mut root = Map::new();
    root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("title".into(), json!(title));
    for (key, value) in record_schema(record) {
        root.insert(key, value);
    }
    Value::Object(root)
}

fn record_schema(record: &'static Record) -> Map<String, Value> {
    let mut properties = Map::new();
    for field in record.fields {
        properties.insert(field.name.to_owned(), field_schema(field));
    }
    let required: Vec<&str> =
        record.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut map = Map::new();
    map.insert("type".into(), json!("object"));
    map.insert("description".into(), json!(record.doc));
    map.insert("additionalProperties".into(), json!(false));
    if !required.is_empty() {
        map.insert("required".into(), json!(required));
    }
    map.insert("properties".into(), Value::Object(properties));
    map
}

fn field_schema(field: &'static Field) -> Value {
    let mut schema = shape_schema(&field.shape);
    if field.nullable && !schema.is_empty() {
        schema = Map::from_iter([("anyOf".to_owned(), json!([schema, { "type": "null" }]))]);
    }
    // A field's own words come before those of the form that its value has.
    schema.remove("description");
    let mut described = Map::new();
    described.insert("description".into(), json!(field.doc));
    if let Some(example) = example(field) {
        described.insert("examples".into(), json!([example]));
    }
    described.extend(schema);
    Value::Object(described)
}

fn example(field: &Field) -> Option<Value> {
    if field.example.is_empty() {
        return None;
    }
    let mut sources = crate::source::Sources::default();
    let file = sources.add("example", field.example.to_owned());
    yaml::parse(file, field.example, &mut Vec::new()).map(|node| node.to_json())
}

fn shape_schema(shape: &Shape) -> Map<String, Value> {
    let value = match shape {
        Shape::Text(rule) => return text_schema(rule),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Integer(least, i64::MAX) => json!({ "type": "integer", "minimum": least }),
        Shape::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Choice(choices) => {
            let options: Vec<Value> = choices
                .iter()
                .map(|(word, meaning)| json!({ "const": word, "description": meaning }))
                .collect();
            json!({ "type": "string", "oneOf": options })
        }
        Shape::List(item) => json!({ "type": "array", "items": shape_schema(item) }),
        Shape::Record(record) => return record_schema(record),
        Shape::Texts(keys, values) => {
            let mut map = Map::from_iter([
                ("type".to_owned(), json!("object")),
                ("additionalProperties".to_owned(), Value::Object(text_schema(values))),
            ]);
            if keys.longest.is_some() {
                map.insert("propertyNames".into(), Value::Object(text_schema(keys)));
            }
            Value::Object(map)
        }
        Shape::TextOrRecord(rule, record) => json!({ "oneOf": [text_schema(rule), record_schema(record)] }),
        Shape::Open([]) => json!({ "type": "object" }),
        Shape::Open(fields) => {
            let properties: Map<String, Value> =
                fields.iter().map(|field| (field.name.to_owned(), field_schema(field))).collect();
            json!({ "type": "object", "properties": properties })
        }
        Shape::Ignored => json!({}),
    };
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn text_schema(rule: &TextRule) -> Map<String, Value> {
    let mut map = Map::from_iter([("type".to_owned(), json!("string"))]);
    if let Some(pattern) = rule.pattern {
        map.insert("pattern".into(), json!(pattern));
    }
    if let Some(longest) = rule.longest {
        map.insert("maxLength".into(), json!(longest));
    }
    map
}
