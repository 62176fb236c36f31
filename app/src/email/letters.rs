//! What our letters say, as text and as HTML of the same words.

use super::Letter;
use crate::database::Timestamp;

/// To whoever signed up.
pub fn welcome(first_name: Option<&str>) -> Letter {
    let paragraphs = [
        greeting(first_name),
        "Your account is ready. Log in with this address and the password that you chose.".into(),
        "If you did not sign up, somebody else used your address: you need not do anything.".into(),
    ];
    letter("Welcome", &paragraphs)
}

/// To whoever's password was changed.
pub fn password_changed(first_name: Option<&str>, when: Timestamp) -> Letter {
    let when = when.with_milliseconds();
    let paragraphs = [
        greeting(first_name),
        format!("The password of your account was changed at {when}, and every session was ended."),
        "If this was not you, ask us for help at once.".into(),
    ];
    letter("Your password was changed", &paragraphs)
}

/// To whoever asked to be told of reports.
pub fn report(first_name: Option<&str>, day: &str, url: &str) -> Letter {
    let greeting = greeting(first_name);
    let ready = format!("The daily report of {day} is ready.");
    let holds = "The link is yours alone and opens this one report for a week. You get this mail because you asked for it; \
                 DELETE /api/reports/subscription ends it.";
    let subject = format!("Daily report of {day}");
    let plain = letter(
        &subject,
        &[
            greeting.clone(),
            ready.clone(),
            url.to_owned(),
            holds.into(),
        ],
    );
    let linked = format!("<p><a href=\"{}\">Open the report</a></p>\n", escaped(url));
    let bare = format!("<p>{}</p>\n", escaped(url));
    Letter {
        html: plain.html.replace(&bare, &linked),
        ..plain
    }
}

fn greeting(first_name: Option<&str>) -> String {
    match first_name {
        Some(name) => format!("Hello {name},"),
        None => "Hello,".into(),
    }
}

/// One paragraph after the other.
pub fn letter(subject: &str, paragraphs: &[String]) -> Letter {
    let html: String = paragraphs
        .iter()
        .map(|paragraph| format!("<p>{}</p>\n", escaped(paragraph)))
        .collect();
    Letter {
        subject: subject.to_owned(),
        text: paragraphs.join("\n\n") + "\n",
        html: format!("<!doctype html>\n<html lang=\"en\">\n<body>\n{html}</body>\n</html>\n"),
    }
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_opened_by_its_link() {
        let letter = report(None, "2026-11-22", "https://app.example/x?a=1&b=2");
        assert!(
            letter
                .text
                .contains("\n\nhttps://app.example/x?a=1&b=2\n\n")
        );
        let link = "<a href=\"https://app.example/x?a=1&amp;b=2\">Open the report</a>";
        assert!(letter.html.contains(link), "{}", letter.html);
    }

    #[test]
    fn a_name_is_a_word_of_the_letter_and_never_a_tag_of_it() {
        let letter = welcome(Some("<script>alert('x')</script>"));
        assert!(letter.text.starts_with("Hello <script>"));
        assert!(!letter.html.contains("<script>"), "{}", letter.html);
        assert_eq!(letter.subject, "Welcome");
    }
}
