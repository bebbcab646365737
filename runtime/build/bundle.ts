import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OutputChunk, rolldown } from 'rolldown';
import { inAscii } from '../../packing/ascii.ts';
import { crdsParts } from '../../packing/crds-parts.ts';
import { licencesOf } from '../../packing/licences.ts';
import { BUILTINS, builtinParts } from './builtin-parts.ts';
import { docsPage, docsPageFiles, docsPageFolder } from './docs-page.ts';
import { undiciParts } from './undici-parts.ts';

const input = { runtime: fileURLToPath(new URL('../src/main.ts', import.meta.url)) };

/**
 * Writes into `folder` what the image runs: `runtime.js`, a chunk for each part that is loaded only where it is asked for, the files of the page at
 * /docs, and the licences of all that. Functions and classes keep their names, for stack traces and logs. Throws what rolldown finds wrong.
 */
export async function buildRuntime(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Node takes a .js file for a CommonJS module where no package.json says otherwise.
  await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
  const chunks = await bundle();
  for (const { fileName, code } of chunks) await writeFile(join(folder, fileName), inAscii(code));
  await cp(docsPageFiles, join(folder, docsPageFolder), { recursive: true });
  await writeFile(join(folder, 'LICENSES.txt'), await licencesOf(chunks.flatMap(({ moduleIds }) => moduleIds)));
}

async function bundle(): Promise<readonly OutputChunk[]> {
  const build = await rolldown({ input, platform: 'node', plugins: [undiciParts, builtinParts, crdsParts, docsPage] });
  try {
    const { output } = await build.generate({
      format: 'esm',
      codeSplitting: { groups: [{ name: 'builtins', test: BUILTINS }] },
      comments: false,
      minify: { compress: true, mangle: { toplevel: false, keepNames: true }, codegen: { removeWhitespace: true } },
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
    });
    return output.filter((part) => part.type === 'chunk');
  } finally {
    await build.close();
  }
}
