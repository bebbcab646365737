import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { PatternError } from './linear-pattern.ts';

/** A schema that can't be used; the message says why. */
export class SchemaRuleError extends Error {
  override readonly name = 'SchemaRuleError';
}

/** `pattern` in a schema must not backtrack either. Ajv tells patterns apart by `toString`; `code` is for generated modules, which there are none of. */
const linearRegExp = Object.assign(
  (source: string) => {
    const pattern = RE2JS.compile(source);
    return { test: (text: string) => pattern.test(text), toString: () => source };
  },
  { code: '' },
);

/** Whether a text is JSON that fits the schema. Throws SchemaRuleError for a schema that does not compile. */
export function compileJsonRule({ $schema: _dialect, ...schema }: Readonly<Record<string, unknown>>): (text: string) => boolean {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, code: { regExp: linearRegExp } });
  let validate: ReturnType<typeof ajv.compile>;
  try {
    validate = ajv.compile(schema);
  } catch (cause) {
    const why = cause instanceof Error && !(cause instanceof PatternError) ? cause.message : 'it cannot be read';
    throw new SchemaRuleError(`is no JSON schema of draft 2020-12, with patterns of RE2: ${why}`, { cause });
  }
  return (text) => {
    try {
      return validate(JSON.parse(text) as unknown);
    } catch {
      return false;
    }
  };
}
