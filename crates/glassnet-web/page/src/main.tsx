// The page.

import { render } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { ContestPanel } from './contest';
import { ControlsPanel, Transport, newStart } from './controls';
import { start } from './core';
import { DataPanel, dropped } from './data';
import { DiagnosisPanel } from './diagnosis';
import { Undecoded } from './encodings';
import { sentence } from './errors';
import { HiddenPanel } from './hidden';
import { Lessons } from './lessons';
import { LossPanel } from './loss';
import { MapPanel } from './map';
import { Sentence } from './markdown';
import { ModelPanel } from './model';
import { NetworkPanel } from './network';
import { PositionPanel, selectRow } from './position';
import { SharePanel, fragment, fromFragment } from './share';
import { attempt, changed, setTheme, state, useChanges } from './state';
import { StepsPanel } from './steps';
import { atRest, openTable, pause, restart, run, setSettings, stepRow } from './training';
import { WatchPanel } from './watch';
import { LANGUAGES, type Language, firstLanguage, language, setLanguage, store, stored, t } from './words';

const PANELS = ['data', 'network', 'position', 'steps', 'table', 'map', 'loss', 'diagnosis', 'contest'];
const query = new URLSearchParams(location.search);
const isEmbedded = query.has('embed');
const token = query.get('watch');

function App() {
  const { error, bench, settings, model } = useChanges(0, () => [state.error, state.bench, state.settings, state.model, state.theme, language()]);
  const [areLessons, setLessons] = useState(location.hash.startsWith('#lesson'));
  const [isHelp, setHelp] = useState(false);
  // What stands below comes once the rest is on the screen.
  const [isWhole, setWhole] = useState(false);
  useEffect(() => void setTimeout(() => setWhole(true)), []);
  const [hasKeys, setKeys] = useState(stored('keys') !== 'off');
  // Not after the next frame: a key that comes before it would still be taken.
  useLayoutEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (!hasKeys || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (event.key === ' ' && /^(BUTTON|SUMMARY)$/.test(target.tagName)) return;
      const acts: Record<string, () => void> = {
        ' ': () => (state.isTraining ? pause() : run()),
        '.': () => run(1),
        ',': () => void (state.bench?.can_step && stepRow(state.selected).then(() => selectRow(state.selected + 1))),
        r: () => void restart(),
        n: newStart,
        '?': () => setHelp(true),
      };
      const panel = PANELS[Number(event.key) - 1];
      const act = acts[event.key.toLowerCase()] ?? (panel && (() => focusPanel(panel)));
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', keys);
    return () => document.removeEventListener('keydown', keys);
  }, [hasKeys]);
  document.title = `glassnet · ${t('playground')}`;
  const isSingle = settings.source.preset === 'xor' && bench?.layers.length === 1;
  const meaning = settings.source.preset ? t(`meaning_${settings.source.preset}${isSingle ? '_single' : ''}`) : t('meaning_own', { name: state.table?.name ?? '' });
  return (
    <div class={`app ${areLessons ? 'with-lessons' : ''} ${isEmbedded ? 'embedded' : ''}`} onDragOver={(event) => event.preventDefault()} onDrop={dropped}>
      {!isEmbedded && (
        <header class="top">
          <h1>
            glassnet <span>{t('playground')}</span>
          </h1>
          <div class="tools">
            <button id="lessons-button" aria-pressed={areLessons} onClick={() => setLessons(!areLessons)}>
              {t('lessons')}
            </button>
            <label>
              <span class="sr">{t('language')}</span>
              <select
                id="language"
                value={language()}
                onChange={(event) => {
                  const chosen = (event.target as HTMLSelectElement).value as Language;
                  setLanguage(chosen);
                  store('language', chosen);
                  changed();
                }}
              >
                {Object.entries(LANGUAGES).map(([tag, name]) => (
                  <option key={tag} value={tag} lang={tag}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <label>
              <span class="sr">{t('theme')}</span>
              <select id="theme" value={state.theme} onChange={(event) => setTheme((event.target as HTMLSelectElement).value as typeof state.theme)}>
                {['auto', 'light', 'dark'].map((theme) => (
                  <option key={theme} value={theme}>
                    {t(`theme_${theme}`)}
                  </option>
                ))}
              </select>
            </label>
            <button aria-label={t('help')} aria-expanded={isHelp} onClick={() => setHelp(!isHelp)}>
              ?
            </button>
          </div>
        </header>
      )}
      {isHelp && (
        <section class="panel help" aria-labelledby="help-title">
          <header>
            <h2 id="help-title">{t('help')}</h2>
            <button onClick={() => setHelp(false)}>{t('close')}</button>
          </header>
          <dl>
            {['space', 'dot', 'comma', 'r', 'n', 'digits', 'arrows'].map((key) => (
              <div key={key}>
                <dt>{t(`key_${key}`)}</dt>
                <dd>{t(`key_${key}_about`)}</dd>
              </div>
            ))}
          </dl>
          <label class="check">
            <input
              type="checkbox"
              checked={hasKeys}
              onChange={() => {
                setKeys(!hasKeys);
                store('keys', hasKeys ? 'off' : 'on');
              }}
            />
            {t('single_keys')}
          </label>
        </section>
      )}
      {error && (
        <p class="verdict error alert" role="alert" id="error" data-code={error.code}>
          <b>{t(`error_${error.code}`)}</b> <span lang={sentence(error).lang}>
            <Sentence text={sentence(error).text} />
          </span>
        </p>
      )}
      <Undecoded />
      <div class="body">
        {areLessons && <Lessons close={() => setLessons(false)} />}
        <main class="stage">
          {token ? <WatchPanel token={token} /> : null}
          {model && <ModelPanel />}
          <div class="grid">
            <p class="meaning">{meaning}</p>
            <Transport />
            <div class="column left">
              <DataPanel />
              {!isEmbedded && <ControlsPanel />}
            </div>
            <div class="column middle">
              <NetworkPanel />
              <DiagnosisPanel />
              <PositionPanel />
            </div>
            <div class="column right">
              <MapPanel />
              <LossPanel />
            </div>
            {isWhole && (
              <div class="column below">
                <StepsPanel />
                <ContestPanel />
                <HiddenPanel />
                {!isEmbedded && <SharePanel />}
              </div>
            )}
          </div>
        </main>
      </div>
      {!isEmbedded && <footer class="hint">{t('private')}</footer>}
    </div>
  );
}

function focusPanel(name: string): void {
  const panel = document.getElementById(name);
  panel?.scrollIntoView({ block: 'start' });
  panel?.querySelector<HTMLElement>('button, [tabindex="0"], select, input')?.focus();
}

setLanguage(firstLanguage());
setTheme(state.theme);
void attempt(async () => {
  await start();
  let shared;
  try {
    shared = await fromFragment(location.hash);
  } catch (error) {
    await openTable();
    throw error;
  }
  if (shared) await setSettings(shared.settings, shared.params);
  else await openTable();
}).finally(() => {
  const place = document.getElementById('app')!;
  // The heading that stood there until now.
  place.replaceChildren();
  render(<App />, place);
  // For tests, and for those who look inside.
  Object.assign(window, { glassnet: { state, setSettings, settled: atRest, fragment } });
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
});
