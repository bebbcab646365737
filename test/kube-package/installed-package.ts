import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildPackage } from '../../kube/build/build.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

/** Of the package's dependencies, what a TypeScript user on Node has anyway, and what an example of the documents uses. */
const LINKED = ['undici', 'yaml', '@types/node', 'prom-client'];

/** A user's folder outside of this repository with the packed package in its node_modules. */
export interface InstalledPackage {
  readonly folder: string;
  /** Of the installed package itself. */
  readonly package: string;
  /** Compiles `sources` (file name to text) strictly, library declarations included, in a folder of their own. `options` go before the compiler's own here. */
  compile(sources: Readonly<Record<string, string>>, options?: Readonly<Record<string, unknown>>): Promise<Compiled>;
  remove(): Promise<void>;
}

export interface Compiled {
  /** With the JavaScript. */
  readonly folder: string;
  /** The compiler's; '' when it has none. */
  readonly complaints: string;
}

/** Builds, packs and installs it without a registry: the dependencies are links to the repository's own. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-package-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await install(folder);
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, package: packageIn(folder), compile: (sources, options = {}) => compile(folder, sources, options), remove };
}

async function install(folder: string): Promise<void> {
  const built = join(folder, 'built');
  await buildPackage(built);
  const { stdout } = await run('npm', ['pack', '--json', '--offline', '--ignore-scripts', '--pack-destination', folder], { cwd: built, timeout: TIMEOUT_MS });
  await mkdir(packageIn(folder), { recursive: true });
  await run('tar', ['-xzf', join(folder, packedFile(stdout)), '-C', packageIn(folder), '--strip-components=1'], { timeout: TIMEOUT_MS });
  for (const name of LINKED) await link(name, join(folder, 'node_modules', name));
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
}

function packageIn(folder: string): string {
  return join(folder, 'node_modules/@sluice/kube');
}

const USER_OPTIONS = {
  target: 'es2024', lib: ['es2024'], module: 'nodenext', types: ['node'], strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true, noPropertyAccessFromIndexSignature: true, verbatimModuleSyntax: true, isolatedModules: true,
};

/** npm 12 answers with an object by package name, older ones with a list. */
function packedFile(stdout: string): string {
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string }>);
  if (packed === undefined) throw new Error(`npm pack named no file: ${stdout}`);
  return packed.filename;
}

async function link(name: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url)), path);
}

async function compile(parent: string, sources: Readonly<Record<string, string>>, options: Readonly<Record<string, unknown>>): Promise<Compiled> {
  const folder = await mkdtemp(join(parent, 'user-'));
  for (const [name, text] of Object.entries(sources)) await writeFile(join(folder, name), text);
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...USER_OPTIONS, ...options }, include: ['*.ts'] }));
  const compiler = fileURLToPath(new URL('./lib/tsc.js', import.meta.resolve('typescript/package.json')));
  try {
    await run(process.execPath, [compiler, '-p', folder], { timeout: TIMEOUT_MS });
    return { folder, complaints: '' };
  } catch (error) {
    return { folder, complaints: (error as { readonly stdout?: string }).stdout || String(error) };
  }
}
