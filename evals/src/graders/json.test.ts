import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fail, notMeasured, pass } from './finding.ts';
import { GraderError } from './grader.ts';
import { jsonAnswer } from './json-answer.ts';
import { compileJsonPaths } from './json-path.ts';
import { quietTime } from '../testing/quiet-time.ts';
import { compileJsonSchema } from './json-schema.ts';

const answerOf = (value: unknown): string => JSON.stringify(value);
const timed = (answer: string, milliseconds?: number) => ({ answer, time: quietTime(milliseconds) });

describe('the JSON of an answer', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    [' [1]\n', [1]],
    ['```json\n{"a":1}\n```', { a: 1 }],
    ['```\n"x"\n```', 'x'],
    ['null', null],
  ])('%j', (answer, value) => {
    expect(jsonAnswer(answer)).toMatchObject({ kind: 'Json', value });
  });

  it.each([
    ['', 'is empty and not JSON'],
    ['Here it is: {"a":1}', 'is not JSON'],
    ['{"a":NaN}', 'is not JSON'],
    ['{"a":1', 'is not JSON'],
    ['['.repeat(5_000) + ']'.repeat(5_000), 'is JSON of more than 100 levels'],
  ])('%.30s is none', (answer, reason) => {
    expect(jsonAnswer(answer)).toEqual({ kind: 'None', finding: fail(reason) });
  });
});

describe('jsonSchema', () => {
  const schema = { type: 'object', required: ['status'], properties: { status: { type: 'string', pattern: '^(open|sent)$' } } };

  it.each([
    [answerOf({ status: 'open' }), pass],
    [answerOf({ status: 'gone' }), fail('does not fit jsonSchema: the rule #/properties/status/pattern is broken')],
    [answerOf({}), fail('does not fit jsonSchema: the rule #/required is broken')],
    ['open', fail('is not JSON')],
    [answerOf(Array.from({ length: 6_000 }, () => 1)), fail('is JSON of 6001 values, 5000 at most can be held against jsonSchema')],
  ])('%.40s', (answer, finding) => {
    expect(compileJsonSchema(schema)(timed(answer))).toEqual(finding);
  });

  it.each([
    ['a type that is none', { type: 'text' }, 'is no JSON schema of draft 2020-12'],
    ['a keyword that nobody knows', { typ: 'string' }, 'unknown keyword: "typ"'],
    ['a schema that is elsewhere', { $ref: 'https://example.com/x.json' }, 'is no JSON schema of draft 2020-12'],
    ['a check that gives a promise, which is as good as a pass', { $async: true, type: 'object', required: ['a'] }, 'holds $async'],
    ['such a check within', { properties: { a: { $async: true, type: 'string' } } }, 'is no JSON schema of draft 2020-12'],
    ['such a check that is referred to', { $defs: { a: { $async: true, type: 'string' } }, $ref: '#/$defs/a' }, 'is no JSON schema of draft 2020-12'],
    ['a pattern that backtracks', { pattern: '(?=a)b' }, 'holds a pattern that is no regular expression of RE2'],
  ])('%s is refused', (_title, bad, says) => {
    expect(() => compileJsonSchema(bad)).toThrow(GraderError);
    expect(() => compileJsonSchema(bad)).toThrow(says);
  });

  it('does not backtrack for ever in a pattern', () => {
    expect(compileJsonSchema({ type: 'string', pattern: '^(a+)+$' })(timed(answerOf(`${'a'.repeat(50_000)}!`))).verdict).toBe('Fail');
  });

  it('tells two patterns apart', () => {
    const check = compileJsonSchema({ properties: { a: { type: 'string', pattern: '^x' }, b: { type: 'string', pattern: '^y' } }, patternProperties: { '^z': false } });
    expect(check(timed(answerOf({ a: 'x', b: 'y' })))).toEqual(pass);
    expect(check(timed(answerOf({ a: 'x', b: 'x' }))).reason).toContain('#/properties/b/pattern');
    expect(check(timed(answerOf({ zz: 1 }))).verdict).toBe('Fail');
  });

  /** Twice as much work with each definition: 2 to the power of `count` checks of one answer. */
  const bomb = (count: number): Readonly<Record<string, unknown>> => {
    const twice = (index: number) => ({ allOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] });
    const doubling = Array.from({ length: count }, (_value, index) => [`d${index}`, twice(index)] as const);
    return { $defs: Object.fromEntries([...doubling, [`d${count}`, { type: 'number' }]]), $ref: '#/$defs/d0' };
  };

  it('that would take for ages is given up, and is never a pass', () => {
    expect(compileJsonSchema(bomb(4))(timed('1'))).toEqual(pass);
    expect(compileJsonSchema(bomb(200))(timed('1', 50))).toEqual(notMeasured('jsonSchema cannot be checked in time: refer to the same definition less often, or ask for less'));
  });

  it('that takes for ages by its answer alone is given up too', () => {
    const costly = { allOf: Array.from({ length: 50 }, (_value, index) => ({ uniqueItems: true, maxItems: 10_000 + index })) };
    const answer = answerOf(Array.from({ length: 2_400 }, (_value, index) => ({ index })));
    expect(compileJsonSchema(costly)(timed(answer, 5))).toMatchObject({ verdict: 'NotMeasured' });
  });

  it('that takes for ages to compile is refused', () => {
    expect(() => compileJsonSchema(bomb(3_000), { compileMs: 1 })).toThrow('expect.jsonSchema cannot be compiled within 1 ms: refer to the same definition less often');
  });

  it('is compiled without a copy of a large definition for each place that refers to it', { timeout: 60_000 }, () => {
    const large = { properties: Object.fromEntries(Array.from({ length: 50 }, (_value, index) => [`p${index}`, { type: 'number' }])) };
    const check = compileJsonSchema({ $defs: { large }, allOf: Array.from({ length: 600 }, () => ({ $ref: '#/$defs/large' })) });
    expect(check(timed(answerOf({ p7: 1 })))).toEqual(pass);
    expect(check(timed(answerOf({ p7: 'one' }))).reason).toContain('/properties/p7/type');
  });

  it('without an end measures nothing', () => {
    expect(compileJsonSchema({ $ref: '#' })(timed('1'))).toMatchObject({ verdict: 'NotMeasured' });
  });
});

