import { describe, expect, it } from 'vitest';
import { stories, tellStory } from './testing/stories.ts';

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 600_000;

describe('wherever the operator dies, right before or right after any write', { timeout }, () => {
  it.each(stories.map((story) => [story.title, story] as const))('%s ends as if it had not', async (_title, story) => {
    const uninterrupted = await tellStory(story);
    expect(uninterrupted.latest).toBe(story.ends);
    expect(uninterrupted.writes).toBeGreaterThan(1);
    for (let write = 0; write < uninterrupted.writes; write += 1) {
      for (const when of ['before', 'after'] as const) {
        const { end } = await tellStory(story, { write, when });
        expect(end, `died ${when} write ${write} of ${uninterrupted.writes}`).toEqual(uninterrupted.end);
      }
    }
  });
});
