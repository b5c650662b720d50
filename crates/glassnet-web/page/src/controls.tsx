// P9: training, and every choice of it.

import { useState } from 'preact/hooks';
import { decimals, grouped, short, typed } from './format';
import { selectRow } from './position';
import { Slider } from './slider';
import { changed, state, useChanges } from './state';
import { ENDLESS, type Speed, change, openTable, pause, restart, run, stepRow } from './training';
import { language, t } from './words';

const ACTIVATIONS = ['sigmoid', 'tanh', 'relu', 'leaky_relu', 'elu', 'selu', 'gelu', 'mish', 'softplus', 'identity'];
const OPTIMIZERS: Record<string, object> = {
  sgd: { sgd: {} },
  momentum: { sgd: { momentum: 0.9 } },
  nesterov: { sgd: { momentum: 0.9, nesterov: true } },
  rmsprop: { rmsprop: { alpha: 0.99, epsilon: 1e-8, momentum: 0 } },
  adam: { adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } },
  adamw: { adamw: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } },
};
const INITIALISERS: Record<string, any> = {
  default: null,
  fan_out_normal: 'fan_out_normal',
  uniform: { uniform: { low: -1, high: 1 } },
  zeros: 'zeros',
};

/** How the rate changes; those of the second list over a run whose length is given. */
const SCHEDULES: Record<string, any> = {
  constant: 'constant',
  step: { step: { every: 30, factor: 0.1 } },
  reduce_on_plateau: { reduce_on_plateau: { factor: 0.1, patience: 10, least: 0 } },
};
const LIMITED: Record<string, any> = {
  cosine: { cosine: { last: 0 } },
  flat_cosine: 'flat_cosine',
  one_cycle: { one_cycle: { warm_up: 0.3, first: 0.04, last: 0 } },
  cosine_log4: 'cosine_log4',
};
const RUN_LENGTH = 300;

/** The name of a choice that has constants or none. */
function nameOf(choice: any): string {
  return typeof choice === 'string' ? choice : Object.keys(choice)[0];
}

/** The name under which the chosen optimizer is listed. */
function optimizerName(optimizer: any): string {
  const key = nameOf(optimizer);
  if (key !== 'sgd') return key;
  return optimizer.sgd?.nesterov ? 'nesterov' : optimizer.sgd?.momentum ? 'momentum' : 'sgd';
}

export function newStart(): void {
  void change({ seed: (Number(state.settings.config.seed ?? 0) + 1) % 4_294_967_296 });
}

export function Transport() {
  const { isTraining, frame, bench, settings } = useChanges();
  const [many, setMany] = useState('1000');
  const schedule = nameOf(bench?.train.schedule ?? 'constant');
  const hasEnd = schedule in LIMITED;
  const isOver = frame?.stop_reason === 'epochs';
  return (
    <div class="transport" role="group" aria-label={t('training_controls')}>
      <button class="primary" id="train" aria-pressed={isTraining} onClick={() => (isTraining ? pause() : run())} disabled={!bench || isOver}>
        {isTraining ? `❚❚ ${t('pause')}` : `▶ ${t('train')}`}
      </button>
      <button onClick={() => run(1)} disabled={!bench || isTraining || isOver} id="one-epoch">
        {t('one_epoch')}
      </button>
      <form
        class="many"
        onSubmit={(event) => {
          event.preventDefault();
          const epochs = Math.round(typed(many));
          if (epochs > 0) run(epochs);
        }}
      >
        <input id="epochs" inputMode="numeric" size={6} value={many} aria-label={t('epochs')} onInput={(event) => setMany((event.target as HTMLInputElement).value)} />
        <button disabled={!bench || isTraining || isOver} id="many-epochs">
          {t('epochs')}
        </button>
      </form>
      <button onClick={() => void restart()} disabled={!bench} id="same-start">
        {t('same_start')}
      </button>
      <button onClick={newStart} disabled={!bench} id="new-start">
        {t('new_start')}
      </button>
      <label class="speed">
        {t('speed')}
        <select
          value={settings.speed}
          onChange={(event) => {
            state.settings = { ...settings, speed: (event.target as HTMLSelectElement).value as Speed };
            changed();
          }}
        >
          {['one', 'ten', 'hundred', 'full'].map((speed) => (
            <option key={speed} value={speed}>
              {t(`speed_${speed}`)}
            </option>
          ))}
        </select>
      </label>
      <span class="epoch">
        {t('epoch')} <b id="epoch" class={hasEnd ? 'tight' : ''}>{grouped(frame?.epoch ?? 0)}</b>
        {hasEnd && ` / ${grouped(bench!.train.epochs)}`} · {t('loss')} <b id="loss-now">{frame ? decimals(frame.loss, 6) : ''}</b>
        {schedule !== 'constant' && frame && (
          <>
            {' · '}
            {t('learning_rate')} <b id="rate-now">{short(frame.learning_rate)}</b>
          </>
        )}
      </span>
      {isOver && <span class="hint" role="status">{t('run_over')}</span>}
    </div>
  );
}