describe('jsonPath', () => {
  it.each([
    [{ path: '$.order.status' }, { order: { status: 'open' } }, pass],
    [{ path: '$.order.status', equalsJson: '"open"' }, { order: { status: 'open' } }, pass],
    [{ path: '$.items[?@.price > 10].name', equalsJson: '"lamp"' }, { items: [{ name: 'lamp', price: 20 }, { name: 'cup', price: 3 }] }, pass],
    [{ path: '$..name', equalsJson: '"lamp"' }, { a: { name: 'lamp' }, b: [{ name: 'cup' }] }, fail('has another value at "$..name" than was asked for')],
    [{ path: '$.a', equalsJson: '{"y":[1],"x":null}' }, { a: { x: null, y: [1] } }, pass],
    [{ path: '$.a' }, { b: 1 }, fail('has nothing at "$.a"')],
    [{ path: '$.a', equalsJson: '1' }, { a: '1' }, fail('has another value at "$.a" than was asked for')],
    [{ path: '$.toString' }, {}, fail('has nothing at "$.toString"')],
    [{ path: '$.__proto__' }, {}, fail('has nothing at "$.__proto__"')],
  ])('%j of %j', (expectation, value, finding) => {
    expect(compileJsonPaths([expectation])(answerOf(value))).toEqual(finding);
  });

  it('takes no longer than there is time for', () => {
    const large = answerOf(Array.from({ length: 3_000 }, () => ({ a: [{}] })));
    expect(compileJsonPaths([{ path: '$..[?@..a]' }])(large)).toEqual(fail('is too large to be searched for "$..[?@..a]" (9001 values)'));
    expect(compileJsonPaths([{ path: '$..a' }])(large)).toEqual(pass);
  });

  it('a path that selects the same values again and again ends: forty times both would be 2 to the power of 40', () => {
    expect(() => compileJsonPaths([{ path: `$${'[*,*]'.repeat(40)}` }])).toThrow('may select a value 1099511627776 times, and 1000 at most are allowed');
    expect(() => compileJsonPaths([{ path: `$[?@${'[*,*]'.repeat(11)}]` }])).toThrow('may select a value 2048 times');
    let nested: unknown = 1;
    for (let depth = 0; depth < 90; depth += 1) nested = [nested, ...Array.from({ length: 400 }, () => 1)];
    expect(compileJsonPaths([{ path: `$${'[*,*]'.repeat(9)}.x` }])(answerOf(nested))).toEqual(fail('has nothing at "$[*,*][*,*][*,*][*,*][*,*][*,*][*,*][*,*][*,*].x"'));
    expect(compileJsonPaths([{ path: `$..x${'[*,*]'.repeat(9)}` }])(answerOf([nested, nested]))).toEqual(fail(`is too large to be searched for "$..x${'[*,*]'.repeat(9)}" (72183 values)`));
    expect(compileJsonPaths([{ path: "$['a','b']['c','d']" }])(answerOf({ a: { d: 1 } }))).toEqual(pass);
  });

  it.each([
    [{ path: 'order.status' }, 'is no JSONPath of RFC 9535; write for example "$.order.status"'],
    [{ path: '$[' }, 'is no JSONPath'],
    [{ path: "$[?match(@.a, '(a+)+$')]" }, 'calls match(), which may take for ever; use matches'],
    [{ path: "$[?!search(@.a, 'x')]" }, 'calls search()'],
    [{ path: '$.a', equalsJson: 'open' }, 'is not JSON; a text needs quotation marks'],
    [{ path: '$.a', equalsJson: 'NaN' }, 'is not JSON'],
  ])('%j is refused', (expectation, says) => {
    expect(() => compileJsonPaths([expectation])).toThrow(GraderError);
    expect(() => compileJsonPaths([expectation])).toThrow(says);
  });

  it('finds every member of every object by its name', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        fc.pre(name !== '__proto__');
        const path = `$[${JSON.stringify(name).replaceAll('\u007f', '\\u007f')}]`;
        const written = JSON.parse(JSON.stringify(value)) as unknown;
        expect(compileJsonPaths([{ path, equalsJson: JSON.stringify(written) }])(answerOf({ [name]: written }))).toEqual(pass);
      }),
    );
  });
});
