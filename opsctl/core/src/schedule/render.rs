//! From an environment's settings to the objects of its schedule, or to everything that is wrong with it at once.

use super::Task;
use super::margin::{Margin, in_words, margin};
use super::objects::cron_job;
use super::surroundings::surroundings;
use crate::environment::{Environment, RunnerSettings, ScheduleSettings, Span, Timing};
use crate::failure::{Failure, Result};
use crate::runner::{Errand, NAME, RunnerFiles};
use crate::workloads::Object;

/// What a schedule is rendered from.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Of which environment.
    pub environment: &'a Environment,
    /// What its pods read.
    pub files: &'a RunnerFiles,
    /// Whether the opsctl that runs knows these words.
    pub knows: &'a dyn Fn(&[String]) -> bool,
}

/// A schedule.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// In the order in which they are applied.
    pub objects: Vec<Object>,
    /// What runs.
    pub tasks: Vec<Scheduled>,
    /// What does not.
    pub left_out: Vec<LeftOut>,
}

/// A task with its times.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Scheduled {
    pub task: Task,
    pub cron_job: &'static str,
    pub at: String,
    pub takes: Span,
    pub command: String,
    /// None: nothing is promised of it.
    pub margin: Option<Margin>,
}

/// A task that does not run, and why.
#[derive(Debug, Clone, serde::Serialize)]
pub struct LeftOut {
    pub task: Task,
    pub why: String,
}

/// The schedule of an environment.
///
/// # Errors
/// When it has none or no runner, when a promise would be broken, or when the guard would let nobody run a task: all of it at once.
pub fn render(request: &Request<'_>) -> Result<Rendered> {
    let environment = request.environment;
    let (runner, schedule) = settings(environment)?;
    let configuration = format!("{NAME}-{}", &request.files.digest()[..8]);
    let (mut jobs, mut tasks, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    let mut words = Vec::new();
    for task in Task::ALL {
        match wanted(task, request, schedule).and_then(|it| equipped(task, runner).map(|()| it)) {
            Ok(timing) => {
                tasks.push(scheduled(task, timing, environment, schedule));
                words.push((task, timing, all_words(task, environment, schedule)));
            }
            Err(why) => left_out.push(LeftOut { task, why }),
        }
    }
    refuse(environment, &tasks)?;
    let with_programs = with_programs(runner);
    let errand = |settings, words| Errand {
        name: &configuration,
        settings,
        words,
        principal: "schedule",
        files: request.files,
    };
    for (task, timing, words) in &words {
        let settings = if *task == Task::BackupExport {
            &with_programs
        } else {
            runner
        };
        jobs.push(cron_job(*task, timing, &errand(settings, words)));
    }
    let settings = &environment.settings;
    let workloads = settings.workloads.as_ref().map(|it| it.namespace.as_str());
    let mut objects = surroundings(runner, settings.aws.as_ref(), workloads);
    objects.push(Object(errand(runner, &[]).configuration_map()));
    objects.extend(jobs);
    Ok(Rendered {
        objects,
        tasks,
        left_out,
    })
}

fn settings(environment: &Environment) -> Result<(&RunnerSettings, &ScheduleSettings)> {
    let missing = |what: &str| {
        let name = &environment.name;
        let failure = Failure::usage(format!("'{name}' has no `{what}:`"));
        failure.hint(format!("add `{what}:` to it in opsctl.yaml"))
    };
    let settings = &environment.settings;
    let runner = settings.runner.as_ref().ok_or_else(|| missing("runner"))?;
    let schedule = settings.schedule.as_ref();
    Ok((runner, schedule.ok_or_else(|| missing("schedule"))?))
}

/// Whether the pod of a task has the programs that it runs.
fn equipped(task: Task, runner: &RunnerSettings) -> std::result::Result<(), String> {
    match task {
        Task::BackupExport if runner.export_image.is_none() => {
            Err("`runner.export_image` names no image with PostgreSQL's own programs".into())
        }
        _ => Ok(()),
    }
}

/// The runner with PostgreSQL's own programs.
fn with_programs(runner: &RunnerSettings) -> RunnerSettings {
    let image = runner.export_image.as_ref().unwrap_or(&runner.image);
    RunnerSettings {
        image: image.clone(),
        ..runner.clone()
    }
}

/// The task's times, or why it does not run.
fn wanted<'a>(
    task: Task,
    request: &Request<'_>,
    schedule: &'a ScheduleSettings,
) -> std::result::Result<&'a Timing, String> {
    let timing = task.timing(schedule).ok_or("it is turned off")?;
    let words = task.words(schedule);
    match (request.knows)(&words) {
        true => Ok(timing),
        false => Err(format!("this opsctl knows no `opsctl {}`", words.join(" "))),
    }
}

fn all_words(task: Task, environment: &Environment, schedule: &ScheduleSettings) -> Vec<String> {
    let name = environment.name.to_string();
    let global = [
        "--env".to_owned(),
        name,
        "--output".to_owned(),
        "json".to_owned(),
    ];
    global.into_iter().chain(task.words(schedule)).collect()
}

fn scheduled(
    task: Task,
    timing: &Timing,
    environment: &Environment,
    schedule: &ScheduleSettings,
) -> Scheduled {
    Scheduled {
        task,
        cron_job: task.cron_job(),
        at: timing.at.to_string(),
        takes: timing.takes,
        command: format!(
            "opsctl {}",
            all_words(task, environment, schedule).join(" ")
        ),
        margin: margin(task, &environment.promises, schedule),
    }
}

/// What would go wrong at night is said now.
fn refuse(environment: &Environment, tasks: &[Scheduled]) -> Result<()> {
    let faults: Vec<String> = tasks
        .iter()
        .flat_map(|it| {
            too_seldom(it)
                .into_iter()
                .chain(nobody_says_yes(it.task, environment))
        })
        .collect();
    if faults.is_empty() {
        return Ok(());
    }
    let what = format!(
        "the schedule of '{}' would break what is promised",
        environment.name
    );
    let failure = faults
        .into_iter()
        .fold(Failure::usage(what), Failure::cause);
    Err(failure
        .left("nothing was rendered")
        .hint("change `schedule:` or `guard:` of it in opsctl.yaml"))
}

fn too_seldom(scheduled: &Scheduled) -> Option<String> {
    let margin = scheduled.margin.filter(|it| it.left.is_none())?;
    let Margin {
        promised, worst, ..
    } = margin;
    Some(format!(
        "schedule.{} is '{}' and takes up to {}: what it keeps would be {} old at worst, and {} ({}) was promised",
        scheduled.task.setting(),
        scheduled.at,
        in_words(scheduled.takes),
        in_words(worst),
        in_words(promised.within),
        promised.name,
    ))
}

fn nobody_says_yes(task: Task, environment: &Environment) -> Option<String> {
    let (asks, guard) = (task.asks(), &environment.settings.guard);
    let name = task.setting();
    if asks.is_empty() {
        return None;
    }
    if guard.approvers > 0 {
        let count = guard.approvers;
        return Some(format!(
            "schedule.{name} would wait for {count} approver(s) whom nobody asks at night"
        ));
    }
    let missing = asks.iter().find(|kind| !guard.unattended.contains(kind))?;
    Some(format!(
        "schedule.{name} would be refused: guard.unattended does not name {missing}"
    ))
}
