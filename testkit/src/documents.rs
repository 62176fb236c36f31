//! The commands that a Markdown document shows, parted into words as a shell would part them.
//!
//! Never runs one.

/// The lines of fenced blocks that begin with the program's name.
#[must_use]
pub fn commands(text: &str, program: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        let line = line.strip_prefix("$ ").unwrap_or(line);
        if line.starts_with("```") {
            inside = !inside;
        } else if inside && begins(line, program) {
            found.push(line.to_owned());
        }
    }
    found
}

/// What stands between backticks in running text and begins with the program's name.
#[must_use]
pub fn mentions(text: &str, program: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim().starts_with("```") {
            inside = !inside;
        } else if !inside {
            let spans = line.split('`').skip(1).step_by(2);
            found.extend(
                spans
                    .filter(|span| begins(span, program))
                    .map(str::to_owned),
            );
        }
    }
    found
}

fn begins(line: &str, program: &str) -> bool {
    line.strip_prefix(program)
        .is_some_and(|rest| rest.starts_with(' '))
}

/// Words as a shell would part them, without comments, pipes and redirections.
#[must_use]
pub fn words(command: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut quoted: Option<char> = None;
    let mut word = String::new();
    for c in command.chars() {
        match quoted {
            Some(mark) if c == mark => quoted = None,
            Some(_) => word.push(c),
            None if c == '\'' || c == '"' => quoted = Some(c),
            None if c.is_whitespace() => all.push(std::mem::take(&mut word)),
            None => word.push(c),
        }
    }
    all.push(word);
    all.retain(|word| !word.is_empty());
    let ends = ["#", "|", ">", ">>", "2>", "&&", "||", ";"];
    let end = all.iter().position(|word| ends.contains(&word.as_str()));
    all.truncate(end.unwrap_or(all.len()));
    all
}
