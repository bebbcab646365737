import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Writes the program on standard input to the path in PROGRAM. It gets its name when it is whole. */
const program = process.env['PROGRAM'] ?? '';
await pipeline(process.stdin, createWriteStream(`${program}.part`, { mode: 0o755 }));
await rename(`${program}.part`, program);
