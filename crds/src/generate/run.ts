import { compare, write, type Difference, type GeneratedFiles } from './generated-files.ts';

export interface GenerateOptions {
  /** Root of the repository. */
  readonly root: string;
  readonly files: GeneratedFiles;
  /** Arguments of the command: nothing, or `--check`. */
  readonly args: readonly string[];
  readonly print: (text: string) => void;
}

const usage = `Usage: node crds/src/generate/main.ts [--check]      CRDs and the API reference
       node operator/src/rbac/generate.ts [--check]  rights in the chart and their reference

Writes the files that are generated from TypeScript sources.
  --check   write nothing; exit with 1 and name the files that are out of date
  --help    print this text
`;

/** Runs one generator as a command and returns its exit code: 0 done or up to date, 1 out of date, 2 wrong arguments. */
export async function runGenerator({ root, files, args, print }: GenerateOptions): Promise<0 | 1 | 2> {
  const unknown = args.find((arg) => arg !== '--check' && arg !== '--help');
  if (unknown !== undefined) {
    print(`Unknown argument "${unknown}".\n\n${usage}`);
    return 2;
  }
  if (args.includes('--help')) {
    print(usage);
    return 0;
  }
  if (!args.includes('--check')) {
    const lines = describe(await write(root, files), { missing: 'written', changed: 'written', leftOver: 'deleted' });
    print(`${[...lines, `${files.size} generated files are up to date`].join('\n')}\n`);
    return 0;
  }
  const lines = describe(await compare(root, files), { missing: 'missing', changed: 'out of date', leftOver: 'no longer generated' });
  if (lines.length === 0) {
    print(`${files.size} generated files are up to date\n`);
    return 0;
  }
  print(`${lines.join('\n')}\nRun "npm run generate" and commit the result.\n`);
  return 1;
}

function describe(difference: Difference, words: Readonly<Record<keyof Difference, string>>): string[] {
  return (['missing', 'changed', 'leftOver'] as const).flatMap((kind) => difference[kind].map((file) => `${words[kind]}: ${file}`));
}
