// P11: the state as an address; figures, model, data and code as files.

import { useState } from 'preact/hooks';
import { ask } from './core';
import { tableText } from './data';
import { type Settings, presetSettings } from './settings';
import { attempt, inTurn, state, useChanges } from './state';
import { modelFile } from './training';
import { language, t } from './words';

/** Bytes of an address that every browser and messenger takes. */
const MOST_BYTES = 8_192;
const MOST_ROWS = 200;

async function through(bytes: Uint8Array, stream: { readable: ReadableStream; writable: WritableStream }): Promise<Uint8Array> {
  const piped = new Blob([bytes as BlobPart]).stream().pipeThrough(stream as ReadableWritablePair);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

function base64url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** The settings as `#v1.…`; with the parameters where the network is to come along. */
export async function fragment(withWeights: boolean): Promise<string> {
  const { settings, frame } = state;
  const all = { settings, ...(withWeights && frame ? { params: [...frame.params] } : {}) };
  const bytes = new TextEncoder().encode(JSON.stringify(all));
  return `#v1.${base64url(await through(bytes, new CompressionStream('deflate-raw')))}`;
}

export interface Shared {
  settings: Settings;
  params?: number[];
}

/** What an address holds; nothing where it holds nothing. Throws where it cannot be read. */
export async function fromFragment(hash: string): Promise<Shared | undefined> {
  if (hash.length < 2) return undefined;
  const match = /^#v(\d+)\.([\w-]+)$/.exec(hash);
  if (!match) return /[#&](dataset|activation|networkShape)=/.test(hash) ? { settings: fromTensorFlow(hash) } : undefined;
  if (match[1] !== '1') throw new Error(t('newer_link', { version: match[1] }));
  try {
    const binary = atob(match[2].replace(/-/g, '+').replace(/_/g, '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const json = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw'))));
    const own = presetSettings('xor');
    const { source, options, recipe, config } = json.settings;
    if (typeof source !== 'object' || typeof config !== 'object') throw new Error('settings');
    return { settings: { ...own, source, options: options ?? {}, recipe: recipe === 'plain' ? 'plain' : 'seed', config }, params: json.params };
  } catch {
    throw new Error(t('broken_link'));
  }
}

/** The state of a link of tensorflow/playground, as near as there is: its names and defaults are in its state.ts. */
export function fromTensorFlow(hash: string): Settings {
  const values = Object.fromEntries(new URLSearchParams(hash.slice(1)));
  const isRegression = values.problem === 'regression';
  const classes: Record<string, string> = { circle: 'circle', xor: 'xor_cloud', gauss: 'gauss', spiral: 'spiral' };
  const numbers: Record<string, string> = { 'reg-plane': 'plane', 'reg-gauss': 'hills' };
  const preset = isRegression ? (numbers[values.regDataset] ?? 'plane') : (classes[values.dataset] ?? 'circle');
  const settings = presetSettings(preset);
  const features: [string, string, boolean][] = [
    ['x', 'x1', true],
    ['y', 'x2', true],
    ['xSquared', 'x1_squared', false],
    ['ySquared', 'x2_squared', false],
    ['xTimesY', 'x1_x2', false],
    ['sinX', 'sin_x1', false],
    ['sinY', 'sin_x2', false],
  ];
  const columns = features.filter(([name, , own]) => (values[name] === undefined ? own : values[name] === 'true')).map(([, column]) => column);
  const number = (name: string, otherwise: number) => (Number.isFinite(Number(values[name])) && values[name] !== undefined && values[name] !== '' ? Number(values[name]) : otherwise);
  const seed = Math.floor(number('seed', 0) * 100_000);
  const shape = values.networkShape === undefined ? [4, 2] : values.networkShape.split(',').filter(Boolean).map(Number);
  const activations: Record<string, string> = { relu: 'relu', tanh: 'tanh', sigmoid: 'sigmoid', linear: 'identity' };
  const rate = number('regularizationRate', 0);
  return {
    ...settings,
    source: { preset, seed, n_rows: isRegression ? 1200 : 500, noise: number('noise', 0) / 100, columns: columns.length ? columns : ['x1', 'x2'] },
    options: { ...settings.options, number: columns },
    config: {
      ...settings.config,
      hidden_layer_sizes: shape.slice(0, 6),
      activation: activations[values.activation] ?? 'tanh',
      learning_rate: number('learningRate', 0.03),
      batch_size: number('batchSize', 10),
      validation_fraction: 1 - number('percTrainData', 50) / 100,
      scaling: false,
      seed,
      train: {
        optimizer: { sgd: {} },
        l1: values.regularization === 'L1' ? rate : 0,
        l2: values.regularization === 'L2' ? rate : 0,
      },
    },
  };
}

