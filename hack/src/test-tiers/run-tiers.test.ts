import { expect, test } from 'vitest';
import { systemClock } from '../progress/clock.ts';
import { runTiers } from './run-tiers.ts';
import { NOTHING, nothingHinders, type Tier, type TierContext, type TierResult } from './tier.ts';

function tier(title: string, run: () => Promise<TierResult>, hindrance: Tier['hindrance'] = nothingHinders): Tier {
  return { name: 'unit', title, hindrance, run };
}

function contextOf(signal: AbortSignal): { context: TierContext; shown: string[] } {
  const shown: string[] = [];
  const terminal = { write: (text: string) => shown.push(text) } as unknown as NodeJS.WriteStream;
  return { context: { repository: '/clone', signal, clock: systemClock, env: {}, terminal }, shown };
}

const GREEN = async (): Promise<TierResult> => ({ ...NOTHING, passed: 2 });

test('a tier that fails or throws stops none of the others', async () => {
  const { context } = contextOf(new AbortController().signal);
  const outcomes = await runTiers([tier('a', async () => Promise.reject(new Error('no disk'))), tier('b', GREEN)], 'skips fail', context);
  expect(outcomes.map(({ title, result }) => [title, result.passed, result.failed, result.remarks])).toEqual([
    ['a', 0, 1, ['no disk']],
    ['b', 2, 0, []],
  ]);
});

test('a tier that cannot run is told loudly, and has failed where nothing may be skipped', async () => {
  const hindered = tier('e2e', GREEN, async () => 'it needs root');
  const { context, shown } = contextOf(new AbortController().signal);
  const [elsewhere] = await runTiers([hindered], 'skips are told', context);
  expect(elsewhere?.result).toMatchObject({ passed: 0, failed: 0, skipped: 1 });
  expect(shown.join('')).toContain('!!! SKIPPED: e2e does not run here: it needs root');
  const [inCi] = await runTiers([hindered], 'skips fail', context);
  expect(inCi?.result).toMatchObject({ failed: 1, skipped: 0 });
});

test('an abort ends the run with its reason', async () => {
  const controller = new AbortController();
  const { context } = contextOf(controller.signal);
  const interrupted = tier('a', async () => {
    controller.abort(new Error('stopped by SIGINT'));
    throw new Error('a child was killed');
  });
  await expect(runTiers([interrupted, tier('b', async () => Promise.reject(new Error('must not run')))], 'skips fail', context)).rejects.toThrow('stopped by SIGINT');
});
