import { expect, test } from 'vitest';
import { IMAGE_SIZE_LIMIT, type ImageConfig, imageProblems } from './image-config.ts';

const GOOD: ImageConfig = { User: '65532:65532', Entrypoint: ['node', 'src/main.ts'], Healthcheck: { Test: ['CMD', 'node', 'src/healthcheck.ts'] } };
const SMALL = 150_000_000;
const REQUIRED = { healthcheck: 'required', program: 'node' } as const;

test('a small image with a numeric user, node as entry point and an exec health check may be used', () => {
  expect(imageProblems(GOOD, SMALL, REQUIRED)).toEqual([]);
});

test.each([
  ['no user', { ...GOOD, User: undefined }, 'its user is ""'],
  ['root', { ...GOOD, User: '0:0' }, 'its user is "0:0"'],
  ['root as group', { ...GOOD, User: '65532:0' }, 'its user is "65532:0"'],
  ['a named user', { ...GOOD, User: 'node' }, 'its user is "node"'],
  ['a shell as entry point', { ...GOOD, Entrypoint: ['/bin/sh', '-c', 'node x'] }, 'ENTRYPOINT'],
  ['no health check', { ...GOOD, Healthcheck: undefined }, 'HEALTHCHECK'],
  ['a health check by a shell', { ...GOOD, Healthcheck: { Test: ['CMD-SHELL', 'node x'] } }, 'HEALTHCHECK'],
])('%s is a problem', (_title, config, problem) => {
  expect(imageProblems(config, SMALL, REQUIRED)).toEqual([expect.stringContaining(problem)]);
});

test('an image at the limit is too large', () => {
  expect(imageProblems(GOOD, IMAGE_SIZE_LIMIT, REQUIRED)).toEqual([expect.stringContaining('it holds 300 MB')]);
  expect(imageProblems(GOOD, IMAGE_SIZE_LIMIT - 1, REQUIRED)).toEqual([]);
});

test('an image that only pods run needs no health check', () => {
  expect(imageProblems({ ...GOOD, Healthcheck: undefined }, SMALL, { ...REQUIRED, healthcheck: 'by the kubelet' })).toEqual([]);
});

test('an image of another program starts that program', () => {
  expect(imageProblems(GOOD, SMALL, { ...REQUIRED, program: 'envoy' })).toEqual([expect.stringContaining('write ENTRYPOINT ["envoy", ...]')]);
  expect(imageProblems({ ...GOOD, Entrypoint: ['envoy'] }, SMALL, { ...REQUIRED, program: 'envoy' })).toEqual([]);
});
