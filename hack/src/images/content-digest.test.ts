import { assert, property, record, string, uniqueArray } from 'fast-check';
import { expect, test } from 'vitest';
import { contentTag } from './content-digest.ts';

const inputs = uniqueArray(record({ name: string(), content: string() }), { selector: (input) => input.name, minLength: 1, maxLength: 6 });

test('a tag is what an image tag may be', () => {
  assert(
    property(inputs, (list) => {
      expect(contentTag(list)).toMatch(/^[0-9a-f]{16}$/);
    }),
  );
});

test('the order of the inputs does not matter', () => {
  assert(
    property(inputs, (list) => {
      expect(contentTag(list.toReversed())).toBe(contentTag(list));
    }),
  );
});

test('another content, another name or another input is another tag', () => {
  assert(
    property(inputs, string({ minLength: 1 }), (list, more) => {
      const [first, ...rest] = list;
      const tag = contentTag(list);
      expect(contentTag([{ name: first!.name, content: first!.content + more }, ...rest])).not.toBe(tag);
      expect(contentTag([{ name: first!.name + more, content: first!.content }, ...rest])).not.toBe(tag);
      expect(contentTag(rest)).not.toBe(tag);
    }),
  );
});

test('text that moves from a name to a content is another tag', () => {
  expect(contentTag([{ name: 'a', content: 'bc' }])).not.toBe(contentTag([{ name: 'ab', content: 'c' }]));
});

test('bytes and the text they spell are the same content', () => {
  expect(contentTag([{ name: 'a', content: Buffer.from('ü') }])).toBe(contentTag([{ name: 'a', content: 'ü' }]));
});
