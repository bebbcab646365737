import { expect, it } from 'vitest';
import { connectionLimit } from './connection-limit.ts';

it.each([
  ['any number of files', undefined, 16, 20_000],
  ['as many as containers have', 1_048_576, 10_000, 20_000],
  ['4,096 files', 4_096, 16, 3_808],
  ['1,024 files', 1_024, 16, 736],
  ['few files', 256, 16, 153],
  ['hardly any', 20, 16, 16],
  ['files for half of the requests', 20_000, 50_000, 12_000],
])('with %s', (_name, files, maxConcurrentRequests, connections) => {
  expect(connectionLimit(files, maxConcurrentRequests)).toBe(connections);
});
