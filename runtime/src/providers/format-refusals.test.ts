import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createScriptedModel, reply, type ScriptedTurn } from '../testing/scripted-model.ts';
import { withTakenFormats } from './format-refusals.ts';
import type { ModelFormat, ModelRequest } from './model-client.ts';
import { ModelError } from './model-error.ts';

const refused = new ModelError('invalid_request', { status: 400 });
const object: ModelFormat = { kind: 'object' };
const schema = (name: string): ModelFormat => ({ kind: 'schema', name, schema: { type: 'object' } });
const live = { signal: new AbortController().signal };

function open(...script: readonly ScriptedTurn[]) {
  const clock = createFakeClock();
  const model = createScriptedModel(...script);
  const client = withTakenFormats(model, clock);
  const ask = async (format: ModelFormat | undefined, changes: Partial<ModelRequest> = {}): Promise<string> =>
    (await client.complete({ settings: { name: 'model-1', maxOutputTokens: 8 }, system: '', messages: [], tools: [], ...changes, format }, live)).text;
  return { clock, ask, asked: () => model.requests.map(({ format }) => format?.kind ?? 'words') };
}

it('a format that is taken is asked for each time', async () => {
  const { ask, asked } = open(reply('1'), reply('2'));
  expect([await ask(object), await ask(object)]).toEqual(['1', '2']);
  expect(asked()).toEqual(['object', 'object']);
});

it('one that is refused is asked for in words, and for an hour at once', async () => {
  const { ask, asked, clock } = open(refused, reply('1'), reply('2'), reply('3'), reply('4'));
  expect([await ask(object), await ask(object)]).toEqual(['1', '2']);
  clock.advance(3_599_999);
  expect(await ask(object)).toBe('3');
  clock.advance(1);
  expect(await ask(object)).toBe('4');
  expect(asked()).toEqual(['object', 'words', 'words', 'words', 'object']);
});

it.each<[string, ModelFormat, Partial<ModelRequest>]>([
  ['another schema', schema('other'), {}],
  ['an object', object, {}],
  ['the same beside tools', schema('one'), { tools: [{ name: 't', description: '', parameters: {} }] }],
  ['the same of another model', schema('one'), { settings: { name: 'model-2', maxOutputTokens: 8 } }],
])('what is known of one says nothing of %s', async (_, format, changes) => {
  const { ask, asked } = open(refused, reply('1'), reply('2'));
  await ask(schema('one'));
  expect(await ask(format, changes)).toBe('2');
  expect(asked()).toEqual(['schema', 'words', format.kind]);
});

it('a request that is refused in words too says nothing of the format', async () => {
  const { ask, asked } = open(refused, refused, reply('1'));
  await expect(ask(object)).rejects.toThrow(refused);
  expect(await ask(object)).toBe('1');
  expect(asked()).toEqual(['object', 'words', 'object']);
});

it('other failures, and requests without a format, are as they are', async () => {
  const away = new ModelError('unavailable');
  const { ask, asked } = open(away, refused);
  await expect(ask(object)).rejects.toThrow(away);
  await expect(ask(undefined)).rejects.toThrow(refused);
  expect(asked()).toEqual(['object', 'words']);
});

it('no more is kept than has room', async () => {
  const script = Array.from({ length: 257 }, () => [refused, reply('x')] as const).flat();
  const { ask, asked } = open(...script, reply('again'));
  for (let index = 0; index <= 256; index += 1) await ask(schema(`s-${index}`));
  await ask(schema('s-0'));
  expect(asked().at(-1)).toBe('schema');
});
