import { type Output, writeLines } from '../surroundings.ts';

/** Home, and clear from there on; the lines above in the scroll-back stay. */
const clear = '\u001b[H\u001b[2J';

/** Draws in place on a terminal; elsewhere one screen after the other, with an empty line between them. */
export class Screen {
  readonly #output: Output;
  #last: string | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Nothing is written when the lines are those on the screen. */
  draw(lines: readonly string[]): void {
    const text = lines.join('\n');
    if (text === this.#last) return;
    if (this.#output.terminal === 'tty') this.#output.write(clear);
    else if (this.#last !== undefined) this.#output.write('\n');
    this.#last = text;
    writeLines(this.#output, lines);
  }
}
