import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OutputChunk, rolldown } from 'rolldown';
import { inAscii } from '../../packing/ascii.ts';
import { crdsParts } from '../../packing/crds-parts.ts';
import { httpParts } from './http-parts.ts';
import { licencesOf } from '../../packing/licences.ts';
import { undiciParts } from './undici-parts.ts';
import { unusedParts } from './unused-parts.ts';

const source = (name: string): string => fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));
/** Each is one file with all that it needs, node's own modules excepted. */
const PROGRAMS = { operator: source('main'), healthcheck: source('healthcheck') } as const;

/**
 * Writes into `folder` what the image of the operator runs: `operator.js`, `healthcheck.js`, and the licences of what is in them.
 * Functions and classes keep their names, for stack traces and logs. Throws what rolldown finds wrong.
 */
export async function buildOperator(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Node takes a .js file for a CommonJS module where no package.json says otherwise.
  await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
  const chunks = [await bundle(PROGRAMS.operator), await bundle(PROGRAMS.healthcheck)];
  for (const { name, code } of chunks) await writeFile(join(folder, `${name === 'main' ? 'operator' : name}.js`), inAscii(code));
  await writeFile(join(folder, 'LICENSES.txt'), await licencesOf(chunks.flatMap(({ moduleIds }) => moduleIds)));
}

async function bundle(input: string): Promise<OutputChunk> {
  const build = await rolldown({ input, platform: 'node', plugins: [undiciParts, httpParts, unusedParts, crdsParts] });
  try {
    const { output } = await build.generate({ format: 'esm', codeSplitting: false, comments: false, minify: { compress: true, mangle: { toplevel: false, keepNames: true }, codegen: { removeWhitespace: true } } });
    return output[0];
  } finally {
    await build.close();
  }
}
