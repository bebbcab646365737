import { readFileSync } from 'node:fs';

/** In a file of its own: the shell prints it before anything is installed. */
export const UP_HELP = readFileSync(new URL('help.txt', import.meta.url), 'utf8');
