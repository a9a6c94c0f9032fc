//! No query option is accepted and ignored: each that a path takes is read, each other one is refused. And the
//! compatibility page lists exactly what the table of routes says.

use std::fmt::Write as _;

use serde_json::json;

use crate::api::route::{Gives, QueryOption, Route, Verb};
use crate::api::{router, routes};
use crate::testing::{Answer, Application, TestApp};

/// A value that the option cannot have, when anybody looks at it.
const fn nonsense(option: QueryOption) -> &'static str {
    match option {
        QueryOption::Select | QueryOption::Expand => "nosuch",
        QueryOption::Filter => "nosuch eq 1",
        QueryOption::Top => "0",
        QueryOption::Skip | QueryOption::Count => "x",
        QueryOption::SkipToken | QueryOption::DeltaToken => "alien",
        QueryOption::OrderBy => "nosuch asc",
        QueryOption::Search => "nosuch",
        QueryOption::Id => "nosuch/nosuch",
    }
}

async fn read(app: &TestApp, path: &str) -> Answer {
    app.call_with("GET", path, None, ("consistencylevel", "eventual")).await
}

/// The path with ids of things that are there; `None` when there is nothing that it could name.
fn filled(path: &str, application: &Application, user: &str, group: &str, job: &str) -> Option<String> {
    let filled = [
        ("{app}", application.id.as_str()),
        ("{sp}", &application.sp),
        ("{user}", user),
        ("{group}", group),
        ("{job}", job),
        ("{template}", "scim"),
        ("{domain}", "contoso.example"),
        ("{organization}", "6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b"),
    ]
    .iter()
    .fold(path.to_owned(), |path, (key, value)| path.replace(key, value));
    (!filled.contains('{')).then_some(filled)
}

#[tokio::test]
async fn no_option_is_accepted_and_ignored() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (user, group, job) = (app.user("ann").await, app.group("staff").await, app.job(&application).await);
    let (mut checked, mut wrong) = (0, String::new());
    for route in routes::all().filter(|route| route.verb == Verb::Get && !route.beta) {
        for path in router::paths(route.pattern) {
            let Some(path) = filled(&path, &application, &user, &group, &job) else { continue };
            if read(&app, &path).await.status != 200 {
                continue;
            }
            for option in QueryOption::ALL {
                let name = option.as_str();
                let answer = read(&app, &format!("{path}?{name}={}", nonsense(option))).await;
                checked += 1;
                if ![400, 410].contains(&answer.status) {
                    writeln!(wrong, "{path}?{name}: {}", answer.status).unwrap();
                }
            }
            if route.query.contains(&QueryOption::Count) && matches!(route.gives, Gives::Many(_)) {
                let counted = read(&app, &format!("{path}?$count=true")).await.json();
                if !counted["@odata.count"].is_number() {
                    writeln!(wrong, "{path}?$count=true: no count").unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "accepted and ignored:\n{wrong}");
    assert!(checked > 1_000, "{checked} combinations");
}

#[tokio::test]
async fn a_refusal_names_what_there_is() {
    let app = TestApp::new().await;
    let (code, message) = app.get("organization?$orderby=id").await.error();
    assert_eq!(code, "Request_UnsupportedQuery");
    assert!(message.contains("'$orderby' is not supported here; this resource takes $select"), "{message}");
    let made = app.call("POST", "users?$select=id", Some(json!({}))).await;
    assert_eq!(made.error().0, "Request_UnsupportedQuery");
}

/// The row of a route in the compatibility page.
fn row(route: &Route) -> String {
    let options: Vec<&str> = route.query.iter().map(|option| option.as_str()).collect();
    let permission = match (route.permission.any_of, route.permission.owned) {
        ([], _) => "any token".to_owned(),
        (any, []) => any.join(", "),
        (any, owned) => format!("{}; owners: {}", any.join(", "), owned.join(", ")),
    };
    let version = if route.beta { " (beta)" } else { "" };
    let options = if options.is_empty() { "none".to_owned() } else { format!("`{}`", options.join("`, `")) };
    let path = if route.pattern.is_empty() { "/" } else { route.pattern };
    format!("| {}{version} | `{path}` | {options} | {permission} |\n", route.verb.as_str())
}

#[test]
fn the_compatibility_page_lists_every_path() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/graph-compatibility.md");
    let text = std::fs::read_to_string(page).unwrap();
    let mark =
        "<!-- Made from the table of routes. To make it anew: UPDATE_DOCS=1 ./test compatibility_page -->\n";
    let rows: String = routes::all().map(row).collect();
    let section = format!(
        "{mark}\n| Verb | Path | Query options | Permission: one of |\n| --- | --- | --- | --- |\n{rows}"
    );
    let (head, listed) = text.split_at(text.find(mark).expect("the page has a section for it"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(page, format!("{head}{section}")).unwrap();
        return;
    }
    assert!(
        listed == section,
        "docs/graph-compatibility.md is not what the table of routes says; make it anew"
    );
}
