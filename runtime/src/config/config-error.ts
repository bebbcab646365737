import { redactText } from '../telemetry/redacted-text.ts';

/** One thing that is wrong with the configuration, told so that a person can repair it. */
export interface ConfigProblem {
  /** The environment variable, or the path in the file: `tools[0].http.url`. */
  readonly field: string;
  /** What is there now. Never set for a secret. */
  readonly value?: unknown;
  /** What is wrong, as the end of a sentence: "must be at least 1". */
  readonly problem: string;
  /** What to do about it, as a sentence without its full stop. */
  readonly fix: string;
}

const maximumShownCharacters = 80;

/** Of a variable that names a file with a secret: whoever puts the secret itself there must not find it in a log. */
export function shownPath(text: string): string {
  return /^\.{0,2}\//.test(text) ? redactText(text, []) : '[not shown, as it is no path from "/" or "./" on]';
}

function shown(value: unknown): string {
  const text = redactText(JSON.stringify(value) ?? String(value), []);
  return text.length > maximumShownCharacters ? `${text.slice(0, maximumShownCharacters)}…` : text;
}

/** A sentence with the field, its value and the fix. */
export function sentence(problem: ConfigProblem): string {
  const got = problem.value === undefined ? '' : ` (got ${shown(problem.value)})`;
  return `${problem.field} ${problem.problem}${got}. ${problem.fix}.`;
}

/** The configuration cannot be used. Carries every problem found, not only the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(problems.map(sentence).join('\n'), options);
    this.problems = problems;
  }
}
