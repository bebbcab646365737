import { expect, test } from 'vitest';
import { parseDockerIgnore } from './docker-ignore.ts';

const ignored = parseDockerIgnore(['# a comment', '', '**/node_modules', '**/*.test.ts', '.git', '/docs/', '!docs/kept.md'].join('\n'));

test.each(['node_modules', 'node_modules/zod/index.js', 'runtime/node_modules/x.js', 'crds/src/a.test.ts', 'a.test.ts', '.git/HEAD', 'docs/concepts/release.md'])('%s is left out', (path) => {
  expect(ignored(path)).toBe(true);
});

test.each(['crds/src/a.ts', 'runtime/src/docs/page.ts', 'latest.ts', 'docs/kept.md', '.gitignore'])('%s goes in', (path) => {
  expect(ignored(path)).toBe(false);
});
