import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileExpectation, createCheckTime, gradeTranscript, loadStaticEmbedder, type Embedder } from '@sluice/evals';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../hack/src/progress/terminal-progress.ts';
import { ensureTools } from '../../hack/src/tools/tools.ts';

const stop = new AbortController();
let folder: string;
let embedder: Embedder;

/** The model that the package of WordLlama brings: 32,000 tokens, 256 numbers each. */
beforeAll(async () => {
  const options = { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), signal: stop.signal };
  const packages = (await ensureTools(['wordllama-packages'], options))['wordllama-packages'];
  folder = await mkdtemp(join(tmpdir(), 'sluice-embedding-'));
  await cp(join(packages, 'wordllama/weights/l2_supercat_256.safetensors'), join(folder, 'model.safetensors'));
  await cp(join(packages, 'wordllama/tokenizers/l2_supercat_tokenizer_config.json'), join(folder, 'tokenizer.json'));
  embedder = await loadStaticEmbedder(folder);
}, 1_500_000);

afterAll(async () => {
  stop.abort();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

const policy = 'You can return it within 30 days.';

// What docs/evaluations.md says of such models: words are near, orders of words and a "not" are not seen.
it.each([
  ['the same in other words', 'Returns are accepted for thirty days.', 0.5, 'Pass'],
  ['something else', 'The weather in Paris is sunny.', 0.2, 'Fail'],
  ['a paraphrase that shares no word', 'Send it back to us whenever a month has not passed.', 0.8, 'Fail'],
  ['the contrary', 'You cannot return it within 30 days.', 0.8, 'Pass'],
] as const)('%s, held against a real model', async (_title, answer, atLeast, verdict) => {
  const graders = compileExpectation({ similarTo: { texts: [policy], atLeast } }, { embedder });
  const transcript = { answer, ending: 'answered' as const, toolCalls: [], latencyMs: 1 };
  expect(await gradeTranscript(graders, transcript, { evalCase: { name: 'c', input: { text: 'May I return it?' } }, signal: stop.signal, onJudgeCost: () => {}, checkTime: createCheckTime(performance) })).toMatchObject({ verdict });
});
