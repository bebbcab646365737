import { expect, it } from 'vitest';
import { roomOf } from './store-room.ts';

const mebibyte = 2 ** 20;

it.each([
  ['in a file, 1 GiB', { file: '/state.db' }, 256 * mebibyte, 1_024 * mebibyte],
  ['in a file, what it is told', { file: '/state.db', maximumBytes: 3 * mebibyte }, undefined, 3 * mebibyte],
  ['in memory, 128 MiB', { file: ':memory:' }, undefined, 128 * mebibyte],
  ['in the memory of a pod of 512 MiB, 128 MiB', { file: ':memory:' }, 512 * mebibyte, 128 * mebibyte],
  ['in the memory of a large pod, no more', { file: ':memory:' }, 2 ** 64, 128 * mebibyte],
  ['in the memory of a pod of 256 MiB, a quarter of it', { file: ':memory:' }, 256 * mebibyte, 64 * mebibyte],
  ['in the memory of a tiny pod, what its tables need', { file: ':memory:' }, 1 * mebibyte, mebibyte / 2],
  ['in memory, what it is told', { file: ':memory:', maximumBytes: 200 * mebibyte }, 256 * mebibyte, 200 * mebibyte],
])('a store has room: %s', (_, location, available, bytes) => {
  expect(roomOf({ kind: 'sqlite', ...location }, available)).toBe(bytes);
});
