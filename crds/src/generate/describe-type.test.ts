import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toStructuralSchema } from '../structural-schema.ts';
import { describeType } from './describe-type.ts';

describe('describeType', () => {
  it.each([
    ['string', z.string()],
    ['string, 1 to 63 characters', z.string().min(1).max(63)],
    ['string, at most 9 characters', z.string().max(9)],
    ['integer, at least 0', z.int().min(0)],
    ['number, 0 to 2', z.number().min(0).max(2)],
    ['boolean', z.boolean()],
    ['`A` or `B`', z.enum(['A', 'B'])],
    ['time (RFC 3339)', z.iso.datetime()],
    ['object', z.object({ a: z.string() })],
    ['object, any fields', z.looseObject({})],
    ['map of string', z.record(z.string(), z.string())],
    ['list of object', z.array(z.object({ a: z.string() }))],
    ['list of integer, 1 to 9; 1 to 3 items', z.array(z.int().min(1).max(9)).min(1).max(3)],
  ])('%s', (expected, schema) => {
    expect(describeType(toStructuralSchema(schema))).toBe(expected);
  });
});
