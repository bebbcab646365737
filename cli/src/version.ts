import { readFile } from 'node:fs/promises';
import { apiGroup, apiVersion } from '@sluice/crds';
import type { Command } from './command.ts';
import { parseCommandLine, usageError } from './command-line.ts';
import { exitCode } from './exit-code.ts';
import { writeLines } from './surroundings.ts';

const help = `Usage: kubectl sluice version

The version of this program and of the API that it speaks. The cluster is not asked.

Options:
  -h, --help  this text

Exit code: 0; 64 when the command line is wrong.`;

export const versionCommand: Command = {
  name: 'version',
  summary: 'the version of this program and of its API',
  help,
  async run(args, { stdout }) {
    const [argument] = parseCommandLine('version', args, {}).positionals;
    if (argument !== undefined) throw usageError('version', `"${argument}" is one argument too many`);
    const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
    writeLines(stdout, [`kubectl-sluice ${manifest.version}, API ${apiGroup}/${apiVersion}`]);
    return exitCode.ok;
  },
};
