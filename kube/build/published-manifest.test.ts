import { expect, test } from 'vitest';
import { publishedManifest } from './published-manifest.ts';

test('exports point at the built files, types first', () => {
  const { exports } = publishedManifest({ exports: { '.': './src/index.ts', './testing': './src/testing/index.ts' } });
  expect(exports).toEqual({
    '.': { types: './lib/index.d.ts', default: './lib/index.js' },
    './testing': { types: './lib/testing/index.d.ts', default: './lib/testing/index.js' },
    './package.json': './package.json',
  });
  expect(Object.keys((exports as Record<string, object>)['.'] ?? {})).toEqual(['types', 'default']);
});

test('what only the repository needs is left out, the rest is kept', () => {
  const published = publishedManifest({
    private: true, name: 'x', version: '1.2.3', scripts: { build: 'y' }, devDependencies: { z: '1' }, dependencies: { undici: '8' },
    publishConfig: { peerDependenciesMeta: { p: { optional: true } } }, exports: {},
  });
  expect(published).not.toHaveProperty('private');
  expect(published).not.toHaveProperty('scripts');
  expect(published).not.toHaveProperty('devDependencies');
  expect(published).toMatchObject({ name: 'x', version: '1.2.3', dependencies: { undici: '8' }, peerDependenciesMeta: { p: { optional: true } } });
});

test('an export of something that is not built is refused with its path', () => {
  expect(() => publishedManifest({ exports: { '.': './lib/index.js' } })).toThrow("exports: './lib/index.js' is not built; name a file './src/….ts'");
});
