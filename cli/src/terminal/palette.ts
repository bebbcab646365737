/** What a text means; how that looks is the palette's. */
export interface Palette {
  readonly good: Paint;
  readonly bad: Paint;
  readonly busy: Paint;
  readonly faint: Paint;
  readonly strong: Paint;
}

export type Paint = (text: string) => string;

const asIs: Paint = (text) => text;

export const plainPalette: Palette = { good: asIs, bad: asIs, busy: asIs, faint: asIs, strong: asIs };

export const colourPalette: Palette = { good: sgr(32, 39), bad: sgr(31, 39), busy: sgr(33, 39), faint: sgr(2, 22), strong: sgr(1, 22) };

/** ECMA-48 "select graphic rendition": one code switches on, the other off. */
function sgr(on: number, off: number): Paint {
  return (text) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`);
}

/** Colours for people only: on a terminal that knows them, and never against NO_COLOR (any value but the empty one). */
export function paletteFor(output: { readonly terminal: 'tty' | 'none' }, env: Readonly<Record<string, string | undefined>>): Palette {
  const unwanted = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return output.terminal === 'tty' && !unwanted ? colourPalette : plainPalette;
}
