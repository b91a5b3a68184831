//! JSON lines as a table, with one column per name.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Row, Sheet};

/// Limit on columns, since each costs a cell in every row.
const MAX_COLUMNS: usize = 1_000;

/// Reads one object per row. Of this program's own events, only epochs and runs are rows.
pub(super) fn read(text: &[u8]) -> Sheet {
    let text = String::from_utf8_lossy(text);
    let mut sheet = Sheet { line: 1, is_json: true, ..Sheet::default() };
    let mut columns: HashMap<String, usize> = HashMap::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let Ok(object) = serde_json::from_str::<Map<String, Value>>(line) else {
            sheet.faults.push((number, "expected a JSON object; ignored".into()));
            continue;
        };
        let event = object.get("event").and_then(Value::as_str).unwrap_or("epoch");
        if !matches!(event, "epoch" | "run") {
            continue;
        }
        let mut cells = vec![String::new(); columns.len()];
        for (name, value) in object.iter().filter(|(name, _)| *name != "event") {
            if columns.len() == MAX_COLUMNS && !columns.contains_key(name) {
                sheet.faults.push((number, format!("more than {MAX_COLUMNS} names; the rest are ignored")));
                break;
            }
            let column = *columns.entry(name.clone()).or_insert_with(|| {
                sheet.names.push(name.clone());
                sheet.names.len() - 1
            });
            cells.resize(columns.len().max(cells.len()), String::new());
            cells[column] = cell(event, name, value);
        }
        if !cells.is_empty() {
            sheet.rows.push(Row { line: number, cells, is_whole: true });
        }
    }
    for row in &mut sheet.rows {
        row.cells.resize(columns.len(), String::new());
    }
    sheet.header = sheet.names.join(",");
    sheet
}

/// Returns a value as a cell. JSON has no NaN: in an epoch's event, null stands for NaN, except in values that may not
/// have been measured.
fn cell(event: &str, name: &str, value: &Value) -> String {
    match value {
        Value::Null if event == "run" || name.starts_with("validation") => String::new(),
        Value::Null => "NaN".into(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
