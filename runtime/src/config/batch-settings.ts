import { durationMilliseconds, type AgentBundle } from '@sluice/crds';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import type { Environment } from './environment.ts';

/** How jobs that may wait are asked by batch. */
export interface BatchSettings {
  /** How long the first of a batch waits for others, in milliseconds. */
  readonly collectMs: number;
  /** After it a job is asked by itself, in milliseconds. */
  readonly maxWaitMs: number;
}

const longest = { SLUICE_JOB_BATCH_COLLECT: 3_600_000, SLUICE_JOB_BATCH_MAX_WAIT: 172_800_000 } as const;
export const defaultBatchWait = '25h';

/** 0 for what is no duration. */
function millisecondsOf(text: string): number {
  try {
    return durationMilliseconds(text);
  } catch {
    return 0;
  }
}

function parse(field: keyof typeof longest, text: string): number | ConfigProblem {
  const milliseconds = millisecondsOf(text);
  if (milliseconds >= 1_000 && milliseconds <= longest[field]) return milliseconds;
  return { field, value: text, problem: `must be a duration between 1s and ${longest[field] / 3_600_000}h`, fix: `Write for example "${field === 'SLUICE_JOB_BATCH_COLLECT' ? '1m' : defaultBatchWait}"` };
}

/** Reads SLUICE_JOB_BATCH_COLLECT and SLUICE_JOB_BATCH_MAX_WAIT; undefined: nothing is asked by batch. Throws ConfigError. */
export function readBatchSettings(environment: Environment, kind: AgentBundle['model']['provider']['kind'] | undefined): BatchSettings | undefined {
  const text = environment['SLUICE_JOB_BATCH_COLLECT']?.trim() ?? '';
  if (text === '') return undefined;
  const collectMs = parse('SLUICE_JOB_BATCH_COLLECT', text);
  const maxWaitMs = parse('SLUICE_JOB_BATCH_MAX_WAIT', environment['SLUICE_JOB_BATCH_MAX_WAIT']?.trim() || defaultBatchWait);
  const provider: ConfigProblem[] = kind === 'Ollama' ? [{ field: 'SLUICE_JOB_BATCH_COLLECT', value: text, problem: 'asks for batches, which a provider of the kind Ollama does not have', fix: 'Remove spec.jobs.batch, or name a provider of the kind Anthropic or OpenAI' }] : [];
  if (typeof collectMs === 'object' || typeof maxWaitMs === 'object' || provider.length > 0) throw new ConfigError([collectMs, maxWaitMs, ...provider].filter((each) => typeof each === 'object'));
  return { collectMs, maxWaitMs };
}
