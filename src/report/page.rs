//! The HTML page. It is self-contained: it has no scripts, and refers to no other files or addresses.

use std::fmt::Write;

use super::{
    Finding, MARK, Section, Table,
    svg::{self, escaped},
};

const STYLE: &str = include_str!("page.css");
const INFALLIBLE: &str = "writing to a string cannot fail";

pub(super) fn html(sections: &[Section]) -> String {
    let title = match sections {
        [only] => format!("{} – lenet-monitor", only.title),
        _ => "lenet-monitor report".to_owned(),
    };
    let title = escaped(&title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"generator\" content=\"{MARK}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    let pictures = sections.iter().flat_map(|section| &section.figures).map(|figure| &figure.picture);
    write!(html, "<svg class=\"letters\" aria-hidden=\"true\">\n{}</svg>\n", svg::glyph_definitions(pictures))
        .expect(INFALLIBLE);
    html += "<main>\n";
    if sections.len() > 1 {
        html += "<h1>lenet-monitor report</h1>\n";
        html += &contents(sections);
    }
    for section in sections {
        html += &self::section(section, sections.len() > 1);
    }
    html + "</main>\n</body>\n</html>\n"
}

fn contents(sections: &[Section]) -> String {
    let entry = |section: &Section| {
        let is_unique = sections.iter().filter(|other| other.title == section.title).count() == 1;
        let which = if is_unique { String::new() } else { format!(" ({})", section.slug) };
        format!("<li><a href=\"#{}\">{}</a></li>\n", escaped(&section.slug), marked(&(section.title.clone() + &which)))
    };
    format!("<nav><ul>\n{}</ul></nav>\n", sections.iter().map(entry).collect::<String>())
}

fn section(section: &Section, is_one_of_several: bool) -> String {
    let level = if is_one_of_several { 2 } else { 1 };
    let mut html = format!(
        "<section id=\"{}\">\n<h{level}>{}</h{level}>\n<p class=\"about\">{}</p>\n",
        escaped(&section.slug),
        marked(&section.title),
        marked(&section.about)
    );
    let summary: String = section.summary.iter().map(table).collect();
    if !summary.is_empty() {
        writeln!(html, "<div class=\"summary\">\n{summary}</div>").expect(INFALLIBLE);
    }
    let (claims, facts): (Vec<_>, Vec<_>) = section.findings.iter().partition(|finding| finding.verdict.is_some());
    html += &findings(level, "Findings", &facts);
    html += &findings(level, "The report’s findings, tested", &claims);
    html += &missing(level, &section.missing);
    for figure in &section.figures {
        let caption = escaped(&figure.caption);
        write!(html, "<figure>\n{}<figcaption>{caption}</figcaption>\n</figure>\n", svg::part(&figure.picture))
            .expect(INFALLIBLE);
    }
    html.extend(section.tables.iter().map(table));
    html + "</section>\n"
}

/// Returns escaped text in which SYNTHETIC is conspicuous.
fn marked(text: &str) -> String {
    escaped(text).replace("SYNTHETIC", "<strong class=\"alarm\">SYNTHETIC</strong>")
}

/// Lists findings, with a shared head only once.
fn findings(level: u32, title: &str, findings: &[&Finding]) -> String {
    let mut html = format!("<h{0}>{title}</h{0}>\n<dl>\n", level + 1);
    let mut head = None;
    for finding in findings {
        if head != Some(&finding.head) {
            writeln!(html, "<dt>{}</dt>", escaped(&finding.head)).expect(INFALLIBLE);
        }
        head = Some(&finding.head);
        let verdict = match finding.verdict {
            None => "",
            Some(true) => "<strong class=\"confirmed\">confirmed</strong>, ",
            Some(false) => "<strong class=\"alarm\">not confirmed</strong>, ",
        };
        writeln!(html, "<dd>{verdict}{}</dd>", escaped(&finding.text)).expect(INFALLIBLE);
    }
    if findings.is_empty() { String::new() } else { html + "</dl>\n" }
}

fn missing(level: u32, missing: &[String]) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let entries: String = missing.iter().map(|text| format!("<li>{}</li>\n", escaped(text))).collect();
    format!("<h{0}>Not included</h{0}>\n<ul class=\"missing\">\n{entries}</ul>\n", level + 1)
}

fn table(table: &Table) -> String {
    let is_number = |cell: &String| cell == "–" || cell.replace(',', "").parse::<f64>().is_ok();
    let column = |place: usize| table.rows.iter().filter_map(move |row| row.get(place));
    let numeric: Vec<bool> = (0..table.header.len()).map(|place| column(place).all(is_number)).collect();
    let cells = |row: &Vec<String>, tag: &str| {
        let cell = |(cell, is_numeric): (&String, &bool)| {
            let class = if *is_numeric { " class=\"number\"" } else { "" };
            format!("<{tag}{class}>{}</{tag}>", escaped(cell))
        };
        let cells: String = row.iter().zip(&numeric).map(cell).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = table.rows.iter().map(|row| cells(row, "td")).collect();
    format!(
        "<div class=\"table\"><table>\n<caption>{}</caption>\n<thead>{}</thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n",
        escaped(&table.caption),
        cells(&table.header, "th")
    )
}
