import { glob, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { functionLengths } from './function-lengths.ts';
import { quantile } from './quantile.ts';
import { sourceFiles, type SourceFile } from './source-files.ts';

const files = await sourceFiles();
const sources = files.filter(({ role }) => role === 'source');
const repository = new URL('../../', import.meta.url);

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}

/** `file: line` of every line of a source file that `pattern` matches. */
function matches(pattern: RegExp, among: readonly SourceFile[] = sources): string[] {
  return among.flatMap(({ path, text }) => text.split('\n').flatMap((line) => (pattern.test(line) ? [`${path}: ${line.trim()}`] : [])));
}

test('row D/files: median at most 100 lines, p90 at most 300, none above 400, tests included', () => {
  const lengths = sources.map(({ text }) => lineCount(text));
  expect(sources.length).toBeGreaterThan(60);
  expect(quantile(lengths, 0.5)).toBeLessThanOrEqual(100);
  expect(quantile(lengths, 0.9)).toBeLessThanOrEqual(300);
  expect(files.filter(({ text }) => lineCount(text) > 400).map(({ path }) => path)).toEqual([]);
});

test('row D/functions: median at most 12 lines, p90 at most 40', () => {
  const lengths = sources.flatMap(({ text }) => functionLengths(text).map(({ lines }) => lines));
  expect(lengths.length).toBeGreaterThan(400);
  expect(quantile(lengths, 0.5)).toBeLessThanOrEqual(12);
  expect(quantile(lengths, 0.9)).toBeLessThanOrEqual(40);
});

/** Lines of TypeScript in a folder of test/, which all test kube/. */
async function linesUnder(folder: string): Promise<number> {
  let lines = 0;
  for await (const path of glob(`test/${folder}/**/*.ts`, { cwd: repository })) lines += lineCount(await readFile(new URL(path, repository), 'utf8'));
  return lines;
}

test('row D/tests: at least one and a half lines of test to a line of source', async ({ annotate }) => {
  const beside = files.filter(({ role }) => role !== 'source').reduce((sum, { text }) => sum + lineCount(text), 0);
  const apart = (await Promise.all(['kube-faults', 'kube-package', 'dot-i-compat'].map(linesUnder))).reduce((sum, lines) => sum + lines, 0);
  const source = sources.reduce((sum, { text }) => sum + lineCount(text), 0);
  await annotate(`${source} lines of source, ${beside} of test beside them, ${apart} in test/: ${((beside + apart) / source).toFixed(2)} to 1`);
  expect((beside + apart) / source).toBeGreaterThanOrEqual(1.5);
});

test('row D/comments: the share of comment lines shows that neither they nor the code have been left out', async ({ annotate }) => {
  const comments = matches(/^\s*(?:\/\/|\/\*\*|\*)/).length;
  const all = sources.reduce((sum, { text }) => sum + text.split('\n').filter((line) => line.trim() !== '').length, 0);
  await annotate(`${((comments / all) * 100).toFixed(1)} % of the lines that are not empty are comments`);
  expect(comments / all).toBeGreaterThan(0.1);
  expect(comments / all).toBeLessThan(0.2);
});

test('row D.2/options: an option in milliseconds has its unit in its name, and a doc comment at it or at the one before', () => {
  const options = publicSources().flatMap(({ path, text }) => Array.from(text.matchAll(/^export interface \w*Options\b[^]*?^\}$/gm), ([block]) => ({ path, lines: block.split('\n') })));
  const bare = options.flatMap(({ path, lines }) => lines.filter((line, at) => /^ {2}readonly \w+Ms\??: number/.test(line) && !/\*\/$|^ {2}readonly \w+Ms\??: number/.test(lines[at - 1] ?? ''))
    .map((line) => `${path}: ${line.trim()}`));
  expect(bare).toEqual([]);
  const unnamed = options.flatMap(({ path, lines }) => lines.filter((line) => /^ {2}readonly \w*(?:[dD]elay|[dD]eadline|[tT]imeout|[pP]eriod|[dD]uration)\??: number/.test(line)).map((line) => `${path}: ${line.trim()}`));
  expect(unnamed).toEqual([]);
});