export function ControlsPanel() {
  const { bench, settings } = useChanges(0, () => [state.bench, state.settings, language()]);
  if (!bench) return null;
  const { config } = bench;
  const sizes: number[] = config.hidden_layer_sizes;
  const set = (hidden_layer_sizes: number[]) => void change({ hidden_layer_sizes });
  const isSeed = settings.recipe === 'seed';
  const schedule = nameOf(bench.train.schedule);
  const select = (event: Event) => (event.target as HTMLSelectElement).value;
  return (
    <section class="panel controls" id="controls" aria-labelledby="controls-title">
      <header>
        <h2 id="controls-title">{t('controls')}</h2>
      </header>
      <div class="layers" role="group" aria-label={t('hidden_layers')}>
        <span class="label">{t('hidden_layers')}</span>
        {sizes.map((size, i) => (
          <span class="size" key={i}>
            <button aria-label={t('fewer_units', { layer: i + 1 })} onClick={() => size > 1 && set(sizes.map((s, k) => (k === i ? s - 1 : s)))}>
              −
            </button>
            <b>{size}</b>
            <button aria-label={t('more_units_in', { layer: i + 1 })} onClick={() => size < 256 && set(sizes.map((s, k) => (k === i ? s + 1 : s)))}>
              +
            </button>
          </span>
        ))}
        <button onClick={() => sizes.length < 8 && set([...sizes, sizes.at(-1) ?? 4])} aria-label={t('add_layer')}>
          {t('layer_plus')}
        </button>
        <button onClick={() => set(sizes.slice(0, -1))} disabled={!sizes.length} aria-label={t('remove_layer')}>
          {t('layer_minus')}
        </button>
      </div>
      <div class="fields">
        <label class="long">
          {t('recipe')}
          <select
            id="recipe"
            value={settings.recipe}
            onChange={(event) => {
              const recipe = select(event) as 'seed' | 'plain';
              state.settings = { ...settings, recipe, options: { ...settings.options, task: recipe === 'seed' ? 'regression' : undefined } };
              void openTable();
            }}
          >
            <option value="seed">{t('recipe_seed')}</option>
            <option value="plain">{t('recipe_plain')}</option>
          </select>
        </label>
        <label class="long">
          {t('optimizer')}
          <select id="optimizer" value={optimizerName(config.train.optimizer)} onChange={(event) => void change({ train: { optimizer: OPTIMIZERS[select(event)] } })}>
            {Object.keys(OPTIMIZERS).map((name) => (
              <option key={name} value={name}>
                {t(`optimizer_${name}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('activation')}
          <select id="activation" value={config.activation} onChange={(event) => void change({ activation: select(event) })}>
            {ACTIVATIONS.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <NumberField name={t('learning_rate')} id="learning-rate" value={bench.train.learning_rate} set={(learning_rate) => change({ learning_rate })} low={1e-9} />
        <NumberField name={t('batch_size')} id="batch-size" value={bench.batch_size} set={(batch_size) => change({ batch_size: Math.max(1, Math.round(batch_size)) })} low={1} />
        <NumberField name={t('seed')} id="seed" value={config.seed} set={(seed) => change({ seed: Math.max(0, Math.round(seed)) })} low={0} />
      </div>
      <details>
        <summary>{t('more_settings')}</summary>
        <div class="fields">
          {!isSeed && bench.config && (
            <label class="long">
              {t('objective')}
              <select
                value={typeof bench.objective === 'string' ? bench.objective : 'quantile'}
                onChange={(event) => {
                  const objective = select(event);
                  void change({ objective: objective === 'quantile' ? { quantile: [0.1, 0.5, 0.9] } : objective });
                }}
              >
                {(bench.classes.length ? [bench.objective] : ['squared_error', 'poisson', 'quantile']).map((name: string) => (
                  <option key={name} value={name}>
                    {t(`loss_${name}`)}
                  </option>
                ))}
              </select>
            </label>
          )}
          <label class="long">
            {t('initialiser')}
            <select
              value={Object.keys(INITIALISERS).find((key) => JSON.stringify(INITIALISERS[key]) === JSON.stringify(settings.config.initialiser ?? null)) ?? 'default'}
              onChange={(event) => {
                const name = select(event);
                const { initialiser: _, ...rest } = settings.config;
                state.settings = { ...settings, config: name === 'default' ? rest : { ...rest, initialiser: INITIALISERS[name] } };
                void restart();
              }}
            >
              {Object.keys(INITIALISERS).map((name) => (
                <option key={name} value={name}>
                  {t(`initialiser_${name}`)}
                </option>
              ))}
            </select>
          </label>
          <label class="check">
            <input type="checkbox" checked={config.bias ?? !isSeed} onChange={(event) => void change({ bias: (event.target as HTMLInputElement).checked })} />
            {t('bias')}
          </label>
          {!isSeed && (
            <label class="check">
              <input type="checkbox" checked={config.scaling} onChange={(event) => void change({ scaling: (event.target as HTMLInputElement).checked })} />
              {t('scaling')}
            </label>
          )}
          <label class="check">
            <input type="checkbox" checked={config.train.row_order === 'as_given'} onChange={(event) => void change({ train: { row_order: (event.target as HTMLInputElement).checked ? 'as_given' : 'shuffled' } })} />
            {t('rows_in_order')}
          </label>
          <label class="long">
            {t('schedule')}
            <select
              id="schedule"
              value={schedule}
              onChange={(event) => {
                const name = select(event);
                const epochs = name in LIMITED ? (schedule in LIMITED ? bench.train.epochs : RUN_LENGTH) : ENDLESS;
                void change({ train: { schedule: { ...SCHEDULES, ...LIMITED }[name], epochs } });
              }}
            >
              {Object.keys({ ...SCHEDULES, ...LIMITED }).map((name) => (
                <option key={name} value={name}>
                  {t(`schedule_${name}`)}
                </option>
              ))}
            </select>
          </label>
          {schedule in LIMITED && (
            <NumberField name={t('run_length')} id="run-length" value={bench.train.epochs} set={(epochs) => change({ train: { epochs: Math.max(1, Math.round(epochs)) } })} low={1} />
          )}
          <Slider name={t('dropout')} low={0} high={0.8} step={0.05} value={config.dropout} set={(dropout) => void change({ dropout })} />
          <Slider name={t('validation_fraction')} low={0} high={0.8} step={0.05} value={config.validation_fraction} set={(validation_fraction) => void change({ validation_fraction })} />
          <NumberField name="L1" id="l1" value={config.train.l1} set={(l1) => change({ train: { l1 } })} low={0} />
          <NumberField name="L2" id="l2" value={config.train.l2} set={(l2) => change({ train: { l2 } })} low={0} />
          <NumberField name={t('weight_decay')} id="weight-decay" value={bench.train.weight_decay ?? 0} set={(weight_decay) => change({ train: { weight_decay } })} low={0} />
          <button onClick={() => void stepRow(state.selected).then(() => selectRow(state.selected + 1))} disabled={!bench.can_step}>
            {t('one_example')}
          </button>
        </div>
      </details>
    </section>
  );
}

/** A number that is set when it is left or with Enter. */
function NumberField({ name, id, value, set, low }: {
  name: string;
  id: string;
  value: number;
  set(value: number): unknown;
  low: number;
}) {
  return (
    <label>
      {name}
      <input
        key={value}
        id={id}
        inputMode="decimal"
        defaultValue={String(value)}
        onChange={(event) => {
          const field = event.target as HTMLInputElement;
          const number = typed(field.value);
          if (Number.isFinite(number) && number >= low) void set(number);
          else field.value = String(value);
        }}
      />
    </label>
  );
}
