import { scriptSchema, type Script } from './script.ts';

/** A script that cannot be used; the message names each field, its value and what is wrong. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** The checked script. Throws ScriptError. */
export function parseScript(input: unknown): Script {
  const parsed = scriptSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${fieldName(issue.path)}${valueAt(input, issue.path)}: ${issue.message}`);
  throw new ScriptError(`The simulator script is not valid:\n${lines.map((line) => `- ${line}`).join('\n')}`);
}

/** Throws ScriptError; `source` says in its message where the text came from. */
export function parseScriptText(text: string, source: string): Script {
  try {
    return parseScript(JSON.parse(text) as unknown);
  } catch (error) {
    const reason = error instanceof ScriptError ? error.message : `it is not JSON (${String(error)})`;
    throw new ScriptError(`${source}: ${reason}`, { cause: error });
  }
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'script' : path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').replace(/^\./u, '');
}

/** API keys are secrets: their values stay out of the message. */
function valueAt(input: unknown, path: readonly PropertyKey[]): string {
  if (path[0] === 'apiKeys') return '';
  const value = path.reduce<unknown>((at, part) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined), input);
  return typeof value === 'object' || value === undefined ? '' : ` = ${JSON.stringify(value).slice(0, 100)}`;
}
