import type { PublicDeclaration } from './public-declarations.ts';

/** By the first part of the file's path, in the order in which a reader meets them. */
const GROUPS: readonly (readonly [title: string, folders: readonly string[]])[] = [
  ['Connecting', ['config', 'transport']],
  ['Calls', ['client', 'kube-error.ts', 'resource-type.ts', 'resource-version.ts', 'object.ts', 'same-json.ts']],
  ['Informers', ['informer']],
  ['Consistency', ['consistency']],
  ['Work queue', ['queue']],
  ['Controllers', ['controller']],
  ['Leader election', ['election']],
  ['Applying, owning, cleaning up', ['apply', 'garbage']],
  ['Custom resource definitions', ['crd-install']],
  ['Events', ['events']],
  ['Operator class', ['operator-class']],
  ['Metrics and logs', ['metrics', 'logger.ts']],
  ['Time and chance', ['clock-fake.ts', 'clock-server.ts', 'clock-system.ts', 'random-fake.ts', 'random-system.ts', 'random.ts', 'backoff.ts', 'deadline.ts']],
];

/** A table for each group of exports, and a list of the kinds. Throws RangeError when a file fits no group. */
export function apiTables(declarations: readonly PublicDeclaration[]): string {
  const kinds = declarations.filter(({ file, kind }) => file.startsWith('resources/') && kind === 'const');
  const others = declarations.filter((each) => !kinds.includes(each));
  const lost = others.find(({ file }) => !file.startsWith('resources/') && !GROUPS.some(([, folders]) => folders.includes(folderOf(file))));
  if (lost) throw new RangeError(`'${lost.file}' fits none of the groups; add its folder to one`);
  const tables = GROUPS.map(([title, folders]) => table(title, others.filter(({ file }) => folders.includes(folderOf(file)))));
  const known = `\n## Kinds\n\nFor the client and informers; the rest with \`defineResource\`: ${kinds.map(({ name }) => `\`${name}\``).toSorted().join(', ')}.\n`;
  return [...tables, known, table('About the kinds', others.filter(({ file }) => file.startsWith('resources/'))), '\n'].join('');
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function table(title: string, declarations: readonly PublicDeclaration[]): string {
  if (declarations.length === 0) return '';
  const rows = declarations.map(({ kind, name, comment }) => `| \`${name}\` | ${kind} | ${firstSentence(comment)} |\n`);
  return `\n## ${title}\n\n| Export | | What it is |\n|---|---|---|\n${rows.join('')}`;
}

function firstSentence(comment: string): string {
  const [sentence = ''] = /^.*?\.(?= [A-Z`]|$)/.exec(comment) ?? [comment];
  return sentence.replaceAll(/\{@link (\w+)\}/g, '`$1`').replaceAll('|', String.raw`\|`);
}
