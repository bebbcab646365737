import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../../hack/src/progress/terminal-progress.ts';
import { ensureSystemPrograms, ensureTools } from '../../../hack/src/tools/tools.ts';

/** What the client was told of one question. */
export interface PythonAnswer {
  readonly name: string;
  readonly streaming: boolean;
  readonly kinds: readonly string[];
  readonly answer: string;
}

/** Milliseconds. */
const runLimit = 120_000;
const program = fileURLToPath(new URL('python-client.py', import.meta.url));

/** Asks the agent at `url` by the Python SDK, whole and streamed. Throws with its output when it fails. */
export async function askByPython(url: string, signal: AbortSignal): Promise<readonly PythonAnswer[]> {
  const options = { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), signal };
  const packages = (await ensureTools(['a2a-python-packages'], options))['a2a-python-packages'];
  const { python3 } = await ensureSystemPrograms(['python3'], options);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-a2a-'));
  // Its bytecode goes elsewhere: a file that changes in the tool cache is a damaged tool.
  const env = { PATH: process.env['PATH'], HOME: folder, PYTHONPATH: packages, PYTHONPYCACHEPREFIX: join(folder, 'bytecode') };
  try {
    const output = await new Promise<string>((resolve, reject) => {
      execFile(python3, [program, url], { cwd: folder, env, signal: AbortSignal.any([signal, AbortSignal.timeout(runLimit)]) }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`the Python client of A2A failed:\n${stderr.slice(-4_000)}`, { cause: error }));
      });
    });
    return output.trim().split('\n').map((line) => JSON.parse(line) as PythonAnswer);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
