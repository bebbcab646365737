import { parseArgs } from 'node:util';
import type { SoakStore } from './soak-agent.ts';

export type SoakOptions =
  | { readonly kind: 'help' }
  | { readonly kind: 'streams'; readonly clients: number; readonly waves: number; readonly holdSeconds: number }
  | { readonly kind: 'requests'; readonly requests: number; readonly minutes: number; readonly stores: readonly SoakStore[]; readonly mebibytes: number };

export const HELP = `npm run soak:runtime -- [options]
  --requests N  requests of all kinds, faults of the provider and of tools among them, as fast as the machine takes them, 1000 to 10000000;
                default 72000: what an agent that is asked ten times a second gets in two hours
  --minutes N   no more are sent after so many minutes, 1 to 1440; default 1440
  --store S     where the agent keeps its state: file, memory, or both in turn; default both
  --room N      MiB that its state may grow to, 4 to 1024; default 64, of which more than half is taken within minutes
  --clients N   instead: so many clients that read server-sent events at the same time, 10 to 50000
  --waves N     how often they come and go, 2 to 20; default 2
  --hold N      seconds for which they stay, 1 to 3600; default 30
  --help        this text
Ends with 1 when memory was not flat, or not shown to be, when a request failed, when the store did not fill or was full, and when a write was made twice.
`;

const stores: Readonly<Record<string, readonly SoakStore[]>> = { file: ['file'], memory: ['memory'], both: ['file', 'memory'] };

function numberFrom(option: string, text: string | undefined, { default: value, least, most }: { readonly default: number; readonly least: number; readonly most: number }): number {
  if (text === undefined) return value;
  const given = Number(text);
  if (!Number.isInteger(given) || given < least || given > most) throw new RangeError(`${option} has '${text}': give a whole number from ${least} to ${most}`);
  return given;
}

function storesFrom(text: string): readonly SoakStore[] {
  const found = stores[text];
  if (found === undefined) throw new RangeError(`--store has '${text}': give one of ${Object.keys(stores).join(', ')}`);
  return found;
}

/** Throws RangeError or TypeError that names the option. */
export function parseOptions(args: readonly string[]): SoakOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { requests: text, minutes: text, store: text, room: text, clients: text, waves: text, hold: text, help: { type: 'boolean' } } });
  if (values.help === true) return { kind: 'help' };
  if (values.clients === undefined) {
    const requests = numberFrom('--requests', values.requests, { default: 72_000, least: 1_000, most: 10_000_000 });
    const minutes = numberFrom('--minutes', values.minutes, { default: 1_440, least: 1, most: 1_440 });
    return { kind: 'requests', requests, minutes, stores: storesFrom(values.store ?? 'both'), mebibytes: numberFrom('--room', values.room, { default: 64, least: 4, most: 1_024 }) };
  }
  return {
    kind: 'streams',
    clients: numberFrom('--clients', values.clients, { default: 10_000, least: 10, most: 50_000 }),
    waves: numberFrom('--waves', values.waves, { default: 2, least: 2, most: 20 }),
    holdSeconds: numberFrom('--hold', values.hold, { default: 30, least: 1, most: 3_600 }),
  };
}
