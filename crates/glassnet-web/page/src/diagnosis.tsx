// P8: what is wrong, the evidence, what to do; and the tug of war.

import { useEffect, useState } from 'preact/hooks';
import { ask } from './core';
import { decimals, full } from './format';
import { Sentence } from './markdown';
import { unitName } from './layout';
import { attempt, blocksOf, denseLayers, inTurn, SLOWLY, state, targetOf, useChanges } from './state';
import { change, diagnose } from './training';
import { type Finding } from './types';
import { has, language, t } from './words';

const MOST_FOUND = 5;

/** A fix that the page can make, from the flags of the command. */
export function fixOf(flags: string[]): { config: { [key: string]: any } } | undefined {
  const config: { [key: string]: any } = {};
  for (const flag of flags) {
    const [name, value] = flag.replace(/^--/, '').split(' ');
    if (name === 'learning-rate') config.learning_rate = Number(value);
    else if (name === 'hidden') config.hidden_layer_sizes = value === 'none' ? [] : value.split(',').map(Number);
    else if (name === 'activation') config.activation = value;
    else if (name === 'class-weight') config.class_weight = value;
    else if (name === 'gradient-clip-norm') config.train = { ...config.train, gradient_clip_norm: Number(value) };
    else if (flag === 'without --initialiser') config.initialiser = null;
    else if (flag === 'without --no-scaling') config.scaling = true;
    else if (flag.startsWith('--dropout 0')) Object.assign(config, { dropout: 0, train: { weight_decay: 0, l1: 0, l2: 0 } });
    else if (name === 'restarts') config.seed = Number(state.settings.config.seed ?? 0) + 1;
    else return undefined;
  }
  return flags.length ? { config } : undefined;
}

/** A finding's sentence and remedy: the core's own in English, one a code elsewhere. */
export function sentenceOf(finding: Finding): string {
  return language() === 'en' ? finding.message : t(`finding_${finding.code}`);
}

export function remedyOf(finding: Finding): string {
  return language() === 'en' ? finding.remedy.text : t(`remedy_${finding.code}`);
}

export function DiagnosisPanel() {
  const { findings, bench, frame, isTraining } = useChanges(SLOWLY);
  const [isDeep, setDeep] = useState(false);
  if (!bench || !frame) return null;
  const first = findings.find((finding) => finding.severity !== 'info');
  const hasNotes = !first && findings.length > 0;
  const nothing = frame.epoch ? (hasNotes ? 'only_notes' : 'nothing_wrong') : 'nothing_yet';
  const status = first ? t('verdict', { severity: t(`severity_${first.severity}`), sentence: sentenceOf(first) }) : t(nothing);
  return (
    <section class="panel diagnosis" id="diagnosis" aria-labelledby="diagnosis-title">
      <header>
        <h2 id="diagnosis-title">{t('diagnosis')}</h2>
        <div class="tools">
          <button
            disabled={isTraining || isDeep || !frame.epoch}
            onClick={async () => {
              setDeep(true);
              await diagnose(true);
              setDeep(false);
            }}
          >
            {t(isDeep ? 'looking' : 'look_deeper')}
          </button>
        </div>
      </header>
      <p id="diag" role="status" class={`verdict ${first?.severity ?? (hasNotes ? 'noted' : 'fine')}`} data-code={first?.code ?? ''} >
        <Sentence text={status} />
      </p>
      {frame.stop_reason?.non_finite && <p class="verdict error">{t('broke_off', { epoch: frame.stop_reason.non_finite.epoch })}</p>}
      <ul class="findings">
        {findings.slice(0, MOST_FOUND).map((finding) => (
          <Found key={finding.code + finding.message} finding={finding} />
        ))}
      </ul>
      <TugOfWar />
    </section>
  );
}

