// A run of the command, while it goes on: `glassnet train … --watch` sends its epochs here.

import { useEffect } from 'preact/hooks';
import { decimals, grouped } from './format';
import { changed, state, useChanges } from './state';
import { t } from './words';

interface Watched {
  table: string;
  n_epochs: number;
  training: number[];
  validation: number[];
  is_done: boolean;
  outcome?: string;
}

export function WatchPanel({ token }: { token: string }) {
  const { watch } = useChanges() as { watch?: Watched };
  useEffect(() => {
    state.watch = { table: '', n_epochs: 0, training: [], validation: [], is_done: false };
    const source = new EventSource(`/events?token=${encodeURIComponent(token)}`);
    source.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      const own: Watched = state.watch;
      if (event.table) Object.assign(own, { table: event.table, n_epochs: event.n_epochs });
      for (const report of event.reports ?? []) {
        own.training.push(report.training_loss);
        if (report.validation_loss !== null) own.validation.push(report.validation_loss);
      }
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
    <section class="panel watch" id="watch" aria-labelledby="watch-title" data-epochs={training.length} data-done={watch.is_done}>
      <header>
        <h2 id="watch-title">{t('watching', { table: watch.table || '…' })}</h2>
      </header>
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
    </section>
  );
}
