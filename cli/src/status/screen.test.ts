import { expect, it } from 'vitest';
import { Screen } from './screen.ts';

function drawn(terminal: 'tty' | 'none', ...screens: readonly (readonly string[])[]): string {
  let text = '';
  const screen = new Screen({ terminal, write: (part) => { text += part; } });
  for (const lines of screens) screen.draw(lines);
  return text;
}

it('clears a terminal before each screen', () => {
  expect(drawn('tty', ['a'], ['b'])).toBe('\u001b[H\u001b[2Ja\n\u001b[H\u001b[2Jb\n');
});

it('writes one screen after the other into a pipe, without control characters', () => {
  expect(drawn('none', ['a', 'b'], ['c'])).toBe('a\nb\n\nc\n');
});

it('writes nothing when nothing changed', () => {
  expect(drawn('none', ['a'], ['a'])).toBe('a\n');
});
