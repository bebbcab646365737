import { expect, it } from 'vitest';
import { LAST_PHASE, PHASE_ANNOTATION, SENT_ANNOTATION } from '../spec.ts';
import { Tally } from './tally.ts';

const changed = (name: string, phase: string, sentNs = process.hrtime.bigint()): Parameters<Tally['reconciled']>[0] => ({
  metadata: { name, annotations: { [SENT_ANNOTATION]: String(sentNs).padStart(20, '0'), [PHASE_ANNOTATION]: phase } },
});

it('is done when every object was reconciled in its final phase, and counts what came before', async () => {
  const tally = new Tally({ objects: 2, events: 3, warmUp: 0 });
  for (const [name, phase] of [['a', 'going'], ['a', LAST_PHASE], ['b', LAST_PHASE]] as const) {
    tally.changed();
    tally.reconciled(changed(name, phase));
  }
  expect(await tally.figures()).toMatchObject({ events: 3, reconciles: 3 });
});

it('does not count what an earlier run sent, nor objects that never changed', async () => {
  const earlier = process.hrtime.bigint() - 1_000_000_000n;
  const tally = new Tally({ objects: 1, events: 1, warmUp: 0 });
  tally.reconciled(changed('a', LAST_PHASE, earlier));
  tally.reconciled({ metadata: { name: 'a' } });
  tally.changed();
  tally.reconciled(changed('a', LAST_PHASE));
  expect(await tally.figures()).toMatchObject({ events: 1, reconciles: 1 });
});

it('measures latency from the send time, after the warm-up', async () => {
  const tally = new Tally({ objects: 1, events: 2, warmUp: 1 });
  tally.reconciled(changed('a', 'going'));
  const sent = process.hrtime.bigint();
  tally.reconciled(changed('a', LAST_PHASE, sent));
  const { latencyP50Ms, latencyP99Ms } = await tally.figures();
  expect(latencyP50Ms).toBe(latencyP99Ms);
  expect(latencyP50Ms).not.toBe(0);
});
