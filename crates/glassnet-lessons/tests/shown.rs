//! What readers see: both languages say the same, every number, table and figure is there.

use glassnet_draw::Theme;
use glassnet_lessons::experiment::Experiment;
use glassnet_lessons::facts::Facts;
use glassnet_lessons::figure::{Shown, figure};
use glassnet_lessons::lesson::{Lesson, all, named};
use glassnet_lessons::page::page;
use glassnet_lessons::run::{Outcome, Run};
use glassnet_lessons::table::table;
use glassnet_lessons::text::{Piece, Section, Text};
use glassnet_lessons::words::Language;

/// The lesson at its start and at its end; of many starts, two of each size.
fn run(lesson: &Lesson) -> (Facts, Outcome) {
    let mut lesson = lesson.clone();
    if let Experiment::Starts(starts) = &mut lesson.data.experiment {
        starts.n_starts = 2;
    }
    let run = Run::start(&lesson);
    (run.facts().clone(), run.finish())
}

fn places(text: &Text, section: Section) -> Vec<String> {
    let lines = text.body(section).lines().filter(|line| line.starts_with("!["));
    lines.map(|line| line.split_once("](").expect("a place").1.trim_end_matches(')').to_owned()).collect()
}

#[test]
fn both_languages_say_the_same() {
    for lesson in all() {
        let [en, zh_hant] = Language::ALL.map(|language| lesson.text(language));
        for section in Section::ALL {
            assert_eq!(places(en, section), places(zh_hant, section), "{}: {section:?}", lesson.name);
            let placeholders = |text: &Text| {
                let mut all: Vec<String> = text
                    .body(section)
                    .split("{{")
                    .skip(1)
                    .map(|rest| rest.split("}}").next().unwrap().into())
                    .collect();
                all.sort();
                all.dedup();
                all
            };
            assert_eq!(placeholders(en), placeholders(zh_hant), "{}: {section:?}", lesson.name);
        }
    }
}

#[test]
fn what_lesson_json_lists_is_what_the_words_place() {
    for lesson in all() {
        let text = lesson.text(Language::En);
        let placed: Vec<String> = Section::ALL.iter().flat_map(|&section| places(text, section)).collect();
        let listed = |kind: &str, names: &[String]| {
            names.iter().map(|name| format!("{kind}:{name}")).collect::<Vec<_>>()
        };
        let mut listed =
            [listed("table", &lesson.data.tables), listed("figure", &lesson.data.figures)].concat();
        let mut placed_once = placed.clone();
        placed_once.sort();
        listed.sort();
        assert_eq!(placed_once, listed, "{}", lesson.name);
    }
}

#[test]
fn every_number_table_and_figure_is_there() {
    for lesson in all() {
        let (start, outcome) = run(lesson);
        for language in Language::ALL {
            let text = lesson.text(language);
            for section in Section::ALL {
                // The question and what to watch know only the start.
                let is_before = section <= Section::Watch;
                let facts = if is_before { &start } else { &outcome.facts };
                let network = outcome.network.as_ref().filter(|_| !is_before);
                for piece in text.pieces(section, facts) {
                    match piece {
                        Piece::Markdown(markdown) => assert!(!markdown.contains("{{"), "{markdown}"),
                        Piece::Table { name, .. } => {
                            let table = table(&name, facts, language);
                            let widths: Vec<usize> = table.rows.iter().map(Vec::len).collect();
                            assert!(!widths.is_empty(), "{}: {name}", lesson.name);
                            assert!(
                                widths.iter().all(|&n| n == table.headers.len()),
                                "{}: {name}",
                                lesson.name
                            );
                        }
                        Piece::Figure { name, caption } => {
                            let shown = Shown { facts, network, language };
                            let svg = figure(&name, &caption, shown).svg(Theme::Reader);
                            assert!(svg.contains("<path") || svg.contains("<rect") || svg.contains("<line"));
                            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}: {name}", lesson.name);
                        }
                    }
                }
            }
            for goal in &outcome.goals {
                assert!(!text.goal(&goal.name, &outcome.facts).contains("{{"));
            }
        }
    }
}

#[test]
fn a_page_asks_before_it_answers() {
    for lesson in all() {
        let (_, outcome) = run(lesson);
        for language in Language::ALL {
            let html = page(lesson, &outcome, language).html();
            let place = |what: &str| html.find(what).unwrap_or_else(|| panic!("{}: no {what}", lesson.name));
            let text = lesson.text(language);
            let heading = |section| format!("<h2>{}</h2>", escaped(text.heading(section)));
            let opens = place("<details>");
            assert!(place(&heading(Section::Question)) < opens);
            assert!(place(&heading(Section::Watch)) < opens);
            assert!(opens < place(&heading(Section::Answer)));
            assert!(html.contains(&format!("lang=\"{}\"", language.tag())));
            assert_eq!(html.matches("<svg").count(), lesson.data.figures.len(), "{}", lesson.name);
            assert!(
                !html.contains("{{") && !html.contains("**") && !html.contains("<script"),
                "{}",
                lesson.name
            );
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Every digit that the tutorial prints, as it prints them; its E notation written out.
#[test]
fn the_digits_of_the_tutorial() {
    let printed = [
        ("neuron", "-0.16595599 0.44064899 -0.99977125 9.67299303 -0.2078435 -4.62963669 0.99993704"),
        ("stuck", "0.5 0.25"),
        ("two-layers", "0.00078602 0.00557239 0.02374213 0.97285992 0.97468116 0.02714965"),
        ("two-layers", "4.4375838 -3.87815184 1.74047905 -5.12726884 4.43114847 -3.87644617 1.71905492"),
        ("two-layers", "-5.10688387 -6.80858063 0.76685389 1.89614363 1.61202043"),
        ("two-layers", "-9.21973137 -3.84985864 4.75257888 -6.36994226"),
        ("two-layers", "0.22048225 0.933639853 0.630402293 0.0624775766 0.0177659862 0.999702482"),
        ("two-layers", "0.864290928 0.92661188 0.694975743 0.0890040645 0.851261229 0.000206917379"),
        ("two-layers", "0.127171786 0.958904341 0.955296949 0.0377322214"),
    ];
    for (name, digits) in printed {
        let lesson = named(name).expect("a lesson");
        let (_, outcome) = run(lesson);
        let html = page(lesson, &outcome, Language::En).html();
        for number in digits.split(' ') {
            assert!(html.contains(number), "{name}: {number}");
        }
    }
}
