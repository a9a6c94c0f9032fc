//! How fast mappings are evaluated: the default SCIM template's, over a realistic person, beside a closure that
//! somebody wrote by hand for just these mappings.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};
use comfy_table::{Table, presets};
use provisor::expressions::surroundings::Surroundings;
use provisor_engine::clock::{Clock as _, SystemClock};
use provisor_engine::ids::SeededIds;
use provisor_expression::{Outcome, Program, Value, compile, parse};
use serde_json::{Value as Json, json};

const TEMPLATE: &str = include_str!("../../crates/graph/templates/scim.json");

/// How many people are evaluated between two looks at the clock.
const BATCH: u32 = 2_000;

/// Provisor and the closure take turns, so that what else the machine does meets both; the best turn of each counts.
const TURNS: u32 = 7;

/// Arguments of `expressions`.
#[derive(clap::Args)]
pub(crate) struct ExpressionsArgs {
    /// How long to measure each of the two, in seconds.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// The attributes of a person, as a hand-written program would hold them.
struct Person {
    user_principal_name: Arc<str>,
    is_soft_deleted: Arc<str>,
    display_name: Arc<str>,
    job_title: Option<Arc<str>>,
    mail: Option<Arc<str>>,
    preferred_language: Option<Arc<str>>,
    given_name: Option<Arc<str>>,
    surname: Option<Arc<str>>,
    physical_delivery_office_name: Option<Arc<str>>,
    street_address: Option<Arc<str>>,
    city: Option<Arc<str>>,
    state: Option<Arc<str>>,
    postal_code: Option<Arc<str>>,
    country: Option<Arc<str>>,
    telephone_number: Option<Arc<str>>,
    mobile: Option<Arc<str>>,
    facsimile_telephone_number: Option<Arc<str>>,
    mail_nickname: Arc<str>,
    employee_id: Option<Arc<str>>,
    department: Option<Arc<str>>,
    manager: Option<Arc<str>>,
}

impl Person {
    /// Somebody with most attributes, as people in a directory have.
    fn realistic() -> Self {
        let some = |text: &str| Some(Arc::from(text));
        Self {
            user_principal_name: "adele.vance@contoso.com".into(),
            is_soft_deleted: "False".into(),
            display_name: "Adele Vance".into(),
            job_title: some("Senior Retail Manager"),
            mail: some("adele.vance@contoso.com"),
            preferred_language: some("en-US"),
            given_name: some("Adele"),
            surname: some("Vance"),
            physical_delivery_office_name: some("18/2111"),
            street_address: some("205 108th Ave. NE, Suite 400"),
            city: some("Bellevue"),
            state: some("Washington"),
            postal_code: some("98004"),
            country: some("United States"),
            telephone_number: some("+1 425 555 0109"),
            mobile: some("+1 206 555 0104"),
            facsimile_telephone_number: None,
            mail_nickname: "adele.vance".into(),
            employee_id: some("701984"),
            department: some("Retail"),
            manager: some("6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0"),
        }
    }

