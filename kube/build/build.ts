import { execFile } from 'node:child_process';
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publishedManifest, type WorkspaceManifest } from './published-manifest.ts';

const run = promisify(execFile);
const workspace = fileURLToPath(new URL('..', import.meta.url));
const COMPILE_TIMEOUT_MS = 120_000;

/**
 * Makes `folder` anew: the package as it is published, JavaScript and declarations instead of TypeScript, because Node strips no types
 * inside node_modules. Throws the compiler's output when it finds errors.
 */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await compile(join(folder, 'lib'));
  await pointDeclarationsAtJavaScript(join(folder, 'lib'));
  const manifest = JSON.parse(await readFile(join(workspace, 'package.json'), 'utf8')) as WorkspaceManifest;
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(publishedManifest(manifest), undefined, 2)}\n`);
  await cp(join(workspace, 'README.md'), join(folder, 'README.md'));
  await cp(join(workspace, 'docs'), join(folder, 'docs'), { recursive: true });
  await cp(join(workspace, '../LICENSE'), join(folder, 'LICENSE'));
}

async function compile(outDir: string): Promise<void> {
  const compiler = fileURLToPath(new URL('./lib/tsc.js', import.meta.resolve('typescript/package.json')));
  const options = ['-p', join(workspace, 'build/tsconfig.json'), '--outDir', outDir];
  try {
    await run(process.execPath, [compiler, ...options], { cwd: workspace, timeout: COMPILE_TIMEOUT_MS });
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    throw new Error(`the package does not compile: ${stdout || 'the compiler did not run'}`, { cause: error });
  }
}

/** The compiler rewrites `./x.ts` in JavaScript only; a declaration that names `.ts` needs newer compilers than one that names `.js`. */
async function pointDeclarationsAtJavaScript(folder: string): Promise<void> {
  for await (const file of glob('**/*.d.ts', { cwd: folder })) {
    const path = join(folder, file);
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(/(from '|import\(')(\.{1,2}\/[^']+)\.ts(')/g, '$1$2.js$3'));
  }
}
