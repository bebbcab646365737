import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../progress/clock.ts';
import type { Progress } from '../progress/progress.ts';
import { createTerminalProgress } from '../progress/terminal-progress.ts';

/** The log file of one run: everything that the terminal shows, and what the programs said beside it. */
export interface RunLog {
  readonly path: string;
  /** Steps go to the terminal and to the file. */
  readonly progress: Progress;
  line(text: string): void;
  close(): Promise<void>;
}

/** Starts the file anew. */
export async function openRunLog(path: string, terminal: Progress, clock: Clock): Promise<RunLog> {
  await mkdir(dirname(path), { recursive: true });
  const stream = createWriteStream(path);
  const inFile = createTerminalProgress({ stream, clock });
  return {
    path,
    progress: both(terminal, inFile),
    line: (text) => void stream.write(`${text}\n`),
    close: async () => end(stream),
  };
}

/** One progress that tells two. */
export function both(first: Progress, second: Progress): Progress {
  return {
    step: (title) => {
      const steps = [first.step(title), second.step(title)];
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