export function Found({ finding, isFixable = true }: { finding: Finding; isFixable?: boolean }) {
  const evidence = Object.entries(finding.evidence);
  const [title, sentence] = [t(`finding_${finding.code}`), sentenceOf(finding)];
  const fix = isFixable ? fixOf(finding.remedy.flags) : undefined;
  return (
    <li class={finding.severity}>
      <details>
        <summary>
          <span class="tag">{t(`severity_${finding.severity}`)}</span> <b>{title}</b> <code>{finding.code}</code>
        </summary>
        {sentence !== title && (
          <p>
            <Sentence text={sentence} />
          </p>
        )}
        {evidence.length > 0 && (
          <table class="numbers">
            <tbody>
              {evidence.map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{has(`evidence_${name}`) ? t(`evidence_${name}`) : <Sentence text={name} />}</th>
                  <td title={typeof value === 'number' ? full(value) : value}>{typeof value === 'number' ? (Number.isInteger(value) ? String(value) : decimals(value)) : value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <p>
          {t('remedy')} <Sentence text={remedyOf(finding)} /> {finding.remedy.flags.length > 0 && <code>{finding.remedy.flags.join(' ')}</code>}
        </p>
        {fix && (
          <button class="primary" onClick={() => void change(fix.config)}>
            {t('try_it')}
          </button>
        )}
      </details>
    </li>
  );
}

/** How hard each row pulls at each weight of a small output layer, and what is left over. */
function TugOfWar() {
  const { bench, frame, isTraining } = useChanges(SLOWLY);
  const [pulls, setPulls] = useState<{ n_rows: number; pulls: Float64Array }>();
  const isSmall = !!bench && bench.n_training_rows <= 16 && (frame?.params.length ?? 99) <= 32;
  useEffect(() => {
    if (!isSmall || isTraining) return;
    let isOld = false;
    void attempt(() => inTurn(() => ask({ do: 'pulls' }))).then((found) => !isOld && found && setPulls(found));
    return () => void (isOld = true);
  }, [isSmall, frame?.params, isTraining]);
  if (!isSmall || !pulls || !bench || !frame) return null;
  const dense = denseLayers(bench);
  const layer = dense.at(-1)!;
  const { weight } = blocksOf(bench, layer);
  if (!weight || weight.shape[1] !== 1 || pulls.pulls.length !== pulls.n_rows * frame.params.length) return null;
  const columns = Array.from({ length: weight.end - weight.start }, (_, i) => weight.start + i);
  const pull = (row: number, param: number) => pulls.pulls[row * frame.params.length + param];
  const rows = Array.from({ length: pulls.n_rows }, (_, row) => row);
  const most = Math.max(1e-300, ...rows.flatMap((row) => columns.map((param) => Math.abs(pull(row, param)))));
  const cell = (value: number, key: number | string) => (
    <td key={key} class={value < 0 ? 'pull minus' : 'pull plus'} title={full(value)}>
      <span class="bar" style={{ width: `${(Math.abs(value) / most) * 50}%` }} />
      {decimals(value, 5)}
    </td>
  );
  const sums = columns.map((param) => rows.reduce((sum, row) => sum + pull(row, param), 0));
  return (
    <details class="tug" id="tug">
      <summary>{t('tug_of_war')}</summary>
      <p class="hint">{t('tug_about')}</p>
      <div class="scroll" tabindex={0} role="region" aria-label={t('tug_of_war')}>
        <table class="numbers">
          <thead>
            <tr>
              <th>{t('row')}</th>
              <th>{t('target')}</th>
              {columns.map((param, i) => (
                <th key={param}>
                  w({dense.length > 1 ? unitName(bench, dense, dense.length - 2, i) : bench.input_names[i]})
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row}>
                <th scope="row">{row + 1}</th>
                <td>{targetOf(row)}</td>
                {columns.map((param) => cell(pull(row, param), param))}
              </tr>
            ))}
            <tr class="sum">
              <th scope="row">{t('sum')}</th>
              <td />
              {sums.map((value, i) => cell(value, i))}
            </tr>
          </tbody>
        </table>
      </div>
    </details>
  );
}
