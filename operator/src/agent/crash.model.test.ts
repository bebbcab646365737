import { describe, expect, it } from 'vitest';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import { stories, tellStory } from './testing/stories.ts';

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 600_000;

describe('wherever the operator dies, right before or right after any write', { timeout }, () => {
  it.each(stories.map((story) => [story.title, story] as const))('%s ends as if it had not', async (_title, story) => {
    const uninterrupted = await expectSameEndWhereverItDies((dies) => tellStory(story, dies));
    expect(uninterrupted.latest).toBe(story.ends);
  });
});
