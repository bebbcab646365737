import type { Clock, Timer } from '@sluice/kube';
import { type Output, writeLines } from '../surroundings.ts';
import { printable } from '../terminal/printable.ts';
import { timeSpan } from '../terminal/time-span.ts';

/** Says what something that takes long is at: nothing for what is done within two seconds. */
export interface Heartbeat {
  /** Replaces what it is at. */
  readonly update: (text: string) => void;
  readonly stop: () => void;
}

const firstMs = 2_000;
/** Milliseconds between two lines: a log of a pipeline is read afterwards. */
const intervalMs = { tty: 2_000, none: 10_000 } as const;

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly output: Output;
}

/** Writes a line after two seconds, and then one each time the interval of the output is over, until it is stopped. */
export function startHeartbeat(label: string, text: string, { clock, output }: HeartbeatOptions): Heartbeat {
  const began = clock.monotonic();
  const state: { text: string; timer: Timer | undefined } = { text, timer: undefined };
  const beat = (): void => {
    writeLines(output, [printable(`${label}: ${state.text} (for ${timeSpan(clock.monotonic() - began)})`)]);
    state.timer = clock.setTimer(intervalMs[output.terminal], beat);
  };
  state.timer = clock.setTimer(firstMs, beat);
  return {
    update: (next) => {
      state.text = next;
    },
    stop: () => state.timer?.cancel(),
  };
}
