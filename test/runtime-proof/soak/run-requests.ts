import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedBundle, startAgent, startSimulatorProgram } from '../agent-program.ts';
import { type Sample, sampleOf } from './memory.ts';
import { type Answers, mixedRequests } from './mixed-requests.ts';

export interface RequestsOptions {
  readonly requests: number;
  /** No more are sent then. Default: all of them are. */
  readonly minutes?: number;
  /** Arguments of node. Default: the sources. */
  readonly program?: readonly string[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface RequestsOutcome {
  readonly samples: readonly Sample[];
  readonly answers: Answers;
}

const concurrency = 16;
const samples = 120;
const told = 24;

/** A provider that fails in every way that it can, now and then. */
const faultyScript = {
  rules: [
    { match: { userContains: 'hold' }, respond: { hangStreamAfterEvents: 3 } },
    { match: {}, probability: 0.01, respond: { status: 500 } },
    { match: {}, probability: 0.01, respond: { status: 429, retryAfter: 0 } },
    { match: { stream: true }, probability: 0.01, respond: { cutStreamAfterEvents: 2 } },
    { match: { stream: true }, probability: 0.01, respond: { errorStreamAfterEvents: 2 } },
    { match: {}, probability: 0.01, respond: { malformedJson: true } },
  ],
};

/** Requests of all kinds one after the other, sixteen at a time, with what is kept in a file: memory is then what the process itself keeps. */
export async function runRequests({ requests, minutes = Number.POSITIVE_INFINITY, program, say, signal }: RequestsOptions): Promise<RequestsOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-soak-'));
  const simulator = await startSimulatorProgram(faultyScript, signal);
  const agent = await startAgent({ bundle: simulatedBundle(simulator.url), environment: { SLUICE_STORE: `sqlite:${join(folder, 'state.db')}` }, program, signal });
  const asking = mixedRequests(agent.url);
  const found: Sample[] = [];
  let next = 0;
  const every = Math.ceil(requests / samples);
  const until = performance.now() + minutes * 60_000;
  const ask = async (): Promise<void> => {
    while (next < requests && performance.now() < until) {
      signal.throwIfAborted();
      const index = next;
      next += 1;
      await asking.send(index);
      if (index % every !== 0) continue;
      const sample = await sampleOf(agent.pid, index);
      found.push(sample);
      if ((index / every) % (samples / told) === 0) say(`${index} requests: ${sample.residentMebibytes.toFixed(1)} MiB, ${sample.files} files`);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, ask));
    return { samples: found, answers: asking.answers() };
  } finally {
    await asking.close();
    await agent.stop();
    await simulator.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
