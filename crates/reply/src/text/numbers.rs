//! Numbers of patches in a sentence.

/// Numbers in a sentence, runs of three or more as one: `2 and 3`, `1-4, 7 and 9`.
///
/// Runs over `most` are counted: `1-4, 7 and 12 more`.
pub(crate) fn numbers(sorted: &[u32], most: usize) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &number in sorted {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let mut parts: Vec<(String, usize)> = Vec::new();
    for (first, last) in runs {
        match last - first {
            0 => parts.push((first.to_string(), 1)),
            1 => parts.extend([(first.to_string(), 1), (last.to_string(), 1)]),
            n => parts.push((format!("{first}-{last}"), n as usize + 1)),
        }
    }
    let left: usize = parts.iter().skip(most).map(|(_, count)| count).sum();
    let mut words: Vec<String> = parts.into_iter().take(most).map(|(word, _)| word).collect();
    if left > 0 {
        words.push(format!("{left} more"));
    }
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, head)) => format!("{} and {last}", head.join(", ")),
        None => String::new(),
    }
}
