import { describe, expect, it } from 'vitest';
import { colourPalette, paletteFor, plainPalette } from './palette.ts';

describe('colours', () => {
  it.each([
    ['on a terminal', 'tty', {}, colourPalette],
    ['on a terminal, NO_COLOR empty', 'tty', { NO_COLOR: '' }, colourPalette],
    ['on a terminal, NO_COLOR set', 'tty', { NO_COLOR: '0' }, plainPalette],
    ['on a dumb terminal', 'tty', { TERM: 'dumb' }, plainPalette],
    ['in a pipe', 'none', {}, plainPalette],
  ] as const)('%s', (_where, terminal, env, expected) => {
    expect(paletteFor({ terminal }, env)).toBe(expected);
  });

  it('switch off what they switch on', () => {
    expect(colourPalette.bad('x')).toBe('\u001b[31mx\u001b[39m');
    expect(colourPalette.bad('')).toBe('');
  });
});
