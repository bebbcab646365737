import { describe, expect, it } from 'vitest';
import { compileArguments } from './arguments.ts';
import { ToolSchemaError } from './tool-schema-error.ts';

const schema = { type: 'object', properties: { id: { type: 'string' }, count: { type: 'integer', minimum: 1 } }, required: ['id'], additionalProperties: false };

describe('compileArguments', () => {
  const check = compileArguments(schema);

  it('accepts what fits', () => {
    expect(check('{"id":"7","count":2}')).toEqual({ ok: true, value: { id: '7', count: 2 } });
  });

  it.each([
    ['{"id":', 'the arguments are not a JSON object'],
    ['[1]', 'the arguments are not a JSON object'],
    ['null', 'the arguments are not a JSON object'],
    ['', "the arguments must have required property 'id'"],
    ['{"id":7}', 'the argument id must be string'],
    ['{"id":"7","count":0}', 'the argument count must be >= 1'],
    ['{"id":"7","x":1}', 'the arguments must NOT have additional properties'],
  ])('tells the model what is wrong with %s', (json, reason) => {
    expect(check(json)).toEqual({ ok: false, reason });
  });

  it('refuses what is nested so deep that nobody could walk it', () => {
    const free = compileArguments({ type: 'object' });
    expect(free(`{"a":${'['.repeat(63)}${']'.repeat(63)}}`)).toMatchObject({ ok: true });
    for (const levels of [64, 100_000]) expect(free(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`)).toEqual({ ok: false, reason: 'the arguments are nested more than 64 levels deep' });
  });

  it('matches patterns in a time that goes by the length of a text, and leaves to others what that cannot', () => {
    const matching = (pattern: string) => compileArguments({ type: 'object', properties: { id: { type: 'string', pattern } } });
    expect(matching('^(a+)+$')(`{"id":"${'a'.repeat(40)}!"}`)).toEqual({ ok: false, reason: 'the argument id must match pattern "^(a+)+$"' });
    expect(matching('^(?!x)[a-z]+$')('{"id":"xa"}')).toMatchObject({ ok: false });
    expect(matching('^(?!x)[a-z]+$')('{"id":"ax"}')).toMatchObject({ ok: true });
    expect(matching('^[[:a]$')('{"id":":"}')).toMatchObject({ ok: true });
    expect(matching('^\\p{L}{2}$')('{"id":"é\u{10400}"}')).toMatchObject({ ok: true });
    expect(() => matching('(')).toThrow(ToolSchemaError);
  });

  it('takes a schema of whatever draft, and throws for one that is none', () => {
    expect(compileArguments({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' })('{}')).toEqual({ ok: true, value: {} });
    expect(() => compileArguments({ type: 'wrong' })).toThrow(ToolSchemaError);
  });
});
