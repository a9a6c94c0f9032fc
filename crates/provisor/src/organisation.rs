//! A made-up organisation of any size, the same for the same seed: people with names from many languages, a
//! tree of managers, departments, groups.

use rand::rngs::ChaCha8Rng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

mod load;
mod names;

pub use load::Loaded;
use names::{CITIES, DEPARTMENTS, FAMILY_NAMES, GIVEN_NAMES, TITLES};

/// How many people report to one manager at the most.
const SPAN: usize = 8;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Given name.
    pub given_name: &'static str,
    /// Family name.
    pub family_name: &'static str,
    /// `userPrincipalName`, unique.
    pub user_principal_name: String,
    /// Title.
    pub job_title: String,
    /// Department.
    pub department: &'static str,
    /// City of the office.
    pub city: &'static str,
    /// Country of the office, two letters.
    pub country: &'static str,
    /// Number in the personnel files.
    pub employee_id: String,
    /// The manager: a place in [`Organisation::people`], before this person; the head has none.
    pub manager: Option<usize>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Display name, unique.
    pub display_name: String,
    /// Members: places in [`Organisation::people`].
    pub members: Vec<usize>,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// The people; managers come before those who report to them.
    pub people: Vec<Person>,
    /// The groups.
    pub groups: Vec<Group>,
}

/// The domain of every address.
pub const DOMAIN: &str = "contoso.example";

impl Organisation {
    /// An organisation of so many people and groups.
    #[must_use]
    pub fn generate(seed: u64, people: usize, groups: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let people: Vec<Person> = (0..people).map(|place| person(&mut rng, place)).collect();
        let groups = (0..groups).map(|place| group(&mut rng, &people, place)).collect();
        Self { people, groups }
    }
}

impl Person {
    /// `Given Family`.
    #[must_use]
    pub fn display_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// The body of `POST /users`.
    #[must_use]
    pub fn to_graph(&self) -> Value {
        let nickname = self.user_principal_name.split('@').next().unwrap_or_default();
        json!({
            "accountEnabled": true,
            "displayName": self.display_name(),
            "mailNickname": nickname,
            "userPrincipalName": self.user_principal_name,
            "passwordProfile": { "password": "not-stored-by-provisor" },
            "givenName": self.given_name,
            "surname": self.family_name,
            "mail": self.user_principal_name,
            "jobTitle": self.job_title,
            "department": self.department,
            "city": self.city,
            "country": self.country,
            "officeLocation": format!("{} office", self.city),
            "employeeId": self.employee_id,
            "preferredLanguage": "en",
            "businessPhones": [format!("+45 555 {}", self.employee_id)],
        })
    }
}

impl Group {
    /// The body of `POST /groups`, without members.
    #[must_use]
    pub fn to_graph(&self) -> Value {
        let nickname: String = self.display_name.chars().filter(char::is_ascii_alphanumeric).collect();
        json!({
            "displayName": self.display_name,
            "mailEnabled": false,
            "mailNickname": nickname,
            "securityEnabled": true,
        })
    }
}

fn pick<T: Copy>(rng: &mut ChaCha8Rng, of: &[T]) -> T {
    of[below(rng, of.len())]
}

fn below(rng: &mut ChaCha8Rng, bound: usize) -> usize {
    let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
    usize::try_from(rng.next_u64() % bound).unwrap_or(0)
}

fn person(rng: &mut ChaCha8Rng, place: usize) -> Person {
    let given_name = pick(rng, &GIVEN_NAMES);
    let family_name = pick(rng, &FAMILY_NAMES);
    let (city, country) = pick(rng, &CITIES);
    let department = pick(rng, &DEPARTMENTS);
    let title = pick(rng, &TITLES);
    let job_title = match place {
        0 => "Chief Executive".to_owned(),
        1..=SPAN => format!("Head of {department}"),
        _ => title.to_owned(),
    };
    let local = format!("{}.{}", names::ascii(given_name), names::ascii(family_name)).to_lowercase();
    Person {
        given_name,
        family_name,
        // The number keeps namesakes apart.
        user_principal_name: format!("{local}.{place}@{DOMAIN}"),
        job_title,
        department,
        city,
        country,
        employee_id: format!("{:06}", 100_000 + place),
        manager: place.checked_sub(1).map(|before| before / SPAN),
    }
}

fn group(rng: &mut ChaCha8Rng, people: &[Person], place: usize) -> Group {
    // The first groups are the departments; the others are teams of people from anywhere.
    if let Some(department) = DEPARTMENTS.get(place) {
        let members = people.iter().enumerate().filter(|(_, person)| person.department == *department);
        let members = members.map(|(place, _)| place).take(200).collect();
        return Group { display_name: format!("{department} (all)"), members };
    }
    let size = 5 + below(rng, 35);
    let mut members: Vec<usize> = (0..size).map(|_| below(rng, people.len())).collect();
    members.sort_unstable();
    members.dedup();
    members.retain(|member| *member < people.len());
    let city = pick(rng, &CITIES).0;
    Group { display_name: format!("Project {place:02} {city}"), members }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_organisation() {
        assert_eq!(Organisation::generate(7, 50, 20), Organisation::generate(7, 50, 20));
        assert_ne!(Organisation::generate(7, 50, 20), Organisation::generate(8, 50, 20));
    }

    #[test]
    fn names_are_unique_and_managers_come_first() {
        let organisation = Organisation::generate(1, 1000, 60);
        let names: HashSet<&str> =
            organisation.people.iter().map(|person| person.user_principal_name.as_str()).collect();
        assert_eq!(names.len(), 1000);
        assert!(names.iter().all(|name| name.is_ascii()));
        let groups: HashSet<&str> =
            organisation.groups.iter().map(|group| group.display_name.as_str()).collect();
        assert_eq!(groups.len(), 60);
        for (place, person) in organisation.people.iter().enumerate() {
            assert!(person.manager.is_none_or(|manager| manager < place));
        }
        assert!(organisation.people.iter().any(|person| !person.display_name().is_ascii()));
    }
}
