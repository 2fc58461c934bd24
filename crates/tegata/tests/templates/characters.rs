//! Characters that templates know in texts only, and that have more than one byte.

use super::{BINDING, refused};

#[test]
fn characters_that_only_look_like_blanks() {
    let name = "{{ object.subject.name }}";
    refused("no-break-space", BINDING, name, "{{ object.subject.name\u{a0}}}");
    refused("no-break-space-in-a-statement", BINDING, "{% include", "{%\u{a0}include");
    refused("next-line", BINDING, name, "{{ object.subject.name\u{85}}}");
    refused("line-separator-in-a-tag", BINDING, name, "{{\u{2028}object.subject.name }}");
    refused("letter-in-a-name", BINDING, name, "{{ object.subject.naïve }}");
    refused("letter-at-the-beginning-of-a-name", BINDING, name, "{{ object.subject.ñame }}");
    refused("letter-of-another-script", BINDING, name, "{{ оbject.subject.name }}");
    refused("zero-width-blank", BINDING, name, "{{ object.subject.name\u{200b} }}");
    refused("emoji-in-a-tag", BINDING, name, "{{ object.subject.name 🦀 }}");
}
