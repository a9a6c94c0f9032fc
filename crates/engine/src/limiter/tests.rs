use proptest::prelude::*;

use super::*;

fn answer(controller: &mut Controller, millis: u64) {
    let attempt = controller.begin().unwrap();
    controller.end(attempt, Feedback::Answered(Duration::from_millis(millis)));
}

/// One round: as many attempts as are allowed, all answered alike.
fn round(controller: &mut Controller, feedback: Feedback) {
    let attempts: Vec<u64> = std::iter::from_fn(|| controller.begin()).collect();
    for attempt in attempts {
        controller.end(attempt, feedback);
    }
}

#[test]
fn grows_by_about_one_a_round_while_it_is_used_up() {
    let mut controller = Controller::new(64);
    for _ in 0..10 {
        round(&mut controller, Feedback::Answered(Duration::from_millis(5)));
    }
    assert!((17..=19).contains(&controller.limit()), "{}", controller.limit());
}

#[test]
fn does_not_grow_while_it_is_not_used_up() {
    let mut controller = Controller::new(64);
    for _ in 0..1000 {
        answer(&mut controller, 5);
    }
    assert_eq!(controller.limit(), 8);
}

#[test]
fn one_burst_of_refusals_halves_once() {
    let mut controller = Controller::new(64);
    round(&mut controller, Feedback::PushedBack(None));
    assert_eq!(controller.limit(), 4);
}

#[test]
fn a_target_that_grows_slow_gets_less() {
    let mut controller = Controller::new(64);
    for _ in 0..50 {
        round(&mut controller, Feedback::Answered(Duration::from_millis(20)));
    }
    let before = controller.limit();
    for _ in 0..20 {
        round(&mut controller, Feedback::Answered(Duration::from_secs(2)));
    }
    assert!(controller.limit() < before);
}

/// Grows for so many rounds of quick answers.
fn grown(rounds: usize) -> Controller {
    let mut controller = Controller::new(64);
    for _ in 0..rounds {
        round(&mut controller, Feedback::Answered(Duration::from_millis(20)));
    }
    controller
}

#[test]
fn an_answer_that_stalls_among_quick_ones_halves() {
    let mut controller = grown(24);
    assert_eq!(controller.limit(), 30);
    answer(&mut controller, 1020);
    assert_eq!(controller.limit(), 15);
}

#[test]
fn where_all_answers_are_slow_none_stalls() {
    let mut controller = Controller::new(64);
    for _ in 0..20 {
        round(&mut controller, Feedback::Answered(Duration::from_secs(3)));
    }
    assert!(controller.limit() > 20, "{}", controller.limit());
}

#[test]
fn what_was_too_much_once_is_approached_slowly() {
    let mut controller = grown(24);
    round(&mut controller, Feedback::Failed);
    assert_eq!(controller.limit(), 15);
    let quick = Feedback::Answered(Duration::from_millis(20));
    for _ in 0..8 {
        round(&mut controller, quick);
    }
    assert_eq!(controller.limit(), 23, "three quarters come back at full speed");
    for _ in 0..8 {
        round(&mut controller, quick);
    }
    assert_eq!(controller.limit(), 23);
    for _ in 0..1000 {
        round(&mut controller, quick);
    }
    assert!(controller.limit() > 31, "a target that became better gets more: {}", controller.limit());
}

proptest! {
    #[test]
    fn stays_between_one_and_the_ceiling(ceiling in 1_usize..100, events in proptest::collection::vec((0_u8..4, 0_u64..5000), 0..300)) {
        let mut controller = Controller::new(ceiling);
        let mut open = Vec::new();
        for (event, millis) in events {
            if event == 0 {
                open.extend(controller.begin());
            } else if let Some(attempt) = open.pop() {
                let feedback = match event {
                    1 => Feedback::Answered(Duration::from_millis(millis)),
                    2 => Feedback::PushedBack(None),
                    _ => Feedback::Failed,
                };
                controller.end(attempt, feedback);
            }
            prop_assert!(controller.limit() >= 1 && controller.limit() <= ceiling);
            prop_assert!(open.len() <= ceiling);
        }
    }
}
