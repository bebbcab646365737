import { describe, expect, it } from 'vitest';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import { type Moved, tellMoved } from './testing/moved-story.ts';
import type { Move } from './testing/sharded-world.ts';
import { stories } from './testing/stories.ts';
import { storiesOfObjects } from './testing/stories-of-objects.ts';
import { neighbourOf, type Story } from './testing/teller.ts';

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 900_000;

/** Agents that know of each other are in one shard (docs/scaling.md); these go alone. */
const alone = [...stories, ...storiesOfObjects].filter((story) => neighbourOf(story) === undefined);
const titled = (all: readonly Story[]) => all.map((story) => [story.title, story] as const);
const among = (titles: readonly string[]): readonly Story[] => alone.filter(({ title }) => titles.includes(title));

const toRed = (afterWrites: number, writer: Move['writer']): Move => ({ afterWrites, to: 'red', writer });
const toBlue = (afterWrites: number): Move => ({ afterWrites, to: 'blue', writer: 'GoesOn' });

/** What is the same, whoever looks after the agent. */
async function expectedOf(story: Story) {
  const { end, latest, writes } = await tellMoved(story, { moves: [] });
  expect(latest).toBe(story.ends);
  return { end, writes };
}

async function endOf(story: Story, moved: Moved) {
  const { end, shards, movesLeft } = await tellMoved(story, moved);
  return { end, shards, movesLeft };
}

describe('an agent that goes to another shard while a write is on its way', { timeout }, () => {
  it.each(titled(alone))('%s ends there as if it had stayed, at whichever write it goes', async (_title, story) => {
    const { end, writes } = await expectedOf(story);
    expect(writes).toBeGreaterThan(1);
    for (let write = 0; write < writes; write += 1) {
      // Every other write is made only when the other shard has long taken over.
      const writer = write % 2 === 0 ? 'IsHeldUp' : 'GoesOn';
      const told = await endOf(story, { moves: [toRed(write, writer)] });
      expect(told, `went at write ${write} of ${writes}, which ${writer}`).toEqual({ end, shards: ['red'], movesLeft: 0 });
    }
  });
});

const short = ['promotion by steps', 'rollback for an objective', 'abort'];

describe('an agent that goes to another shard and back in mid-release, whose operators die', { timeout }, () => {
  it.each(titled(among(short)))('%s ends as if it had stayed, wherever one of them dies, right before or right after any write', async (_title, story) => {
    const { end } = await expectedOf(story);
    for (const afterWrites of [4, 18]) {
      const moves = [toRed(1, 'GoesOn'), toBlue(afterWrites)];
      const { writes } = await expectSameEndWhereverItDies(async (dies) => {
        const told = await tellMoved(story, { moves, dies });
        return { writes: told.writes, end: { end: told.end, shards: told.shards, movesLeft: told.movesLeft } };
      });
      expect(writes).toBeGreaterThan(afterWrites);
      expect(await endOf(story, { moves })).toEqual({ end, shards: ['blue'], movesLeft: 0 });
    }
  });

  it.each(titled(among(short)))('%s ends as if it had stayed, at whichever write of the take-over it goes back', async (_title, story) => {
    const { end, writes } = await expectedOf(story);
    const { writes: withMove } = await tellMoved(story, { moves: [toRed(1, 'GoesOn')] });
    expect(withMove).toBeGreaterThan(writes);
    for (let afterWrites = 1; afterWrites < withMove - 1; afterWrites += 1) {
      const told = await endOf(story, { moves: [toRed(1, afterWrites % 2 === 0 ? 'IsHeldUp' : 'GoesOn'), toBlue(afterWrites)] });
      expect(told, `went back after ${afterWrites} writes`).toEqual({ end, shards: ['blue'], movesLeft: 0 });
    }
  });
});
