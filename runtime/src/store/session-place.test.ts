import { expect, it } from 'vitest';
import { sessionPlace } from './session-place.ts';

it.each([
  ['postgres', 'database'],
  ['sqlite', 'redis'],
] as const)('sessions of an agent with a store of the kind %s and a Redis server are in the %s', (kind, place) => {
  expect(sessionPlace({ kind })).toBe(place);
});
