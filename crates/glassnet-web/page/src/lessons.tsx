// The lessons: the same words, experiments and goals as `glassnet lesson`, with the page set to what they are about.

import { useEffect, useState } from 'preact/hooks';
import { ask } from './core';
import { grouped } from './format';
import { Markdown } from './markdown';
import { type Settings, presetSettings } from './settings';
import { attempt, inTurn, state, useChanges } from './state';
import { setSettings } from './training';
import { language, store, stored, t } from './words';

interface Piece {
  markdown?: string;
  caption?: string;
  headers?: string[];
  rows?: string[][];
  svg?: string;
}

interface Section {
  heading: string;
  pieces: Piece[];
}

interface Lesson {
  name: string;
  title: string;
  summary: string;
  question: Section;
  watch: Section;
  answer?: Section;
  try?: Section;
  goal?: { heading: string; goals: { name: string; found: number; is_met: boolean; text: string }[] };
}

/** What the page shows beside a lesson, and the panel that it is about. */
const SETTINGS: Record<string, { settings: Settings; panel: string }> = {
  neuron: { settings: presetSettings('copy'), panel: 'network' },
  sigmoid: { settings: presetSettings('copy'), panel: 'position' },
  slope: { settings: presetSettings('copy'), panel: 'position' },
  direction: { settings: presetSettings('copy'), panel: 'network' },
  stuck: { settings: single(), panel: 'loss' },
  'tug-of-war': { settings: single(), panel: 'diagnosis' },
  hidden: { settings: presetSettings('xor'), panel: 'table' },
  'two-layers': { settings: presetSettings('xor'), panel: 'table' },
  'how-many': { settings: presetSettings('xor'), panel: 'contest' },
  extrapolation: { settings: presetSettings('copy'), panel: 'map' },
  'your-data': { settings: presetSettings('moons'), panel: 'data' },
};

/** The single neuron on XOR: full batch and rate 1, as in the tutorial. */
function single(): Settings {
  const settings = presetSettings('xor');
  return {
    ...settings,
    config: { hidden_layer_sizes: [], learning_rate: 1, batch_size: 4, initialiser: { uniform: { low: -1, high: 1 } }, seed: 1, train: { reduction: 'sum' } },
  };
}

/** What can be predicted before a lesson's answer, and which of it turns out to be so. */
const CHOICES: Record<string, { options: string[]; right: string }> = {
  neuron: { options: ['yes', 'no'], right: 'yes' },
  sigmoid: { options: ['half', 'one', 'zero'], right: 'half' },
  slope: { options: ['at_zero', 'at_two', 'at_minus_four'], right: 'at_zero' },
  direction: { options: ['up_down', 'all_up', 'all_down'], right: 'up_down' },
  stuck: { options: ['yes', 'no'], right: 'no' },
  'tug-of-war': { options: ['no_force', 'cancel'], right: 'cancel' },
  hidden: { options: ['yes', 'no'], right: 'yes' },
  'two-layers': { options: ['yes', 'no'], right: 'yes' },
  'how-many': { options: ['two', 'three', 'four'], right: 'four' },
  extrapolation: { options: ['knows', 'guesses'], right: 'guesses' },
};

function done(): string[] {
  return (stored('lessons') ?? '').split(',').filter(Boolean);
}

