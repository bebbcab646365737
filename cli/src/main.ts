import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { systemClock } from '@sluice/kube';
import { runRuntime } from './eval/runtime-process.ts';
import { exitCode } from './exit-code.ts';
import { manifestFiles } from './lint/manifest-files.ts';
import { randomRequestId } from './random-request-id.ts';
import { run } from './run.ts';
import type { Output } from './surroundings.ts';
import { workingFiles } from './working-files.ts';

function outputOf(stream: NodeJS.WriteStream): Output {
  // a reader that has seen enough (`| head`) is no error
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exitCode.ok : exitCode.unavailable));
  return {
    terminal: stream.isTTY ? 'tty' : 'none',
    get width() {
      return stream.isTTY ? stream.columns : undefined;
    },
    write: (part) => void stream.write(part),
  };
}

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (interrupt.signal.aborted) process.exit(exitCode.interrupted); // a second signal: at once
    interrupt.abort(new Error(`received ${name}`));
  });
}

process.exitCode = await run(process.argv.slice(2), {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  env: process.env,
  clock: systemClock,
  signal: interrupt.signal,
  newRequestId: randomRequestId,
  readFile: (path) => (path === '-' ? text(process.stdin) : readFile(path, 'utf8')),
  manifestFiles,
  readBytes: (path) => createReadStream(path),
  files: workingFiles,
  runRuntime,
  fetch: globalThis.fetch,
});
