import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseDockerfile } from './dockerfile.ts';

const BASE = 'ARG NODE_IMAGE=node:26-slim\n';

test('the sources of COPY and ADD are the inputs, each once and in order', () => {
  const text = `${BASE}FROM x\nCOPY package.json package-lock.json ./\nADD crds/src crds/src\nCOPY --chown=1:1 package.json /elsewhere/\n`;
  expect(parseDockerfile(text).sources).toEqual(['package.json', 'package-lock.json', 'crds/src']);
});

test('what comes from another stage is no input', () => {
  expect(parseDockerfile(`${BASE}COPY --from=build /app /app\nCOPY a b\n`).sources).toEqual(['a']);
});

test('comments, other instructions and continued lines are read as docker reads them', () => {
  const text = `${BASE}# COPY commented out\nRUN echo COPY x y\nCOPY one \\\n  two \\\n# a comment in between\n  target/\n`;
  expect(parseDockerfile(text).sources).toEqual(['one', 'two']);
});

test('a Dockerfile without the base as build argument is refused with the fix', () => {
  expect(() => parseDockerfile('FROM node:26\n')).toThrow('ARG NODE_IMAGE=');
});

test.each(['Dockerfile.operator', 'Dockerfile.runtime', 'test/Dockerfile'])('%s names a pinned public base and copies the lock file', async (path) => {
  const { nodeImage, sources } = parseDockerfile(await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8'));
  expect(nodeImage).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
  expect(sources).toContain('package-lock.json');
});
