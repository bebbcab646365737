import { fakeRandom } from '@sluice/kube';
import { expect, it } from 'vitest';
import { processIdentity } from './process-identity.ts';

const traits = { hostname: 'laptop', pid: 42 };

it('tells two processes apart even where host name and process number are the same', () => {
  const random = fakeRandom(0.25, 0.75);
  const first = processIdentity({ ...traits, random });
  const second = processIdentity({ ...traits, random });
  expect(first).toMatch(/^laptop-42-[0-9a-z]{8}$/);
  expect(second).toMatch(/^laptop-42-[0-9a-z]{8}$/);
  expect(second).not.toBe(first);
});

it('fits into an event, however long the host name is', () => {
  expect(processIdentity({ hostname: 'h'.repeat(253), pid: 4_194_304, random: fakeRandom(0.999_999) }).length).toBeLessThanOrEqual(128);
});

it('keeps its length where chance gives a small number', () => {
  expect(processIdentity({ ...traits, random: fakeRandom(0) })).toBe('laptop-42-00000000');
});
