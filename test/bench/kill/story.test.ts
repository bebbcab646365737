import { expect, it } from 'vitest';
import { facesOf, stories } from './story.ts';

it('tells every story by an id of its own, which can be the name of a namespace', () => {
  const ids = stories.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(`kill-argo-raised-${id}-uninterrupted-again`).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
});

it('ends each story with what its user asked for', () => {
  for (const story of stories) expect(facesOf(story)).toContain(`${story.ends.image}/${story.ends.configuration}`);
});

it('knows which images are wished with which configurations', () => {
  expect(facesOf(stories.find(({ id }) => id === 'configuration')!)).toEqual(['v1/one', 'v2/two']);
});
