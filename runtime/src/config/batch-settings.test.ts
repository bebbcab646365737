import { describe, expect, it } from 'vitest';
import { readBatchSettings } from './batch-settings.ts';

describe('the settings of batches', () => {
  it.each([
    ['nothing', {}, undefined],
    ['a time to wait alone', { SLUICE_JOB_BATCH_MAX_WAIT: '1h' }, undefined],
    ['a time to collect', { SLUICE_JOB_BATCH_COLLECT: '30s' }, { collectMs: 30_000, maxWaitMs: 90_000_000 }],
    ['both', { SLUICE_JOB_BATCH_COLLECT: '1m', SLUICE_JOB_BATCH_MAX_WAIT: '2h' }, { collectMs: 60_000, maxWaitMs: 7_200_000 }],
  ])('come of %s', (_name, environment, expected) => {
    expect(readBatchSettings(environment, 'Anthropic')).toEqual(expected);
  });

  it.each([
    ['soon', '1h', 'Anthropic', 'SLUICE_JOB_BATCH_COLLECT must be a duration between 1s and 1h (got "soon"). Write for example "1m"'],
    ['2h', '1h', 'OpenAI', '(got "2h")'],
    ['1m', '90h', 'OpenAI', 'SLUICE_JOB_BATCH_MAX_WAIT must be a duration between 1s and 48h (got "90h"). Write for example "25h"'],
    ['1m', '1h', 'Ollama', 'a provider of the kind Ollama does not have'],
  ] as const)('refuse to collect for %s and to wait for %s at %s', (collect, wait, kind, sentence) => {
    expect(() => readBatchSettings({ SLUICE_JOB_BATCH_COLLECT: collect, SLUICE_JOB_BATCH_MAX_WAIT: wait }, kind)).toThrow(sentence);
  });
});
