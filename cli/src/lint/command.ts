import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { parseCommandLine, usageError } from '../command-line.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { paletteFor } from '../terminal/palette.ts';
import { installedBy } from './chart-values.ts';
import { emptyFiles } from './empty-files.ts';
import { type FileReport, lintFile } from './lint-file.ts';
import { togetherWarnings } from './together.ts';

const help = `Usage: kubectl sluice lint -f FILE [-f FILE ...]

Checks manifests of sluice.dev without a cluster: unknown fields, types, bounds, the rules between fields, and freezes that can
not be read or never begin. YAML or JSON, with several documents in a file. One line on standard output for each problem: file,
document, field, value and what to write instead. On standard error: warnings of what is allowed and surprises, and notes about
other kinds, which are not checked. Of several manifests it is a warning that one names an object, or a key of a ConfigMap or
Secret, that none of them holds, a model whose cost is to be measured and that has no price, or that agents which depend on each
other or share a group are in several shards. A file that holds no manifest is a problem, or of a folder that holds others a
warning. Whether a change is allowed, and what is in the cluster, only the API server knows.

Options:
  -f, --filename FILE  a manifest, or a folder of them (*.yaml, *.yml, *.json), subfolders included; "-" is standard input;
                       may be repeated
      --values FILE    values that the operator's chart was or will be installed with: whether rollout.gates.source
                       Prometheus has one is checked by them; may be repeated, the last one that says so counts
  -h, --help           this text

Exit code: 0 no problems, warnings or none; 1 problems; 64 when the command line is wrong; 66 when a file cannot be read.`;

export const lintCommand: Command = { name: 'lint', summary: 'check manifests without a cluster', help, run };

async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const line = parseCommandLine('lint', args, { filename: { type: 'string', short: 'f', multiple: true }, values: { type: 'string', multiple: true } });
  const files = line.texts('filename');
  const [argument] = line.positionals;
  if (argument !== undefined) throw usageError('lint', `"${argument}" is one argument too many: name files by -f`);
  if (files.length === 0) throw usageError('lint', '-f FILE is missing: name a manifest, or - for standard input');
  const values = await Promise.all(line.texts('values').map((file) => readFor('--values', file, surroundings)));
  const options = { now: surroundings.clock.now(), installed: installedBy(values) };
  const reports: FileReport[] = [];
  for (const given of files) {
    const named = await Promise.all((await filesOf(given, surroundings)).map(async (path) => ({ file: path === '-' ? '<stdin>' : path, text: await readFor('-f', path, surroundings) })));
    const found = named.map(({ file, text }) => ({ file, report: lintFile(file, text, options) }));
    reports.push(...found.map(({ report: told }) => told), emptyFiles(found));
  }
  return report(reports, surroundings);
}

async function filesOf(path: string, surroundings: Surroundings): Promise<readonly string[]> {
  const files = await surroundings.manifestFiles(path).catch((error: unknown) => { throw unreadable(path, error); });
  if (files.length > 0) return files;
  throw new CliError(`folder "${path}" and its subfolders hold no manifest: name one with files that end in .yaml, .yml or .json by -f`, { exitCode: exitCode.noInput });
}

function readFor(option: '-f' | '--values', file: string, surroundings: Surroundings): Promise<string> {
  return surroundings.readFile(file).catch((error: unknown) => { throw unreadable(file, error, option); });
}

function unreadable(path: string, error: unknown, option: '-f' | '--values' = '-f'): CliError {
  return new CliError(`cannot read "${path}": ${error instanceof Error ? error.message : String(error)}; check the path given by ${option}`, { exitCode: exitCode.noInput, cause: error });
}

function report(reports: readonly FileReport[], { stdout, stderr, env }: Surroundings): ExitCode {
  const problems = reports.flatMap((file) => file.problems);
  const warnings = [...reports.flatMap((file) => file.warnings), ...togetherWarnings(reports.flatMap(({ manifests }) => manifests))];
  const checked = reports.reduce((sum, file) => sum + file.checked, 0);
  const palette = paletteFor(stdout, env);
  writeLines(stderr, [...reports.flatMap(({ notes }) => notes), ...warnings]);
  writeLines(stdout, problems.map((problem) => palette.bad(problem)));
  writeLines(stderr, [`${counted(checked, 'manifest')} checked, ${counted(problems.length, 'problem')}${warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`}`]);
  return problems.length === 0 ? exitCode.ok : exitCode.bad;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
