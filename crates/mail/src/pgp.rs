//! Inline PGP signatures (RFC 9580 section 7, the cleartext framework).

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";

/// The signed text without its armour, dash escapes undone; `None` where the text is not
/// signed inline. What stands outside the armour (a list footer) is kept after it.
#[must_use]
pub fn strip_inline(text: &str) -> Option<String> {
    let start =
        text.find(BEGIN).filter(|at| *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n'))?;
    let (before, rest) = text.split_at_checked(start)?;
    let (armour, signed) = rest.split_once("\n\n")?;
    // Only `Hash:` lines may stand between the mark and the blank line.
    if armour.lines().skip(1).any(|line| !line.contains(':')) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    out.push_str(before);
    let mut in_signature = false;
    let mut after = false;
    for line in signed.split_inclusive('\n') {
        let bare = line.trim_end();
        if !after && bare == SIGNATURE {
            in_signature = true;
        } else if in_signature {
            in_signature = bare != END;
            after = true;
        } else if after {
            out.push_str(line);
        } else {
            out.push_str(line.strip_prefix("- ").unwrap_or(line));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed() {
        let text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n- ---\n- -- x\n\
                    -----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\nfooter\n";
        assert_eq!(strip_inline(text).as_deref(), Some("Hello\n---\n-- x\nfooter\n"));
    }

    #[test]
    fn quoted_or_not_signed() {
        assert_eq!(strip_inline("> -----BEGIN PGP SIGNED MESSAGE-----\n\nx\n"), None);
        assert_eq!(strip_inline("plain\n"), None);
    }
}