    /// The value of an attribute by the name that the template knows.
    fn attribute(&self, name: &str) -> Option<Value> {
        let required = |text: &Arc<str>| Value::from(Arc::clone(text));
        let optional = |text: &Option<Arc<str>>| Value::from(text.clone());
        Some(match name {
            "userPrincipalName" => required(&self.user_principal_name),
            "IsSoftDeleted" => required(&self.is_soft_deleted),
            "displayName" => required(&self.display_name),
            "jobTitle" => optional(&self.job_title),
            "mail" => optional(&self.mail),
            "preferredLanguage" => optional(&self.preferred_language),
            "givenName" => optional(&self.given_name),
            "surname" => optional(&self.surname),
            "physicalDeliveryOfficeName" => optional(&self.physical_delivery_office_name),
            "streetAddress" => optional(&self.street_address),
            "city" => optional(&self.city),
            "state" => optional(&self.state),
            "postalCode" => optional(&self.postal_code),
            "country" => optional(&self.country),
            "telephoneNumber" => optional(&self.telephone_number),
            "mobile" => optional(&self.mobile),
            "facsimileTelephoneNumber" => optional(&self.facsimile_telephone_number),
            "mailNickname" => required(&self.mail_nickname),
            "employeeId" => optional(&self.employee_id),
            "department" => optional(&self.department),
            "manager" => optional(&self.manager),
            _ => return None,
        })
    }
}

/// What the template's mappings do, by hand and in their order.
fn by_hand() -> impl Fn(&Person, &mut Vec<Value>) {
    let (yes, no): (Arc<str>, Arc<str>) = ("True".into(), "False".into());
    move |person, values| {
        let required = |text: &Arc<str>| Value::String(Arc::clone(text));
        let optional = |text: &Option<Arc<str>>| text.as_ref().map_or(Value::Null, required);
        values.push(required(&person.user_principal_name));
        values.push(match &*person.is_soft_deleted {
            "False" => required(&yes),
            "True" => required(&no),
            _ => Value::Null,
        });
        values.push(required(&person.display_name));
        values.push(optional(&person.job_title));
        values.push(optional(&person.mail));
        values.push(optional(&person.preferred_language));
        values.push(optional(&person.given_name));
        values.push(optional(&person.surname));
        let parts = [&person.given_name, &person.surname];
        let parts: [&str; 2] = parts.map(|part| part.as_deref().unwrap_or_default());
        let [given_name, surname] = parts;
        values.push(match (given_name, surname) {
            ("", only) | (only, "") => Value::from(only),
            _ => Value::from(format!("{given_name} {surname}")),
        });
        values.push(optional(&person.physical_delivery_office_name));
        values.push(optional(&person.street_address));
        values.push(optional(&person.city));
        values.push(optional(&person.state));
        values.push(optional(&person.postal_code));
        values.push(optional(&person.country));
        values.push(optional(&person.telephone_number));
        values.push(optional(&person.mobile));
        values.push(optional(&person.facsimile_telephone_number));
        values.push(required(&person.mail_nickname));
        values.push(optional(&person.employee_id));
        values.push(optional(&person.department));
        values.push(optional(&person.manager));
    }
}

/// The programs of the template's mappings of users, and the values that they read.
fn programs(person: &Person) -> anyhow::Result<(Vec<Program>, Vec<Value>)> {
    let template: Json = serde_json::from_str(TEMPLATE)?;
    let mappings = template
        .pointer("/synchronizationRules/0/objectMappings/0/attributeMappings")
        .and_then(Json::as_array)
        .context("the template has no mappings")?;
    let (mut names, mut values): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut programs = Vec::new();
    for mapping in mappings {
        let text = mapping.pointer("/source/expression").and_then(Json::as_str).context("no expression")?;
        let expression = parse(text).map_err(|error| anyhow!(error.render(text)))?;
        let mut resolve = |name: &str| {
            names.iter().position(|known| known == name).or_else(|| {
                values.push(person.attribute(name)?);
                names.push(name.to_owned());
                Some(names.len() - 1)
            })
        };
        let program = compile(&expression, &mut resolve);
        programs.push(program.map_err(|errors| anyhow!("{text}: {}", errors[0]))?);
    }
    Ok((programs, values))
}

/// Measures, and prints.
#[expect(clippy::print_stdout, reason = "the figure is what the command is for")]
pub(crate) fn run(args: &ExpressionsArgs) -> anyhow::Result<()> {
    let result = measure(args.seconds)?;
    if args.json {
        println!("{result}");
    } else {
        println!("{}", table(&result));
    }
    Ok(())
}

fn measure(seconds: f64) -> anyhow::Result<Json> {
    let person = Person::realistic();
    let (programs, attributes) = programs(&person)?;
    let clock = Arc::new(SystemClock::new());
    let ids = Arc::new(SeededIds::from_seed(1, Arc::clone(&clock) as _));
    let context = Surroundings::new(clock.now(), ids);
    let closure = by_hand();

    let mut evaluated = Vec::with_capacity(programs.len());
    let mut evaluate = || -> anyhow::Result<()> {
        evaluated.clear();
        for program in &programs {
            evaluated.push(program.evaluate(black_box(&attributes), &context)?);
        }
        black_box(&evaluated);
        Ok(())
    };
    let mut written = Vec::with_capacity(programs.len());
    let mut write = || {
        written.clear();
        closure(black_box(&person), &mut written);
        black_box(&written);
        Ok(())
    };
    let allocations = allocations(&mut evaluate)?;
    let baseline_allocations = self::allocations(&mut write)?;
    let turn = Duration::from_secs_f64(seconds.max(0.01) / f64::from(TURNS));
    let (mut rate, mut baseline) = (0.0_f64, 0.0_f64);
    for _ in 0..TURNS {
        rate = rate.max(per_second(&clock, turn, &mut evaluate)?);
        baseline = baseline.max(per_second(&clock, turn, &mut write)?);
    }
    let same = evaluated.len() == written.len()
        && evaluated.iter().zip(&written).all(|(outcome, value)| *outcome == Outcome::Value(value.clone()));
    ensure!(same, "the closure does something else:\n{evaluated:?}\n{written:?}");

    let mappings = f64::from(u32::try_from(programs.len())?);
    Ok(json!({
        "mappings": programs.len(),
        "evaluations_per_second": rate * mappings,
        "baseline_evaluations_per_second": baseline * mappings,
        "ratio": baseline / rate,
        "people_per_second": rate,
        "nanoseconds_per_evaluation": 1e9 / (rate * mappings),
        "allocations_per_evaluation": allocations / mappings,
        "baseline_allocations_per_evaluation": baseline_allocations / mappings,
    }))
}

/// How often `once` runs in a second, on this core.
fn per_second(
    clock: &SystemClock,
    turn: Duration,
    once: &mut dyn FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<f64> {
    let start = clock.elapsed();
    let mut count = 0_u32;
    loop {
        for _ in 0..BATCH {
            once()?;
        }
        count += BATCH;
        let time = clock.elapsed() - start;
        if time >= turn {
            return Ok(f64::from(count) / time.as_secs_f64());
        }
    }
}

/// How many allocations one run makes, once everything that grows has grown.
fn allocations(once: &mut dyn FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    once()?;
    let mut result = Ok(());
    let counted = allocation_counter::measure(|| result = once());
    result?;
    Ok(f64::from(u32::try_from(counted.count_total)?))
}

fn table(result: &Json) -> Table {
    let number = |name: &str| result[name].as_f64().unwrap_or_default();
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["expressions of the SCIM template", "Provisor", "by hand", "ratio"]);
    table.add_row([
        "evaluations per second and core".to_owned(),
        format!("{:.0}", number("evaluations_per_second")),
        format!("{:.0}", number("baseline_evaluations_per_second")),
        format!("{:.2}", number("ratio")),
    ]);
    table.add_row([
        "allocations per evaluation".to_owned(),
        format!("{:.2}", number("allocations_per_evaluation")),
        format!("{:.2}", number("baseline_allocations_per_evaluation")),
        String::new(),
    ]);
    table.add_row([
        format!("people per second, {} mappings each", result["mappings"]),
        format!("{:.0}", number("people_per_second")),
        String::new(),
        String::new(),
    ]);
    table
}
