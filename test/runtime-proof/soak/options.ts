import { parseArgs } from 'node:util';

export type SoakOptions = { readonly kind: 'help' } | { readonly kind: 'streams'; readonly clients: number; readonly waves: number; readonly holdSeconds: number } | { readonly kind: 'requests'; readonly requests: number; readonly minutes: number };

export const HELP = `npm run soak:runtime -- [options]
  --requests N  requests of all kinds, faults of the provider among them, as fast as the machine takes them, 1000 to 10000000; default
                72000: what an agent that is asked ten times a second gets in two hours
  --minutes N   no more are sent after so many minutes, 1 to 1440; default 1440
  --clients N   instead: so many clients that read server-sent events at the same time, 10 to 50000
  --waves N     how often they come and go, 2 to 20; default 2
  --hold N      seconds for which they stay, 1 to 3600; default 30
  --help        this text
Ends with 1 when memory was not flat, or not shown to be, and when a request failed.
`;

function numberFrom(option: string, text: string | undefined, { default: value, least, most }: { readonly default: number; readonly least: number; readonly most: number }): number {
  if (text === undefined) return value;
  const given = Number(text);
  if (!Number.isInteger(given) || given < least || given > most) throw new RangeError(`${option} has '${text}': give a whole number from ${least} to ${most}`);
  return given;
}

/** Throws RangeError or TypeError that names the option. */
export function parseOptions(args: readonly string[]): SoakOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { requests: text, minutes: text, clients: text, waves: text, hold: text, help: { type: 'boolean' } } });
  if (values.help === true) return { kind: 'help' };
  if (values.clients === undefined) {
    const requests = numberFrom('--requests', values.requests, { default: 72_000, least: 1_000, most: 10_000_000 });
    return { kind: 'requests', requests, minutes: numberFrom('--minutes', values.minutes, { default: 1_440, least: 1, most: 1_440 }) };
  }
  return {
    kind: 'streams',
    clients: numberFrom('--clients', values.clients, { default: 10_000, least: 10, most: 50_000 }),
    waves: numberFrom('--waves', values.waves, { default: 2, least: 2, most: 20 }),
    holdSeconds: numberFrom('--hold', values.hold, { default: 30, least: 1, most: 3_600 }),
  };
}
