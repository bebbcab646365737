import type { z } from 'zod';
import type { ConfigProblem } from './config-error.ts';

/** `['tools', 0, 'http']` as `tools[0].http`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) text += typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${String(key)}`;
  return text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  return value;
}

function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys): ConfigProblem[] {
  return issue.keys.map((key) => ({ field: fieldPath([...issue.path, key]), problem: 'is not a known field', fix: 'Remove it or correct its spelling' }));
}

/** What to write instead, told from what the schema wants. */
export function fixFor(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Write a value of type ${issue.expected}`;
    case 'too_small':
      return `Use at least ${issue.minimum}${issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : ''}`;
    case 'too_big':
      return `Use at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : ''}`;
    case 'invalid_value':
      return `Write ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'Write an absolute http or https URL' : 'Write a value of the form that is asked for';
    default:
      return 'Correct the value';
  }
}

function problemWords(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'is missing';
  return issue.code === 'invalid_format' && !issue.message.startsWith('Invalid') ? issue.message : `is not valid: ${issue.message}`;
}

/** Every issue that zod found, as problems that name the field, the value and the fix. */
export function schemaProblems(error: z.ZodError, input: unknown): ConfigProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue);
    const value = valueAt(input, issue.path);
    return [{ field: fieldPath(issue.path) || 'the file', ...(value === undefined ? {} : { value }), problem: problemWords(issue, value), fix: fixFor(issue) }];
  });
}
