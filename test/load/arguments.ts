import { parseArgs } from 'node:util';

export interface LoadArguments {
  readonly url: URL;
  readonly rate: number;
  readonly durationSeconds: number | undefined;
  readonly timeoutMs: number;
  readonly connections: 'per-request' | 'keep-alive';
  readonly maxInFlight: number;
  /** A file, or undefined for the built-in mix. */
  readonly mixFile: string | undefined;
  readonly streamShare: number | undefined;
  readonly seed: number;
}

/** An argument that cannot be used; the message names it, its value and the fix. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

export const USAGE = `node test/load/main.ts --url URL [options]
  --url URL             of the agent; requests go to URL/v1/invoke
  --rate N              requests a second, open loop (default 20)
  --duration SECONDS    default: until SIGTERM
  --mix FILE|built-in   what to ask (default built-in)
  --stream-share N      share of the requests that stream, 0 to 1 (default: the mix's)
  --timeout-ms N        deadline of a request (default 15000)
  --keep-alive          reuse connections (default: a new one for each request)
  --max-in-flight N     above it requests are dropped and counted so (default 1000)
  --seed N              of the mix (default 1)`;

/** Throws ArgumentError. */
export function parseArguments(argv: readonly string[]): LoadArguments {
  const values = read(argv);
  return {
    url: urlOf(values.url),
    rate: numberOf('--rate', values.rate ?? '20', { min: 0.01, max: 10_000 }),
    durationSeconds: values.duration === undefined ? undefined : numberOf('--duration', values.duration, { min: 0.1, max: 604_800 }),
    timeoutMs: numberOf('--timeout-ms', values['timeout-ms'] ?? '15000', { min: 1, max: 600_000 }),
    connections: values['keep-alive'] ? 'keep-alive' : 'per-request',
    maxInFlight: numberOf('--max-in-flight', values['max-in-flight'] ?? '1000', { min: 1, max: 100_000 }),
    mixFile: values.mix === undefined || values.mix === 'built-in' ? undefined : values.mix,
    streamShare: values['stream-share'] === undefined ? undefined : numberOf('--stream-share', values['stream-share'], { min: 0, max: 1 }),
    seed: numberOf('--seed', values.seed ?? '1', { min: 0, max: 4_294_967_295 }),
  };
}

function read(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: { url: text, rate: text, duration: text, mix: text, 'stream-share': text, 'timeout-ms': text, 'keep-alive': { type: 'boolean' }, 'max-in-flight': text, seed: text },
    }).values;
  } catch (cause) {
    throw new ArgumentError(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`, { cause });
  }
}

function urlOf(value: string | undefined): URL {
  const url = value === undefined ? null : URL.parse(value);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new ArgumentError(`--url ${value ?? 'is missing'}: give the agent's address, such as http://agent.demo.svc`);
}

function numberOf(name: string, value: string, { min, max }: { readonly min: number; readonly max: number }): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= min && number <= max) return number;
  throw new ArgumentError(`${name} ${value}: give a number from ${min} to ${max}`);
}
