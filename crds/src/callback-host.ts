import { z } from 'zod';
import { rules } from './structural-schema.ts';

/** A host that jobs may call back, at one port. */
export interface CallbackHost {
  /** "*.example.com" stands for the names below example.com. */
  readonly pattern: string;
  readonly port: number;
}

/** Callbacks go by https. */
const defaultPort = 443;

const port = '[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]';
const name = '([*][.])?[a-z0-9]([-.a-z0-9]*[a-z0-9])?';
const longest = 259;

export function callbackHostField(field: string): z.ZodString {
  return z
    .string()
    .min(1)
    .max(longest)
    .meta(
      rules({
        rule: `self.matches('^${name}(:(${port}))?$')`,
        message: `${field} must be a host name in lower case without scheme and path, with its port where that is not 443, for example "hooks.example.com", "*.example.com" or "hooks.example.com:8443"`,
      }),
    );
}

/** An address of IPv6 comes from the environment alone. */
const entry = new RegExp(`^(?<pattern>${name}|\\[[0-9a-f:.]+\\])(?::(?<port>${port}))?$`);

/** Undefined: the text is none. */
export function parseCallbackHost(text: string): CallbackHost | undefined {
  const { pattern, port: given } = (text.length <= longest ? entry.exec(text)?.groups : undefined) ?? {};
  return pattern === undefined ? undefined : { pattern, port: given === undefined ? defaultPort : Number(given) };
}
