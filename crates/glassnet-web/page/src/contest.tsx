// P10: the same training from many starts, or with one setting at many values.

import { useState } from 'preact/hooks';
import { ask } from './core';
import { decimals, percent, short, typed } from './format';
import { attempt, inTurn, SLOWLY, state, useChanges } from './state';
import { change, changes } from './training';
import { t } from './words';

const SWEEPS = ['seed', 'hidden', 'learning_rate', 'activation', 'batch_size'];
const N_STARTS = 100;

interface Result {
  outcome: string;
  loss: number | null;
  curve: Float64Array;
}

interface Contest {
  what: string;
  values: any[];
  epochs: number;
  starts: Result[];
  n: number;
  constant_loss: number;
}

function valuesOf(what: string): any[] {
  const { bench, settings } = state;
  const seed = Number(settings.config.seed ?? 0);
  switch (what) {
    case 'hidden':
      return [1, 2, 3, 4, 5, 6, 8, 12];
    case 'learning_rate':
      return [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
    case 'activation':
      return ['sigmoid', 'tanh', 'relu', 'leaky_relu', 'elu', 'selu', 'gelu', 'mish', 'softplus'];
    case 'batch_size':
      return [1, 2, 4, 8, 16, 32, 64].filter((size) => size <= (bench?.n_training_rows ?? 64));
    default:
      return Array.from({ length: N_STARTS }, (_, i) => seed + i);
  }
}

/** The settings with one of them at a value. */
function at(what: string, value: any): { [key: string]: any } {
  if (what === 'hidden') return { hidden_layer_sizes: [value, ...(state.settings.config.hidden_layer_sizes ?? []).slice(1)] };
  return { [what]: value };
}

export function ContestPanel() {
  const { bench, frame } = useChanges(SLOWLY);
  const [what, setWhat] = useState('seed');
  const [epochs, setEpochs] = useState('');
  const [contest, setContest] = useState<Contest>();
  const [isRunning, setRunning] = useState(false);
  if (!bench || !frame) return null;
  const suggested = bench.n_training_rows <= 16 ? 20_000 : 300;
  const start = () =>
    void attempt(async () => {
      setRunning(true);
      const values = valuesOf(what);
      const wanted = Math.round(typed(epochs)) || suggested;
      const { recipe } = state.settings;
      const configs = values.map((value) => ({ ...changes(), ...at(what, value) }));
      await inTurn(() => ask({ do: 'contest', recipe, configs, epochs: wanted }));
      let done = 0;
      while (done < values.length) {
        const json: any = await inTurn(() => ask({ do: 'contest_advance', count: 1 }));
        done = json.n_done;
        setContest({ what, values, epochs: wanted, starts: json.starts, n: json.n, constant_loss: json.constant_loss });
        await new Promise((next) => requestAnimationFrame(next));
      }
      setRunning(false);
    }).then(() => setRunning(false));
  const counts = ['solved', 'slow', 'stuck', 'broken_off'].map((outcome) => contest?.starts.filter((one) => one.outcome === outcome).length ?? 0);
  return (
    <section class="panel contest" id="contest" aria-labelledby="contest-title">
      <header>
        <h2 id="contest-title">{t('contest')}</h2>
      </header>
      <p class="hint">{t('contest_about')}</p>
      <div class="fields">
        <label class="choice">
          {t('vary')}
          <select value={what} onChange={(event) => setWhat((event.target as HTMLSelectElement).value)}>
            {SWEEPS.map((name) => (
              <option key={name} value={name}>
                {t(`sweep_${name}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('epochs_each')}
          <input inputMode="numeric" value={epochs} placeholder={String(suggested)} onInput={(event) => setEpochs((event.target as HTMLInputElement).value)} />
        </label>
        <button class="primary choice" id="start-contest" onClick={start} disabled={isRunning}>
          {t(what === 'seed' ? 'many_starts' : 'sweep')}
        </button>
      </div>
      {contest && (
        <p role="status" id="contest-result" data-done={contest.starts.length} data-solved={counts[0]}>
          {t('contest_result', {
            done: contest.starts.length,
            n: contest.n,
            solved: counts[0],
            share: percent(counts[0] / Math.max(1, contest.starts.length)),
            slow: counts[1],
            stuck: counts[2] + counts[3],
          })}
        </p>
      )}
      {contest && (
        <ul class="multiples">
          {contest.starts.map((one, i) => (
            <li key={i}>
              <button
                class={one.outcome}
                onClick={() => void change(at(contest.what, contest.values[i]))}
                aria-label={t('open_start', { what: t(`sweep_${contest.what}`), value: String(contest.values[i]), outcome: t(`outcome_${one.outcome}`) })}
                title={`${one.loss === null ? '' : decimals(one.loss)}`}
              >
                <Small curve={one.curve} high={contest.constant_loss * 1.1} />
                <span>
                  {typeof contest.values[i] === 'number' ? short(contest.values[i], 6) : contest.values[i]} <i>{t(`mark_${one.outcome}`)}</i>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Small({ curve, high }: { curve: Float64Array; high: number }) {
  let path = '';
  curve.forEach((loss, i) => {
    const y = 2 + (1 - Math.min(1, loss / high)) * 26;
    path += `${i ? 'L' : 'M'}${((i / Math.max(1, curve.length - 1)) * 50 + 1).toFixed(1)} ${y.toFixed(1)}`;
  });
  return (
    <svg viewBox="0 0 52 30" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
