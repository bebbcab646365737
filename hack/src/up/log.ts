import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno } from '../process/identity.ts';
import type { Clock } from '../progress/clock.ts';
import type { Progress } from '../progress/progress.ts';
import { createTerminalProgress } from '../progress/terminal-progress.ts';
import { UpError } from './up-error.ts';

/** The log file of one run: everything that the terminal shows, and what the programs said beside it. */
export interface RunLog {
  readonly path: string;
  /** Steps go to the terminal and to the file. */
  readonly progress: Progress;
  line(text: string): void;
  close(): Promise<void>;
}

/** First line of every log: by it the file is known as ours before it is overwritten or removed. */
const FIRST_LINE = 'Log of the last run of the hack/ scripts of Sluice\n';

/** Starts the file anew. Throws UpError when there is a file that is no such log. */
export async function openRunLog(path: string, terminal: Progress, clock: Clock): Promise<RunLog> {
  await mkdir(dirname(path), { recursive: true });
  if ((await whoseLog(path)) === 'foreign') throw new UpError(`${path} is not a log of Sluice and would be overwritten: move it away, or give another --name or --state`);
  const stream = createWriteStream(path);
  stream.write(FIRST_LINE);
  const inFile = createTerminalProgress({ stream, clock });
  return {
    path,
    progress: both(terminal, inFile),
    line: (text) => void stream.write(`${text}\n`),
    close: async () => end(stream),
  };
}

/** Removes the log of a run; another file of that name is left alone. */
export async function removeRunLog(path: string): Promise<void> {
  if ((await whoseLog(path)) === 'ours') await rm(path);
}

async function whoseLog(path: string): Promise<'absent' | 'ours' | 'foreign'> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_LINE.length), 0, FIRST_LINE.length, 0);
      // A run that was killed at once leaves an empty file.
      return bytesRead === 0 || buffer.toString() === FIRST_LINE ? 'ours' : 'foreign';
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 'absent';
    throw error;
  }
}

/** One progress that tells two. */
export function both(first: Progress, second: Progress): Progress {
  return {
    step: (title, alreadyMs) => {
      const steps = [first.step(title, alreadyMs), second.step(title, alreadyMs)];
      return {
        update: (detail) => {
          for (const step of steps) step.update(detail);
        },
        done: (detail) => {
          for (const step of steps) step.done(detail);
        },
        failed: (reason) => {
          for (const step of steps) step.failed(reason);
        },
      };
    },
  };
}

async function end(stream: WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.end(() => resolve());
  });
}
