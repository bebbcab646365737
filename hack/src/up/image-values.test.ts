import { expect, test } from 'vitest';
import { imageValues } from './image-values.ts';

test.each([
  ['localhost/sluice-operator:abc', { repository: 'localhost/sluice-operator', tag: 'abc', digest: '' }],
  ['r.example:5000/team/operator', { repository: 'r.example:5000/team/operator', tag: 'latest', digest: '' }],
  ['r.example:5000/team/operator:1.2', { repository: 'r.example:5000/team/operator', tag: '1.2', digest: '' }],
  ['r.example/operator@sha256:00ff', { repository: 'r.example/operator', tag: '', digest: 'sha256:00ff' }],
  ['r.example/operator:1@sha256:00ff', { repository: 'r.example/operator', tag: '1', digest: 'sha256:00ff' }],
])('%s', (ref, values) => {
  expect(imageValues(ref)).toEqual(values);
});
