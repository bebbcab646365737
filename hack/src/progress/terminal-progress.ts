import type { Clock } from './clock.ts';
import type { Progress, ProgressStep } from './progress.ts';

export interface TerminalProgressOptions {
  /** Where lines are written, usually `process.stderr` or `process.stdout`. */
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly clock: Clock;
  /** How often a step that says nothing is mentioned where no live line can be drawn. Milliseconds. */
  readonly heartbeatMs?: number;
}

const DEFAULT_HEARTBEAT_MS = 15_000;
const LIVE_REDRAW_MS = 1_000;
const DEFAULT_COLUMNS = 100;
const CLEAR_LINE = '\r\u001B[2K';

/** Prints a line when a step ends; meanwhile a live line on a terminal, or a heartbeat line elsewhere. */
export function createTerminalProgress(options: TerminalProgressOptions): Progress {
  const live = options.stream.isTTY === true;
  const running = new Set<RunningStep>();
  const draw = (): void => {
    if (live) options.stream.write(CLEAR_LINE + liveLine([...running], options));
  };
  const print = (line: string): void => {
    options.stream.write(`${live ? CLEAR_LINE : ''}${line}\n`);
    draw();
  };
  return {
    step: (title, alreadyMs = 0) => {
      const step: RunningStep = { title, detail: '', startedMs: options.clock.monotonicMs() - alreadyMs };
      running.add(step);
      if (live) draw();
      else print(`..   ${title}`);
      const timer = setInterval(
        () => {
          if (live) draw();
          else print(`..   ${describe(step, options.clock)}`);
        },
        live ? LIVE_REDRAW_MS : (options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS),
      );
      timer.unref();
      const end = (mark: string, text: string): void => {
        clearInterval(timer);
        if (!running.delete(step)) return;
        print(`${mark} ${title}${text === '' ? '' : `: ${text}`} (${elapsed(step, options.clock)})`);
      };
      return stepHandle(step, end, draw);
    },
  };
}

interface RunningStep {
  readonly title: string;
  readonly startedMs: number;
  detail: string;
}

function stepHandle(step: RunningStep, end: (mark: string, text: string) => void, draw: () => void): ProgressStep {
  return {
    update: (detail) => {
      step.detail = detail;
      draw();
    },
    done: (detail = '') => end('ok  ', detail),
    failed: (reason) => end('FAIL', reason),
  };
}

function liveLine(steps: readonly RunningStep[], options: TerminalProgressOptions): string {
  const text = steps.map((step) => describe(step, options.clock)).join(' | ');
  const columns = (options.stream.columns ?? DEFAULT_COLUMNS) - 1;
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text;
}

function describe(step: RunningStep, clock: Clock): string {
  return `${step.title} ${elapsed(step, clock)}${step.detail === '' ? '' : `: ${step.detail}`}`;
}

function elapsed(step: RunningStep, clock: Clock): string {
  const seconds = (clock.monotonicMs() - step.startedMs) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}
