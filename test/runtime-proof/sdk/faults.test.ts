import { expect, it } from 'vitest';
import { scriptSchema } from '../../provider-simulator/script/script.ts';
import { faults } from './faults.ts';

/** What says how a call is answered, and is no fault: its text, and what becomes of it in a batch. */
const harmless = ['message', 'answer', 'batch'];

it('every way in which the simulator can fail is one that the SDKs are tried under', () => {
  const ways = Object.keys(scriptSchema.shape.rules.unwrap().element.shape.respond.shape);
  expect(ways.length).toBeGreaterThan(10);
  const tried = new Set(faults.flatMap(([, respond]) => Object.keys(respond)));
  expect(ways.filter((way) => !tried.has(way)).toSorted()).toEqual(harmless.toSorted());
});
