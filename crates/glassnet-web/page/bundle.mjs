// One HTML file of the page: `node bundle.mjs CORE.deflate OUT.html`.

import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [core, out] = process.argv.slice(2);
const options = { bundle: true, minify: !process.env.READABLE, write: false, target: 'es2022', format: 'iife', charset: 'utf8', jsx: 'automatic', jsxImportSource: 'preact' };
const text = async (entry, define = {}) => {
  const { outputFiles } = await build({ ...options, entryPoints: [entry], define });
  return outputFiles[0].text;
};

const packed = readFileSync(core).toString('base64');
const inline = (script) => script.replace(/<\/script/gi, '<\\/script').trim();
const worker = await text('src/worker.ts');
const boot = inline(await text('src/boot.ts', { WORKER: JSON.stringify(worker) }));
const script = inline(await text('src/main.tsx'));
const { outputFiles } = await build({ entryPoints: ['src/style.css'], bundle: true, minify: true, write: false });
const style = outputFiles[0].text.trim();
const hash = (content) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
const policy = [
  "default-src 'none'",
  `script-src ${hash(boot)} ${hash(script)} 'wasm-unsafe-eval' blob:`,
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ');
const html = readFileSync('src/index.html', 'utf8')
  .replace('POLICY', () => policy)
  .replace('STYLE', () => style)
  .replace('BOOT', () => boot)
  // Beside the script, which then is small to compile.
  .replace('CORE', () => packed)
  .replace('SCRIPT', () => script);
writeFileSync(out, html);
console.log(`${out}: ${html.length} characters, script ${script.length}, core ${packed.length}`);
