// A model file that was opened: what is in it, its figures, and what it says of a row.

import { useEffect, useState } from 'preact/hooks';
import { ask } from './core';
import { Found } from './diagnosis';
import { sentence } from './errors';
import { decimals, grouped, percent, rounded } from './format';
import { Sentence } from './markdown';
import { attempt, changed, inTurn, state, useChanges } from './state';
import type { Said } from './types';
import { t } from './words';

export function ModelPanel() {
  const { model } = useChanges();
  const [cells, setCells] = useState<Record<string, string>>({});
  const [said, setSaid] = useState<{ predictions: Float64Array; notes: Said[] }>();
  // It is opened from the foot of the page, and stands at its head.
  useEffect(() => document.getElementById('model')?.scrollIntoView({ block: 'start' }), [model]);
  if (!model) return null;
  const metrics = model.evaluation?.metrics;
  const cellOf = (column: any) => cells[column.name] ?? (column.range ? `${column.range[0]}${column.unit ?? ''}` : (column.levels[0] ?? ''));
  return (
    <section class="panel model" id="model" aria-labelledby="model-title">
      <header>
        <h2 id="model-title">{t('model_of', { name: model.name })}</h2>
        <button
          onClick={() => {
            state.model = undefined;
            changed();
          }}
        >
          {t('close')}
        </button>
      </header>
      <p>
        {t('model_about', {
          target: model.target,
          rows: grouped(model.n_training_rows),
          epochs: grouped(model.n_epochs),
          best: grouped(model.best_epoch),
          params: grouped(model.params.length),
          version: model.version,
        })}
      </p>
      <div class="scroll" tabindex={0} role="region" aria-label={t('hidden_layers')}>
        <table class="numbers narrow">
          <thead>
            <tr>
              <th scope="col">{t('layer')}</th>
              <th scope="col" class="formula" />
              <th scope="col">{t('parameters')}</th>
            </tr>
          </thead>
          <tbody>
            {model.layers.map((layer: any, i: number) => (
              <tr key={i}>
                <th scope="row">{i + 1}</th>
                <td class="formula" lang="en">
                  {rounded(layer.text)}
                </td>
                <td>{grouped(layer.n_params)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {metrics && (
        <p>
          {t('model_metrics')}{' '}
          {Object.entries(metrics)
            .filter(([, metric]: [string, any]) => typeof metric?.value === 'number' || typeof metric === 'number')
            .slice(0, 6)
            .map(([name, metric]: [string, any]) => `${name} ${decimals(metric.value ?? metric)}`)
            .join(' · ')}
        </p>
      )}
      <div class="figures">
        {model.figures.map((figure: any) => (
          <figure key={figure.title}>
            {/* Drawn by the core; every text in it is escaped there. */}
            <div class="drawn" dangerouslySetInnerHTML={{ __html: figure.svg }} />
          </figure>
        ))}
      </div>
      <ul class="findings">
        {model.findings.slice(0, 5).map((finding: any) => (
          <Found key={finding.code + finding.message} finding={finding} isFixable={false} />
        ))}
      </ul>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          const row = model.columns.map((column: any) => [column.name, cellOf(column)]);
          void attempt(() => inTurn(() => ask({ do: 'predict', cells: row }))).then((found) => found && setSaid(found));
        }}
      >
        {model.columns.map((column: any) => (
          <label key={column.name}>
            {column.name}
            {column.levels.length ? (
              <select value={cellOf(column)} onChange={(event) => setCells({ ...cells, [column.name]: (event.target as HTMLSelectElement).value })}>
                {column.levels.map((level: string) => (
                  <option key={level}>{level}</option>
                ))}
              </select>
            ) : (
              <input value={cellOf(column)} onInput={(event) => setCells({ ...cells, [column.name]: (event.target as HTMLInputElement).value })} />
            )}
          </label>
        ))}
        <button class="primary">{t('predict')}</button>
      </form>
      {said && (
        <p role="status" id="said">
          {model.classes.length
            ? [...said.predictions].map((share, k) => `${model.classes[k] ?? k} ${percent(share, 1)}`).join(' · ')
            : model.targets.length > 1
              ? model.targets.map((name: string, k: number) => `${name} = ${decimals(said.predictions[k])}`).join(' · ')
              : `${model.target} = ${[...said.predictions].map((value) => decimals(value)).join(', ')}`}
          {said.notes.map((note) => (
            <span key={note.message} lang={sentence(note).lang}>
              {' '}
              <Sentence text={sentence(note).text} />
            </span>
          ))}
        </p>
      )}
    </section>
  );
}
