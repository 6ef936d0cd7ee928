// Evaluates ONNX models with onnxruntime-web, for the tests: node run.mjs FOLDER.
// FOLDER/jobs.json: [{ "model": file, "inputs": [{ "name", "type", "dims", "file" }] }]. For each job n and output: FOLDER/n-NAME.bin (raw, little-endian),
// and FOLDER/results.json: { "jobs": [{ "outputs": [{ "name", "type", "dims", "file" }] } or { "error": text }], "models": { file: { "inputs": [{ "name", "type", "shape" }], "outputs" } } }.
import fs from 'node:fs';
import path from 'node:path';
import { InferenceSession, Tensor, env } from 'onnxruntime-web';

env.wasm.numThreads = 1;
env.logLevel = 'error';
const folder = process.argv[2];
const arrays = { float32: Float32Array, int64: BigInt64Array, bool: Uint8Array };

function read({ type, dims, file }) {
  const bytes = fs.readFileSync(path.join(folder, file));
  return new Tensor(type, new arrays[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), dims);
}

const sessions = new Map();
const results = [];
const signatures = {};
for (const [n, { model, inputs }] of JSON.parse(fs.readFileSync(path.join(folder, 'jobs.json'), 'utf8')).entries()) {
  try {
    if (!sessions.has(model)) {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
      sessions.set(model, await InferenceSession.create(new Uint8Array(fs.readFileSync(path.join(folder, model))), { executionProviders: ['wasm'] }));
      signatures[model] = { inputs: sessions.get(model).inputMetadata, outputs: sessions.get(model).outputMetadata };
    }
    const computed = await sessions.get(model).run(Object.fromEntries(inputs.map((input) => [input.name, read(input)])));
    const outputs = Object.entries(computed).map(([name, tensor]) => {
      const file = `${n}-${name}.bin`;
      fs.writeFileSync(path.join(folder, file), new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength));
      return { name, type: tensor.type, dims: tensor.dims, file };
    });
    results.push({ outputs });
  } catch (failure) {
    results.push({ error: String(failure?.message ?? failure) });
  }
}
fs.writeFileSync(path.join(folder, 'results.json'), JSON.stringify({ jobs: results, models: signatures }));
process.exit(0);