test('row D.2/states: a class keeps at most one boolean; what has more states names them', () => {
  const heaps = sources.flatMap(({ path, text }) => Array.from(text.matchAll(/^(?:export )?(?:abstract )?class (\w+)[^]*?^\}$/gm), ([block, name = '']) => ({ path, name, booleans: block.match(/^ {2}#\w+(?:: boolean)? = (?:true|false);$/gm)?.length ?? 0 })))
    .filter(({ booleans }) => booleans > 1);
  expect(heaps).toEqual([]);
});

test('row D.4/1: kube/ imports Node, undici, yaml and itself, nothing of its tests; client-node only where a credential needs it', () => {
  const imported = sources.flatMap(({ path, text }) => Array.from(text.matchAll(/(?:from |import\()'([^']+)'/g), ([, name = '']) => ({ path, name })));
  const allowed = /^(?:node:[\w/]+|undici|yaml)$/;
  const foreign = imported.filter(({ path, name }) => {
    if (name.startsWith('.')) return name.includes('/testing/') || name.includes('.test.');
    return !allowed.test(name) && !(name === '@kubernetes/client-node' && path.startsWith('config/'));
  });
  expect(foreign).toEqual([]);
  expect(imported.length).toBeGreaterThan(200);
});

test('row D.4/1: decisions, data and arithmetic import no transport', () => {
  const pure = /^(?:apply\/(?:differences|digest|ownership|quantity)|backoff|object|resource-type|resource-version|queue\/|informer\/(?:store|freeze)|events\/(?:event-body|spam-guard)|election\/lease-record)/;
  const io = sources.filter(({ path }) => pure.test(path)).flatMap(({ path, text }) => (/from '(?:[./]*transport\/|[./]*client\/kube-client|undici|node:(?:fs|http|https|net|tls|child_process))/.test(text) ? [path] : []));
  expect(io).toEqual([]);
});

test('row D.4/3: time and chance come from clock and random files alone', () => {
  const elsewhere = sources.filter(({ path }) => !/(?:^|\/)[\w-]*(?:clock|random)[\w-]*\.ts$/.test(path));
  expect(matches(/\bDate\.now\(|\bnew Date\(|\bMath\.random\(|\bperformance\.now\(|\b(?:setTimeout|setInterval)\(|\brandomUUID\(/, elsewhere)).toEqual([]);
});

test('row D.4/4: what the package throws are its own errors, and the cause is kept', () => {
  expect(matches(/throw new Error\(\)|throw '|throw `|catch \(error\) \{ throw new \w+\([^,]*\); \}/)).toEqual([]);
  const texts = sources.filter(({ path }) => path !== 'kube-error.ts').flatMap(({ path, text }) => (/\.message\.(?:includes|match|startsWith)\(|\.test\((?:\w+\.)?message\)/.test(text) ? [path] : []));
  expect(texts).toEqual([]);
});

test('row D.4/6: no boolean parameters', () => {
  expect(matches(/[(,]\s*\w+\??: boolean\b(?! =>)/)).toEqual([]);
});

/** The files that index.ts exports from. */
function publicSources(): SourceFile[] {
  const index = sources.find(({ path }) => path === 'index.ts')?.text ?? '';
  return sources.filter(({ path }) => index.includes(`'./${path}'`));
}

/** What stands behind the last comma that is not inside of brackets. */
function lastParameter(parameters: string): string {
  let outer = parameters;
  for (let before = ''; before !== outer;) {
    before = outer;
    outer = outer.replaceAll(/\{[^{}]*\}|\[[^[\]]*\]|<[^<>]*>|\([^()]*\)/g, (inner) => (/signal/.test(inner) ? ' signal ' : ''));
  }
  return outer.split(',').findLast((each) => each.trim() !== '') ?? '';
}

/** Public methods that wait and take no signal, and why. */
const WITHOUT_SIGNAL: Readonly<Record<string, string>> = {
  advance: 'the test that calls it is what time waits for',
  close: 'it ends things, and waits for nothing else',
  finished: 'it is what the signal of the operator ends',
  readCrdFile: 'a file of the package that calls it',
  start: 'the verb of the class that it is compatible with; `stop` ends it',
  trust: 'a file on the disk',
};

test('row D.4/6: what waits and is public takes an AbortSignal, in its last parameter', () => {
  const exported = publicSources();
  expect(exported.length).toBeGreaterThan(30);
  const signature = /^(?: {2}(?:async )?\*?|export (?:async )?function\*? )(?<name>[a-z]\w*)(?:<[^(]*>)?\((?<parameters>.*)\): (?:Promise|AsyncGenerator)</;
  // Classes that are not exported get the caller's signal when they are made.
  const waiting = exported.flatMap(({ path, text }) => text.replaceAll(/^class [^]*?^\}$/gm, '').split('\n').flatMap((line) => {
    const { name = '', parameters = '' } = signature.exec(line)?.groups ?? {};
    return name === '' || Object.hasOwn(WITHOUT_SIGNAL, name) || /signal|CallOptions|WriteOptions|\bcall\b|TransportRequest/i.test(lastParameter(parameters)) ? [] : [`${path}: ${line.trim()}`];
  }));
  expect(waiting).toEqual([]);
});

test('row D.4/7: no default exports, no variables of modules, no collections that modules share', () => {
  expect(matches(/^export default/, files)).toEqual([]);
  expect(matches(/^(?:export )?(?:let|var) /)).toEqual([]);
  expect(matches(/^(?:export )?const \w+(?:: [^=]+)? = (?:new (?:Map|Set|WeakMap|WeakSet)(?:<.*>)?\(\)|\[\];|\{\};)/)).toEqual([]);
  expect(matches(/\b[A-Z][A-Z_0-9]+\.(?:add|set|delete|clear|push|splice|sort)\(/)).toEqual([]);
});

test('a unit test of test/kube-package and test/dot-i-compat starts no process', async () => {
  const starting: string[] = [];
  for await (const path of glob('test/{kube-package,dot-i-compat}/**/*.test.ts', { cwd: repository })) {
    if (path.endsWith('.integration.test.ts')) continue;
    const text = await readFile(new URL(path, repository), 'utf8');
    if (/from '(?:node:child_process|[./\w-]*\/(?:installed-package|running-program|contest)\.ts)'/.test(text)) starting.push(path);
  }
  expect(starting).toEqual([]);
});
