import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NotStructuralError, rules, toStructuralSchema } from './structural-schema.ts';

describe('what Kubernetes cannot hold is refused while generating', () => {
  it.each([
    ['a union', z.object({ a: z.union([z.string(), z.int()]) }), /properties\.a: a union is not structural; use optional members and a CEL rule/],
    ['a discriminated union', z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]), /<root>: a union/],
    ['an intersection', z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })), /union|structural/],
    ['a lookahead', z.object({ a: z.string().regex(/^(?!x)/) }), /properties\.a: pattern .* uses a lookaround/],
    ['a lookbehind', z.object({ a: z.string().regex(/(?<=x)y/) }), /uses a lookaround/],
    ['a tuple', z.object({ a: z.tuple([z.string(), z.int()]) }), /properties\.a: a tuple is not structural/],
    ['a list of a union', z.array(z.union([z.string(), z.int()])), /a union is not structural/],
    ['a value of any type', z.object({ a: z.unknown() }), /properties\.a: the schema has no type/],
    ['a title', z.object({ a: z.string().meta({ title: 'A' }) }), /properties\.a: a Kubernetes schema has no keyword "title"/],
  ])('%s', (_, schema, sentence) => {
    expect(() => toStructuralSchema(schema)).toThrow(NotStructuralError);
    expect(() => toStructuralSchema(schema)).toThrow(sentence);
  });

  it.each([
    ['a date', z.object({ a: z.date() })],
    ['a bigint', z.object({ a: z.bigint() })],
  ])('%s', (_, schema) => {
    expect(() => toStructuralSchema(schema)).toThrow(/cannot be represented/);
  });
});

describe('objects', () => {
  it('are closed by pruning, not by additionalProperties', () => {
    const closed = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    expect(toStructuralSchema(z.strictObject({ a: z.string() }))).toEqual(closed);
    expect(toStructuralSchema(z.object({ a: z.string() }))).toEqual(closed);
  });

  it('that are open preserve unknown fields', () => {
    expect(toStructuralSchema(z.looseObject({ a: z.string() }))).toMatchObject({ 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } });
  });

  it('that are maps keep the schema of their values', () => {
    expect(toStructuralSchema(z.record(z.string(), z.string()))).toEqual({ type: 'object', additionalProperties: { type: 'string' } });
  });

  it('with a default are not required', () => {
    expect(toStructuralSchema(z.object({ a: z.int().default(3), b: z.int() }))).toMatchObject({ required: ['b'], properties: { a: { default: 3 } } });
  });
});

describe('noise of zod is dropped', () => {
  it('the bounds of a safe integer', () => {
    expect(toStructuralSchema(z.int())).toEqual({ type: 'integer', format: 'int64' });
    expect(toStructuralSchema(z.int().min(1).max(9))).toEqual({ type: 'integer', format: 'int64', minimum: 1, maximum: 9 });
  });

  it('the pattern of a time, which the format says already', () => {
    expect(toStructuralSchema(z.iso.datetime())).toEqual({ type: 'string', format: 'date-time' });
  });
});

describe('Kubernetes keys', () => {
  const rule = { rule: "self != ''", message: 'a must not be empty' };

  it.each([
    ['before the description', z.string().meta(rules(rule)).describe('d')],
    ['after the description', z.string().describe('d').meta(rules(rule))],
    ['on an optional field', z.string().meta(rules(rule)).optional().describe('d')],
  ])('come with the schema: %s', (_, a) => {
    expect(toStructuralSchema(z.object({ a }))).toMatchObject({ properties: { a: { type: 'string', description: 'd', 'x-kubernetes-validations': [rule] } } });
  });

  it('leave no trace of zod behind', () => {
    const schema = toStructuralSchema(z.object({ a: z.array(z.string()).meta({ k8s: { 'x-kubernetes-list-type': 'set' } }) }));
    expect(schema).toEqual({ type: 'object', required: ['a'], properties: { a: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' } } });
  });
});
