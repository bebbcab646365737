/**
 * InvalidSpec: the user must change a field. ReferenceNotFound: a field names a ConfigMap, a key of one or a Secret that does not exist.
 * DamagedRecord: the ConfigMap of a revision is not what the operator wrote.
 */
export type RevisionProblem = 'InvalidSpec' | 'ReferenceNotFound' | 'DamagedRecord';

/** A revision cannot be rendered or read back. The message names the field, the value and the fix; trying again cannot help. */
export class RevisionError extends Error {
  override readonly name = 'RevisionError';
  readonly problem: RevisionProblem;
  /** Path of the field at fault, for example `spec.agent.tools[0].timeout`. */
  readonly field: string;

  constructor(problem: RevisionProblem, field: string, sentence: string, options?: { readonly cause?: unknown }) {
    super(`${field} ${sentence}`, options);
    this.problem = problem;
    this.field = field;
  }
}

export function invalidSpec(field: string, sentence: string, cause?: unknown): RevisionError {
  return new RevisionError('InvalidSpec', field, sentence, cause === undefined ? undefined : { cause });
}

const shownCharacters = 80;

/** A value as it appears in a message: JSON, cut short. Never give it a value out of a Secret. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

/** `['tools', 0, 'name']` as `tools[0].name`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('');
}
