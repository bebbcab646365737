import { describe, expect, it } from 'vitest';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import { stories } from './testing/stories.ts';
import { storiesOfHolds } from './testing/stories-of-holds.ts';
import { storiesOfObjects } from './testing/stories-of-objects.ts';
import { tellStory } from './testing/teller.ts';

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 600_000;

/** The garbage collector and the agent's status are late in all of them. */
describe('wherever the operator dies, right before or right after any write, and however late Deployments and pods follow', { timeout }, () => {
  it.each([...stories, ...storiesOfObjects, ...storiesOfHolds].map((story) => [story.title, story] as const))('%s ends as if it had not, and as with controllers that are prompt', async (_title, story) => {
    const prompt = await tellStory(story, { controllers: 'Prompt' });
    const uninterrupted = await expectSameEndWhereverItDies((dies) => tellStory(story, { controllers: 'Late', dies }));
    expect(uninterrupted.end).toEqual(prompt.end);
    expect(uninterrupted.latest).toBe(story.ends);
  });
});
