//! The people of the week, all invented.

/// How a person sends patches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// `git send-email`.
    Git,
    /// `b4 send`.
    B4,
}

/// Somebody who writes to the list.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    /// The name in the script.
    pub(crate) nick: &'static str,
    /// The name in mails.
    pub(crate) name: &'static str,
    /// The address.
    pub(crate) address: &'static str,
    /// Minutes east of UTC.
    pub(crate) zone: i64,
    /// How patches are sent.
    pub(crate) tool: Tool,
}

impl Person {
    /// `Name <address>`.
    pub(crate) fn mailbox(&self) -> String {
        format!("{} <{}>", self.name, self.address)
    }

    /// The part of the address after the `@`.
    pub(crate) fn domain(&self) -> &'static str {
        self.address.split('@').nth(1).unwrap_or_default()
    }
}

/// The person of this nick.
pub(crate) fn person(nick: &str) -> &'static Person {
    PEOPLE.iter().find(|one| one.nick == nick).unwrap_or_else(|| panic!("nobody: {nick}"))
}

const fn git(nick: &'static str, name: &'static str, address: &'static str, zone: i64) -> Person {
    Person { nick, name, address, zone, tool: Tool::Git }
}

const fn b4(nick: &'static str, name: &'static str, address: &'static str, zone: i64) -> Person {
    Person { nick, name, address, zone, tool: Tool::B4 }
}

const PEOPLE: [Person; 48] = [
    git("hilde", "Hilde Brandvold", "hilde@example.org", 120),
    git("tomas", "Tomás Quintela", "tomas.quintela@example.net", 60),
    git("noor", "Noor Bakker", "nbakker@example.com", 120),
    git("kwame", "Kwame Asante-Reid", "kwame@example.org", 60),
    git("wei", "Wei Lanying", "weilanying@example.net", 480),
    git("oskar", "Oskar Lindgren", "oskar.lindgren@example.com", 120),
    git("priya", "Priya Chandrasekhar", "priya.c@example.org", 330),
    git("dana", "Dana Fairweather", "dana@example.net", -240),
    b4("ruslan", "Ruslan Akhmetzyanov", "ruslan@example.org", 180),
    git("mireille", "Mireille Castaing", "mireille.castaing@example.com", 120),
    git("jonas", "Jonas Pfefferkorn", "jpf@example.org", 120),
    git("akiko", "Akiko Murasame", "akiko@example.net", 540),
    b4("gareth", "Gareth Pellow", "gareth.pellow@example.com", 60),
    git("ines", "Inês Valadares", "ines@example.org", 60),
    git("bartek", "Bartek Wolniewicz", "bartek@example.net", 120),
    git("salma", "Salma Benkirane", "salma.b@example.com", 60),
    git("eamon", "Eamon Gilhooly", "eamon@example.org", 60),
    git("lucia", "Lucia Ferrandino", "lferrand@example.net", 120),
    git("yonatan", "Yonatan Harel-Stein", "yonatan@example.com", 180),
    git("chidi", "Chidi Okonjo", "chidi@example.org", 60),
    b4("marta", "Marta Kubelková", "marta@example.net", 120),
    git("deepak", "Deepak Vasudevan", "deepakv@example.com", 330),
    git("sofie", "Sofie Dahlgaard", "sofie@example.org", 120),
    git("rory", "Rory McAllister-Boyd", "rory@example.net", 60),
    git("linh", "Linh Phuong Dao", "linh.dao@example.com", 420),
    git("petra", "Petra Zelenkova", "petra@example.org", 120),
    git("hugo", "Hugo Marchetti", "hugo.marchetti@example.net", -180),
    git("anselm", "Anselm Vogt", "anselm@example.com", 120),
    git("fatou", "Fatou Diarra", "fatou@example.org", 0),
    git("gwen", "Gwen Tregarthen", "gwen@example.net", 60),
    b4("ilya", "Ilya Morozevich", "ilya@example.com", 180),
    git("niamh", "Niamh Corcoran", "niamh@example.org", 60),
    git("ravi", "Ravi Teja Pothuri", "ravi.pothuri@example.net", 330),
    git("stellan", "Stellan Åkerblom", "stellan@example.com", 120),
    git("tova", "Tova Rosenqvist", "tova@example.org", 120),
    git("uche", "Uche Nwankwo", "uche@example.net", 60),
    git("vera", "Vera Stankovic", "vera@example.com", 120),
    git("xiaoqing", "Xiaoqing Meng", "mengxq@example.org", 480),
    git("zeynep", "Zeynep Karaca", "zeynep@example.net", 180),
    git("caleb", "Caleb Thornquist", "caleb@example.com", -420),
    git("mads", "Mads Overgaard", "mads@example.org", 120),
    git("olena", "Olena Hrytsenko", "olena@example.net", 180),
    git("paulo", "Paulo Sarmento", "paulo@example.com", -180),
    git("jane", "Jane Roe", "jane@example.org", -240),
    git("student", "Arjun Mehrotra", "arjun.m@example.com", 330),
    git("ci", "CI results", "ci-robot@example.net", 0),
    git("away", "Henning Struve", "henning.struve@example.com", 120),
    git("mailer", "Mail Delivery System", "mailer-daemon@mx.example.com", 0),
];
