import { describe, expect, it } from 'vitest';
import { extractArguments } from './tool-arguments.ts';

const schema = (properties: object, required?: readonly string[]): Record<string, unknown> => ({ type: 'object', properties, ...(required ? { required } : {}) });

describe('extractArguments', () => {
  it.each([
    ['a number for an integer', schema({ order_id: { type: 'integer' } }), 'order 1042', [{ order_id: 1042 }]],
    ['no number where letters stand', schema({ order_id: { type: 'integer' } }), 'order A-1042', []],
    ['camel case', schema({ orderNumber: { type: 'string' } }), 'order 1042', [{ orderNumber: '1042' }]],
    ['a bare id from any long number', schema({ id: { type: 'string' } }), 'Where is 1042?', [{ id: '1042' }]],
    ['a short number is no bare id', schema({ id: { type: 'string' } }), 'in 30 days?', []],
    ['an enum value', schema({ unit: { enum: ['celsius', 'fahrenheit'] } }), 'in Celsius please', [{ unit: 'celsius' }]],
    ['an email address', schema({ email: { type: 'string' } }), 'I am jo@example.com', [{ email: 'jo@example.com' }]],
    ['only what is required', schema({ order_id: { type: 'string' }, city: { type: 'string' } }, ['order_id']), 'order 9', [{ order_id: '9' }]],
    ['all, when nothing is named as required', schema({ order_id: { type: 'string' }, city: { type: 'string' } }), 'order 9', []],
    ['no arguments', schema({}), 'anything', [{}]],
    ['no schema', {}, 'anything', [{}]],
    ['a flag cannot be read from text', schema({ dry_run: { type: 'boolean' } }), 'dry run 17', []],
  ])('%s', (_name, given, text, expected) => {
    expect(extractArguments(given, text)).toEqual(expected);
  });

  it('asks for at most five objects', () => {
    expect(extractArguments(schema({ order_id: { type: 'string' } }), 'orders 1, 2, 3, 4, 5, 6 and 7')).toHaveLength(5);
  });
});
