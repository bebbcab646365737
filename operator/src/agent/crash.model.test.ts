import { describe, expect, it } from 'vitest';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import { stories } from './testing/stories.ts';
import { storiesOfObjects } from './testing/stories-of-objects.ts';
import { tellStory } from './testing/teller.ts';

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 600_000;

describe('wherever the operator dies, right before or right after any write', { timeout }, () => {
  it.each([...stories, ...storiesOfObjects].map((story) => [story.title, story] as const))('%s ends as if it had not', async (_title, story) => {
    const uninterrupted = await expectSameEndWhereverItDies((dies) => tellStory(story, dies));
    expect(uninterrupted.latest).toBe(story.ends);
  });
});
