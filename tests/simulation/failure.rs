//! A failure for people: the rule, what made the world, the last that happened, how to see it
//! again, and what is left of it.

use crate::exhaustive::STORIES;
use crate::mutant::Mutant;
use crate::run::{EPOCH, Failure, Recipe};
use crate::script::configured;
use crate::shrink::Small;

/// What a failure looks like.
pub fn told(failure: Failure) -> String {
    let Failure { recipe, violation, .. } = &failure;
    let world = recipe.traced(EPOCH);
    let last = last(world.trace.lines()).join("\n");
    let (named, again) = (named(recipe), again(recipe));
    let text = format!("{named} broke {violation}\nthe last events:\n{last}\nagain: {again}");
    format!("{text}\n{}", Small::of(failure).shown())
}

/// Every word of one world.
///
/// # Errors
/// The same, where it broke a rule.
pub fn replayed(recipe: &Recipe) -> Result<String, String> {
    let text = recipe.traced(EPOCH).trace.lines().join("\n");
    if recipe.play().is_ok() { Ok(text) } else { Err(text) }
}

/// The last events of a world.
pub fn last(lines: &[String]) -> &[String] {
    &lines[lines.len().saturating_sub(50)..]
}

/// What made a world: its seed or its story, the faults and the policy that were drawn for it, or
/// the faults that were planned.
pub fn named(recipe: &Recipe) -> String {
    let faults = &recipe.faults;
    let drawn = faults.strengths().iter().map(|(fault, rate)| format!("{} {rate}‰", fault.word()));
    let planned = faults.plan().iter().map(|(fault, at)| format!("{} at {at}", fault.word()));
    let policy = configured(&recipe.plan.policy);
    let all: Vec<String> = drawn.chain(planned).chain(policy).collect();
    let mutant = recipe.mutant.map_or("", Mutant::name);
    let world = match story(recipe) {
        Some(number) => format!("story {number}, {:?}", STORIES[number]),
        None => format!("seed {}", recipe.seed),
    };
    format!("{world} {mutant} ({})", all.join(", "))
}

/// The command that plays this one world again.
fn again(recipe: &Recipe) -> String {
    let mutant =
        recipe.mutant.map_or_else(String::new, |mutant| format!(" --mutant {}", mutant.name()));
    let Some(number) = story(recipe) else {
        return format!("{COMMAND} --replay {}{mutant}", recipe.seed);
    };
    let planned = recipe.faults.plan().iter();
    let faults = planned.map(|(fault, at)| format!(" --fault {}@{at}", fault.word()));
    format!("{COMMAND} --story {number}{}{mutant}", faults.collect::<String>())
}

/// The number of the story that this is.
fn story(recipe: &Recipe) -> Option<usize> {
    let plan = |recipe: &Recipe| format!("{:?}", recipe.plan);
    let wanted = plan(recipe);
    STORIES.iter().position(|story| plan(&story.recipe(&[], None)) == wanted)
}

/// What plays a failure again.
pub const COMMAND: &str = "cargo test --release --test simulation --";
