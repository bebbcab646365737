import { expect, test } from 'vitest';
import { otherTags, repositoryOf } from './engine.ts';

test.each([
  ['localhost/sluice-runtime:abc', 'localhost/sluice-runtime'],
  ['localhost:5000/sluice-runtime', 'localhost:5000/sluice-runtime'],
  ['localhost:5000/sluice-runtime:abc', 'localhost:5000/sluice-runtime'],
  ['node', 'node'],
])('%s is in the repository %s', (ref, repository) => {
  expect(repositoryOf(ref)).toBe(repository);
});

test('only other tags of the same repository are to be forgotten', () => {
  const listing = 'localhost/sluice-runtime:abc\nlocalhost/sluice-runtime:old\nlocalhost/sluice-runtime:<none>\n<none>:<none>\nlocalhost/sluice-runtime-x:old\n\n';
  expect(otherTags(listing, 'localhost/sluice-runtime:abc')).toEqual(['localhost/sluice-runtime:old']);
});
