import { describe, expect, it } from 'vitest';
import { AnswerSchemaError, compileAnswerSchema } from './answer-schema.ts';

const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({ type: 'object', properties, ...more });
const fits = (schema: Record<string, unknown>, value: unknown): boolean => compileAnswerSchema(schema)(value);

describe('compileAnswerSchema', () => {
  it.each<[Record<string, unknown>, readonly unknown[], readonly unknown[]]>([
    [{ type: ['string', 'null'] }, ['a', null], [1, {}]],
    [{ type: 'integer' }, [1, -2, 3.0], [1.5, '1']],
    [{ type: 'number' }, [1.5], ['1', null]],
    [{ type: 'boolean' }, [true, false], [0, 'true']],
    [{ enum: ['a', { b: [1, 2], c: 3 }] }, ['a', { c: 3, b: [1, 2] }], ['b', { b: [2, 1], c: 3 }]],
    [{ const: null }, [null], [0, '']],
    [{ type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 2 }, [[1], [1, 2]], [[], [1, 2, 3], ['1']]],
    [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, ['a', 1], [1.5, null]],
    [{ oneOf: [{ minimum: 1 }, { maximum: 5 }], type: 'number' }, [0, 6], [3]],
    [{ allOf: [{ minimum: 1 }, { maximum: 5 }] }, [1, 5], [0, 6]],
    [{ type: 'string', minLength: 2, maxLength: 3 }, ['ab', '\u{1f600}\u{1f600}\u{1f600}'], ['a', 'abcd']],
    [{ type: 'string', pattern: '^[a-z]+$' }, ['abc'], ['aBc', '']],
    [{ exclusiveMinimum: 0, exclusiveMaximum: 1 }, [0.5], [0, 1]],
    [{ multipleOf: 0.01 }, [0.07, 1], [0.075]],
    [{ minProperties: 1, maxProperties: 1, type: 'object' }, [{ a: 1 }], [{}, { a: 1, b: 2 }]],
    [true, [1, null], []] as unknown as [Record<string, unknown>, readonly unknown[], readonly unknown[]],
    [false, [], [1, null]] as unknown as [Record<string, unknown>, readonly unknown[], readonly unknown[]],
    [{ type: 'string', format: 'date', title: 'T', description: 'D', default: 'x' }, ['no date'], [1]],
  ])('checks a member by %j', (schema, good, bad) => {
    const check = compileAnswerSchema(object({ value: schema }, { required: ['value'], additionalProperties: false }));
    for (const value of good) expect([value, check({ value })]).toEqual([value, true]);
    for (const value of bad) expect([value, check({ value })]).toEqual([value, false]);
  });

  it('knows which members must and may be there', () => {
    const schema = object({ id: { type: 'string' } }, { required: ['id'], additionalProperties: false });
    expect([{ id: 'a' }, {}, { id: 'a', more: 1 }, { id: 1 }, [], 'a', null].map((value) => fits(schema, value))).toEqual([true, false, false, false, false, false, false]);
    expect(fits(object({}, { additionalProperties: { type: 'integer' } }), { any: 1 })).toBe(true);
    expect(fits(object({}, { additionalProperties: { type: 'integer' } }), { any: 'a' })).toBe(false);
    expect(fits({ type: 'object', required: ['toString'] }, {})).toBe(false);
  });

  it('follows references, also of a schema to itself', () => {
    const tree = object({ name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } }, kind: { $ref: '#/$defs/kind' } }, { required: ['name'], $defs: { kind: { enum: ['a', 'b'] } } });
    expect(fits(tree, { name: 'x', kind: 'a', children: [{ name: 'y', children: [] }] })).toBe(true);
    expect(fits(tree, { name: 'x', children: [{ children: [] }] })).toBe(false);
    expect(fits(tree, { name: 'x', kind: 'c' })).toBe(false);
  });

  it('comes to an end with one that never does, and with one that branches without end: what is beyond does not fit', () => {
    expect(fits(object({ a: { $ref: '#/$defs/loop' } }, { $defs: { loop: { $ref: '#/$defs/loop' } } }), { a: 1 })).toBe(false);
    const branching = { anyOf: Array.from({ length: 8 }, () => ({ type: 'array', items: { $ref: '#/$defs/b' }, minItems: 1 })) };
    const deep = JSON.parse(`${'['.repeat(30)}1${']'.repeat(30)}`) as unknown;
    expect(fits(object({ a: { $ref: '#/$defs/b' } }, { $defs: { b: branching } }), { a: deep })).toBe(false);
  });

  it.each([
    [{ type: 'array' }, 'schema.type must be "object"'],
    [object({ a: { type: 'text' } }), 'schema.properties.a.type must be one or several of string, number'],
    [object({ a: { dependentRequired: {} } }), 'schema.properties.a.dependentRequired is no keyword that answers are checked by'],
    [object({ a: { pattern: '(?=a)' } }), 'schema.properties.a.pattern is no regular expression of RE2'],
    [object({ a: { $ref: 'https://example.com/schema.json' } }), 'schema.properties.a.$ref must be "#" or "#/$defs/<name>"'],
    [object({ a: { $ref: '#/$defs/none' } }), 'schema refers to #/$defs/none, which is not in it'],
    [object({ a: { enum: [] } }), 'schema.properties.a.enum must be a list with an item'],
    [object({ a: { minLength: -1 } }), 'schema.properties.a.minLength must be a whole number'],
    [object({ a: { multipleOf: 0 } }), 'schema.properties.a.multipleOf must be above 0'],
    [object({ a: 'string' }), 'schema.properties.a must be a schema'],
    [{ type: 'object', properties: [] }, 'schema.properties must be an object of schemas'],
    [{ type: 'object', required: [1] }, 'schema.required must be a list of names'],
    [object(Object.fromEntries(Array.from({ length: 1_100 }, (_, index) => [`p${index}`, {}]))), 'has more than 1000 schemas'],
    [object({ a: JSON.parse(`${'{"not_there":'.repeat(70)}1${'}'.repeat(70)}`) as unknown }), 'is nested deeper than 64 levels'],
  ])('says what is wrong with %#', (schema, words) => {
    expect(() => compileAnswerSchema(schema)).toThrow(AnswerSchemaError);
    expect(() => compileAnswerSchema(schema)).toThrow(words);
  });
});
