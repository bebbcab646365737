import { readFileSync } from 'node:fs';
import type { Clock } from '../platform/clock.ts';
import { ConfigError } from './config-error.ts';
import { openRotatedSecret } from './rotated-secret.ts';

/** A secret in a file that may be replaced while the process runs. */
export interface SecretFile {
  /** The newest value, at most {@link secondsBetweenLooks} seconds old. */
  readonly current: () => string;
  /** Looks at once, as the value was refused. */
  readonly look: () => void;
  /** Every value seen so far, the newest first: what no log line may hold. */
  readonly seen: () => readonly string[];
}

export const secondsBetweenLooks = 5;

export interface SecretFileOptions {
  /** What is configured, for sentences. */
  readonly field: string;
  readonly path: string;
  readonly clock: Clock;
}

function read({ field, path }: SecretFileOptions): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError([{ field, value: path, problem: 'needs a file that cannot be read', fix: 'Check that the Secret exists, has that key and is mounted there' }], { cause });
  }
  // It goes into an HTTP header, so it is one line of printable ASCII.
  if (/^[\x21-\x7e]{1,16384}$/.test(text)) return text;
  throw new ConfigError([{ field, value: path, problem: 'names a file that is empty, or holds white space or characters that no credential has', fix: 'Store the credential alone, without quotes, line breaks or a name before it' }]);
}

/** Throws ConfigError, whose text never holds the secret, when there is none at first; later the old one stays until there is a new one. */
export function openSecretFile(options: SecretFileOptions): SecretFile {
  const { clock } = options;
  const secret = openRotatedSecret(() => read(options));
  let lookedAt = clock.now();
  const look = (): void => {
    lookedAt = clock.now();
    secret.reload();
  };
  return {
    current: () => {
      if (clock.now() - lookedAt >= secondsBetweenLooks * 1_000) look();
      return secret.current();
    },
    look,
    seen: secret.seen,
  };
}
