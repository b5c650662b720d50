// A run of the command, while it goes on: `glassnet train … --watch` sends its epochs here, with --tune its trials.

import { useEffect } from 'preact/hooks';
import { decimals, grouped, rounded, short } from './format';
import { changed, state, useChanges } from './state';
import { t } from './words';

/** A line of tune.jsonl. */
interface Trial {
  trial: number;
  loss: number | null;
  epochs: number;
  ended: string;
  changes: string[];
}

interface Watched {
  table: string;
  n_epochs: number;
  /** Seconds of a search. */
  budget?: number;
  training: number[];
  validation: number[];
  trials: Trial[];
  is_done: boolean;
  outcome?: string;
}

export function WatchPanel({ token }: { token: string }) {
  const { watch } = useChanges() as { watch?: Watched };
  useEffect(() => {
    state.watch = { table: '', n_epochs: 0, training: [], validation: [], trials: [], is_done: false };
    const source = new EventSource(`/events?token=${encodeURIComponent(token)}`);
    source.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      const own: Watched = state.watch;
      if (event.table) Object.assign(own, { table: event.table, n_epochs: event.n_epochs, budget: event.budget });
      for (const report of event.reports ?? []) {
        own.training.push(report.training_loss);
        if (report.validation_loss !== null) own.validation.push(report.validation_loss);
      }
      own.trials.push(...(event.trials ?? []));
      if (event.is_done) {
        own.is_done = true;
        own.outcome = event.outcome;
        source.close();
      }
      changed();
    };
    return () => source.close();
  }, []);
  if (!watch) return null;
  const { trials, training } = watch;
  return (
    <section
      class="panel watch"
      id="watch"
      aria-labelledby="watch-title"
      data-epochs={training.length}
      data-trials={trials.length}
      data-done={watch.is_done}
    >
      <header>
        <h2 id="watch-title">{t(watch.budget ? 'watching_search' : 'watching', { table: watch.table || '…' })}</h2>
      </header>
      {watch.budget ? <Search watch={watch} /> : <Epochs watch={watch} />}
    </section>
  );
}

/** The losses of one training. */
function Epochs({ watch }: { watch: Watched }) {
  const { training, validation } = watch;
  const all = [...training, ...validation];
  const [low, high] = [Math.min(0, ...all.slice(-1e4)), Math.max(1e-9, ...all.slice(-1e5))];
  const path = (values: number[]) => {
    const step = Math.max(1, Math.floor(values.length / 600));
    let d = '';
    for (let i = 0; i < values.length; i += step) {
      const x = (i / Math.max(1, training.length - 1)) * 700 + 10;
      d += `${d ? 'L' : 'M'}${x.toFixed(1)} ${(210 - ((values[i] - low) / (high - low)) * 200).toFixed(1)}`;
    }
    return d;
  };
  return (
    <>
      <p role="status">
        {t(watch.is_done ? 'watch_done' : 'watch_epoch', {
          epoch: grouped(training.length),
          all: grouped(watch.n_epochs),
          training: training.length ? decimals(training.at(-1)!) : '…',
          validation: validation.length ? decimals(validation.at(-1)!) : '–',
        })}
      </p>
      <svg viewBox="0 0 720 220" role="img" aria-label={t('loss')} class="chart">
        <line class="axis" x1="10" x2="710" y1="210" y2="210" />
        <path class="series training" d={path(training)} />
        <path class="series validation" d={path(validation)} />
      </svg>
      <p class="legend">
        <span class="key training">{t('training')}</span>
        <span class="key validation">{t('validation')}</span>
      </p>
    </>
  );
}

/** How many of the best trials are told of. */
const N_BEST = 10;

/** The trials of a search: a point each, and how the best loss fell. */
function Search({ watch }: { watch: Watched }) {
  const { trials, is_done, budget } = watch;
  const losses = trials.map(({ loss }) => loss ?? Infinity);
  const finite = losses.filter(Number.isFinite);
  // Half of all trials are within twice this: those far off stay at the upper edge.
  const median = [...finite].sort((a, b) => a - b)[Math.floor(finite.length / 2)] ?? 1;
  const [low, high] = [Math.min(...finite, median), Math.min(Math.max(...finite, median), 2 * median)];
  const x = (i: number) => 60 + (i / Math.max(1, trials.length - 1)) * 644;
  const y = (loss: number) => 204 - ((Math.min(loss, high) - low) / Math.max(high - low, 1e-12)) * 184;
  const best = [...trials.keys()].sort((a, b) => losses[a] - losses[b]);
  let lowest = Infinity;
  let path = '';
  losses.forEach((loss, i) => {
    if (!(loss < lowest)) return;
    path += path ? `H${x(i).toFixed(1)}V${y(loss).toFixed(1)}` : `M${x(i).toFixed(1)} ${y(loss).toFixed(1)}`;
    lowest = loss;
  });
  const ended = (trial: Trial) => t(`ended_${trial.ended.replaceAll(' ', '_')}`);
  return (
    <>
      <p role="status">
        {t(is_done ? 'search_done' : 'search_trial', {
          n: grouped(trials.length),
          seconds: grouped(Math.round(budget ?? 0)),
          loss: Number.isFinite(lowest) ? decimals(lowest) : '–',
        })}
      </p>
      <svg viewBox="0 0 720 220" role="img" aria-label={t('search_figure')} class="chart">
        <line class="axis" x1="10" x2="710" y1="212" y2="212" />
        {finite.length > 0 && (
          <g class="tick">
            <text x="10" y={y(high) - 6}>{short(high)}</text>
            <text x="10" y="208">{short(low)}</text>
          </g>
        )}
        {path && <path class="series training" d={`${path}H${x(trials.length - 1).toFixed(1)}`} />}
        {losses.map((loss, i) => Number.isFinite(loss) && <circle class="trial" cx={x(i)} cy={y(loss)} r="3.5" />)}
      </svg>
      {trials.length > 0 && (
        <div class="scroll" tabindex={0} role="region" aria-label={t('search_best')}>
          <table class="numbers">
            <caption>{t('search_best')}</caption>
            <thead>
              <tr>
                {['trial', 'validation', 'epochs', 'ended', 'differs'].map((name) => (
                  <th key={name} scope="col" class={name === 'differs' ? 'formula' : ''}>
                    {t(name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {best.slice(0, N_BEST).map((i) => (
                <tr key={trials[i].trial}>
                  <th scope="row">{trials[i].trial}</th>
                  <td>{trials[i].loss === null ? '–' : decimals(trials[i].loss!)}</td>
                  <td>{grouped(trials[i].epochs)}</td>
                  <td>{ended(trials[i])}</td>
                  <td class="formula" lang="en">
                    {trials[i].changes.map(brief).join(', ') || '–'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

/** A change as the command tells it, without what it was before, and with fewer digits. */
function brief(change: string): string {
  const [now] = change.split(' (not ');
  return rounded(now.replace(/_/g, ' '));
}
