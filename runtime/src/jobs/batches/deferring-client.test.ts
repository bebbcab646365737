import { expect, it } from 'vitest';
import type { Reservation } from '../../budgets/ledger.ts';
import type { ModelRequest } from '../../providers/model-client.ts';
import { createScriptedModel, reply } from '../../testing/scripted-model.ts';
import { createDeferringClient, type DeferringOptions } from './deferring-client.ts';
import { TurnDeferred } from './turn-deferred.ts';
import type { BatchedTurn } from './turn-store.ts';

const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 50 }, system: 'Help', messages: [{ role: 'user', text: 'Hello' }], tools: [], caller: { requestId: 'r', tenant: undefined, waitsAs: 'job-1' } };
const reservation = { id: 'r-1', accounts: [], amount: { tokens: 1, microDollars: 1 } } as unknown as Reservation;
const away = new Error('the store is away');

async function begin(turns: Partial<DeferringOptions['turns']>): Promise<{ readonly error: unknown; readonly givenBack: readonly Reservation[] }> {
  const givenBack: Reservation[] = [];
  const options: DeferringOptions = {
    turns: { read: async () => undefined, add: async () => 'added', withdraw: async () => undefined, ...turns },
    model: 'm',
    reserve: async () => reservation,
    giveBack: async (each) => void givenBack.push(each),
    maxWaitMs: 1_000,
    onAnswer: () => {},
  };
  const error: unknown = await createDeferringClient(createScriptedModel(reply('never')), options).complete(request, { signal: new AbortController().signal }).catch((thrown: unknown) => thrown);
  return { error, givenBack };
}

it('what was reserved for a turn stays with the turn that was kept', async () => {
  expect(await begin({})).toEqual({ error: expect.any(TurnDeferred), givenBack: [] });
});

it('is given back where another attempt has kept one', async () => {
  expect(await begin({ add: async () => 'known' })).toEqual({ error: expect.any(TurnDeferred), givenBack: [reservation] });
});

it('is given back where it was not kept, and stands where nobody knows', async () => {
  expect(await begin({ add: () => Promise.reject(away) })).toEqual({ error: away, givenBack: [reservation] });
  let reads = 0;
  const read = async (): Promise<undefined> => {
    reads += 1;
    if (reads > 1) throw away;
  };
  expect(await begin({ read, add: () => Promise.reject(away) })).toEqual({ error: away, givenBack: [] });
});

it.each<[string, Partial<ModelRequest>]>([
  ['a conversation that goes on', { messages: [{ role: 'user', text: 'Hello' }, { role: 'assistant', text: 'Hi.', toolCalls: [] }, { role: 'user', text: 'And?' }] }],
  ['another model', { settings: { name: 'other', maxOutputTokens: 50 } }],
  ['nobody who can wait', { caller: { requestId: 'r', tenant: undefined } }],
])('%s is asked for at once', async (_name, changes) => {
  const model = createScriptedModel(reply('now'));
  const turns = { read: async () => expect.unreachable('it waits for nothing'), add: async () => expect.unreachable('it waits for nothing'), withdraw: async () => undefined };
  const client = createDeferringClient(model, { turns, model: 'm', reserve: async () => reservation, giveBack: async () => {}, maxWaitMs: 1_000, onAnswer: () => {} });
  expect(await client.complete({ ...request, ...changes }, { signal: new AbortController().signal })).toMatchObject({ text: 'now' });
});

it.each([['answered', { reply: reply('to something else') }], ['refused', { failure: 'invalid_request' as const }]] as const)('what was %s to another question is none to this one', async (state, end) => {
  const turn = { digest: 'of another question', ageMs: 1, state, ...end } as BatchedTurn;
  const client = createDeferringClient(createScriptedModel(reply('to this one')), { turns: { read: async () => turn, add: async () => 'added', withdraw: async () => undefined }, model: 'm', reserve: async () => reservation, giveBack: async () => {}, maxWaitMs: 1_000, onAnswer: () => {} });
  expect(await client.complete(request, { signal: new AbortController().signal })).toMatchObject({ text: 'to this one' });
});
