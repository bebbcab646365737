import { expect, it } from 'vitest';
import { Lanes } from './lanes.ts';

it('runs so many things at a time, in the order in which they came, and goes on after one that failed', async () => {
  const lanes = new Lanes(2);
  const log: string[] = [];
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
  const runs = gates.map(({ promise }, number) => lanes.run(async () => {
    log.push(`begins ${number}`);
    return promise;
  }));
  const outcomes = Promise.allSettled(runs);
  await Promise.resolve();
  expect(log).toEqual(['begins 0', 'begins 1']);
  gates[1]?.reject(new Error('failed'));
  await expect(runs[1]).rejects.toThrow('failed');
  expect(log).toEqual(['begins 0', 'begins 1', 'begins 2']);
  for (const [number, { resolve }] of gates.entries()) resolve(number);
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(log).toEqual(['begins 0', 'begins 1', 'begins 2', 'begins 3']);
});
