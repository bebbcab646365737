import { expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import type { ModelReply } from '../../providers/model-client.ts';
import { createKeptReplies } from './kept-replies.ts';
import { createMemoryCache } from './memory-cache.ts';

const reply = { text: 'It is 42.', toolCalls: [], stop: 'end', usage: { inputTokens: 3, outputTokens: 4 } } as unknown as ModelReply;

it('gives a reply back as it was, until its time is over', async () => {
  const clock = createFakeClock();
  const replies = createKeptReplies(createMemoryCache({ clock, maximumEntries: 10, maximumLength: 1_000 }));
  await replies.set('k', reply, 50);
  expect(await replies.get('k')).toEqual(reply);
  clock.advance(50);
  expect(await replies.get('k')).toBeUndefined();
});

it.each(['', 'no JSON', '42', 'null', '{"text":1}', '{"text":"x","stop":"end","usage":{},"toolCalls":"none"}'])('has nothing where there is %j', async (text) => {
  const cache = createMemoryCache({ clock: createFakeClock(), maximumEntries: 10, maximumLength: 1_000 });
  await cache.set('reply:k', text, 50);
  expect(await createKeptReplies(cache).get('k')).toBeUndefined();
});
