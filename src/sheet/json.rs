//! JSON lines as a table: a column for each name.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Row, Sheet};

/// Names that become columns: each costs a cell in every row.
const MOST_COLUMNS: usize = 1_000;

/// Reads an object for each row. Of this program's own events only epochs and runs are rows.
pub(super) fn read(text: &[u8]) -> Sheet {
    let text = String::from_utf8_lossy(text);
    let mut sheet = Sheet { line: 1, is_json: true, ..Sheet::default() };
    let mut places: HashMap<String, usize> = HashMap::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let Ok(object) = serde_json::from_str::<Map<String, Value>>(line) else {
            sheet.faults.push((number, "expected a JSON object: left out".into()));
            continue;
        };
        let event = object.get("event").and_then(Value::as_str).unwrap_or("epoch");
        if !matches!(event, "epoch" | "run") {
            continue;
        }
        let mut cells = vec![String::new(); places.len()];
        for (name, value) in object.iter().filter(|(name, _)| *name != "event") {
            if places.len() == MOST_COLUMNS && !places.contains_key(name) {
                sheet.faults.push((number, format!("more than {MOST_COLUMNS} names: the others are left out")));
                break;
            }
            let place = *places.entry(name.clone()).or_insert_with(|| {
                sheet.names.push(name.clone());
                sheet.names.len() - 1
            });
            cells.resize(places.len().max(cells.len()), String::new());
            cells[place] = cell(event, name, value);
        }
        if !cells.is_empty() {
            sheet.rows.push(Row { line: number, cells, is_whole: true });
        }
    }
    for row in &mut sheet.rows {
        row.cells.resize(places.len(), String::new());
    }
    sheet.header = sheet.names.join(",");
    sheet
}

/// JSON has no NaN: an epoch's number that is none is null, but so is what was not measured.
fn cell(event: &str, name: &str, value: &Value) -> String {
    match value {
        Value::Null if event == "run" || name.starts_with("validation") => String::new(),
        Value::Null => "NaN".into(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
