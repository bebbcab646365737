import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type RunningSimulator } from '../../provider-simulator/running-simulator.ts';
import { createBatchRig, maxWaitMs, price, type BatchRig, type Kind } from './batch-rig.ts';

let simulator: RunningSimulator;
let rig: BatchRig;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(async () => await rig.close());
afterAll(() => simulator.close());

const soon = { batches: { durationMs: 0 } };
const answer = 'Refunds are given within 30 days.';

/** Begins so many jobs, whose turns may be gathered at once afterwards. */
async function begin(kind: Kind, count: number, script: Parameters<RunningSimulator['setScript']>[0] = soon, question?: (index: number) => string): Promise<void> {
  await simulator.setScript(script);
  rig = await createBatchRig(kind, simulator);
  for (let index = 0; index < count; index += 1) {
    await rig.enqueue(`job-${index}`);
    expect(await rig.attempt(question?.(index))).toBe('put-aside');
  }
  rig.advance(1_000);
}

/** Rounds, each some seconds after the other, until one brings such an event. */
async function until(type: string, seconds = 8): Promise<string[]> {
  const seen: string[] = [];
  for (let rounds = 0; rounds < 40 && !seen.includes(type); rounds += 1) {
    seen.push(...(await rig.round()));
    rig.advance(seconds * 1_000);
  }
  expect(seen).toContain(type);
  return seen;
}

describe.each<Kind>(['Anthropic', 'OpenAI'])('batches of %s', (kind) => {
  it('answer jobs at half the price, which is held before and charged after', async () => {
    await begin(kind, 2);
    const held = await rig.budget();
    expect(held.spentDollars).toBe(0);
    // Two answers of 100 tokens at half of two dollars each, and some input.
    expect(held.reservedDollars).toBeGreaterThan(2 * 100 * (price.outputDollarsPerMillionTokens / 1_000_000) * 0.5);
    expect(await rig.attempt()).toBe('no-job');
    expect(await until('ended')).toEqual(['submitted', 'turn', 'turn', 'ended']);
    const replies = [await rig.attempt(), await rig.attempt()];
    expect(replies).toMatchObject([{ text: answer }, { text: answer }]);
    const usage = replies.map((reply) => (typeof reply === 'object' && 'usage' in reply ? reply.usage : undefined));
    const full = usage.map((each) => each!.inputTokens + 2 * each!.outputTokens);
    expect(usage.map((each) => each!.dollars)).toEqual(full.map((dollars) => dollars / 2));
    expect(await rig.budget()).toEqual({ spentDollars: (full[0]! + full[1]!) / 2, reservedDollars: 0 });
    expect([rig.direct(), (await rig.job('job-0'))?.attempts]).toEqual([0, 1]);
  });

  it('leave what expired or failed to be asked by itself, and what is wrong to fail', async () => {
    const rules = [{ match: { userContains: 'late' }, respond: { batch: 'expired' as const } }, { match: { userContains: 'down' }, respond: { status: 529 } }, { match: { userContains: 'wrong' }, respond: { status: 400 } }];
    const questions = ['late', 'down', 'wrong'];
    await begin(kind, 3, { ...soon, rules }, (index) => questions[index]!);
    await until('ended');
    const ends = [];
    for (const question of questions) ends.push(await rig.attempt(question));
    expect(ends).toMatchObject([{ text: 'direct 1' }, { text: 'direct 2' }, { failed: { failure: 'invalid_request' } }]);
    expect(await rig.budget()).toEqual({ spentDollars: 0, reservedDollars: 0 });
  });

  it('are found again when the answer to their submission was lost, and not sent twice', async () => {
    await begin(kind, 2, { batches: { durationMs: 0, lostAnswers: 1 } });
    const asked = (await simulator.requests()).length;
    expect(await rig.round()).toEqual(['error']);
    // While the one who submits may still be at it nobody else acts.
    expect(await rig.round()).toEqual([]);
    rig.advance(61_000);
    expect(await until('ended')).toEqual(['found', 'turn', 'turn', 'ended']);
    expect(await rig.attempt()).toMatchObject({ text: answer });
    expect((await simulator.requests()).length - asked).toBe(2);
  });

  it('are sent once more when they never arrived, and twice at most', async () => {
    await begin(kind, 1, { batches: { status: 529 } });
    expect(await rig.round()).toEqual(['error']);
    rig.advance(61_000);
    await simulator.setScript(soon);
    expect(await until('ended')).toEqual(['submitted', 'turn', 'ended']);
    expect(await rig.attempt()).toMatchObject({ text: answer });
  });

  it('that the provider does not know leave the questions to be asked one by one', async () => {
    await begin(kind, 1, { batches: { absent: true } });
    expect(await rig.round()).toEqual(['refused']);
    expect(await rig.attempt()).toMatchObject({ text: 'direct 1' });
    expect(await rig.budget()).toEqual({ spentDollars: 0, reservedDollars: 0 });
  });

  it('are cancelled when nobody waits for them any more', async () => {
    await begin(kind, 2, { batches: { durationMs: 600_000 } });
    expect(await rig.round()).toEqual(['submitted']);
    await rig.cancel('job-0');
    rig.advance(2_000);
    expect(await rig.round()).toEqual([]);
    await rig.cancel('job-1');
    expect(await until('ended')).toEqual(['cancelled', 'turn', 'turn', 'ended']);
    expect(await rig.budget()).toEqual({ spentDollars: 0, reservedDollars: 0 });
  });

  it('that have ended before anybody could cancel them are charged all the same', async () => {
    await begin(kind, 1);
    expect(await rig.round()).toEqual(['submitted']);
    await rig.cancel('job-0');
    expect(await until('ended')).toEqual(['turn', 'ended']);
    const { spentDollars, reservedDollars } = await rig.budget();
    expect([spentDollars > 0, reservedDollars]).toEqual([true, 0]);
  });

  it('are not waited for longer than the agent says', async () => {
    await begin(kind, 1, { batches: { durationMs: 600_000 } });
    expect(await rig.round()).toEqual(['submitted']);
    rig.advance(maxWaitMs);
    expect(await rig.attempt()).toMatchObject({ text: 'direct 1' });
  });
});

describe('turns that no batch has', () => {
  it('are given back with their budget when their job is cancelled', async () => {
    await begin('OpenAI', 1);
    await rig.cancel('job-0');
    expect(await rig.round()).toEqual([]);
    expect(await rig.budget()).toEqual({ spentDollars: 0, reservedDollars: 0 });
  });

  it('are asked by themselves when the job asks something else now', async () => {
    await begin('OpenAI', 1);
    rig.advance(maxWaitMs);
    expect(await rig.attempt('Where is my parcel?')).toMatchObject({ text: 'direct 1' });
    expect(await rig.budget()).toEqual({ spentDollars: 0, reservedDollars: 0 });
  });

  it('wait for others until a batch is full', async () => {
    await simulator.setScript(soon);
    rig = await createBatchRig('OpenAI', simulator);
    for (const id of ['a', 'b', 'c']) {
      expect(await rig.round()).toEqual([]);
      await rig.enqueue(id);
      await rig.attempt();
    }
    expect(await rig.round()).toEqual(['submitted']);
  });
});
