import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../../hack/src/progress/terminal-progress.ts';
import { ensureSystemPrograms, ensureTools } from '../../../hack/src/tools/tools.ts';

export interface SchemathesisReport {
  readonly code: number;
  readonly output: string;
}

export interface SchemathesisOptions {
  /** Of the OpenAPI document. */
  readonly document: string;
  /** For each operation and phase. */
  readonly maxExamples: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Milliseconds of a run on a machine that does other things too. */
const runLimit = 900_000;
const mostOutput = 16 * 1_048_576;
const configFile = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
const hooksFolder = fileURLToPath(new URL('.', import.meta.url));

/** Makes requests of all kinds out of the document, valid and not, alone and in sequences, and checks every answer against it. */
export async function runSchemathesis({ document, maxExamples, seed, signal }: SchemathesisOptions): Promise<SchemathesisReport> {
  const options = { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), signal };
  const packages = (await ensureTools(['schemathesis-packages'], options))['schemathesis-packages'];
  const { python3 } = await ensureSystemPrograms(['python3'], options);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-schemathesis-'));
  const args = ['-m', 'schemathesis.cli', '--config-file', configFile, 'run', document, '--max-examples', String(maxExamples), '--seed', String(seed), '--continue-on-failure', '--no-shrink', '--request-timeout', '60', '--no-color', '--warnings', 'off'];
  // Its bytecode goes elsewhere: a file that changes in the tool cache is a damaged tool.
  const env = { PATH: process.env['PATH'], HOME: folder, PYTHONPATH: `${packages}:${hooksFolder}`, PYTHONPYCACHEPREFIX: join(folder, 'bytecode'), SCHEMATHESIS_HOOKS: 'hooks', DO_NOT_TRACK: '1', COLUMNS: '200' };
  try {
    return await new Promise((resolve) => {
      execFile(python3, args, { cwd: folder, env, signal: AbortSignal.any([signal, AbortSignal.timeout(runLimit)]), maxBuffer: mostOutput }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
