// Renders Vega-Lite figures to SVG and PNG files. One process renders many figures.
//
//   node render.mjs < requests.jsonl
//
// Input, one JSON line a request, until the end: {"jobs": [{"name", "spec", "svg"?: path, "png"?: path, "scale"?: pixels per unit}]}.
// Output, one JSON line a job, in order: {"name", "warnings": [text]} or {"name", "error": text}; {"done": true} after a request's last.
// Exit code 0 when the input could be read, whatever became of single figures.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const missing = name => {
  process.stderr.write(`cannot load the npm package '${name}'\n`);
  process.exit(3);
};
const load = async name => {
  try { return await import(name); } catch { return missing(name); }
};

const vega = await load('vega');
const vegaLite = await load('vega-lite');
const { Resvg } = await load('@resvg/resvg-js');
const { default: opentype } = await load('opentype.js');

// The figures' typeface comes from npm as well: the same picture on every machine, and never a picture without text.
const inter = (() => {
  try { return dirname(require.resolve('@expo-google-fonts/inter/package.json')); } catch { return missing('@expo-google-fonts/inter'); }
})();
const fontFiles = {
  normal: join(inter, '400Regular/Inter_400Regular.ttf'),
  italic: join(inter, '400Regular_Italic/Inter_400Regular_Italic.ttf'),
  bold: join(inter, '600SemiBold/Inter_600SemiBold.ttf'),
};
const parsed = new Map();
const face = file => {
  if (!parsed.has(file)) {
    const bytes = readFileSync(file);
    parsed.set(file, opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)));
  }
  return parsed.get(file);
};

// Characters that the typeface lacks would be drawn as boxes: they become warnings.
const unknown = new Set();

// Without a canvas Vega guesses a text's width from its length, and legends get gaps or overlap: measure with the font instead.
vega.textMetrics.width = (item, text) => {
  const size = item.fontSize ?? 11;
  const shown = text ?? item.text ?? '';
  const line = Array.isArray(shown) ? shown.map(String).reduce((a, b) => (a.length > b.length ? a : b), '') : String(shown);
  if (size <= 0 || line === '') return 0;
  const bold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
  const font = face(bold ? fontFiles.bold : item.fontStyle === 'italic' ? fontFiles.italic : fontFiles.normal);
  let units = 0;
  for (const character of line) {
    if (font.charToGlyphIndex(character) === 0) unknown.add(character);
    units += font.charToGlyph(character).advanceWidth;
  }
  return (units * size) / font.unitsPerEm;
};

const render = async job => {
  const warnings = [];
  const logger = {
    level() { return this; },
    error(...parts) { throw new Error(parts.join(' ')); },
    warn(...parts) { warnings.push(parts.join(' ')); return this; },
    info() { return this; },
    debug() { return this; },
  };
  unknown.clear();
  const { spec } = vegaLite.compile(job.spec, { logger });
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger });
  const svg = await view.toSVG();
  view.finalize();
  for (const character of unknown) warnings.push(`the typeface has no glyph for '${character}'`);
  if (job.svg) writeFileSync(job.svg, svg);
  if (job.png) {
    const image = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: job.scale ?? 2 },
      font: { fontFiles: Object.values(fontFiles), loadSystemFonts: false, defaultFontFamily: 'Inter' },
    }).render();
    writeFileSync(job.png, image.asPng());
  }
  return warnings;
};

for await (const request of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  for (const job of JSON.parse(request).jobs) {
    let line;
    try {
      line = { name: job.name, warnings: await render(job) };
    } catch (problem) {
      line = { name: job.name, error: problem.message };
    }
    process.stdout.write(JSON.stringify(line) + '\n');
  }
  process.stdout.write('{"done":true}\n');
}