function save(name: string, content: BlobPart, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A figure of the page as an SVG of its own: with the colours that it has here. */
export function svgOf(selector: string): string | undefined {
  const source = document.querySelector<SVGSVGElement>(`${selector} svg`);
  if (!source) return undefined;
  const copy = source.cloneNode(true) as SVGSVGElement;
  const names = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-family', 'font-size', 'font-weight', 'opacity'];
  const [from, to] = [source, copy].map((svg) => [svg, ...svg.querySelectorAll('*')]);
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    (to[i] as SVGElement).setAttribute('style', names.map((name) => `${name}:${style.getPropertyValue(name)}`).join(';'));
    for (const name of ['tabindex', 'role', 'aria-label', 'class']) to[i].removeAttribute(name);
  });
  const [, , width, height] = (source.getAttribute('viewBox') ?? '0 0 400 300').split(' ');
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', width);
  copy.setAttribute('height', height);
  return new XMLSerializer().serializeToString(copy);
}

async function pngOf(svg: string): Promise<Blob | null> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width * 2;
  canvas.height = image.height * 2;
  const context = canvas.getContext('2d')!;
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/png'));
}

/** A cell as a spreadsheet may have it: text that would be a formula there is marked as text. */
export function safeCell(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) && !Number.isFinite(Number(cell)) ? `'${cell}` : cell;
}

const FIGURES = ['network', 'map', 'loss', 'position'];
const CODES: [string, string, string][] = [
  ['rust', 'Rust', 'network.rs'],
  ['numpy', 'NumPy', 'network.py'],
  ['c', 'C', 'network.c'],
];

export function SharePanel() {
  const { table, bench, settings } = useChanges(0, () => [state.table, state.bench, state.settings, language()]);
  const [link, setLink] = useState('');
  const [note, setNote] = useState('');
  const [withWeights, setWith] = useState(false);
  const [figure, setFigure] = useState('network');
  const [code, setCode] = useState('');
  if (!bench || !table) return null;
  const share = async () => {
    if (settings.source.text && table.n_rows > MOST_ROWS) {
      setNote(t('link_too_many_rows', { most: MOST_ROWS }));
      return;
    }
    const hash = await fragment(withWeights);
    history.replaceState(null, '', hash);
    setLink(location.href);
    setNote(hash.length > MOST_BYTES ? t('link_long', { kilobytes: Math.ceil(hash.length / 1024) }) : '');
    void navigator.clipboard?.writeText(location.href).catch(() => undefined);
  };
  return (
    <section class="panel share" id="share" aria-labelledby="share-title">
      <header>
        <h2 id="share-title">{t('share')}</h2>
      </header>
      <div class="tools">
        <button class="primary" id="make-link" onClick={share}>
          {t('make_link')}
        </button>
        <label class="check">
          <input type="checkbox" id="with-weights" checked={withWeights} onChange={() => setWith(!withWeights)} />
          {t('with_weights')}
        </label>
      </div>
      {link && <input class="link" id="link" readOnly value={link} aria-label={t('link')} onFocus={(event) => (event.target as HTMLInputElement).select()} />}
      {link && (
        <details>
          <summary>{t('embed')}</summary>
          <textarea readOnly rows={2} aria-label={t('embed')} value={`<iframe src="${link.replace('#', link.includes('?') ? '&embed=1#' : '?embed=1#')}" width="800" height="600"></iframe>`} />
        </details>
      )}
      {note && <p role="status">{note}</p>}
      <div class="tools">
        <label>
          {t('figure')}
          <select value={figure} onChange={(event) => setFigure((event.target as HTMLSelectElement).value)}>
            {FIGURES.map((name) => (
              <option key={name} value={name}>
                {t(name)}
              </option>
            ))}
          </select>
        </label>
        <button
          id="save-svg"
          onClick={() => {
            const svg = svgOf(`#${figure} ${figure === 'map' ? '.square' : ''}`);
            if (svg) save(`${figure}.svg`, svg, 'image/svg+xml');
          }}
        >
          SVG
        </button>
        <button
          id="save-png"
          onClick={async () => {
            const svg = svgOf(`#${figure} ${figure === 'map' ? '.square' : ''}`);
            const png = svg && (await pngOf(svg));
            if (png) save(`${figure}.png`, png, 'image/png');
          }}
        >
          PNG
        </button>
      </div>
      <div class="tools">
        <button
          id="save-model"
          onClick={async () => {
            const bytes = await modelFile();
            if (bytes) save(`${table.name.replace(/\.\w+$/, '')}.glassnet.safetensors`, bytes as BlobPart, 'application/octet-stream');
          }}
        >
          {t('save_model')}
        </button>
        <button
          id="save-data"
          onClick={() => save(`${table.name.replace(/\.\w+$/, '')}.csv`, tableText(table.cells.map((column) => column.map(safeCell)), table.columns.map((column) => safeCell(column.name))), 'text/csv')}
        >
          {t('save_data')}
        </button>
        {CODES.map(([to, name, file]) => (
          <button
            key={to}
            id={`save-${to}`}
            onClick={() =>
              void attempt(() => inTurn(() => ask({ do: 'code', to }))).then((json) => {
                if (!json) return;
                setCode(json.text);
                save(file, json.text, 'text/plain');
              })
            }
          >
            {name}
          </button>
        ))}
      </div>
      {code && <textarea readOnly class="code" rows={8} aria-label={t('code')} value={code} />}
    </section>
  );
}
