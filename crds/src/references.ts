import { z } from 'zod';
import { rules } from './structural-schema.ts';

const dnsLabel = "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')";
const objectName = "self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')";
const dataKey = "self.matches('^[-._a-zA-Z0-9]+$')";

/** A name that becomes a part of Kubernetes object names and labels: RFC 1123 label of at most `max` characters. */
export function nameField(field: string, max = 63): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .meta(rules({ rule: dnsLabel, message: `${field} must consist of lower-case letters, digits and '-', and begin and end with a letter or digit` }));
}

/** Another object in the same namespace. Its kind refuses names that are no DNS label, so that every object can be referred to. */
export function localReference(field: string, what: string) {
  return z.object({ name: nameField(`${field}.name`).describe(`Name of the ${what} in the same namespace.`) });
}

/** One key of a Secret or ConfigMap in the same namespace. */
export function keyReference(field: string, what: string) {
  return z.object({
    name: z
      .string()
      .min(1)
      .max(253)
      .meta(rules({ rule: objectName, message: `${field}.name must be the name of a ${what}: lower-case letters, digits, '-' and '.', with a letter or digit at both ends` }))
      .describe(`Name of the ${what} in the same namespace.`),
    key: z
      .string()
      .min(1)
      .max(253)
      .meta(rules({ rule: dataKey, message: `${field}.key must be a key of the ${what}: letters, digits, '-', '_' and '.' only` }))
      .describe(`The key in the ${what}.`),
  });
}

/** A host name, or all below one; `examples` end the message. */
export function hostField(field: string, examples: string): z.ZodString {
  return z
    .string()
    .min(1)
    .max(253)
    .meta(
      rules({
        rule: "self.matches('^([*][.])?[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",
        message: `${field} must be a host name in lower case without scheme, port and path, for example ${examples}`,
      }),
    );
}

/** An absolute http(s) URL; CEL says so at apply time. */
export function urlField(field: string): z.ZodString {
  return z
    .string()
    .min(1)
    .max(2048)
    .meta(
      rules({
        rule: "isURL(self) && self.matches('^https?://[^/?#@]+([/?#].*)?$')",
        message: `${field} must be an absolute http or https URL without credentials, for example "https://api.example.com/v1"`,
      }),
    );
}

export type LocalReference = z.infer<ReturnType<typeof localReference>>;
export type KeyReference = z.infer<ReturnType<typeof keyReference>>;