export function Lessons({ close }: { close(): void }) {
  const [list, setList] = useState<{ name: string; title: string; summary: string }[]>([]);
  const [lesson, setLesson] = useState<Lesson>();
  const [progress, setProgress] = useState<any>();
  const [choice, setChoice] = useState<string>();
  const [isOwn, setOwn] = useState(false);
  useChanges();
  const own = language();
  useEffect(() => {
    void attempt(() => inTurn(() => ask({ do: 'lessons', language: own }))).then((found) => setList(found ?? []));
    if (lesson) void attempt(() => inTurn(() => ask({ do: 'lesson_words', language: own }))).then((found) => found && setLesson(found));
  }, [own]);

  const open = async (name: string) => {
    setProgress(undefined);
    setChoice(undefined);
    setOwn(name === 'your-data');
    state.lesson = name;
    await setSettings(SETTINGS[name].settings);
    if (name === 'your-data') setLesson(undefined);
    else setLesson(await attempt(() => inTurn(() => ask({ do: 'lesson', name, language: own }))));
    history.replaceState(null, '', `#lesson=${name}`);
    document.querySelector('.lesson')?.scrollTo(0, 0);
  };
  useEffect(() => {
    const asked = /^#lesson=([\w-]+)$/.exec(location.hash)?.[1];
    if (asked && SETTINGS[asked]) void open(asked);
  }, []);

  const run = async () => {
    // As many at a time as take about a twentieth of a second.
    let epochs = 1000;
    for (;;) {
      const start = performance.now();
      const found: any = await attempt(() => inTurn(() => ask({ do: 'lesson_advance', epochs })));
      const took = performance.now() - start;
      epochs = took < 30 ? epochs * 2 : took > 90 ? Math.ceil(epochs / 2) : epochs;
      setProgress(found);
      if (!found || found.is_done) break;
      await new Promise((next) => requestAnimationFrame(next));
    }
    const words: Lesson | undefined = await attempt(() => inTurn(() => ask({ do: 'lesson_words', language: language() })));
    if (!words) return;
    setLesson(words);
    if (words.goal?.goals.every((goal) => goal.is_met)) store('lessons', [...new Set([...done(), words.name])].join(','));
  };

  const names = [...list, { name: 'your-data', title: t('lesson_your_data'), summary: t('lesson_your_data_about') }];
  if (!lesson && !isOwn) {
    return (
      <aside class="lesson" aria-label={t('lessons')}>
        <header>
          <h2>{t('lessons')}</h2>
          <button onClick={close}>{t('close')}</button>
        </header>
        <ol class="contents">
          {names.map(({ name, title, summary }) => (
            <li key={name}>
              <button onClick={() => void open(name)}>
                <b>
                  {title} {done().includes(name) && <span aria-label={t('done')}>✓</span>}
                </b>
                <span>{summary}</span>
              </button>
            </li>
          ))}
        </ol>
      </aside>
    );
  }
  const name = isOwn ? 'your-data' : lesson!.name;
  const place = names.findIndex((one) => one.name === name);
  const choices = CHOICES[name];
  const isOver = !!lesson?.answer;
  return (
    <aside class="lesson" id="lesson" data-name={name} aria-label={t('lessons')}>
      <header>
        <button onClick={() => (setLesson(undefined), setOwn(false))}>{t('all_lessons')}</button>
        <button onClick={close}>{t('close')}</button>
      </header>
      <p class="count">{t('lesson_of', { number: place + 1, all: names.length })}</p>
      <h2>{names[place]?.title}</h2>
      <p class="summary">{names[place]?.summary}</p>
      {isOwn && <OwnData />}
      {lesson && <Words section={lesson.question} />}
      {lesson && choices && (
        <fieldset class="choices" disabled={isOver}>
          <legend>{t('predict_first')}</legend>
          {choices.options.map((option) => (
            <label key={option} class="check">
              <input type="radio" name="choice" value={option} checked={choice === option} onChange={() => setChoice(option)} />
              {t(`choice_${name}_${option}`)}
            </label>
          ))}
        </fieldset>
      )}
      {lesson && !isOver && <Words section={lesson.watch} />}
      {lesson && !isOver && (
        <button class="primary" id="run-lesson" onClick={() => void run()} disabled={!!progress || (!!choices && !choice)}>
          {progress && !progress.is_done && progress.n_epochs
            ? t('lesson_running', { epoch: grouped(progress.epoch), all: grouped(progress.n_epochs) })
            : t('run_lesson')}
        </button>
      )}
      {isOver && choices && (
        <p class={`verdict ${choice === choices.right ? 'fine' : 'warning'}`} role="status" id="verdict" data-right={choice === choices.right}>
          {t(choice === choices.right ? 'predicted_right' : 'predicted_wrong', { right: t(`choice_${name}_${choices.right}`) })}
        </p>
      )}
      {lesson?.answer && <Words section={lesson.answer} />}
      {lesson?.goal && (
        <section>
          <h3>{lesson.goal.heading}</h3>
          <ul class="goals">
            {lesson.goal.goals.map((goal) => (
              <li key={goal.name} data-goal={goal.name} data-met={goal.is_met}>
                <span aria-label={t(goal.is_met ? 'met' : 'not_met')}>{goal.is_met ? '✓' : '✗'}</span> {goal.text}
              </li>
            ))}
          </ul>
        </section>
      )}
      <nav class="tools">
        <button onClick={() => document.getElementById(SETTINGS[name].panel)?.scrollIntoView({ block: 'center' })}>{t('show_panel', { panel: t(`panel_${SETTINGS[name].panel}`) })}</button>
        {place + 1 < names.length && (
          <button class={isOver ? 'primary' : ''} onClick={() => void open(names[place + 1].name)}>
            {t('next_lesson', { title: names[place + 1].title })}
          </button>
        )}
      </nav>
    </aside>
  );
}

function OwnData() {
  const { settings, table, frame } = useChanges();
  const steps: [string, boolean][] = [
    ['own_step_table', !settings.source.preset],
    ['own_step_target', !settings.source.preset && !!table],
    ['own_step_train', !settings.source.preset && (frame?.epoch ?? 0) > 0],
  ];
  return (
    <ul class="goals">
      {steps.map(([key, isMet]) => (
        <li key={key} data-met={isMet}>
          <span aria-label={t(isMet ? 'met' : 'not_met')}>{isMet ? '✓' : '○'}</span> {t(key)}
        </li>
      ))}
    </ul>
  );
}

function Words({ section }: { section: Section }) {
  return (
    <section>
      <h3>{section.heading}</h3>
      {section.pieces.map((piece, i) => (
        <Shown key={i} piece={piece} />
      ))}
    </section>
  );
}

function Shown({ piece }: { piece: Piece }) {
  if (piece.markdown) return <Markdown text={piece.markdown} />;
  if (piece.svg) {
    // Drawn by the core from numbers and its own words.
    return (
      <figure>
        <div class="drawn" dangerouslySetInnerHTML={{ __html: piece.svg }} />
        <figcaption>{piece.caption}</figcaption>
      </figure>
    );
  }
  return (
    <figure>
      <div class="scroll tall" tabindex={0} role="region" aria-label={piece.caption}>
        <table class="numbers">
          <thead>
            <tr>
              {piece.headers?.map((header, i) => (
                <th key={i}>{header}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {piece.rows?.map((row, i) => (
              <tr key={i}>
                {row.map((cell, k) => (
                  <td key={k}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption>{piece.caption}</figcaption>
    </figure>
  );
}
